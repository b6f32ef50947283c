"""What the public pages read: records, steps and counters, and of other tables only the names of agencies."""
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Integer, and_, bindparam, case, cast, func, literal_column, or_, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import vi_key
from portal.people.models import Agency, AgencyKind
from portal.progress.estimates import Usual
from portal.progress.figures import FIELDS, Figures, summed
from portal.progress.measures import Measure, month_of, months_back
from portal.progress.models import ProgressCount, ProgressEstimate, ProgressOpen, ProgressRecord, ProgressStep

MONTHS = 13
YEAR = 12
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_agency: Any = Agency.__table__
_count: Any = ProgressCount.__table__
_open: Any = ProgressOpen.__table__


class Step(NamedTuple):
    """What happened, the national status after it, and when.

    `due_at` is the due moment as it stood after the step, where the step told it; `reason` a short code.
    """

    step: str
    status: int
    at: datetime
    due_at: datetime | None = None
    reason: str | None = None
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """All that the public may know about one dossier. Moments are aware UTC.

    `first_due_at`: the due moment that was set first, where it was moved since. `usual_here`,
    `usual_anywhere`: how long dossiers of this procedure usually take from this stage on, in this agency and
    in the country.
    """

    code: str
    agency_key: str
    agency_name: str
    procedure_code: str
    service_name: str
    level: int
    channel: str
    status: int
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    timing: str | None
    changed_at: datetime
    first_due_at: datetime | None
    corrected: bool
    usual_here: Usual | None
    usual_anywhere: Usual | None
    steps: tuple[Step, ...]


class AgencyLine(NamedTuple):
    """An agency by its name; `valid_to` is its last day, None today."""

    id: int
    key: str
    name: str
    kind: str
    valid_to: date | None


class AgencyFigures(NamedTuple):
    """An agency with its figures."""

    agency: AgencyLine
    figures: Figures


class Month(NamedTuple):
    """A month (its first day) with its figures."""

    month: date
    figures: Figures


_OF_A_RECORD = ("procedure_code", "service_name", "level", "channel", "status", "submitted_at", "received_at",
                "due_at", "stopped_at", "finished_at", "timing", "changed_at", "first_due_at", "corrected")
_here: Any = ProgressEstimate.__table__.alias("here")
_anywhere: Any = ProgressEstimate.__table__.alias("anywhere")


def _usual_of(table: Any, agency_id: Any) -> Any:
    """The usual time from the stage in which the dossier is; a join that finds one row or none."""
    return and_(table.c.agency_id == agency_id, table.c.procedure_code == _record.c.procedure_code,
                table.c.stage == _record.c.status)


_BY_CODE = (
    select(_record.c.code, _agency.c.key, _agency.c.name, *(_record.c[name] for name in _OF_A_RECORD),
           *(table.c[name] for table in (_here, _anywhere) for name in ("p50", "p90", "cases")),
           *(_step.c[name] for name in Step._fields))
    .select_from(_record.join(_agency, _agency.c.id == _record.c.agency_id)
                 .outerjoin(_here, _usual_of(_here, _record.c.agency_id))
                 .outerjoin(_anywhere, _usual_of(_anywhere, literal_column("0")))
                 .outerjoin(_step, _step.c.record_id == _record.c.id))
    .where(_record.c.code == bindparam("code")).order_by(_step.c.position))
_FIELDS = ("code", "agency_key", "agency_name", *_OF_A_RECORD)
_OWN = len(_FIELDS)
_STEPS = _OWN + 6  # two usual times of three numbers stand between


def by_code(code: str) -> Published | None:
    """What is published about a dossier, in one statement. `code` as codes.parse writes it."""
    rows = _rows_of(code)
    if not rows:
        return None
    steps = tuple(Step(*row[_STEPS:]) for row in rows if row[_STEPS] is not None)
    own: dict[str, Any] = dict(zip(_FIELDS, rows[0], strict=False))
    here, anywhere = rows[0][_OWN:_OWN + 3], rows[0][_OWN + 3:_STEPS]
    return Published(**own, steps=steps, usual_here=Usual(*here) if here[2] else None,
                     usual_anywhere=Usual(*anywhere) if anywhere[2] else None)


def _rows_of(code: str) -> Sequence[Any]:
    """The rows of _BY_CODE. On PostgreSQL the statement goes to the driver as it is, without a transaction
    around it: one round trip instead of three, and the driver's own moments are right. SQLite needs the
    types."""
    bound = session.get_bind()
    if bound.dialect.name != "postgresql":
        return session.execute(_BY_CODE, {"code": code}).all()
    if isinstance(bound, Engine) and not session.in_transaction():
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    else:
        connection = session.connection()
    return connection.exec_driver_sql(_spelled(bound.dialect), {"code": code}).all()


