"""Parts of a task: directives of their own, given to the same agencies or to others, each reported and confirmed by
itself. What may be a part of what, and how the parts of an agency's task stand."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.kit.db import session
from portal.oversight.models import Assignment, Directive

#: A task, its parts, their parts.
LEVELS = 3
MOST = 200
WHOLE, OTHER = aliased(Assignment), aliased(Assignment)


class NotAPart(ValueError):
    """It cannot be a part of that task. `why`: circle, taken (it is a part of another), deep."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Branch:
    """A directive in the tree, and how many of its tasks are done, open late, given. `level`: 0 at the root."""

    directive: Directive
    level: int
    given: int
    done: int
    late: int


@dataclass(frozen=True)
class Stand:
    """How the parts stand that count for one agency's task: how many there are, are done, are open and late. `first`:
    the first of them, in the order in which they were given."""

    given: int
    done: int
    late: int
    first: Sequence[Assignment]

    @property
    def all_done(self) -> bool:
        return self.done == self.given > 0


def check(parent: Directive, child: Directive | None = None) -> None:
    """Whether `child` (None: one that is still to be given, and has no parts) may be a part of `parent`. Raises
    NotAPart."""
    above = _above(parent)
    if child is not None and child.id in [one.id for one in above]:
        raise NotAPart("circle")
    if child is not None and child.parent_id not in (None, parent.id):
        raise NotAPart("taken")
    if len(above) + (_height(child) if child is not None else 1) > LEVELS:
        raise NotAPart("deep")


def _above(directive: Directive) -> list[Directive]:
    """The directive itself, what it is a part of, and so on. A circle that stands there already ends it."""
    found = [directive]
    while found[-1].parent_id is not None and len(found) <= LEVELS:
        found.append(session.get_one(Directive, found[-1].parent_id))
    return found


def _height(directive: Directive) -> int:
    """How many levels it has, its own among them."""
    here, levels = [directive.id], 0
    while here and levels <= LEVELS:
        here, levels = list(session.scalars(select(Directive.id).where(Directive.parent_id.in_(here)))), levels + 1
    return levels


def tree(root: Directive, today: date) -> list[Branch]:
    """The parts of a directive and theirs, each below what it is a part of: two queries a level."""
    below: dict[int, list[Directive]] = {}
    here = [root.id]
    for _level in range(LEVELS - 1):
        found = session.scalars(select(Directive).where(Directive.parent_id.in_(here)).order_by(
            Directive.id).limit(MOST)).all() if here else []
        for one in found:
            below.setdefault(one.parent_id or 0, []).append(one)
        here = [one.id for one in found]
    counts = _counts([one.id for some in below.values() for one in some], today)
    return _walk(below, counts, root.id, 1)


def _walk(below: dict[int, list[Directive]], counts: dict[int, tuple[int, int, int]], of: int,
          level: int) -> list[Branch]:
    found = []
    for one in below.get(of, ()):
        found += [Branch(one, level, *counts.get(one.id, (0, 0, 0))), *_walk(below, counts, one.id, level + 1)]
    return found


def _counts(directive_ids: Collection[int], today: date) -> dict[int, tuple[int, int, int]]:
    rows = session.execute(select(
        Assignment.directive_id, func.count(), func.count(Assignment.done_on), func.sum(_late(today))).where(
        Assignment.directive_id.in_(directive_ids)).group_by(Assignment.directive_id)) if directive_ids else ()
    return {directive_id: (int(given), int(done), int(is_late)) for directive_id, given, done, is_late in rows}


def stand(task: Assignment, today: date, size: int = MOST) -> Stand:
    """The parts that count for this task. For an agency that answers for it: its own, and those of agencies that do not
    answer for the whole themselves, since somebody must bring them in. For one that co-operates: its own alone."""
    counted = stands([task.id], today).get(task.id)
    if counted is None:
        return Stand(0, 0, 0, ())
    first = session.scalars(select(Assignment).join(Assignment.directive).join(
        WHOLE, WHOLE.directive_id == Directive.parent_id).where(WHOLE.id == task.id, _counts_for_whole()).options(
        contains_eager(Assignment.directive), joinedload(Assignment.agency)).order_by(
        Directive.id, Assignment.id).limit(size)).all() if size else ()
    return replace(counted, first=first)


def stands(task_ids: Collection[int], today: date) -> dict[int, Stand]:
    """How the parts stand of these tasks, as far as they have any, in one query."""
    rows = session.execute(select(
        WHOLE.id, func.count(), func.count(Assignment.done_on), func.sum(_late(today)))
        .select_from(Assignment).join(Assignment.directive).join(WHOLE, WHOLE.directive_id == Directive.parent_id)
        .where(WHOLE.id.in_(task_ids), _counts_for_whole()).group_by(WHOLE.id)) if task_ids else ()
    return {task_id: Stand(int(given), int(done), int(late), ()) for task_id, given, done, late in rows}


def _counts_for_whole() -> ColumnElement[bool]:
    """That a part counts for the task WHOLE."""
    elsewhere = select(OTHER.id).where(OTHER.directive_id == WHOLE.directive_id, OTHER.lead,
                                       OTHER.agency_id == Assignment.agency_id).exists()
    return and_(or_(Assignment.agency_id == WHOLE.agency_id, and_(WHOLE.lead, ~elsewhere)),
                or_(WHOLE.period == "", Assignment.period.in_(("", WHOLE.period))))


def _late(today: date) -> ColumnElement[int]:
    return case((and_(Assignment.done_on.is_(None), Assignment.due_on < today), 1), else_=0)


def counts_for(part: Assignment) -> Sequence[int]:
    """The numbers of the tasks that this part counts for, in the order in which they are locked."""
    parent_id = part.directive.parent_id
    if parent_id is None:
        return ()
    own = Assignment.agency_id == part.agency_id
    answers = session.scalar(select(Assignment.id).where(
        Assignment.directive_id == parent_id, Assignment.lead, own).limit(1))
    query = select(Assignment.id).where(Assignment.directive_id == parent_id,
                                        own if answers else or_(own, Assignment.lead))
    if part.period:
        query = query.where(Assignment.period.in_(("", part.period)))
    return session.scalars(query.order_by(Assignment.id)).all()
