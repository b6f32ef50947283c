"""Who is told of what happens to a task: at the agency whoever may speak for it, by the portal and by mail; of what
agencies say, whoever watches."""
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from portal.notices import actions as notices
from portal.oversight.models import Assignment
from portal.oversight.standing import Code
from portal.people import queries as people
from portal.people.models import Agency, Person
from portal.people.permissions import PERMISSIONS, Place, Role

SPEAKS, WATCHES = "directive.claim", "directive.watch"
MOST_NAMED = 10


class Told(NamedTuple):
    """Which notice (templates/notices), and whether the agency reads it or whoever watches."""

    notice: str
    at_agency: bool


TOLD: Mapping[Code, Told] = {
    Code.claimed: Told("task_said", False), Code.extension_asked: Told("task_said", False),
    Code.doubted: Told("task_said", False), Code.verified: Told("task_decided", True),
    Code.returned: Told("task_decided", True), Code.reopened: Told("task_decided", True),
    Code.extended: Told("task_decided", True), Code.extension_refused: Told("task_decided", True),
    Code.condition_met: Told("task_decided", True)}


def of_event(task: Assignment, code: Code, by: Person | None, reason: str | None) -> None:
    """Tell whom it concerns; after the event was written."""
    told = TOLD.get(code)
    if told is None:
        return
    facts = {"code": str(code), "agency": task.agency.name, "number": task.directive.number,
             "words": task.directive.words, "due": task.due_on, "asked": task.asked_until, "reason": reason or ""}
    link = f"/government/tasks/{task.id}"
    if told.at_agency:
        to_agency(task.agency, told.notice, link, but=by, **facts)
        return
    for role in _roles(WATCHES):
        notices.tell_role(role, None, told.notice, link, **facts)


def to_agency(agency: Agency, notice: str, link: str, /, *, but: Person | None = None, **facts: Any) -> int:
    """Tell everybody who may speak for the agency, and not who did it; to how many."""
    found = [one for one in speakers(agency.id) if but is None or one.id != but.id]
    for one in found:
        notices.tell(one.id, notice, link, **facts)
    return len(found)


def speakers(agency_id: int) -> list[Person]:
    """Who may report tasks of this agency as done, each once."""
    return list({one.id: one for role in _roles(SPEAKS)
                 for one in people.holders_of(role, Place(agency_id))}.values())


def remind(agency: Agency, tasks: Sequence[Assignment], letter: str | None = None) -> int:
    """One notice for all of these tasks of an agency, the one due first at the head; to how many it went. `letter`: the
    number of the document that went through the exchange."""
    lines = [{"number": one.directive.number, "words": one.directive.words, "due": one.due_on} for one in tasks]
    link = f"/government/tasks/{tasks[0].id}" if len(tasks) == 1 else f"/government/tasks?agency={agency.key}"
    return to_agency(agency, "task_reminder", link, tasks=lines[:MOST_NAMED], count=len(tasks), letter=letter)


def _roles(permission: str) -> list[Role]:
    return [role for role, brings in PERMISSIONS.items() if permission in brings]
