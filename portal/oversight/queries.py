"""Reading the tasks, and places in rankings; figures are read by published.py. Who may see which is the callers'
question."""
import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.kit.db import session
from portal.kit.hot import reading
from portal.oversight.history import Rank
from portal.oversight.models import Assignment, Directive, IndexValue, OversightEvent, ProbeReading

FAR = date(9999, 1, 1)  # tasks without a day come after all that have one
PAGE = 50
_READINESS: Any = select(IndexValue.year, IndexValue.group, IndexValue.member, IndexValue.indicator,
                         cast(IndexValue.record, String), IndexValue.value, IndexValue.source).where(
    IndexValue.index_key == "ict-readiness", IndexValue.kind == "published", IndexValue.year == bindparam("year"))
_READINESS_YEARS = select(IndexValue.year).where(
    IndexValue.index_key == "ict-readiness", IndexValue.kind == "published").distinct().order_by(IndexValue.year)
#: What comes next, in the order in which an agency does it: sent back; late; due within SOON; more time asked for;
#: reported and not confirmed; due later; waiting for a condition; without a day.
SECTIONS = ("returned", "late", "soon", "asked", "said", "later", "condition", "undated")
DATED = frozenset({"late", "soon", "later"})
SOON = timedelta(days=14)


def readiness(year: int) -> list[Rank]:
    """What others published of one year's readiness index, by group and component, the best first."""
    found = [Rank(of, group, member, indicator, json.loads(record).get("rank"), value or "", source)
             for of, group, member, indicator, record, value, source in reading.rows(_READINESS, year=year)]
    return sorted(found, key=lambda one: (one.group, one.component, one.rank is None, one.rank or 0, one.name))


def readiness_years() -> Sequence[int]:
    """The years of which some places are known, the oldest first."""
    return [row[0] for row in reading.rows(_READINESS_YEARS)]


def directive(directive_id: int) -> Directive | None:
    """One directive by its number in the table."""
    return session.get(Directive, directive_id)


def assignment(assignment_id: int) -> Assignment | None:
    """One task of one agency, with its directive and agency."""
    return session.scalar(select(Assignment).where(Assignment.id == assignment_id).options(
        joinedload(Assignment.directive), joinedload(Assignment.agency)))


def next_tasks(agency_id: int, section: str, today: date, after: tuple[date, int] | None = None,
               size: int = PAGE) -> Sequence[Assignment]:
    """What an agency has still to do, of one section of what comes next (SECTIONS), what is due first at the head."""
    wanted = select(Assignment).join(Assignment.directive).where(
        Assignment.agency_id == agency_id, Assignment.done_on.is_(None), *_in_section(section, today))
    due = Assignment.due_on if section in DATED else func.coalesce(Assignment.due_on, FAR)
    if after:
        wanted = wanted.where(or_(due > after[0], and_(due == after[0], Assignment.id > after[1])))
    return session.scalars(wanted.options(contains_eager(Assignment.directive)).order_by(
        due, Assignment.id).limit(size)).all()


def _in_section(section: str, today: date) -> Sequence[ColumnElement[bool]]:
    """Each open task lies in one section: what was sent back first, then what waits for others, then by its day."""
    back, said, asked = (column.isnot(None) for column in (
        Assignment.returned_at, Assignment.claimed_at, Assignment.asked_until))
    if section in ("returned", "said", "asked"):
        return {"said": [said], "returned": [back, ~said], "asked": [asked, ~back, ~said]}[section]
    until = today + SOON
    rest = {"late": Assignment.due_on < today, "soon": Assignment.due_on.between(today, until),
            "later": Assignment.due_on > until,
            "condition": and_(Assignment.due_on.is_(None), Directive.deadline == "condition"),
            "undated": and_(Assignment.due_on.is_(None), Directive.deadline != "condition")}[section]
    return [~back, ~said, ~asked, rest]


def done_tasks(agency_id: int, before: tuple[date, int] | None = None, size: int = PAGE) -> Sequence[Assignment]:
    """What an agency has done, the newest first."""
    wanted = select(Assignment).where(Assignment.agency_id == agency_id, Assignment.done_on.isnot(None))
    if before:
        wanted = wanted.where(or_(Assignment.done_on < before[0], and_(Assignment.done_on == before[0],
                                                                       Assignment.id < before[1])))
    return session.scalars(wanted.options(joinedload(Assignment.directive)).order_by(
        Assignment.done_on.desc(), Assignment.id.desc()).limit(size)).all()


def events(assignment_id: int) -> Sequence[OversightEvent]:
    """What happened to a task, the oldest first."""
    return session.scalars(select(OversightEvent).where(OversightEvent.assignment_id == assignment_id).order_by(
        OversightEvent.id)).all()


def readings(assignment_id: int, size: int = 30) -> Sequence[ProbeReading]:
    """What its probe saw on the last days, the newest first."""
    return session.scalars(select(ProbeReading).where(ProbeReading.assignment_id == assignment_id).order_by(
        ProbeReading.day.desc()).limit(size)).all()
