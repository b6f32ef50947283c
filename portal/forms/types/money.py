"""An amount in đồng."""
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.number import Number
from portal.forms.types.question import Question
from portal.kit import forms, i18n


class Money(Number):
    kind, gives = "money", Gives.money

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.MoneyField(min=q.get("min", 0), max=q.get("max"), **common)

    def words(self, q: Question, value: int) -> str:
        return i18n.money(value)

    def example(self, q: Question, n: int = 0) -> int:
        return int(min(max(1_000_000, q.get("min", 0)) * (n + 1), q.get("max", 10**12)))
