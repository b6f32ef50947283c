"""One line of text."""
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, whole_numbers
from portal.kit import forms
from portal.kit.forms.fields import unprinted
from portal.kit.i18n import say
from portal.kit.text import letters_no_font_has

LONGEST = 200  # characters, where the definition sets no other limit


class Text(QuestionType):
    kind, gives, fits_cell = "text", Gives.text, True
    parts = frozenset(("min", "max", "printed"))  # `printed`: it stands on papers

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max")
        if not isinstance(q.get("printed", False), bool):
            raise ValueError(f"{place}.printed: must be true or false")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.TextField(min=q.get("min", 0), max=q.get("max", LONGEST), printed=q.get("printed", False),
                               **common)

    def problems(self, q: Question, value: str) -> list[tuple[str, str]]:
        """A draft may hold what was typed before the letters were judged."""
        unknown = letters_no_font_has(value) if q.get("printed") else []
        return [(q["key"], unprinted(say(q["label"]), unknown))] if unknown else []

    def example(self, q: Question, n: int = 0) -> str:
        return "Nguyễn Văn Ẩn" if n == 0 else f"Nguyễn Văn Ẩn {n + 1}"
