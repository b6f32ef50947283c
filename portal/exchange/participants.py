"""Who takes part: asks, is let in or refused by a portal administrator, and ends. Actions flush, the edge commits.

One system of the national axis's client may serve many bodies: itself, those whose ids lie under its own, and those
that it registered (`parent_code`). They have no system and no secret of their own.
"""
import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, true, update

from portal.exchange import identity, secrets
from portal.exchange.models import Certificate, Connection, Participant, ParticipantState, Way
from portal.kit import clock, db
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people import queries as people
from portal.people import security_log
from portal.people.models import Agency, Person, Unit

MOST_ASKED = 500  # that wait for an administrator: what machines may fill is bounded
SEEN_EVERY = timedelta(minutes=1)
_LIVE = (ParticipantState.asked, ParticipantState.connected)


class Taken(Exception):
    """Somebody who is live has this already. `field`: code, or system_id."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class TooManyAsked(Exception):
    """So many wait for an administrator that no more are taken."""


class Settled(Exception):
    """Somebody decided on it, or ended it, in the meantime."""


class NotACertificate(ValueError):
    """It is no X.509 certificate in PEM."""


# asking and deciding

def ask(code: str, name: str, mail: str | None = None, parent_code: str | None = None, *, way: str = Way.axis,
        system_id: str | None = None, secret: str | None = None, agency: Agency | None = None,
        unit: Unit | None = None, by: Person | None = None, bounded: bool = False) -> Participant:
    """Somebody asks to take part, and waits for a portal administrator. The agency is the one that the code begins
    with, unless it is named. `bounded`: not where MOST_ASKED wait. Raises Taken, TooManyAsked; secrets.Unfit for a
    secret."""
    bulk.serialise("exchange.participants", 0)
    code = identity.organ(code)
    _check_free("code", code)
    if system_id:
        _check_free("system_id", system_id)
    if bounded and len(page(ParticipantState.asked, limit=MOST_ASKED)) >= MOST_ASKED:
        raise TooManyAsked
    agency = agency or people.agency_by_key(code.partition(".")[0])
    made = Participant(code=code, name=name.strip()[:200], mail=mail or None, way=way, profile="vnpt",
                       parent_code=identity.organ(parent_code) if parent_code else None,
                       state=ParticipantState.asked, system_id=system_id or None,
                       agency_id=agency.id if agency else None, unit_id=unit.id if unit else None)
    session.add(made)
    session.flush()
    if secret:
        secrets.keep(made, secret)
    _log("exchange.asked", made, by, way=way)
    return made


def approve(participant: Participant, by: Person | None, way: str, profile: str = "vnpt", *,
            secret: str | None = None, address: str | None = None, push_key: str | None = None,
            upstream: bool = False) -> str | None:
    """Let it in: from today it is connected. Returns the secret that was made for a system of the axis, to be shown
    once; None where there is none or one was there. Raises Settled; secrets.Unfit."""
    _hold(participant, ParticipantState.asked)
    participant.way, participant.profile = way, profile
    participant.state, participant.connected_at = ParticipantState.connected, clock.now()
    participant.decided_by_id = by.id if by else None
    told = _first_secret(participant, secret) if way == Way.axis and participant.system_id else None
    session.flush()
    if way == Way.push:
        turn_to(participant, address or "", push_key, upstream=upstream, by=by)
    if is_whole_agency(participant):
        assert participant.agency_id is not None
        session.add(Connection(agency_id=participant.agency_id, participant_id=participant.id, since=clock.today(),
                               source="participant"))
    _log("exchange.connected", participant, by, way=way)
    return told


def refuse(participant: Participant, reason: str, by: Person | None) -> None:
    """Not let in, and why. Its code is free again. Raises Settled."""
    _hold(participant, ParticipantState.asked)
    participant.state, participant.ended_at, participant.reason = ParticipantState.refused, clock.now(), reason
    participant.decided_by_id = by.id if by else None
    _log("exchange.refused", participant, by)


def end(participant: Participant, reason: str, by: Person | None) -> None:
    """It takes part no longer; what was sent and received stays. Its secrets open nothing from the commit on. Those
    that it registered stay, and can be reached by whoever has their id next. Raises Settled."""
    _hold(participant, *_LIVE)
    participant.state, participant.ended_at, participant.reason = ParticipantState.ended, clock.now(), reason
    participant.secret = participant.push_key = None
    session.execute(update(Connection).where(Connection.participant_id == participant.id, Connection.until.is_(None))
                    .values(until=clock.today()))
    _log("exchange.ended", participant, by)


def open_pages(agency: Agency, unit: Unit | None = None, code: str | None = None, *,
               by: Person | None = None) -> Participant:
    """An agency, or one of its units under an id of its own, works on the pages of this portal from today. Raises
    Taken."""
    made = ask(code or agency.key, unit.name if unit else agency.name, way=Way.pages, agency=agency, unit=unit, by=by)
    approve(made, by, Way.pages)
    return made


def is_whole_agency(participant: Participant) -> bool:
    """Whether it stands for an agency as a whole: such a one alone makes the agency count as connected."""
    return participant.agency_id is not None and participant.unit_id is None and "." not in participant.code


# what changes while it takes part

def renew_secret(participant: Participant, by: Person | None, *, secret: str | None = None,
                 overlap: timedelta = secrets.OVERLAP) -> str:
    """Another secret, which is returned to be shown once; the one before holds for `overlap` more. Raises Settled;
    secrets.Unfit."""
    _hold(participant, ParticipantState.connected)
    given = secret or secrets.new()
    secrets.keep(participant, given, overlap=overlap)
    _log("exchange.secret", participant, by, overlap=bool(overlap))
    return given


def turn_to(participant: Participant, address: str, push_key: str | None = None, *, upstream: bool | None = None,
            by: Person | None = None) -> None:
    """Where it is pushed to, with which key (None: as before). Raises Settled; secrets.Unfit."""
    _hold(participant, ParticipantState.connected)
    participant.address = address or None
    if push_key:
        secrets.keep_push_key(participant, push_key)
    if upstream is not None:
        participant.upstream = upstream
    _log("exchange.address", participant, by)


def write_as(participant: Participant, way: str, profile: str, by: Person | None) -> None:
    """In which way and which dialect it gets what is sent to it. Raises Settled."""
    _hold(participant, ParticipantState.connected)
    participant.way, participant.profile = way, profile
    _log("exchange.address", participant, by, way=way)


def seen(participant: Participant, stamp: datetime | None = None) -> None:
    """Its system was here: noted at most once a minute, and where that can be written at once. `stamp`: what a client
    of the axis said that its clock shows; the newest is kept."""
    now, values = clock.now(), {}
    if _is_past(participant.last_seen_at, now):
        values["last_seen_at"] = now
    if stamp is not None and _is_past(participant.stamp_at, stamp):
        values["stamp_at"] = stamp
    if values:
        db.in_passing(update(Participant).where(Participant.id == participant.id, *(or_(
            getattr(Participant, name).is_(None), getattr(Participant, name) < value)
            for name, value in values.items())).values(**values))


def _is_past(noted: datetime | None, now: datetime) -> bool:
    return noted is None or noted <= now - SEEN_EVERY


# certificates

def add_certificate(participant: Participant, pem: str, by: Person | None) -> Certificate:
    """Pin a certificate that it signs with (X.509, PEM). One that was pinned and ended is pinned again. Raises
    NotACertificate."""
    plain, subject, digest = _certificate(pem)
    found = session.scalar(select(Certificate).where(Certificate.participant_id == participant.id,
                                                     Certificate.sha256 == digest))
    if found is None:
        found = Certificate(participant_id=participant.id, sha256=digest, subject=subject, pem=plain)
        session.add(found)
    if found.id is None or found.ended_at is not None:
        found.added_at, found.added_by_id, found.ended_at = clock.now(), by.id if by else None, None
        _log("exchange.certificate", participant, by, sha256=digest, pinned=True)
    return found


def end_certificate(certificate: Certificate, by: Person | None) -> None:
    """What is signed with it from now on is not verifiable; what was verified stays so."""
    if certificate.ended_at is None:
        certificate.ended_at = clock.now()
        owner = session.get_one(Participant, certificate.participant_id)
        _log("exchange.certificate", owner, by, sha256=certificate.sha256, pinned=False)


def certificates(participant: Participant) -> Sequence[Certificate]:
    """All that were ever pinned, those that hold first."""
    return session.scalars(select(Certificate).where(Certificate.participant_id == participant.id).order_by(
        Certificate.ended_at.isnot(None), Certificate.id)).all()


def pinned(participant: Participant) -> list[str]:
    """The certificates that hold, in PEM."""
    return list(session.scalars(select(Certificate.pem).where(
        Certificate.participant_id == participant.id, Certificate.ended_at.is_(None)).order_by(Certificate.id)))


def _certificate(pem: str) -> tuple[str, str, str]:
    """(PEM in its one form, subject, SHA-256 of the certificate in hex)."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificate(pem.strip().encode())
        plain = found.public_bytes(Encoding.PEM).decode()
        return plain, found.subject.rfc4514_string()[:300], hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()
    except ValueError as error:
        raise NotACertificate from error


