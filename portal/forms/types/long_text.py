"""Several lines of text."""
from typing import Any

from markupsafe import Markup

from portal.forms.types.question import Question, QuestionType, lines, whole_numbers
from portal.kit import forms

LONGEST = 2000  # characters, where the definition sets no other limit


class LongText(QuestionType):
    kind = "long_text"
    parts = frozenset(("min", "max"))

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.LongText(min=q.get("min", 0), max=q.get("max", LONGEST), **common)

    def blank(self, q: Question) -> Markup:
        return lines(4)

    def example(self, q: Question, n: int = 0) -> str:
        return "Nội dung cần giải quyết" if n == 0 else f"Nội dung cần giải quyết {n + 1}"
