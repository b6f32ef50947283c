"""A whole number."""
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, whole_numbers
from portal.kit import forms, i18n


class Number(QuestionType):
    kind, gives, fits_cell = "number", Gives.number, True
    parts = frozenset(("min", "max"))

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.NumberField(min=q.get("min"), max=q.get("max"), **common)

    def load(self, q: Question, kept: Any) -> int | None:
        return kept if isinstance(kept, int) and not isinstance(kept, bool) else None

    def words(self, q: Question, value: int) -> str:
        return i18n.number(value)

    def example(self, q: Question, n: int = 0) -> int:
        return int(min(max(1, q.get("min", 1)) + n, q.get("max", 10**9)))
