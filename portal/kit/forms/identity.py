"""Questions that say who somebody is and how to reach them: number, telephone, e-mail."""

import re
from typing import Any

from portal.kit import clock
from portal.kit.forms.fields import TextField
from portal.kit.i18n import _

# The 63 provinces of before 1 July 2025: a number given once stays, so the merged ones' codes stay too.
PROVINCES_OF_BIRTH = frozenset(
    f"{code:03}"
    for code in (
        1,
        2,
        4,
        6,
        8,
        10,
        11,
        12,
        14,
        15,
        17,
        19,
        20,
        22,
        24,
        25,
        26,
        27,
        30,
        31,
        33,
        34,
        35,
        36,
        37,
        38,
        40,
        42,
        44,
        45,
        46,
        48,
        49,
        51,
        52,
        54,
        56,
        58,
        60,
        62,
        64,
        66,
        67,
        68,
        70,
        72,
        74,
        75,
        77,
        79,
        80,
        82,
        83,
        84,
        86,
        87,
        89,
        91,
        92,
        93,
        94,
        95,
        96,
    )
)


def citizen_id_problem(digits: str) -> str:
    """What is wrong with a personal identification number, "" when nothing is.

    Twelve digits: place of birth (3; 001–096 provinces, from 101 countries), century and sex (1: 0 and 1 for
    the 1900s, 2 and 3 for the 2000s…), year (2), six at random. Source: Decree 137/2015/NĐ-CP, article 13.
    """
    if not re.fullmatch(r"[0-9]*", digits):
        return _("The citizen identification number has digits only, for example 001099012345")
    if len(digits) != 12:
        return _("The citizen identification number has 12 digits; %(count)s were given", count=len(digits))
    if digits[:3] not in PROVINCES_OF_BIRTH and digits[:3] <= "100":
        return _(
            "The first three digits, %(code)s, are not a province code. Check the number on the card",
            code=digits[:3],
        )
    born = 1900 + 100 * (int(digits[3]) // 2) + int(digits[4:6])
    if born > clock.today().year:
        return _(
            "Digits 4 to 6 say the year of birth %(year)s, which has not come yet. "
            "Check the number on the card",
            year=born,
        )
    return ""


class CitizenId(TextField):
    """A personal identification number. Data: twelve digits, or ""."""

    inputmode, spellcheck = "numeric", "false"

    def __init__(self, label: Any = "", *, width: str = "w-10", **more: Any) -> None:
        super().__init__(label, max=40, width=width, **more)

    def help_text(self) -> str:
        return str(self.help) or _("12 digits, as on the citizen card, for example 001099012345")

    def read(self, typed: str) -> str:
        digits = re.sub(r"[\s.\-]", "", typed)
        if problem := citizen_id_problem(digits):
            raise ValueError(problem)
        return digits


class Phone(TextField):
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


class Email(TextField):
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