@lru_cache(maxsize=4)
def _spelled(dialect: Dialect) -> str:
    return str(_BY_CODE.compile(dialect=dialect))


def agency_by_key(key: str) -> AgencyLine | None:
    """The agency of this key today, else the last one that had it."""
    row = session.execute(
        select(*_agency_columns()).where(_agency.c.key == key)
        .order_by(_agency.c.valid_to.is_not(None), _agency.c.valid_to.desc()).limit(1)).one_or_none()
    return AgencyLine(*row) if row else None


def national_figures(today: date | None = None) -> dict[str, Any]:
    """The three live figures: `received_this_month`; `on_time_share` (0 to 1) of `month` (its first day), which
    is the last full month, or this one where nothing was finished in that, both None where nothing was;
    `open_now`. Beside them `finished`, the Figures of `month`, and `open_late`."""
    today = today or clock.today()
    this, last = (month.figures for month in by_month(None, months=2, today=today))
    finished, month = (last, months_back(today, 2)[1]) if last.done else (this, month_of(today))
    now = summed(_open_now(today).values())
    return {"received_this_month": this.received, "on_time_share": finished.share,
            "month": month if finished.done else None, "open_now": now.open, "open_late": now.open_late,
            "finished": finished}


def totals(today: date, month: date | None = None) -> list[AgencyFigures]:
    """Every agency of today, and every other with figures: over `month`, or over the last twelve months, this
    one included; open dossiers as they stand today. In the order of their Vietnamese names."""
    span = (month, month) if month else (months_back(today, YEAR)[-1], month_of(today))
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for agency_id, measure, n in session.execute(
            select(_count.c.agency_id, _count.c.measure, func.sum(_count.c.n))
            .where(_count.c.month.between(*span)).group_by(_count.c.agency_id, _count.c.measure)):
        counted[agency_id][FIELDS[Measure(measure)]] = int(n)
    now = _open_now(today)
    found = session.execute(select(*_agency_columns()).where(
        or_(_agency.c.valid_to.is_(None), _agency.c.id.in_(counted.keys() | now.keys()))))
    lines = [AgencyFigures(AgencyLine(*row), Figures(**counted.get(row.id, {})) + now.get(row.id, Figures()))
             for row in found]
    return sorted(lines, key=lambda line: name_key(line.agency.name))


def open_now(agency_id: int, today: date) -> Figures:
    """The open dossiers of one agency."""
    return _open_now(today, agency_id).get(agency_id, Figures())


def open_by_agency(today: date) -> dict[int, Figures]:
    """The open dossiers of each agency that has any, by its id."""
    return _open_now(today)


def by_month(agency_id: int | None, months: int = MONTHS, today: date | None = None) -> list[Month]:
    """This month and those before it, newest first, of one agency or of all; months without figures included."""
    wanted = months_back(today or clock.today(), months)
    query = select(_count.c.month, _count.c.measure, func.sum(_count.c.n)).where(
        _count.c.month.between(wanted[-1], wanted[0])).group_by(_count.c.month, _count.c.measure)
    if agency_id is not None:
        query = query.where(_count.c.agency_id == agency_id)
    counted: dict[date, dict[str, int]] = defaultdict(dict)
    for month, measure, n in session.execute(query):
        counted[month][FIELDS[Measure(measure)]] = int(n)
    return [Month(month, Figures(**counted.get(month, {}))) for month in wanted]


def in_groups(lines: Sequence[AgencyFigures]) -> tuple[list[AgencyFigures], list[AgencyFigures]]:
    """Central bodies, and provinces and cities, each in the order given."""
    central = [line for line in lines if line.agency.kind != AgencyKind.province]
    return central, [line for line in lines if line.agency.kind == AgencyKind.province]


@lru_cache(maxsize=500)
def name_key(name: str) -> str:
    """Where an agency stands in a list: provinces by their own name, without what they are."""
    return vi_key(name.removeprefix("Tỉnh ").removeprefix("Thành phố "))


def _agency_columns() -> list[Any]:
    return [_agency.c[name] for name in AgencyLine._fields]


def _open_now(today: date, agency_id: int | None = None) -> dict[int, Figures]:
    """Lateness comes with time, not by an event: it is read off the due days. Due today is in time."""
    late = case((and_(_open.c.paused.is_(False), _open.c.due_on < today), 1), else_=0)
    paused = cast(_open.c.paused, Integer)
    query = select(_open.c.agency_id, func.sum(_open.c.n), func.sum(_open.c.n * late),
                   func.sum(_open.c.n * paused)).group_by(_open.c.agency_id)
    if agency_id is not None:
        query = query.where(_open.c.agency_id == agency_id)
    return {of: Figures(open_in_time=int(n - n_late - n_paused), open_late=int(n_late), paused=int(n_paused))
            for of, n, n_late, n_paused in session.execute(query)}
