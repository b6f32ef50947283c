"""A question to which "no" is as good an answer as "yes"."""
from typing import Any

from markupsafe import Markup

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, boxes
from portal.kit import forms
from portal.kit.i18n import _


class YesNo(QuestionType):
    kind, gives, fits_cell = "yes_no", Gives.flag, True

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.YesNo(**common)

    def load(self, q: Question, kept: Any) -> bool | None:
        return kept if isinstance(kept, bool) else None

    def ask(self, label: str) -> str:
        return _("Choose an answer for “%(label)s”", label=label)

    def words(self, q: Question, value: bool) -> str:
        return _("Yes") if value else _("No")

    def blank(self, q: Question) -> Markup:
        return boxes([_("Yes"), _("No")])

    def example(self, q: Question, n: int = 0) -> bool:
        return n % 2 == 0
