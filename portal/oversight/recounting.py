"""What the counters of tasks must be, by the tasks themselves, against what they are: one statement, so all of one
moment. Repairing adds the difference and sets nothing, so what is counted meanwhile stays.

A release before this one may give tasks and move them on this database (migrations/OLDEST), and knows neither counters
nor what lists go by: that is caught up with here."""
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, select, union_all, update

from portal.kit.db import session
from portal.kit.text import fold
from portal.oversight import tallies
from portal.oversight.models import Assignment, Directive, TaskTally
from portal.oversight.models.directives import NOW
from portal.oversight.tallies import COUNTED

MEASURES = (*COUNTED, "late")


class Wrong(NamedTuple):
    """`lacks`: by counter what must be added to the row as it stands."""

    agency_id: int
    lacks: dict[str, int]


def miscounted() -> list[Wrong]:
    """Every agency whose row is wrong, in their order."""
    row, done = TaskTally, Assignment.done_on.isnot(None)
    late = done & Assignment.due_on.isnot(None) & (Assignment.done_on > Assignment.due_on)
    rules = {"done_in_time": done & ~late, "done_late": late, "claimed": ~done & Assignment.claimed_at.isnot(None),
             "late": ~done & (Assignment.due_on < row.late_as_of)}
    of_tasks = select(Assignment.agency_id, literal(1).label("given"), *(
        case((rule, 1), else_=0).label(name) for name, rule in rules.items())).outerjoin(
        row, (row.agency_id == Assignment.agency_id) & (row.day == NOW)).where(Assignment.lead, Assignment.public)
    of_rows = select(row.agency_id, *(-getattr(row, name) for name in MEASURES)).where(row.day == NOW)
    both = union_all(of_tasks, of_rows).subquery()
    sums: dict[str, Any] = {name: func.sum(both.c[name]) for name in MEASURES}
    wrong = sums["given"] != 0
    for name in MEASURES[1:]:
        wrong |= sums[name] != 0
    found = session.execute(select(both.c.agency_id, *sums.values()).group_by(both.c.agency_id).having(wrong).order_by(
        both.c.agency_id))
    return [Wrong(agency_id, dict(zip(MEASURES, map(int, lacks), strict=True))) for agency_id, *lacks in found]


def mend(today: date) -> list[Wrong]:
    """Repair what is wrong, and say what was. Nobody moves these rows meanwhile, and nobody else repairs them."""
    _as_directives_say()
    wrong = miscounted()
    if not wrong:
        return []
    tallies.hold([one.agency_id for one in wrong], today)
    found = miscounted()
    for one in found:
        session.execute(update(TaskTally).where(TaskTally.agency_id == one.agency_id, TaskTally.day == NOW).values(
            {name: getattr(TaskTally, name) + lack for name, lack in one.lacks.items()}))
    return found


def _as_directives_say() -> None:
    """What lists go by: whether everybody may read a task, and the words by which a directive is found."""
    said = select(Directive.public).where(Directive.id == Assignment.directive_id).scalar_subquery()
    differs = select(Assignment.id).join(Directive, Directive.id == Assignment.directive_id).where(
        Assignment.public != Directive.public)
    session.execute(update(Assignment).where(Assignment.id.in_(differs)).values(public=said)
                    .execution_options(synchronize_session=False))
    for id_, *words in session.execute(select(
            Directive.id, Directive.number, Directive.article, Directive.words).where(Directive.folded == "")).all():
        session.execute(update(Directive).where(Directive.id == id_).values(folded=fold(" ".join(words))))