# looking up

def get(participant_id: int) -> Participant | None:
    """The participant with this number."""
    return session.get(Participant, participant_id)


def by_system(system_id: str) -> Participant | None:
    """Who is live with this system of the national axis's client."""
    return session.scalar(select(Participant).where(Participant.system_id == system_id, Participant.state.in_(_LIVE)))


def live(code: str) -> Participant | None:
    """Who is live under this id, in whatever form it is written."""
    return session.scalar(select(Participant).where(Participant.code == identity.organ(code),
                                                    Participant.state.in_(_LIVE)))


def served_by(system: Participant) -> Sequence[Participant]:
    """Whose documents this system fetches: its own, and those of the bodies that it serves; itself first."""
    theirs = session.scalars(select(Participant).where(
        Participant.state == ParticipantState.connected, Participant.way == Way.axis,
        Participant.system_id.is_(None), Participant.id != system.id, or_(
            Participant.parent_code == system.code,
            and_(Participant.code > f"{system.code}.", Participant.code < f"{system.code}/"))
    ).order_by(Participant.code)).all()
    return [system, *theirs]


def connected() -> Sequence[Participant]:
    """All that take part today, by their ids."""
    return page(ParticipantState.connected, limit=10_000)


def page(state: str, *, after: str | None = None, agencies: Collection[int] | None = None,
         limit: int = 50) -> Sequence[Participant]:
    """Participants in one state, at most `limit`, of these agencies or of all: those that take part by their ids, from
    the one after `after`; the others the newest first, those with a number below `after`."""
    query = select(Participant).where(Participant.state == state, Participant.state.in_(_LIVE)
                                      if state in _LIVE else true()).limit(limit)
    if agencies is not None:
        query = query.where(Participant.agency_id.in_(agencies))
    if state == ParticipantState.connected:
        query = query.where(Participant.code > after) if after else query
        return session.scalars(query.order_by(Participant.code)).all()
    query = query.where(Participant.id < int(after)) if after and after.isdecimal() else query
    return session.scalars(query.order_by(Participant.id.desc())).all()


def certificate(certificate_id: int, participant: Participant) -> Certificate | None:
    """One that was pinned for this participant."""
    found = session.get(Certificate, certificate_id)
    return found if found is not None and found.participant_id == participant.id else None


def _check_free(field: str, value: str) -> None:
    column = Participant.code if field == "code" else Participant.system_id
    if session.scalar(select(Participant.id).where(column == value, Participant.state.in_(_LIVE)).limit(1)):
        raise Taken(field)


def _first_secret(participant: Participant, secret: str | None) -> str | None:
    if secret is None and participant.secret is not None:
        return None
    given = secret or secrets.new()
    secrets.keep(participant, given)
    return None if secret else given


def _hold(participant: Participant, *states: ParticipantState) -> None:
    """Of two who decide at once one does."""
    session.refresh(participant, with_for_update={"of": Participant})
    if participant.state not in states:
        raise Settled


def _log(event: str, participant: Participant, by: Person | None, **facts: Any) -> None:
    session.flush()
    security_log.record(event, by=by, agency_id=participant.agency_id, participant=participant.id,
                        code=participant.code, **facts)
