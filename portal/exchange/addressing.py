"""Who is meant by the ids in a message: participants here, bodies behind another portal, or nobody that is known."""
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.exchange import queries
from portal.exchange.models import Participant, ParticipantState, Way
from portal.kit import clock
from portal.kit.db import session
from portal.law import codes

LONGEST_LIST = 1000  # receivers of one message


@dataclass(frozen=True)
class Addressed:
    """`known`: participants, in order of their numbers. `unknown`: ids of nobody."""

    known: list[Participant] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def addressed(names: Iterable[tuple[str, str]], sender: Participant) -> Addressed:
    """Who these (code in its one form, name) are. Where what is unknown here goes upstream, an id with the form of one
    is a body there, and is known from now on; not for what came from there."""
    wanted = {code: name for code, name in names if code}
    found = queries.participants_by_code(wanted)
    missing = [code for code in wanted if code not in found]
    above = queries.upstream() if missing and not sender.upstream and not is_behind(sender) else None
    if above is not None:
        for code in [one for one in missing if codes.agency_id(one)]:
            found[code] = behind(code, wanted[code])
            missing.remove(code)
    return Addressed(sorted(found.values(), key=lambda one: one.id), missing)


def behind(code: str, name: str) -> Participant:
    """A body that is reached through the portal upstream. Flushes."""
    made = Participant(code=code, name=(name or code)[:200], way=Way.push, profile="vnpt",
                       state=ParticipantState.connected, connected_at=clock.now())
    session.add(made)
    session.flush()
    return made


def is_behind(participant: Participant) -> bool:
    """Whether it is reached through another portal, having no address of its own."""
    return participant.way == Way.push and not participant.address and not participant.upstream


def routed(receivers: Iterable[Participant]) -> dict[Participant, list[str]]:
    """To whom a message for these goes, and the ids it is for there; one that can be reached by nobody is left out."""
    routes: dict[Participant, list[str]] = {}
    for one in receivers:
        to = _portal_of(one) if is_behind(one) else one
        if to is not None:
            routes.setdefault(to, []).append(one.code)
    return routes


def _portal_of(body: Participant) -> Participant | None:
    """The portal of the nearest body above it that has one, else the one upstream."""
    parts = body.code.split(".")
    above = queries.participants_by_code([".".join(parts[:n]) for n in range(1, len(parts))])
    for code in sorted(above, key=len, reverse=True):
        if above[code].way == Way.push and above[code].address:
            return above[code]
    return queries.upstream()
