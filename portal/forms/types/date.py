"""A day."""
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType
from portal.kit import clock, forms, i18n
from portal.kit.forms.dates import YearAlone, day_problem, read_day
from portal.kit.forms.widgets import tag
from portal.kit.i18n import say


class Date(QuestionType):
    kind, gives, fits_cell = "date", Gives.date, True
    parts = frozenset(("past", "future", "year_alone"))  # year_alone: of some people no more is known

    def check(self, q: Question, place: str) -> None:
        for part in ("past", "future", "year_alone"):
            if part in q and q[part] is not True:
                raise ValueError(f"{place}.{part}: only true")
        if "past" in q and "future" in q:
            raise ValueError(f"{place}.future: a date is not both past and future")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.DateParts(past=q.get("past", False), future=q.get("future", False),
                               year_alone=q.get("year_alone", False), **common)

    def dump(self, q: Question, value: date | None) -> str | None:
        return value.isoformat() if value else None

    def load(self, q: Question, kept: Any) -> date | None:
        try:
            known = isinstance(kept, str) and (len(kept) == 10 or (len(kept) == 4 and q.get("year_alone")))
            return read_day(kept) if known else None
        except ValueError:
            return None

    def problems(self, q: Question, value: date) -> list[tuple[str, str]]:
        """A day that lay ahead when the draft was begun may lie behind when it is handed in."""
        message = day_problem(say(q["label"]), value, past=q.get("past", False), future=q.get("future", False))
        return [(q["key"], message)] if message else []

    def words(self, q: Question, value: date) -> str:
        return f"{value.year}" if isinstance(value, YearAlone) else i18n.short_day(value)

    def blank(self, q: Question) -> Markup:
        return tag("span", "…… / …… / …………", class_="dotted")

    def example(self, q: Question, n: int = 0) -> str:
        if q.get("future"):
            return (clock.today() + timedelta(days=7 * (n + 1))).isoformat()
        return date(1990 + n % 30, 2, 3).isoformat()
