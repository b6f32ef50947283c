"""A day in three boxes: the only date input that everybody fills in right."""

import calendar
import re
from datetime import date
from typing import Any

from markupsafe import Markup
from wtforms.utils import unset_value

from portal.kit import clock
from portal.kit.forms import widgets
from portal.kit.forms.fields import Answer, tidy
from portal.kit.i18n import _, short_day

PARTS = ("day", "month", "year")
FIRST_YEAR, LAST_YEAR = 1850, 2200


class YearAlone(date):
    """A year of which no more is known. It stands in the order of days where the year begins."""

    def isoformat(self) -> str:
        return f"{self.year:04}"


def read_day(kept: str) -> date:
    """The day, or the year alone, that `isoformat` wrote; ValueError for anything else."""
    return YearAlone(int(kept), 1, 1) if re.fullmatch(r"[0-9]{4}", kept) else date.fromisoformat(kept)


def day_problem(
    label: str,
    day: date,
    *,
    past: bool = False,
    future: bool = False,
    earliest: date | None = None,
    latest: date | None = None,
) -> str:
    """What is wrong with a day, held against today in Vietnam and the limits; "" when nothing is."""
    today = clock.today()
    if past and day > today:
        return _("“%(label)s” must not be after today, %(today)s", label=label, today=short_day(today))
    if future and day < today:
        return _("“%(label)s” must not be before today, %(today)s", label=label, today=short_day(today))
    if earliest and day < earliest:
        return _("“%(label)s” must not be before %(day)s", label=label, day=short_day(earliest))
    if latest and day > latest:
        return _("“%(label)s” must not be after %(day)s", label=label, day=short_day(latest))
    return ""


class DateInput:
    """Day, month, year, each with its own label, in the country's order."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        words = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
        boxes = Markup("").join(self._box(field, part, words[part]) for part in PARTS)
        return widgets.group(field, widgets.tag("div", boxes, class_="dates"), **more)

    def _box(self, field: Any, part: str, words: str) -> Markup:
        own = f"{field.id}-{part}"
        wrong = "true" if field.errors and part in field.wrong else None
        box = widgets.tag(
            "input",
            type="text",
            inputmode="numeric",
            id=own,
            name=f"{field.name}-{part}",
            value=field.typed[part],
            autocomplete=f"bday-{part}" if field.autocomplete else None,
            class_="input w-4" if part == "year" else "input w-2",
            aria_invalid=wrong,
        )
        return widgets.tag("div", widgets.tag("label", words, for_=own) + box)


class DateParts(Answer):
    """A day. `past`: not after today; `future`: not before today (Vietnam's). Data: date or None.

    Posted as <name>-day, <name>-month, <name>-year. Takes a date or "YYYY-MM-DD" as its value. Give
    `autocomplete="bday"` where it asks for the reader's own birthday.
    """

    widget: Any = DateInput()

    def __init__(
        self,
        label: Any = "",
        *,
        past: bool = False,
        future: bool = False,
        earliest: date | None = None,
        latest: date | None = None,
        year_alone: bool = False,
        **more: Any,
    ) -> None:
        self.year_alone = year_alone
        self.past, self.future, self.earliest, self.latest = past, future, earliest, latest
        self.typed = dict.fromkeys(PARTS, "")
        self.wrong: set[str] = set()
        super().__init__(label, **more)

    @property
    def first_id(self) -> str:
        return f"{self.id}-{next((part for part in PARTS if part in self.wrong), 'day')}"

    def help_text(self) -> str:
        if self.year_alone:
            return f"{self.help} " + _("For example 27 3 1990. If only the year is known, fill in the year alone.")
        return str(self.help) or _("For example 27 3 1990")

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        # WTForms looks for one value named like the field; a day comes in three, any of which may be missing.
        value = self.default if data is unset_value else data
        self.process_errors, self.errors = [], []
        self.object_data = value
        self.process_data(value() if callable(value) else value)
        if formdata is None:
            return
        given = {part: formdata.get(f"{self.name}-{part}") for part in PARTS}
        self.typed = {
            part: tidy(text)[0][:10] if isinstance(text, str) else "" for part, text in given.items()
        }
        self.raw_data = list(self.typed.values())
        self.data = None
        try:
            self.data = self.read()
        except ValueError as problem:
            self.process_errors.append(str(problem))

    def process_data(self, value: Any) -> None:
        self.data = read_day(value) if isinstance(value, str) and value else value or None
        if self.data is not None:
            alone = isinstance(self.data, YearAlone)
            self.typed = {
                "day": "" if alone else str(self.data.day),
                "month": "" if alone else str(self.data.month),
                "year": str(self.data.year),
            }

    def read(self) -> date | None:
        """The day of the three boxes, None when all are empty; ValueError says which box is wrong and why."""
        if not any(self.typed.values()):
            self.wrong = set(PARTS)
            return None
        if self.year_alone and self.typed["year"] and not self.typed["day"] and not self.typed["month"]:
            return YearAlone(self._year(), 1, 1)
        self._refuse_gaps()
        day, month, year = (self._figure(part) for part in PARTS)
        if not 1 <= month <= 12:
            self._wrong("month", _("There is no month %(month)s: enter 1 to 12", month=month))
        self._year()
        if not 1 <= day <= calendar.monthrange(year, month)[1]:
            self._wrong("day", self._no_such_day(day, month, year))
        return date(year, month, day)

    def _year(self) -> int:
        year = self._figure("year")
        if len(self.typed["year"]) != 4 or not FIRST_YEAR <= year <= LAST_YEAR:
            self._wrong("year", _("Enter the year in four digits, for example 1990"))
        return year

    def _refuse_gaps(self) -> None:
        gaps = [part for part in PARTS if not self.typed[part]]
        if not gaps:
            return
        self.wrong = set(gaps)
        words = {"day": _("the day"), "month": _("the month"), "year": _("the year")}
        if len(gaps) == 1:
            raise ValueError(_("“%(label)s” lacks %(part)s", label=self.label.text, part=words[gaps[0]]))
        raise ValueError(
            _(
                "“%(label)s” lacks %(one)s and %(two)s",
                label=self.label.text,
                one=words[gaps[0]],
                two=words[gaps[1]],
            )
        )

    def _figure(self, part: str) -> int:
        if not re.fullmatch(r"[0-9]{1,4}", self.typed[part]):
            self._wrong(part, _("Enter “%(label)s” in digits, for example 27 3 1990", label=self.label.text))
        return int(self.typed[part])

    def _wrong(self, part: str, message: str) -> None:
        self.wrong = {part}
        raise ValueError(message)

    def _no_such_day(self, day: int, month: int, year: int) -> str:
        if (day, month) == (29, 2):
            return _("29 February %(year)s is not in the calendar: %(year)s is not a leap year", year=year)
        return _("Day %(day)s of month %(month)s is not in the calendar", day=day, month=month)

    def blame(self, key: str, message: str) -> None:
        self.wrong = set(PARTS)
        super().blame(key, message)

    def ask(self) -> str:
        return _("Fill in the day, month and year of “%(label)s”", label=self.label.text)

    def check(self) -> None:
        problem = day_problem(
            self.label.text,
            self.data,
            past=self.past,
            future=self.future,
            earliest=self.earliest,
            latest=self.latest,
        )
        if problem:
            self.wrong = set(PARTS)
            self.refuse(problem)
