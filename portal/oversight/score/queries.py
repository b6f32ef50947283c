"""Reading the score: what was measured, and the dossiers and services behind every lost point. Who may read of a
dossier that it exists is the callers' question; every list is keyset-paged, with an index behind it."""
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, literal, not_, or_, select, tuple_
from sqlalchemy.sql.selectable import Subquery

from portal.catalogue.models import Procedure, Service, ServiceVersion
from portal.dossiers.models import Dossier
from portal.dossiers.queries import at
from portal.kit.clock import day_of
from portal.kit.db import session
from portal.oversight.models import PortalAnswer, ScoreReading
from portal.oversight.periods import days_of
from portal.oversight.score import comparing
from portal.oversight.score.comparing import Sheet
from portal.oversight.score.formulas import Level
from portal.oversight.score.judging import Lost, why_not_online
from portal.oversight.score.measuring import ONLINE_CLASSES, WHOLE, Limits, used_services
from portal.oversight.score.population import Span, online_of, own, told
from portal.people.models import Agency, AgencyKind, Unit, UnitKind
from portal.people.permissions import Place
from portal.progress.models import ProgressRecord

PAGE = 25
CHUNK = 200  # rows that are read at once where some of them turn out to be in time
LATE = ("progress", "satisfied")
ByIndicator = Mapping[str, ScoreReading]


class Line(NamedTuple):
    """A dossier that lost points. `days`: calendar days after its due day; `decree_in_time`: in time by Decree
    118/2025, though late by the index. `id` of one that is handled here; None of one that an agency's system tells."""

    id: int | None
    code: str
    received_at: datetime
    why: Lost
    days: int
    decree_in_time: bool


class Page(NamedTuple):
    """`next`: the key of the following page, None after the last."""

    rows: list[Any]
    next: str | None


class After(NamedTuple):
    """The last row of the page before."""

    at: datetime
    id: int


def readings(agency_id: int, period: str) -> dict[int, dict[str, ScoreReading]]:
    """What was measured of an agency (WHOLE) and its units."""
    found: defaultdict[int, dict[str, ScoreReading]] = defaultdict(dict)
    for one in session.scalars(select(ScoreReading).where(
            ScoreReading.agency_id == agency_id, ScoreReading.period == period)):
        found[one.unit_id][one.indicator] = one
    return found


def of_place(agency_id: int, unit_id: int, period: str) -> dict[str, ScoreReading]:
    """What was measured of one place."""
    return {one.indicator: one for one in session.scalars(select(ScoreReading).where(
        ScoreReading.agency_id == agency_id, ScoreReading.unit_id == unit_id, ScoreReading.period == period))}


def board(period: str) -> dict[int, dict[str, ScoreReading]]:
    """What was measured of every agency as a whole."""
    found: defaultdict[int, dict[str, ScoreReading]] = defaultdict(dict)
    for one in session.scalars(select(ScoreReading).where(
            ScoreReading.period == period, ScoreReading.unit_id == WHOLE)):
        found[one.agency_id][one.indicator] = one
    return found


def periods() -> list[str]:
    """The periods that were measured, the newest first: those of a year after its quarters and months."""
    return sorted(session.scalars(select(ScoreReading.period).distinct()), reverse=True)


def measured_at(kept: Iterable[ScoreReading]) -> datetime | None:
    """When, as far as anything was."""
    return max((one.at for one in kept), default=None)


def is_settled(period: str) -> bool:
    """Whether it was measured after it had ended."""
    at = session.scalar(select(func.max(ScoreReading.at)).where(ScoreReading.period == period))
    return at is not None and day_of(at) > days_of(period)[1]


def level_of(agency: Agency, unit: Unit | None = None) -> Level:
    """To which level's rules a place belongs."""
    if unit is not None and unit.kind == UnitKind.commune:
        return Level.commune
    return Level.province if agency.kind == AgencyKind.province else Level.ministry


def sheet(agency: Agency, kept: ByIndicator, unit: Unit | None = None, fewest: int = 0) -> Sheet:
    """The score of a place from its readings."""
    return comparing.sheet(kept, level_of(agency, unit), unit=unit is not None, fewest=fewest)


def answers(agency_id: int, unit_code: str, period: str) -> Sequence[PortalAnswer]:
    """What the national portal answered about a place."""
    return session.scalars(select(PortalAnswer).where(
        PortalAnswer.agency_id == agency_id, PortalAnswer.unit_code == unit_code, PortalAnswer.period == period)
        .order_by(PortalAnswer.captured_on, PortalAnswer.id)).all()


