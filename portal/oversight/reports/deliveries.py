"""How reports stand: of one period at every agency, and of all periods in numbers. Who may see which is the callers'
question; nothing here tells what a report says.

Delivered is what was submitted, or approved; what was returned is owed again until it is submitted anew.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from portal.kit.clock import day_of
from portal.kit.db import session
from portal.kit.text import vi_key
from portal.oversight.models import Report, ReportEvent, ReportPeriod, ReportTemplate
from portal.oversight.reporting import EDITABLE, ReportCode, ReportState
from portal.people.models import Agency

PAGE = 40


@dataclass(frozen=True)
class Delivery:
    """How the report of one agency stands. `reminded_at`: when it was reminded last."""

    report_id: int
    agency_id: int
    key: str
    name: str
    kind: str
    state: ReportState
    due_on: date
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    reminded_at: datetime | None = None

    @property
    def delivered(self) -> bool:
        """Whether there is one now."""
        return self.state not in EDITABLE

    def days_late(self, today: date) -> int:
        """How many days after its due day it came, or has not come yet; 0 in time."""
        until = day_of(self.submitted_at) if self.delivered and self.submitted_at else today
        return max((until - self.due_on).days, 0)

    def is_late(self, today: date) -> bool:
        """Not there, and its day is over."""
        return not self.delivered and today > self.due_on


@dataclass(frozen=True)
class Counts:
    """Of the reports that are owed. `late`: not delivered, and due before today; `waiting`: not delivered, and not due
    yet; `came_late`: of those delivered."""

    owed: int = 0
    delivered: int = 0
    approved: int = 0
    returned: int = 0
    late: int = 0
    came_late: int = 0

    @property
    def waiting(self) -> int:
        return self.owed - self.delivered - self.late

    @property
    def share(self) -> int:
        """Delivered of a hundred, rounded down: 100 is all of them."""
        return self.delivered * 100 // self.owed if self.owed else 0


def counted(deliveries: Iterable[Delivery], today: date) -> Counts:
    """The numbers of these deliveries."""
    found = list(deliveries)
    return Counts(
        owed=len(found), delivered=sum(one.delivered for one in found),
        approved=sum(one.state == ReportState.approved for one in found),
        returned=sum(one.state == ReportState.returned for one in found),
        late=sum(one.is_late(today) for one in found),
        came_late=sum(one.delivered and one.days_late(today) > 0 for one in found))


def of_period(period: ReportPeriod, today: date) -> list[Delivery]:
    """Every agency that owes a report of this period: who is late first, the longest late at the head, then by name."""
    reminded = select(ReportEvent.report_id, func.max(ReportEvent.at).label("at")).join(
        Report, Report.id == ReportEvent.report_id).where(
        Report.period_id == period.id, ReportEvent.code == ReportCode.reminded).group_by(
        ReportEvent.report_id).subquery()
    rows = session.execute(select(
        Report.id, Agency.id, Agency.key, Agency.name, Agency.kind, Report.state, Report.submitted_at,
        Report.approved_at, reminded.c.at).join(Agency, Agency.id == Report.agency_id).outerjoin(
        reminded, reminded.c.report_id == Report.id).where(Report.period_id == period.id))
    found = [Delivery(id_, agency_id, key, name, kind, ReportState(state), period.due_on, submitted_at, approved_at,
                      reminded_at)
             for id_, agency_id, key, name, kind, state, submitted_at, approved_at, reminded_at in rows]
    return sorted(found, key=lambda one: (one.delivered, one.delivered or -one.days_late(today), vi_key(one.name)))


def reports_of(period: ReportPeriod) -> Sequence[Report]:
    """The reports of a period with their agencies, in the order in which these came to it."""
    return session.scalars(select(Report).where(Report.period_id == period.id).options(
        joinedload(Report.agency)).order_by(Report.id)).all()


def period(period_id: int) -> ReportPeriod | None:
    """One period with its template."""
    return session.scalar(select(ReportPeriod).where(ReportPeriod.id == period_id).options(
        joinedload(ReportPeriod.template)))


def period_of(key: str, period: str) -> ReportPeriod | None:
    """The period of a template by its name."""
    return session.scalar(select(ReportPeriod).where(
        ReportPeriod.template_key == key, ReportPeriod.period == period).options(joinedload(ReportPeriod.template)))


def periods(after: tuple[date, int] | None = None, size: int = PAGE) -> Sequence[ReportPeriod]:
    """The periods that were opened, those due last at the head, without the definitions of their templates."""
    wanted = select(ReportPeriod)
    if after:
        wanted = wanted.where(or_(ReportPeriod.due_on < after[0], and_(ReportPeriod.due_on == after[0],
                                                                       ReportPeriod.id < after[1])))
    return session.scalars(wanted.options(joinedload(ReportPeriod.template).load_only(
        ReportTemplate.key, ReportTemplate.version, ReportTemplate.title, ReportTemplate.every)).order_by(
        ReportPeriod.due_on.desc(), ReportPeriod.id.desc()).limit(size)).all()


def further(rows: Sequence[ReportPeriod], size: int = PAGE) -> str | None:
    """From where the page after these goes on; None where it is the last one."""
    return f"{rows[-1].due_on.isoformat()}_{rows[-1].id}" if len(rows) == size else None


def after_of(said: str) -> tuple[date, int] | None:
    """What `further` wrote; None, the beginning, for anything else."""
    day, _line, number = said.partition("_")
    try:
        return (date.fromisoformat(day), int(number)) if number.isdecimal() and len(number) < 10 else None
    except ValueError:
        return None


def periods_due(today: date, soon: int, long: int) -> Sequence[int]:
    """The periods due within `soon` days, or at most `long` days ago."""
    return session.scalars(select(ReportPeriod.id).where(
        ReportPeriod.due_on.between(today - timedelta(days=long), today + timedelta(days=soon))).order_by(
        ReportPeriod.id)).all()


def counts(found: Iterable[ReportPeriod], today: date) -> Mapping[int, Counts]:
    """The numbers of these periods, by their ids, in one question."""
    known = {one.id: one for one in found}
    delivered = Report.state.not_in([str(state) for state in EDITABLE])
    rows = session.execute(select(
        Report.period_id, func.count(), _sum(delivered), _sum(Report.state == str(ReportState.approved)),
        _sum(Report.state == str(ReportState.returned))).where(Report.period_id.in_(known)).group_by(Report.period_id))
    late = _came_late(known)
    return {id_: Counts(owed=int(owed), delivered=int(there), approved=int(approved), returned=int(returned),
                        late=int(owed) - int(there) if today > known[id_].due_on else 0, came_late=late.get(id_, 0))
            for id_, owed, there, approved, returned in rows}


def _came_late(known: Mapping[int, ReportPeriod]) -> dict[int, int]:
    """By moment and not by the database's own idea of a day: days are days in Viet Nam."""
    rows = session.execute(select(Report.period_id, Report.submitted_at).where(
        Report.period_id.in_(known), Report.submitted_at.isnot(None),
        Report.state.not_in([str(state) for state in EDITABLE])))
    found = dict.fromkeys(known, 0)
    for period_id, at in rows:
        found[period_id] += at is not None and day_of(at) > known[period_id].due_on
    return found


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def newest_templates() -> list[ReportTemplate]:
    """The newest version of each template, by key, without its definition."""
    newest = select(ReportTemplate.key, func.max(ReportTemplate.version).label("version")).group_by(
        ReportTemplate.key).subquery()
    return list(session.scalars(select(ReportTemplate).join(newest, and_(
        newest.c.key == ReportTemplate.key, newest.c.version == ReportTemplate.version)).options(load_only(
            ReportTemplate.key, ReportTemplate.version, ReportTemplate.title, ReportTemplate.every,
            ReportTemplate.owes, ReportTemplate.source, ReportTemplate.created_at)).order_by(ReportTemplate.key)))


def template(key: str, version: int | None = None) -> ReportTemplate | None:
    """One version of a template; the newest without a number."""
    wanted = select(ReportTemplate).where(ReportTemplate.key == key)
    if version is not None:
        wanted = wanted.where(ReportTemplate.version == version)
    return session.scalar(wanted.order_by(ReportTemplate.version.desc()).limit(1))


def versions(key: str) -> Sequence[ReportTemplate]:
    """Every version of a template, the newest first."""
    return session.scalars(select(ReportTemplate).where(ReportTemplate.key == key).order_by(
        ReportTemplate.version.desc())).all()
