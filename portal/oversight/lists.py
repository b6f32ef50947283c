"""Lists of tasks and directives that go on: each page one query over an index, from the last line of the page before.

`public`: only what everybody may read; those lists have indices of their own. Who may read the rest is the callers'
question.
"""
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from portal.kit.db import session
from portal.kit.text import fold
from portal.oversight.models import Assignment, Directive
from portal.oversight.models.directives import WAITING

PAGE = 20  # a line costs a third of a millisecond to write
LOOKED_THROUGH = 5_000  # directives that one search reads at most, from the newest back
MOST_WORDS = 8
After = tuple[date, int]


class Page(NamedTuple):
    """Lines, and the place after the last of them where there are more. `until`: the directive down to which a search
    came that did not look at everything."""

    rows: Sequence[Any]
    next: Any | None
    until: int | None = None


def open_tasks(agency_id: int, after: After | None = None, size: int = PAGE) -> Page:
    """An agency's open public tasks that have a day, what is due first at the head."""
    wanted = _public(agency_id).where(Assignment.done_on.is_(None), Assignment.due_on.isnot(None))
    if after:
        wanted = wanted.where(tuple_(Assignment.due_on, Assignment.id) > tuple_(*after))
    return _page(wanted.order_by(Assignment.due_on, Assignment.id), size, lambda one: (one.due_on, one.id))


def undated_tasks(agency_id: int, after: int = 0, size: int = PAGE) -> Page:
    """Its open public tasks without a day."""
    wanted = _public(agency_id).where(Assignment.done_on.is_(None), Assignment.due_on.is_(None), Assignment.id > after)
    return _page(wanted.order_by(Assignment.id), size, lambda one: one.id)


def done_tasks(agency_id: int, before: After | None = None, size: int = PAGE) -> Page:
    """Its public tasks that are confirmed as done, the newest first."""
    wanted = _public(agency_id).where(Assignment.done_on.isnot(None))
    if before:
        wanted = wanted.where(tuple_(Assignment.done_on, Assignment.id) < tuple_(*before))
    return _page(wanted.order_by(Assignment.done_on.desc(), Assignment.id.desc()), size,
                 lambda one: (one.done_on, one.id))


def directives(said: str = "", before: int | None = None, *, public: bool, size: int = PAGE) -> Page:
    """Directives, the newest first; with `said`, those whose number, article or words have all of these words. A search
    reads LOOKED_THROUGH of them and says in `until` how far it came."""
    wanted = select(Directive).order_by(Directive.id.desc())
    if public:
        wanted = wanted.where(Directive.public)
    if before is not None:
        wanted = wanted.where(Directive.id < before)
    words = fold(said).split()[:MOST_WORDS]
    if not words:
        return _page(wanted, size, lambda one: one.id)
    far = session.scalar(wanted.with_only_columns(Directive.id).offset(LOOKED_THROUGH - 1).limit(1))
    if far is not None:
        wanted = wanted.where(Directive.id >= far)
    found = _page(wanted.where(*(Directive.folded.contains(word, autoescape=True) for word in words)), size,
                  lambda one: one.id)
    return found._replace(until=far) if far is not None and found.next is None else found


class Period(NamedTuple):
    """One period of a directive that comes again ("" where it does not): its tasks at all agencies, those that answer
    for it first; the periods beside it."""

    name: str
    tasks: Sequence[Assignment]
    earlier: str | None
    later: str | None


def of_directive(directive_id: int, period: str | None = None) -> Period:
    """The tasks of a directive for a period, None: the newest."""
    theirs = Assignment.directive_id == directive_id
    newest = select(func.max(Assignment.period)).where(theirs)
    name = session.scalar(newest) if period is None else period
    tasks = session.scalars(select(Assignment).join(Assignment.agency).where(
        theirs, Assignment.period == (name or "")).options(contains_eager(Assignment.agency)).order_by(
        Assignment.lead.desc(), Assignment.agency_id)).all()
    return Period(name or "", tasks, session.scalar(newest.where(Assignment.period < (name or ""))),
                  session.scalar(select(func.min(Assignment.period)).where(theirs, Assignment.period > (name or ""))))


def to_decide(after: int = 0, size: int = PAGE) -> Page:
    """What waits for whoever watches: claimed, proposed, or more time asked for; the oldest first."""
    wanted = select(Assignment).where(WAITING, Assignment.id > after)
    return _page(wanted.options(joinedload(Assignment.directive), joinedload(Assignment.agency)).order_by(
        Assignment.id), size, lambda one: one.id)


def directive(directive_id: int, *, public: bool) -> Directive | None:
    """One directive, where it may be read."""
    found = session.get(Directive, directive_id)
    return found if found is not None and (found.public or not public) else None


def parts(directive_id: int, *, public: bool, size: int = PAGE) -> Sequence[Directive]:
    """The directives that are a part of this one, in the order in which they were given."""
    wanted = select(Directive).where(Directive.parent_id == directive_id)
    return session.scalars((wanted.where(Directive.public) if public else wanted).order_by(Directive.id).limit(
        size)).all()


def _public(agency_id: int) -> Select[Any]:
    return select(Assignment).where(Assignment.agency_id == agency_id, Assignment.public).options(
        joinedload(Assignment.directive))


def _page(wanted: Select[Any], size: int, place: Any) -> Page:
    """One more than the page holds is read: so it is known whether there are more."""
    rows = session.scalars(wanted.limit(size + 1)).all()
    return Page(rows[:size], place(rows[size - 1]) if len(rows) > size else None)
