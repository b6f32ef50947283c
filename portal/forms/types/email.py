"""An e-mail address."""
import re
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType
from portal.kit.forms.fields import TextField
from portal.kit.i18n import _


class EmailField(TextField):
    """An e-mail address. Data: str, its domain in small letters, or ""."""

    inputmode, input_type, autocomplete, spellcheck = "email", "text", "email", "false"
    FORM = re.compile(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
        r"[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
    )

    def __init__(self, label: Any = "", *, width: str = "w-30", **more: Any) -> None:
        super().__init__(label, max=254, width=width, **more)

    def read(self, typed: str) -> str:
        mailbox, _at, domain = typed.rpartition("@")
        if (
            not self.FORM.fullmatch(typed)
            or ".." in mailbox
            or mailbox.startswith(".")
            or mailbox.endswith(".")
        ):
            raise ValueError(_("Enter an e-mail address such as ten.ban@example.vn"))
        return f"{mailbox}@{domain.lower()}"


class Email(QuestionType):
    kind, gives, fits_cell = "email", Gives.text, True

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return EmailField(**common)

    def example(self, q: Question, n: int = 0) -> str:
        return "an@example.vn" if n == 0 else f"an{n + 1}@example.vn"