def lost(place: Place, indicator: str, of: Span, after: After | None = None, size: int = PAGE) -> Page:
    """The dossiers of this portal that lost points, in the order in which they were accepted."""
    limits = Limits() if indicator in LATE else None

    def ask(after: After | None) -> Any:
        where = at(place)
        if after is not None:
            where = and_(where, tuple_(Dossier.received_at, Dossier.id) > _key(after, Dossier.received_at.type))
        judged = own(of, where)
        one = judged.c
        return select(*one, Procedure.code.label("procedure_code")).join(
            Procedure, Procedure.id == one.procedure_id).where(_loses(indicator, judged)).order_by(
            one.received_at, one.id)

    return _page(ask, lambda row: _line(row.id, row, _why(indicator, row), limits), after, size)


def lost_elsewhere(agency_id: int, of: Span, after: After | None = None, size: int = PAGE) -> Page:
    """The late dossiers of an agency's own system, which are public one by one, in the order of acceptance."""
    limits = Limits()

    def ask(after: After | None) -> Any:
        where: Any = ProgressRecord.agency_id == agency_id
        if after is not None:
            where = and_(where, tuple_(ProgressRecord.received_at, ProgressRecord.id) > _key(
                after, ProgressRecord.received_at.type))
        one = told(of, where).c
        return select(*one).where(or_(one.late == 1, one.late.is_(None))).order_by(one.received_at, one.id)

    return _page(ask, lambda row: _line(None, row, _why_late(row), limits), after, size)


def _key(after: After, moment: Any) -> Any:
    return tuple_(literal(after.at, moment), literal(after.id))


def _page(ask: Any, made: Any, after: After | None, size: int) -> Page:
    """A page of lines. Where the database cannot say whether one lost points it is looked at here, so it may take more
    than one statement."""
    found: list[tuple[Any, Line]] = []
    many = size + 1
    while len(found) <= size:
        rows = session.execute(ask(after).limit(many)).all()
        found += [(row, line) for row in rows if (line := made(row)) is not None]
        if len(rows) < many:
            return _cut(found, size)
        after, many = After(rows[-1].received_at, rows[-1].id), CHUNK
    return _cut(found, size)


def _cut(found: list[tuple[Any, Line]], size: int) -> Page:
    last = found[size - 1][0] if len(found) > size else None
    return Page([line for _row, line in found[:size]], f"{last.received_at.isoformat()}~{last.id}" if last else None)


def after(said: str) -> After | None:
    """The key of a page as the address carries it; None for what is none."""
    moment, _tilde, number = said.partition("~")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return After(found, int(number)) if found.tzinfo and number.isdecimal() and len(number) < 12 else None


def _loses(indicator: str, judged: Subquery) -> Any:
    """That a dossier of `own` lost points, or (late is NULL) may have."""
    one = judged.c
    if indicator == "dossiers_online":
        return not_(online_of(judged))
    if indicator == "electronic_result":
        return and_(one.decided == 1, one.paper == 1, one.file == 0)
    if indicator == "digitised":
        return and_(one.decided == 1, or_(one.file == 0, one.papers == 0))
    return or_(one.late == 1, one.late.is_(None))


def _why(indicator: str, row: Any) -> Lost:
    if indicator == "dossiers_online":
        found = why_not_online(row.channel, paper=bool(row.paper), file=bool(row.file))
        assert found is not None, "the database asks the same"
        return found
    if indicator in ("electronic_result", "digitised"):
        return Lost.no_paper_files if row.file else Lost.no_result_file
    return _why_late(row)


def _why_late(row: Any) -> Lost:
    if row.again:
        return Lost.asked_again
    return Lost.late if row.fin is not None else Lost.unfinished_late


def _line(id_: int | None, row: Any, why: Lost, limits: Limits | None) -> Line | None:
    """None for one that is in time by its procedure's limit."""
    due = row.due
    if limits is not None and row.late is None:
        if not limits.late(row):
            return None
        due = limits.due(row)
    late = limits is not None and due is not None and row.judged_at > due
    return Line(id_, row.code, row.received_at, why, (day_of(row.judged_at) - day_of(due)).days if late else 0,
                limits is not None and row.decree_late == 0)


def idle_services(agency_id: int, indicator: str, of: Span, after: int = 0, size: int = PAGE) -> Page:
    """The services that lost points: those that are not online, or those online that nobody used in the period. Rows
    of (service id, code and name of the procedure)."""
    query = select(Service.id, Procedure.code, Procedure.name).join(
        Procedure, Procedure.id == Service.procedure_id).join(
        ServiceVersion, ServiceVersion.id == Service.version_id).where(
        Service.agency_id == agency_id, Service.id > after).order_by(Service.id).limit(size + 1)
    online = ServiceVersion.service_class.in_(ONLINE_CLASSES)
    if indicator == "services_online":
        rows = session.execute(query.where(not_(online))).all()
    else:
        used = session.scalars(select(used_services(of).c.service_id).join(
            Service, Service.id == used_services(of).c.service_id).where(Service.agency_id == agency_id)).all()
        rows = session.execute(query.where(online, Service.id.not_in(used))).all()
    return Page(list(rows[:size]), str(rows[size - 1].id) if len(rows) > size else None)
