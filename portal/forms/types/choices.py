"""Any of several answers offered."""
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.choice import Choice, offered
from portal.forms.types.question import Question
from portal.kit import forms


class Choices(Choice):
    kind, gives, fits_cell = "choices", Gives.choices, False

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.Choices(choices=offered(q), **common)

    def load(self, q: Question, kept: Any) -> list[str] | None:
        return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else None

    def words(self, q: Question, value: Any) -> str:
        labels = dict(offered(q))
        return ", ".join(labels.get(one, one) for one in value)

    def example(self, q: Question, n: int = 0) -> list[str]:
        return [super().example(q, n)]
