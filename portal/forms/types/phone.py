"""A telephone number."""
import re
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType
from portal.kit.forms.fields import TextField
from portal.kit.i18n import _
from portal.people import contacts


class PhoneField(TextField):
    """A telephone number, Vietnamese unless it says another country. Data: E.164 (+84912345678), or ""."""

    inputmode, input_type, autocomplete = "tel", "tel", "tel"

    def __init__(self, label: Any = "", *, width: str = "w-20", **more: Any) -> None:
        super().__init__(label, max=40, width=width, **more)

    def read(self, typed: str) -> str:
        import phonenumbers

        try:
            given = phonenumbers.parse(typed, "VN")
        except phonenumbers.NumberParseException:
            given = None
        if given is None or given.extension or not phonenumbers.is_valid_number(given):
            raise ValueError(
                _("Enter a telephone number such as 0912 345 678, or +81 90 1234 5678 from abroad")
            )
        return phonenumbers.format_number(given, phonenumbers.PhoneNumberFormat.E164)

    def write(self, value: Any) -> str:
        """+84912345678 as people write it at home: 0912 345 678."""
        text = "" if value is None else str(value)
        if re.fullmatch(r"\+84[0-9]{9}", text):
            return f"0{text[3:6]} {text[6:9]} {text[9:]}"
        return text


class Phone(QuestionType):
    kind, gives, fits_cell = "phone", Gives.text, True

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return PhoneField(**common)

    def words(self, q: Question, value: str) -> str:
        return contacts.shown(value)

    def example(self, q: Question, n: int = 0) -> str:
        return f"+849123456{78 + n % 20:02}"
