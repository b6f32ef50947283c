"""How many public tasks each agency answers for, has done, late or in time; and how that was before.

Counters move with every event, in its transaction, so a page reads one row an agency whatever was ever given. Whoever
moves several holds them in the order of agencies (`hold`), so that two who do never wait for each other for ever.
"""
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, case, func, literal, select, true, update
from sqlalchemy.orm import aliased

from portal.kit.db import session
from portal.kit.text import vi_key
from portal.kit.upsert import insert
from portal.oversight.models import Assignment, TaskTally
from portal.oversight.models.directives import NOW
from portal.oversight.standing import Standing
from portal.people.models import Agency

_row: Any = TaskTally.__table__
COUNTED = ("given", "done_in_time", "done_late", "claimed")
_COLUMNS = (*COUNTED, "late", "late_as_of", "middle_due")
_OPEN = (Assignment.done_on.is_(None), Assignment.public, Assignment.lead)  # as the index "counted" has it


@dataclass(frozen=True)
class Tally:
    """Of tasks that an agency answers for and that are public. `claimed`: reported as done and not confirmed.
    `most_late`, `half_late`: of the open tasks that are late, by how many days the latest is, and the one in the middle
    of those that were late this morning. `before`: as it stood when the quarter began."""

    agency_id: int
    key: str
    name: str
    kind: str
    given: int = 0
    done_in_time: int = 0
    done_late: int = 0
    open_late: int = 0
    claimed: int = 0
    given_before: int = 0
    done_before: int = 0
    most_late: int = 0
    half_late: int = 0

    @property
    def done(self) -> int:
        return self.done_in_time + self.done_late

    @property
    def open(self) -> int:
        return self.given - self.done

    @property
    def share(self) -> int:
        """Of a hundred, rounded down: 100 is all of them."""
        return self.done * 100 // self.given if self.given else 0

    @property
    def change(self) -> int | None:
        """In percentage points since the quarter began; None where nothing had been given then."""
        return self.share - self.done_before * 100 // self.given_before if self.given_before else None


class Move(NamedTuple):
    """What one task counted before (None: it was not there) and counts now."""

    task: Assignment
    before: Standing | None
    after: Standing | None


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def move(task: Assignment, before: Standing | None, after: Standing | None, today: date) -> None:
    """Count what happened to one task on that day."""
    move_all([Move(task, before, after)], today)


def move_all(moves: Iterable[Move], today: date) -> None:
    """Count what happened to several on one day. Each row of a later moment moves, so what is told afterwards of a
    quarter that is over is counted in it."""
    steps = [step for one in moves if one.task.lead and one.task.public
             and any((step := _step(one))[name] for name in _STEPS)]
    if not steps:
        return
    hold({step["of"] for step in steps}, today)
    session.connection().execute(_moving(), [step | {"today": today} for step in steps])


def hold(agency_ids: Collection[int], today: date) -> None:
    """Lock the rows of these agencies until the transaction ends, in their order; a quarter that has just begun is
    written down first."""
    ids = sorted(set(agency_ids))
    if not ids:
        return
    session.flush()
    session.execute(insert(TaskTally).on_conflict_do_nothing(), [
        {"agency_id": id_, "day": NOW, "late_as_of": today} for id_ in ids])
    session.execute(select(_row.c.agency_id).where(_row.c.agency_id.in_(ids), _row.c.day == NOW).order_by(
        _row.c.agency_id).with_for_update())
    _keep_quarter(ids, quarter_of(today))


