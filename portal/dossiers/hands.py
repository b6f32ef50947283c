"""Whose hands a dossier is in: taken up, handed on, passed on, laid down, left behind. Nothing here commits.

People are locked before dossiers, always: who takes something up while their account is being closed is either closed
with it, and it is dealt with there, or comes too late.
"""
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import update

from portal.dossiers import permissions, queries, recording
from portal.dossiers.models import Dossier
from portal.dossiers.states import NotNow, State, Step, after
from portal.dossiers.stranded import stranded
from portal.kit import clock
from portal.kit.db import session
from portal.kit.row_security import reaching_all
from portal.notices import actions as notices
from portal.people import queries as people
from portal.people import roles, security_log
from portal.people.models import Person, Unit, UnitKind
from portal.people.permissions import Place, Role

#: Where each finds them: who leads a unit in its queue, who keeps an agency's people beside those.
STRANDED_FOR = {Role.head_of_unit: "/officer/queue?tab=stranded"}


def claim(dossier: Dossier, *, by: Person) -> None:
    """Take it up: one winner, whoever comes second meets NotNow."""
    roles.hold(by)
    recording.lock(dossier)
    if not permissions.may_claim(by, dossier):
        raise NotNow(State(dossier.state), Step.claim)
    recording.record(dossier, Step.claim, by, clock.now())
    dossier.officer_id = by.id
    session.flush()


def release(dossier: Dossier, *, by: Person) -> None:
    """Put it back for a colleague."""
    recording.lock(dossier)
    _held(dossier, Step.release)
    _lay_down(dossier, by)
    recording.tell_hands(dossier, "dossier_taken_from_you", by)
    dossier.officer = None
    session.flush()


def assign(dossier: Dossier, *, to: Person, by: Person, note: str = "") -> None:
    """Hand it to a colleague who can bring it further as it stands; they and whoever held it are told.

    Raises NotNow where that colleague holds it already, or can do nothing with it (any more).
    """
    roles.hold(to)
    recording.lock(dossier)
    after(State(dossier.state), Step.assign)
    if to.id == dossier.officer_id or not permissions.may_keep(to, dossier):
        raise NotNow(State(dossier.state), Step.assign)
    if dossier.officer_id is not None:
        recording.tell_hands(dossier, "dossier_taken_from_you", by)
    _log_moved(dossier, by, to)
    recording.record(dossier, Step.assign, by, clock.now(), note=note or None, to=to)
    dossier.officer = to
    session.flush()
    recording.tell_hands(dossier, "dossier_handed_to_you", by, note=note)


def transfer(dossier: Dossier, *, to: Unit, by: Person, reason: str) -> None:
    """Pass it to another unit of its agency: it waits there for whoever takes it up, and the applicant is told.

    Raises ValueError for a unit that takes none of this dossier's agency, and without a reason.
    """
    if not reason.strip():
        raise ValueError("passing a dossier on needs its reason")
    with reaching_all():  # from the middle of it on it lies where `by` may not reach
        recording.lock(dossier)
        after(State(dossier.state), Step.transfer)
        if to.id == dossier.unit_id or not takes(to, dossier):
            raise ValueError(f"unit {to.id} does not take dossier {dossier.id}")
        if dossier.officer_id is not None:
            recording.tell_hands(dossier, "dossier_taken_from_you", by)
        recording.record(dossier, Step.transfer, by, clock.now(), note=reason, to=to)
        dossier.officer, dossier.unit_id = None, to.id
        session.flush()
        recording.publish_unit(dossier)
        recording.tell(dossier, Step.transfer, unit_name=to.name)
        recording.tell_those_in_charge(dossier, "dossier_passed_to_unit", reason=reason)


def takes(unit: Unit, dossier: Dossier) -> bool:
    """Whether a dossier can lie there at all: a unit of today of its agency, and no counter."""
    return unit.agency_id == dossier.agency_id and unit.kind != UnitKind.counter and unit.valid_to is None


def leave(person: Person, *, by: Person | None, to: Person | None = None) -> tuple[int, int]:
    """What somebody holds and cannot bring further any more, now that the account is closed or a role has ended: to a
    colleague where that one can, else back to the queue. Gives back how many of each.

    In the transaction that closes or ends. Whoever may do that may do this: it is asked for there.
    """
    for one in (person, to):
        if one is not None:
            roles.hold(one)
    handed, back = list[Dossier](), 0
    with reaching_all():
        for dossier in queries.held_by(person):
            recording.lock(dossier)
            if dossier.officer_id != person.id or permissions.may_keep(person, dossier):
                continue
            if to is not None and permissions.may_keep(to, dossier):
                _log_moved(dossier, by, to)
                recording.record(dossier, Step.assign, by, clock.now(), to=to, managed=True)
                dossier.officer = to
                handed.append(dossier)
            else:
                _lay_down(dossier, by, managed=True)
                dossier.officer = None
                back += 1
            session.flush()
        _tell_of_all(handed, to)
    return len(handed), back


def look_for_stranded(agency_id: int) -> int:
    """Note what of an agency nobody can act on, forget what somebody can again, and tell whoever is in charge of what
    was not there before. Gives back how many are new."""
    now, groups = clock.now(), queries.groups_of(agency_id)
    holders = people.by_id([group.officer_id for group in groups if group.officer_id is not None])
    stuck = set(stranded(groups, holders, people.staff_at(Place(agency_id))))
    found = Counter[int | None]()
    for group in groups:
        was = Dossier.stranded_at.is_(None) if group in stuck else Dossier.stranded_at.is_not(None)
        changed = session.execute(update(Dossier).where(queries.in_group(group), was).values(
            stranded_at=now if group in stuck else None), execution_options={"synchronize_session": False})
        if group in stuck and changed.rowcount:  # type: ignore[attr-defined]
            found[group.unit_id] += changed.rowcount  # type: ignore[attr-defined]
    for unit_id, number in found.items():
        role, place = people.in_charge(Place(agency_id, unit_id))
        unit = people.unit(unit_id or 0)
        notices.tell_role(role, place, "dossiers_stranded", STRANDED_FOR.get(role, "/admin/stranded"), number=number,
                          unit_name=unit.name if unit else "")
    return found.total()


def _log_moved(dossier: Dossier, by: Person | None, to: Person) -> None:
    """What is moved by somebody other than its holder is an event that administrators read."""
    if dossier.officer_id is not None and (by is None or by.id != dossier.officer_id):
        security_log.record("dossier.reassigned", by=by, about=to, agency_id=dossier.agency_id, dossier=dossier.id)


def _tell_of_all(handed: Sequence[Dossier], to: Person | None) -> None:
    """One notice, however many there are."""
    if to is not None and handed:
        notices.tell(to.id, "dossiers_handed_to_you", "/officer/queue?tab=mine", number=len(handed))


def _held(dossier: Dossier, step: Step) -> None:
    if dossier.officer_id is None:
        raise NotNow(State(dossier.state), step)


def _lay_down(dossier: Dossier, by: Person | None, *, managed: bool = False) -> None:
    recording.record(dossier, Step.release, by, clock.now(), managed=managed)
