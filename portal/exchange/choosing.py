"""To whom a document may go: groups of participants, and participants found by name or id."""
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.exchange.models import Participant, ParticipantState
from portal.kit.db import session
from portal.kit.text import N_, fold, vi_key
from portal.people.models import Agency, AgencyKind

MOST_FOUND = 30
CENTRAL, PROVINCES, OWN = "central", "provinces", "own"
#: Words of each group.
GROUPS: Mapping[str, str] = {
    CENTRAL: N_("All central bodies that are connected"), PROVINCES: N_("All provinces that are connected"),
    OWN: N_("All units of the own agency that are connected")}
CONNECTED = Participant.state == ParticipantState.connected


def group(name: str, sender: Participant) -> Sequence[Participant]:
    """Everybody of a group but the sender, by name. KeyError for one that is none."""
    found = session.scalars(_of_group(name, sender).where(Participant.id != sender.id)).all()
    return sorted(found, key=lambda one: vi_key(one.name))


def _of_group(name: str, sender: Participant) -> Any:
    query = select(Participant).where(CONNECTED)
    if name == OWN:
        return query.where(Participant.agency_id == sender.agency_id)
    kinds = {CENTRAL: (AgencyKind.ministry, AgencyKind.ministry_level, AgencyKind.government_agency),
             PROVINCES: (AgencyKind.province,)}[name]
    return query.join(Agency, Agency.id == Participant.agency_id).where(
        Agency.kind.in_(kinds), Agency.valid_to.is_(None), Participant.unit_id.is_(None),
        Participant.code.not_like("%.%"))


def find(typed: str, sender: Participant, most: int = MOST_FOUND) -> list[Participant]:
    """Who is connected and whose name or id has every word, marks or none; the shortest names first."""
    wanted = fold(typed).split()
    if not wanted:
        return []
    rows = session.execute(select(Participant.id, Participant.name, Participant.code).where(
        CONNECTED, Participant.id != sender.id)).all()
    fits = [row for row in rows if all(word in fold(f"{row.name} {row.code}") for word in wanted)]
    fits.sort(key=lambda row: (len(row.name), vi_key(row.name)))
    return by_id([row.id for row in fits[:most]])


def by_id(participant_ids: Sequence[int]) -> list[Participant]:
    """These, in this order, as far as they are connected."""
    found = {one.id: one for one in session.scalars(select(Participant).where(
        CONNECTED, Participant.id.in_(participant_ids)))} if participant_ids else {}
    return [found[one] for one in dict.fromkeys(participant_ids) if one in found]


def senders(agency_ids: Sequence[int]) -> Sequence[Participant]:
    """As whom these agencies may send: themselves first, then their units."""
    return session.scalars(select(Participant).where(CONNECTED, Participant.agency_id.in_(agency_ids)).order_by(
        Participant.agency_id, Participant.unit_id.isnot(None), Participant.code)).all() if agency_ids else []
