"""What is kept of the score: what was measured of a period, in place of what was measured of it before; what the
national portal answered, as it was; and what is published. Nothing here commits."""
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import N_
from portal.oversight import publishing
from portal.oversight.models import PortalAnswer, Publication, ScoreReading
from portal.oversight.periods import days_of, every_of
from portal.oversight.score import answers, frozen, queries
from portal.oversight.score.answers import Answered, Problem
from portal.oversight.score.measuring import Reading
from portal.people import queries as people
from portal.people.models import Agency, Person, Unit

NO_AGENCY = N_("“%(typed)s” is no agency of today: write its code, such as H17.")
NO_UNIT = N_("“%(typed)s” is no unit of %(agency)s.")
OTHERWISE = N_("Of that day and source another number of “%(indicator)s” is here already.")


class NotOver(ValueError):
    """The period still runs: nothing final can be said of it."""


class Changed(ValueError):
    """It was measured anew since it was seen."""


class NotMeasured(ValueError):
    """The period was not measured since it ended."""


class Taken(NamedTuple):
    """How many were new, and how many were here already. With `problems` nothing was taken."""

    new: int
    known: int
    problems: Sequence[Problem]


def keep(period: str, readings: Sequence[Reading], at: datetime) -> None:
    """Keep what was measured of a period."""
    session.execute(delete(ScoreReading).where(ScoreReading.period == period))
    if readings:
        session.execute(insert(ScoreReading), [
            {"agency_id": one.agency_id, "unit_id": one.unit_id, "period": period, "indicator": one.indicator,
             "numerator": one.part, "denominator": one.whole, "points": one.points, "facts": dict(one.facts), "at": at}
            for one in readings])


def publish(period: str, *, by: Person, reason: str = "", seen: str | None = None) -> Publication:
    """Publish the score of every agency for a period that is over. `seen`: when that was measured which the page
    showed. Raises NotOver, NotMeasured, Changed, and what publishing.publish raises."""
    last = days_of(period)[1]
    if last >= clock.today():
        raise NotOver
    if not queries.is_settled(period):
        raise NotMeasured
    content = frozen.freeze(period)
    if seen is not None and seen != content["measured_at"]:
        raise Changed
    title = {"vi": f"Điểm phục vụ người dân, doanh nghiệp theo Quyết định 766/QĐ-TTg, kỳ {period}",
             "en": f"Score of Decision 766/QĐ-TTg, {period}"}
    return publishing.publish(frozen.KIND, frozen.key_of(every_of(period)), last, title, content, by=by, reason=reason)


def take_answers(data: bytes, source: str, *, by: Person | None, today: date | None = None) -> Taken:
    """Take the national portal's answers out of a file, all of them or, where something is wrong, none."""
    read = answers.read(data, today or clock.today())
    problems, placed = list(read.problems), list[tuple[Answered, Agency]]()
    known = {name: one for one in people.current_agencies() for name in (one.key, one.code) if name}
    units = _units({known[row.agency].id for row in read.rows if row.agency in known and row.unit})
    for row in read.rows:
        agency = known.get(row.agency)
        if agency is None:
            problems.append(Problem(row.line, NO_AGENCY, {"typed": row.agency}))
        elif row.unit and (agency.id, row.unit) not in units:
            problems.append(Problem(row.line, NO_UNIT, {"typed": row.unit, "agency": agency.name}))
        else:
            placed.append((row, agency))
    made = [_kept(row, agency, source, by) for row, agency in placed] if not problems else []
    new = [] if problems else _new(made, [row for row, _agency in placed], problems)
    if problems:
        return Taken(0, 0, sorted(problems, key=lambda one: one.line))
    session.add_all(new)
    session.flush()
    return Taken(len(new), len(made) - len(new), ())


def _units(agencies: set[int]) -> set[tuple[int, str]]:
    return {(agency_id, code) for agency_id, code in session.execute(select(Unit.agency_id, Unit.code).where(
        Unit.agency_id.in_(agencies))) if code}


def _kept(row: Answered, agency: Agency, source: str, by: Person | None) -> PortalAnswer:
    return PortalAnswer(
        agency_id=agency.id, unit_code=row.unit, period=row.period, indicator=row.indicator, numerator=row.numerator,
        denominator=row.denominator, points=str(row.points) if row.points is not None else None,
        captured_on=row.captured_on, source=source[:300], raw=dict(row.raw), by_id=by.id if by else None)


def _place(one: PortalAnswer) -> tuple[object, ...]:
    return one.agency_id, one.unit_code, one.period, one.indicator, one.captured_on, one.source


def _new(made: Sequence[PortalAnswer], rows: Sequence[Answered], problems: list[Problem]) -> list[PortalAnswer]:
    """Those that are not here yet; what says otherwise than what is here, or than an earlier line, is a problem."""
    here = {_place(one): one for one in session.scalars(select(PortalAnswer).where(
        PortalAnswer.source.in_({one.source for one in made}), PortalAnswer.period.in_({one.period for one in made})))}
    new = []
    for one, row in zip(made, rows, strict=True):
        known = here.setdefault(_place(one), one)
        if known is one:
            new.append(one)
        elif (known.numerator, known.denominator, known.points) != (one.numerator, one.denominator, one.points):
            problems.append(Problem(row.line, OTHERWISE, {"indicator": one.indicator}))
    return new
