"""Who may do what: permissions are names, roles are held at a place, and this is the one table of which role brings
which. Plain questions with yes or no for an answer; neither web nor database here.

A new permission: its name in the roles that bring it, the guard that asks for it, its row in tests/house/matrix.py.
"""
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Role(StrEnum):
    """What somebody is, at an agency as a whole, at one of its units, or (see NATIONAL) for the whole portal."""

    counter_officer = "counter_officer"
    case_officer = "case_officer"
    head_of_unit = "head_of_unit"
    clerk = "clerk"
    fee_collector = "fee_collector"
    result_officer = "result_officer"
    drafter = "drafter"
    leader = "leader"
    read_only = "read_only"
    agency_administrator = "agency_administrator"
    overseer = "overseer"
    portal_administrator = "portal_administrator"


class Place(NamedTuple):
    """Where a thing lies: in an agency, and in one of its units or (None) in none of them, which is the whole."""

    agency_id: int
    unit_id: int | None = None


#: Held for the whole portal and at no agency: the portal's own administrators, the overseers of the Government Office.
NATIONAL = frozenset({Role.portal_administrator, Role.overseer})
#: Held at an agency as a whole only.
WHOLE_AGENCY = frozenset({Role.agency_administrator})

READ = "dossier.read"
#: After the name of a step: also with a dossier that a colleague holds.
ANY = ":any"


def _dossier(*steps: str) -> frozenset[str]:
    return frozenset({READ, *(f"dossier.{step}" for step in steps)})


_ASKING = ("ask", "amend", "take_back")
#: Whose hands a dossier is in.
_HANDS = ("assign", "transfer", "release")
_ANYBODYS_HANDS = tuple(f"{step}{ANY}" for step in _HANDS)
#: The result: given, or a file that was attached in error taken out before.
_RESULT = ("hand_over", "take_out")
_ANYBODYS_RESULT = tuple(f"{step}{ANY}" for step in _RESULT)
_WHOLE_CASE = _dossier("claim", *_HANDS, "accept", "process", *_ASKING, "extend", "refuse", "decide", *_RESULT)

#: Documents between agencies. `read`: those of the place; `clerk` keeps the registers, sends and answers recalls;
#: `assign`: says whose work one is; `work`: does it. `ask`: asks another agency about a dossier that one holds.
_DOCUMENTS_OF_CLERKS = frozenset({"document.read", "document.register", "document.send", "document.recall",
                                  "document.assign", "document.match"})

PERMISSIONS: Mapping[Role, frozenset[str]] = {
    # who receives at the counter checks, receives, passes on and hands over; the decision is another's (Decree 118/2025
    # art. 8, 9, 18)
    Role.counter_officer: _dossier("claim", *_HANDS, "accept", "process", *_ASKING, "refuse", *_RESULT,
                                    *_ANYBODYS_RESULT),
    Role.case_officer: _WHOLE_CASE | {"upload.send", "document.read", "document.work", "document.ask"},
    Role.head_of_unit: _WHOLE_CASE | _dossier(*_ANYBODYS_HANDS, *_ANYBODYS_RESULT, "ask_again") | {
        "upload.send", "document.read", "document.assign", "document.work", "document.send", "document.ask",
        f"document.ask{ANY}", "score.read"},
    Role.clerk: _dossier() | _DOCUMENTS_OF_CLERKS | {"directive.read", "directive.claim", "report.read",
                                                      "plan.register"},
    Role.fee_collector: _dossier(),
    Role.result_officer: _dossier(*_ANYBODYS_RESULT),
    # fills in what the agency reports; handing it in is the leader's
    Role.drafter: frozenset({"directive.read", "report.read", "report.write", "plan.register", "score.read"}),
    Role.leader: _dossier() | {"document.read", "document.assign", "directive.read", "directive.claim", "report.read",
                               "report.write", "report.submit", "plan.register", "score.read"},
    Role.read_only: _dossier() | {"document.read"},
    # moves what somebody holds who is gone, and reads none of it
    Role.agency_administrator: _dossier(*_ANYBODYS_HANDS) - {READ} | {"people.manage", "units.manage",
                                                                           "security.read", "exchange.connect"},
    # watches tasks and reports, gives and closes them; drafts and publishes what is published of the whole country
    Role.overseer: frozenset({"exchange.watch", "directive.watch", "directive.read", "report.watch", "report.read",
                              "national.draft", "national.publish", "ranking.manage", "score.watch"}),
    Role.portal_administrator: frozenset({"people.manage", "units.manage", "agencies.read", "jobs.manage",
                                          "mapping.manage", "citizens.suspend", "security.read", "exchange.manage",
                                          "exchange.watch", "exchange.connect"}),
}


def may(person: Any, permission: str, thing: Any = None) -> bool:
    """Whether one of the roles that `person` holds now brings `permission` where `thing` lies; somewhere, for None.

    `thing` has an `agency_id`, and a `unit_id` where it belongs to a unit.
    """
    return any(permission in PERMISSIONS[Role(held.role)] and (thing is None or reaches(held, thing))
               for held in person.roles)


def reaches(held: Any, thing: Any) -> bool:
    """Whether a role held at a place counts where `thing` lies: everywhere, in its agency, in its unit."""
    if held.agency_id is None:
        return True
    if held.agency_id != thing.agency_id:
        return False
    return held.desk_id is None or held.desk_id == getattr(thing, "unit_id", None)


def places(person: Any, permission: str) -> Iterator[Place | None]:
    """Where `person` has `permission`, each place once, in the order of the roles; None is everywhere."""
    found = dict.fromkeys(None if held.agency_id is None else Place(held.agency_id, held.desk_id)
                          for held in person.roles if permission in PERMISSIONS[Role(held.role)])
    wholes = {place.agency_id for place in found if place and place.unit_id is None}
    return (place for place in found if place is None or place.unit_id is None or place.agency_id not in wholes)


def may_give(person: Any, role: str, place: Place | None) -> bool:
    """Whether `person` may give or end `role` there. Who manages an agency's people makes nobody a national one."""
    if place is None:
        return any(held.agency_id is None and "people.manage" in PERMISSIONS[Role(held.role)] for held in person.roles)
    return role not in NATIONAL and may(person, "people.manage", place)


def fits(role: str, place: Place | None) -> bool:
    """Whether such a role can be held there at all."""
    if role in NATIONAL or place is None:
        return role in NATIONAL and place is None
    return role in PERMISSIONS and (place.unit_id is None or role not in WHOLE_AGENCY)


def manages(person: Any, other: Any) -> bool:
    """Whether `person` manages somebody of the staff: everybody, or those who work at their own agencies alone.

    Who works nowhere any more is managed where they worked last.
    """
    if not other.staff:
        return False
    now = other.roles or other.memberships[-1:]
    return may_give(person, Role.portal_administrator, None) or (bool(now) and all(
        held.agency_id is not None and may(person, "people.manage", Place(held.agency_id)) for held in now))
