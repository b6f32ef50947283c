"""A declaration that must be confirmed: there is no "no" to it."""
from typing import Any

from markupsafe import Markup

from portal.forms.types.question import Question, QuestionType, boxes
from portal.kit import forms
from portal.kit.i18n import _


class ConfirmationField(forms.Tick):
    """A box to tick; taken back, it is taken back in the draft too."""

    def keepable(self) -> tuple[bool, Any]:
        return True, bool(self.data)


class Confirmation(QuestionType):
    kind = "confirmation"

    def check(self, q: Question, place: str) -> None:
        if q["required"] is not True:
            raise ValueError(f"{place}.required: what need not be confirmed is a yes_no")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return ConfirmationField(**common)

    def dump(self, q: Question, value: Any) -> bool | None:
        return True if value else None

    def load(self, q: Question, kept: Any) -> bool | None:
        return True if kept is True else None

    def ask(self, label: str) -> str:
        return _("Tick “%(label)s” to go on", label=label)

    def words(self, q: Question, value: bool) -> str:
        return _("Confirmed")

    def blank(self, q: Question) -> Markup:
        return boxes([_("I confirm this")])

    def example(self, q: Question, n: int = 0) -> bool:
        return True
