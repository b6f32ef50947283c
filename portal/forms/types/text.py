"""One line of text."""
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, whole_numbers
from portal.kit import forms

LONGEST = 200  # characters, where the definition sets no other limit


class Text(QuestionType):
    kind, gives, fits_cell = "text", Gives.text, True
    parts = frozenset(("min", "max"))

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.TextField(min=q.get("min", 0), max=q.get("max", LONGEST), **common)

    def example(self, q: Question, n: int = 0) -> str:
        return "Nguyễn Văn Ẩn" if n == 0 else f"Nguyễn Văn Ẩn {n + 1}"
