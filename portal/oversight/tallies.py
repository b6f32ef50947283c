"""How many tasks each agency was given, has done, late or in time; and how that was before."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import case, func, select

from portal.kit import clock
from portal.kit.db import session
from portal.oversight.models import Assignment, Directive
from portal.people.models import Agency


@dataclass(frozen=True)
class Tally:
    """Of tasks that an agency answers for and that are public. `claimed`: reported as done and not confirmed.
    `before`: done of those given by the first day of the quarter, then."""

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

    @property
    def done(self) -> int:
        return self.done_in_time + self.done_late

    @property
    def share(self) -> int:
        """Of a hundred, rounded down: 100 is all of them."""
        return self.done * 100 // self.given if self.given else 0

    @property
    def change(self) -> int | None:
        """In percentage points since the quarter began; None where nothing had been given then."""
        return self.share - self.done_before * 100 // self.given_before if self.given_before else None


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def by_agency(today: date) -> list[Tally]:
    """Every agency with tasks, those with most late first, then by name."""
    begun = quarter_of(today)
    late_day = case((Assignment.due_on.isnot(None) & (Assignment.done_on > Assignment.due_on), 1), else_=0)
    done = case((Assignment.done_on.isnot(None), 1), else_=0)
    open_late = case((Assignment.done_on.is_(None) & (Assignment.due_on < today), 1), else_=0)
    claimed = case((Assignment.done_on.is_(None) & Assignment.claimed_at.isnot(None), 1), else_=0)
    # a moment, not the database's own idea of its day: days are days in Viet Nam
    before = case((Assignment.assigned_at < datetime.combine(begun, time.min, clock.VN), 1), else_=0)
    done_before = case((Assignment.done_on < begun, 1), else_=0)
    rows = session.execute(
        select(Agency.id, Agency.key, Agency.name, Agency.kind, func.count(), func.sum(done), func.sum(late_day),
               func.sum(open_late), func.sum(claimed), func.sum(before), func.sum(done_before))
        .join(Assignment, Assignment.agency_id == Agency.id).join(Directive, Directive.id == Assignment.directive_id)
        .where(Assignment.lead, Directive.public).group_by(Agency.id, Agency.key, Agency.name, Agency.kind))
    found = [Tally(id_, key, name, kind, int(given), int(of_done) - int(late), int(late), int(is_late), int(said),
                   int(then), int(done_then))
             for id_, key, name, kind, given, of_done, late, is_late, said, then, done_then in rows]
    return sorted(found, key=lambda one: (-one.open_late, one.name))


def totals(tallies: list[Tally]) -> Mapping[str, int]:
    """The sum over all agencies, and how many finished all and none."""
    return {"agencies": len(tallies), "given": sum(one.given for one in tallies),
            "done": sum(one.done for one in tallies), "late": sum(one.open_late for one in tallies),
            "all": sum(one.done == one.given for one in tallies), "none": sum(one.done == 0 for one in tallies)}
