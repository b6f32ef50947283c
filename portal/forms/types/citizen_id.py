"""A personal identification number."""

import re
from typing import Any

from markupsafe import Markup

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType
from portal.kit import clock
from portal.kit.forms.fields import TextField
from portal.kit.forms.widgets import tag
from portal.kit.i18n import _

# The 63 provinces of before 1 July 2025: a number given once stays, so the merged ones' codes stay too.
PROVINCES_OF_BIRTH = frozenset(f"{code:03}" for code in (
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42,
    44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84,
    86, 87, 89, 91, 92, 93, 94, 95, 96))


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


def _passport(typed: str) -> str:
    """A passport number; ValueError where it cannot be one."""
    if not re.fullmatch(r"[A-Z0-9]{5,20}", typed) or not re.search("[0-9]", typed):
        raise ValueError(_("A passport number has 5 to 20 letters and digits, for example C1234567"))
    return typed


class CitizenIdField(TextField):
    """A personal identification number. Data: twelve digits, or "". `passport`: foreigners have none, and may give the
    number of their passport."""

    inputmode: str | None = "numeric"
    spellcheck = "false"

    def __init__(self, label: Any = "", *, width: str = "w-10", passport: bool = False, **more: Any) -> None:
        super().__init__(label, max=40, width=width, **more)
        self.passport = passport
        self.inputmode = None if passport else "numeric"

    def help_text(self) -> str:
        return str(self.help) or _("12 digits, as on the citizen card, for example 001099012345")

    def read(self, typed: str) -> str:
        digits = re.sub(r"[\s.\-‐‑–—]", "", typed)
        if self.passport and re.search("[A-Za-z]", digits):
            return _passport(digits.upper())
        if problem := citizen_id_problem(digits):
            raise ValueError(problem)
        return digits


class CitizenId(QuestionType):
    kind, gives, fits_cell = "citizen_id", Gives.text, True
    parts = frozenset(("passport",))

    def check(self, q: Question, place: str) -> None:
        if q.get("passport", True) is not True:
            raise ValueError(f"{place}.passport: only true")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return CitizenIdField(passport=q.get("passport", False), **common)

    def blank(self, q: Question) -> Markup:
        return tag("span", Markup("<span></span>") * 12, class_="cells")

    def example(self, q: Question, n: int = 0) -> str:
        return f"0480900{1234 + n:05}"