def roll(today: date) -> None:
    """Bring every row to this day: what fell due is late now, and a quarter that has just begun is written down."""
    ids = session.scalars(select(_row.c.agency_id).where(_row.c.day == NOW)).all()
    hold(ids, today)
    now = update(_row).where(_row.c.day == NOW)
    session.execute(now.where(_row.c.late_as_of < today).values(
        late=_row.c.late + _fell_due(_row, today), late_as_of=today))
    for id_, late in session.execute(select(_row.c.agency_id, _row.c.late).where(_row.c.day == NOW)).all():
        middle = select(Assignment.due_on).where(
            Assignment.agency_id == id_, *_OPEN, Assignment.due_on.isnot(None)).order_by(
            Assignment.due_on).offset(late // 2).limit(1)
        session.execute(now.where(_row.c.agency_id == id_).values(middle_due=session.scalar(middle) if late else None))


#: By what agencies are sorted; the best or the most urgent first.
SORTS: Mapping[str, Callable[[Tally], Any]] = {
    "late": lambda one: (-one.open_late, -one.most_late, vi_key(one.name)),
    "share": lambda one: (-one.share, -one.done, vi_key(one.name)), "given": lambda one: (-one.given, vi_key(one.name)),
    "change": lambda one: (one.change is None, -(one.change or 0), vi_key(one.name)),
    "name": lambda one: vi_key(one.name)}


def by_agency(today: date, agency_id: int | None = None, sort: str = "late") -> list[Tally]:
    """Every agency with tasks, or one, in an order of SORTS: one row of each, and the index of what fell due since the
    row was last brought to a day."""
    then, later = aliased(TaskTally), aliased(TaskTally)
    first = select(func.min(later.day)).where(
        later.agency_id == Agency.id, later.day >= quarter_of(today)).correlate(Agency)
    late = TaskTally.late + _fell_due(_row, today)
    rows = session.execute(
        select(Agency.id, Agency.key, Agency.name, Agency.kind, TaskTally.given, TaskTally.done_in_time,
               TaskTally.done_late, late, TaskTally.claimed, then.given, then.done_in_time + then.done_late,
               _first_due(), TaskTally.middle_due)
        .join(TaskTally, (TaskTally.agency_id == Agency.id) & (TaskTally.day == NOW))
        .join(then, (then.agency_id == Agency.id) & (then.day == first.scalar_subquery()))
        .where(TaskTally.given > 0, Agency.id == agency_id if agency_id is not None else true()))
    found = [Tally(*row[:-2], *(_days(due, today) for due in row[-2:])) for row in map(tuple, rows)]
    return sorted(found, key=SORTS[sort])


class Quarter(NamedTuple):
    """How an agency's tasks stood when a quarter began."""

    begun: date
    given: int
    done: int


def quarters(agency_id: int, today: date, most: int = 12) -> list[Quarter]:
    """The last quarters of one agency as they began, and as it stands today, the oldest first."""
    rows = session.execute(select(TaskTally.day, TaskTally.given, TaskTally.done_in_time + TaskTally.done_late).where(
        TaskTally.agency_id == agency_id).order_by(TaskTally.day.desc()).limit(most + 1))
    return [Quarter(today if day == NOW else day, given, done) for day, given, done in reversed(rows.all())]


def totals(tallies: Sequence[Tally]) -> Mapping[str, int]:
    """The sum over all agencies, and how many finished all and none."""
    return {"agencies": len(tallies), "given": sum(one.given for one in tallies),
            "done": sum(one.done for one in tallies), "late": sum(one.open_late for one in tallies),
            "claimed": sum(one.claimed for one in tallies),
            "all": sum(one.done == one.given for one in tallies), "none": sum(one.done == 0 for one in tallies)}


def counted(standing: Standing | None) -> dict[str, int]:
    """What a public task with this standing adds to the row of the agency that answers for it."""
    if standing is None:
        return dict.fromkeys(COUNTED, 0)
    done = standing.done_on is not None
    late = bool(done and standing.due_on and standing.done_on and standing.done_on > standing.due_on)
    return {"given": 1, "done_in_time": int(done and not late), "done_late": int(late),
            "claimed": int(not done and standing.claimed_at is not None)}


_STEPS = (*COUNTED, "due", "was_due")


def _step(one: Move) -> dict[str, Any]:
    """The values of `_moving`; nothing in them where nothing moves."""
    before, after = counted(one.before), counted(one.after)
    due, was_due = _open_until(one.after), _open_until(one.before)
    same = due == was_due
    return {"of": one.task.agency_id, "due": None if same else due, "was_due": None if same else was_due} | {
        name: after[name] - before[name] for name in COUNTED}


def _open_until(standing: Standing | None) -> date | None:
    return standing.due_on if standing and standing.done_on is None else None


def _moving() -> Any:
    late = [case((bindparam(name, type_=Date) < _row.c.late_as_of, 1), else_=0) for name in ("due", "was_due")]
    return update(_row).where(_row.c.agency_id == bindparam("of"), _row.c.day > bindparam("today", type_=Date)).values(
        **{name: _row.c[name] + bindparam(name) for name in COUNTED}, late=_row.c.late + late[0] - late[1])


def _keep_quarter(ids: Sequence[int], begun: date) -> None:
    """Where the quarter has no row yet nothing moved in it: it began as the next row says."""
    next_ = _row.alias("next")
    first = select(func.min(next_.c.day)).where(next_.c.agency_id == _row.c.agency_id, next_.c.day >= begun)
    copied = select(_row.c.agency_id, literal(begun, Date), *(_row.c[name] for name in _COLUMNS)).where(
        _row.c.agency_id.in_(ids), _row.c.day == first.scalar_subquery(), _row.c.day > begun)
    session.execute(insert(TaskTally).from_select(("agency_id", "day", *_COLUMNS), copied).on_conflict_do_nothing())


def _counted_tasks(row: Any) -> Any:
    return and_(Assignment.agency_id == row.c.agency_id, *_OPEN)


def _fell_due(row: Any, today: date) -> Any:
    """How many of its open tasks are late on this day and were not when the row was last brought to one."""
    return select(func.count()).select_from(Assignment).where(
        _counted_tasks(row), Assignment.due_on >= row.c.late_as_of, Assignment.due_on < today).correlate(
        row).scalar_subquery()


def _first_due() -> Any:
    """The earliest due day of its open tasks."""
    return select(func.min(Assignment.due_on)).where(_counted_tasks(_row)).correlate(_row).scalar_subquery()


def _days(due: date | None, today: date) -> int:
    return max(0, (today - due).days) if due else 0
