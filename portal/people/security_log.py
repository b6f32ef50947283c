"""What happened that matters to safety: who came in and was refused, what was given, ended, taken away and looked at.

Each is a line (JSON, for whoever gathers logs) and a row (for administrators, /admin/security). Neither holds anything
personal: people and dossiers by their numbers, a contact by a keyed digest, an address by its network.

`record` inside a transaction writes what was done with it, and what was refused after it, so that a refusal which rolls
everything back is written all the same. Outside it is a short transaction of its own. A refusal is never held up by a
log that cannot be written; what is done inside a transaction is.
"""
import hashlib
import hmac
import logging
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

import structlog
from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import JSON, Index, String, insert, inspect, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock, jobs, secret_keys
from portal.kit.db import Base, after, aside, is_writing, session, why
from portal.kit.i18n import Later, _l
from portal.people.models import Membership, Person

LONGEST_FACT = 120
_LOG = logging.getLogger("portal.security")
_lines = structlog.wrap_logger(_LOG, processors=[structlog.processors.JSONRenderer()],
                               wrapper_class=structlog.stdlib.BoundLogger)


class Severity(StrEnum):
    """What somebody should do about it: nothing; look now and then; look today; act."""

    info = "info"
    notice = "notice"
    warning = "warning"
    alarm = "alarm"


_LEVELS = {Severity.info: logging.INFO, Severity.notice: logging.INFO, Severity.warning: logging.WARNING,
           Severity.alarm: logging.ERROR}


class Kind(NamedTuple):
    """`refused`: it stays written where the request's own work is undone. `rows`: also a row, not only a line. `told`:
    administrators read it as a notice, wherever somebody did it."""

    words: Later
    severity: Severity = Severity.info
    refused: bool = False
    rows: bool = True
    told: bool = False


_info, _notice, _warning, _alarm = Severity

#: Every event: its name, what administrators read, how grave it is. To add one, add its line.
KINDS: Mapping[str, Kind] = {
    "sign_in.done": Kind(_l("Sign-in taken")),
    "sign_in.half": Kind(_l("Password right, second factor asked for")),
    "sign_in.refused": Kind(_l("Sign-in refused"), _notice, refused=True),
    "sign_in.closed": Kind(_l("Sign-in to a closed account refused"), _warning, refused=True),
    "session.ended": Kind(_l("Sessions ended")),
    "factor.refused": Kind(_l("Second factor refused"), _warning, refused=True),
    "factor.added": Kind(_l("Second factor added"), _notice),
    "factor.removed": Kind(_l("Second factor removed"), _warning, told=True),
    "factor.codes": Kind(_l("Recovery codes made anew"), _notice),
    "factor.recovered": Kind(_l("Recovery code used"), _warning),
    "recovery.asked": Kind(_l("Recovery of an account asked for"), _warning, told=True),
    "recovery.granted": Kind(_l("Recovery of an account granted"), _warning, told=True),
    "recovery.refused": Kind(_l("Recovery of an account refused"), _warning, refused=True),
    "code.asked": Kind(_l("Code asked for")),
    "code.refused": Kind(_l("Code refused"), _notice, refused=True),
    "password.reset": Kind(_l("Password reset"), _notice),
    "password.changed": Kind(_l("Password changed"), _notice),
    "password.refused": Kind(_l("Password refused, asked again"), _notice, refused=True),
    "password.given": Kind(_l("Another first password given"), _warning, told=True),
    "contact.changed": Kind(_l("Contact changed"), _notice),
    "name.changed": Kind(_l("Name of one of the staff changed"), _notice, told=True),
    "throttle.met": Kind(_l("Too many tries"), _warning, refused=True),
    "throttle.read": Kind(_l("Too many pages read"), _notice, refused=True, rows=False),
    "person.added": Kind(_l("Person added to the staff"), _notice, told=True),
    "role.given": Kind(_l("Role given"), _notice, told=True),
    "role.ended": Kind(_l("Role ended"), _notice, told=True),
    "account.closed": Kind(_l("Account of the staff or a citizen closed"), _notice, told=True),
    "account.opened": Kind(_l("Account opened again"), _notice, told=True),
    "account.suspended": Kind(_l("Account suspended"), _warning, told=True),
    "key.issued": Kind(_l("Key issued to a machine"), _warning, told=True),
    "key.revoked": Kind(_l("Key revoked"), _warning, told=True),
    "key.refused": Kind(_l("Key of a machine refused"), _warning, refused=True),
    "signature.refused": Kind(_l("Signature of a message refused"), _warning, refused=True),
    "export.taken": Kind(_l("Data taken out as a file"), _notice),
    "citizen.looked": Kind(_l("Account of a citizen looked at")),
    "list.searched": Kind(_l("Dossiers searched by name or code")),
    "look.reasoned": Kind(_l("Looked at a dossier outside the own queue"), _notice),
    "document.looked": Kind(_l("Document about a dossier opened by who does not read the dossier")),
    "look.flood": Kind(_l("Many dossiers looked at in a moment"), _alarm, refused=True),
    "look.unwritten": Kind(_l("Page withheld: the look could not be written"), _alarm, refused=True, rows=False),
    "refused.page": Kind(_l("Page refused"), _notice, refused=True),
    "refused.dossier": Kind(_l("Dossier of somebody else refused"), _warning, refused=True),
    "refused.form": Kind(_l("Form without its token refused"), _notice, refused=True),
    "refused.origin": Kind(_l("Request from another site refused"), _warning, refused=True),
    "refused.host": Kind(_l("Request for another host refused"), _notice, refused=True, rows=False),
    "file.refused": Kind(_l("Harmful file refused"), _warning, refused=True),
    "file.changed": Kind(_l("Kept file or paper is not what was kept"), _alarm, refused=True),
    "database.restored": Kind(_l("Put back from a backup"), _alarm),
    "exchange.asked": Kind(_l("Asked to take part in the exchange of documents"), _notice, told=True),
    "exchange.connected": Kind(_l("Let into the exchange of documents"), _warning, told=True),
    "exchange.refused": Kind(_l("Not let into the exchange of documents"), _notice),
    "exchange.replayed": Kind(_l("A parked message of the exchange sent again"), _notice),
    "exchange.ended": Kind(_l("Ended in the exchange of documents"), _warning, told=True),
    "exchange.secret": Kind(_l("Another secret for a participant of the exchange"), _warning, told=True),
    "exchange.address": Kind(_l("Way or address of a participant of the exchange changed"), _warning, told=True),
    "exchange.certificate": Kind(_l("Certificate of a participant of the exchange pinned or ended"), _warning,
                                 told=True),
    "dossier.reassigned": Kind(_l("Dossier given to another officer"), _notice),
}


