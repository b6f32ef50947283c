"""The question for a contact: an e-mail address or a telephone number, whichever one has."""
from typing import Any

from portal.kit.forms import TextField
from portal.kit.i18n import _
from portal.people.contacts import MAX_EMAIL, channel_of, parse_contact, shown


class Contact(TextField):
    """Data: the contact in its stored form, or ""."""

    spellcheck, autocomplete = "false", "username"

    def __init__(self, label: Any = "", *, width: str = "w-30", **more: Any) -> None:
        super().__init__(label, max=MAX_EMAIL, width=width, **more)

    @property
    def channel(self) -> str:
        """The channel of notices that reaches this contact."""
        return channel_of(str(self.data))

    def read(self, typed: str) -> str:
        try:
            return parse_contact(typed)[1]
        except ValueError as error:
            raise ValueError(self.advice(str(error))) from error

    def advice(self, reason: str) -> str:
        """What to type instead."""
        if reason == "phone":
            return _("Enter a telephone number such as 0912 345 678, or +81 90 1234 5678 from abroad")
        return _("Enter an e-mail address such as ten.ban@example.vn, or a telephone number such as "
                 "0912 345 678")

    def write(self, value: Any) -> str:
        return shown(value)
