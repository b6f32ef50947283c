"""The forms of the account door."""
import re
from typing import Any

from wtforms.validators import StopValidation

from portal.kit.forms import Choice, Form, NameField, Password, TextField
from portal.kit.i18n import _, _l
from portal.notices.actions import can_reach
from portal.people import passwords
from portal.web.contact_field import Contact

CONTACT = _l("E-mail address or telephone number")
PASSWORD_HELP = _l("At least 15 characters. A few words that do not belong together are easy to keep in "
                   "mind and hard to guess. Spaces and tone marks are welcome.")


def password_words(fault: str) -> str:
    """What to do about a password that is not good enough; `fault` is one of passwords.FAULTS."""
    return {
        "short": _("Enter a longer password: at least %(least)s characters", least=passwords.LEAST),
        "long": _("Enter a shorter password: at most %(most)s characters", most=passwords.MOST),
        "few": _("Use at least %(count)s different characters in the password", count=passwords.DIFFERENT),
        "simple": _("This password is among the first that are guessed. Leave out names, dates and phrases "
                    "that everybody uses"),
    }[fault]


class SignIn(Form):
    contact = Contact(CONTACT, autocomplete="username")
    password = Password(_l("Password"))


class AskCode(Form):
    """Where the code goes. Refused when no message would arrive."""

    contact = Contact(CONTACT, help=_l("A code is sent there. Nothing else is sent without a dossier."))

    def validate_contact(self, field: Any) -> None:
        if not can_reach(field.channel):
            if field.channel == "sms":
                raise StopValidation(_("This portal cannot send text messages yet. Enter an e-mail address"))
            raise StopValidation(_("This portal cannot send e-mail at the moment. It is not your fault: "
                                   "try again later, or go to the agency"))


class Code(Form):
    code = TextField(_l("Code in the message"), help=_l("6 digits"), max=20, width="w-10", autocomplete="one-time-code")

    def validate_code(self, field: Any) -> None:
        field.data = re.sub(r"\D", "", field.data)
        if len(field.data) != 6:
            raise StopValidation(_("Enter the 6 digits of the code"))


class _NewPassword(Form):
    """A new password, typed twice. `known`: what anybody may know of its owner."""

    known: tuple[str, ...] = ()

    def validate_password(self, field: Any) -> None:
        if found := passwords.fault(field.data, *self.known, *self.own_words()):
            raise StopValidation(password_words(found))

    def validate_again(self, field: Any) -> None:
        if field.data != self["password"].data:
            raise StopValidation(_("The two passwords differ. Type the new password again"))

    def own_words(self) -> tuple[str, ...]:
        return ()


class Details(_NewPassword):
    name = NameField(_l("Full name"), help=_l("As on the identity card, for example Nguyễn Thị Minh Anh"),
                     max=200, min=2, autocomplete="name")
    password = Password(_l("Password"), help=PASSWORD_HELP, new=True, width="w-30")
    again = Password(_l("Password again"), new=True, width="w-30")

    def own_words(self) -> tuple[str, ...]:
        return (str(self.name.data),)


class NewPassword(_NewPassword):
    password = Password(_l("New password"), help=PASSWORD_HELP, new=True, width="w-30")
    again = Password(_l("New password again"), new=True, width="w-30")


class ChangePassword(_NewPassword):
    old = Password(_l("Password you have now"), width="w-30")
    password = Password(_l("New password"), help=PASSWORD_HELP, new=True, width="w-30")
    again = Password(_l("New password again"), new=True, width="w-30")

    def validate_password(self, field: Any) -> None:
        super().validate_password(field)
        if field.data == self.old.data:
            raise StopValidation(_("Choose a password that differs from the one you have now"))


class Profile(Form):
    name = NameField(_l("Full name"), max=200, min=2, autocomplete="name")
    language = Choice(_l("Language of notices"), choices=(("vi", "Tiếng Việt"), ("en", "English")))