class SecurityEvent(Base):
    """One event. People, agencies and dossiers by their numbers, and without foreign keys: a log waits for no other
    table, and outlives what it is about. Written once and never changed."""

    __tablename__ = "security_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None]
    about_id: Mapped[int | None]
    agency_id: Mapped[int | None]
    network: Mapped[str | None] = mapped_column(String(50))
    reference: Mapped[str | None] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    __table_args__ = (Index("ix_security_event_name", "name", "id"),
                      Index("ix_security_event_agency", "agency_id", "id"),
                      Index("ix_security_event_by", "by_id", "id"), Index("ix_security_event_about", "about_id", "id"))


def record(event: str, *, by: Person | None = None, about: Person | None = None, agency_id: int | None = None,
           **facts: str | int | bool | None) -> None:
    """Write that `event` (a name of KINDS) happened: done by somebody, about somebody, at an agency.

    Without `agency_id` it is that of whom it is about, else of who did it; of a refusal none, which must take the same
    time for everybody. `facts` are plain and not personal.
    """
    kind, whom = KINDS[event], about or by
    g.setdefault("recorded", set()).add(event)
    row = {"name": event, "severity": str(kind.severity), "at": clock.now(), "by_id": _number(by),
           "about_id": _number(about), "network": network(), "reference": _reference(),
           "agency_id": agency_id or (_agency_of(whom) if whom and not kind.refused else None),
           "facts": {name: value[:LONGEST_FACT] if isinstance(value, str) else value for name, value in facts.items()}}
    if not is_writing():
        _keep(row, kind)
    elif kind.refused:
        after(lambda _committed: _keep(row, kind))
    else:
        _write(row, kind)
        after(lambda committed: _say(row) if committed else None)


def _write(row: dict[str, Any], kind: Kind) -> None:
    event_id = session.scalar(insert(SecurityEvent).values(**row).returning(SecurityEvent.id))
    # what an operator does on the server, or a machine asks, is told where it is about letting a machine in; the people
    # of a beginning are not
    if kind.told and (row["by_id"] is not None or row["name"].startswith(("key.", "exchange.asked"))):
        jobs.put("notices.tell_administrators", event_id=event_id)


def _keep(row: dict[str, Any], kind: Kind) -> None:
    """Say it, and write it in a transaction of its own; the line stands where there is no database to write to."""
    _say(row)
    if not kind.rows or _is_flood(row, kind):
        return
    try:
        with aside():
            _write(row, kind)
    except (DBAPIError, PoolTimeout) as error:
        session.rollback()
        reason = why(error) if isinstance(error, DBAPIError) else "no connection"
        _lines.log(logging.ERROR, "security_log.unwritten", of=row["name"], reason=reason)


def _say(row: Mapping[str, Any]) -> None:
    said = {name: value for name, value in row.items() if name not in ("name", "at") and value not in (None, {})}
    _lines.log(_LEVELS[Severity(row["severity"])], row["name"], at=row["at"].isoformat(), **said)


# What anybody can have written again and again: a flood of refusals must not become one of rows.
_MOST_A_MINUTE, _MOST_OF_ALL = 10, 300


def _is_flood(row: Mapping[str, Any], kind: Kind) -> bool:
    """Whether this process has written enough of such refusals this minute; their lines are said all the same."""
    if not kind.refused or kind.severity == Severity.alarm:
        return False
    minute = int(clock.now().timestamp()) // 60
    counts: dict[Any, int] = current_app.extensions.setdefault("security_rows", {})
    if counts.get("minute") != minute:
        counts.clear()
        counts["minute"] = minute
    of = row["name"], row["by_id"] or row["network"]
    counts[of], counts["all"] = counts.get(of, 0) + 1, counts.get("all", 0) + 1
    return counts[of] > _MOST_A_MINUTE or counts["all"] > _MOST_OF_ALL


def network() -> str | None:
    """Where the request comes from: the network, never the address of a household or a person."""
    if not has_request_context():
        return None
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:  # a local socket has none
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def digest(contact: str) -> str:
    """What stands for a contact: the same for the same one, and for nobody without the portal's secret to read."""
    return hmac.new(secret_keys.key("security_log"), contact.encode(), hashlib.sha256).hexdigest()[:16]


PAGE = 50


def event(event_id: int) -> SecurityEvent | None:
    """The event with this number."""
    return session.get(SecurityEvent, event_id)


def newest(*, name: str | None = None, agencies: Collection[int] | None = None, person_id: int | None = None,
           before: int | None = None, limit: int = PAGE) -> Sequence[SecurityEvent]:
    """Events, the newest first, at most `limit`, those with an id below `before`: of a name, by or about a person; at
    one of `agencies`, or by or about whoever works or worked there."""
    query = select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(limit)
    if name is not None:
        query = query.where(SecurityEvent.name == name)
    if person_id is not None:
        query = query.where(or_(SecurityEvent.by_id == person_id, SecurityEvent.about_id == person_id))
    if before is not None:
        query = query.where(SecurityEvent.id < before)
    if agencies is not None:
        theirs = select(Membership.person_id).where(Membership.agency_id.in_(agencies))
        query = query.where(or_(SecurityEvent.agency_id.in_(agencies), SecurityEvent.agency_id.is_(None) & or_(
            SecurityEvent.by_id.in_(theirs), SecurityEvent.about_id.in_(theirs))))
    return session.scalars(query).all()


def happened(event: str, by: Person, *, since: datetime) -> bool:
    """Whether `by` did that after `since`."""
    return session.scalar(select(SecurityEvent.id).where(
        SecurityEvent.by_id == by.id, SecurityEvent.name == event, SecurityEvent.at >= since).limit(1)) is not None


def is_recorded(event: str) -> bool:
    """Whether this request wrote such an event already."""
    return event in g.get("recorded", ())


def _number(person: Person | None) -> int | None:
    """A person's number, without asking the database for whom it has to be read anew: it may be away."""
    if person is None:
        return None
    known: tuple[int] | None = inspect(person).identity
    return known[0] if known else person.id


def _agency_of(person: Person) -> int | None:
    return next((held.agency_id for held in person.roles if held.agency_id is not None), None)


def _reference() -> str | None:
    """What the request is called in other lines and on its error page, where it has a name already."""
    found: str | None = g.get("reference")
    return found


def init_app(app: Flask) -> None:
    """The lines go to where errors go, bare: each is a whole JSON document."""
    _LOG.setLevel(logging.INFO)
    if not app.testing and not _LOG.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _LOG.addHandler(handler)
        _LOG.propagate = False
