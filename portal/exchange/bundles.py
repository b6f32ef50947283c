"""A bundle for one document: who sent what, who got it and when, so that an outsider can check it without this portal.

A zip: the messages as they came, `records.jsonl` (what is known of receivers, messages, deliveries and events, a line
each, every line with the SHA-256 of the one before), `manifest.json` (which document, how many lines, the last one's
SHA-256) and `signature.json` over the manifest, by this portal's Ed25519 key for bundles. tools/check_bundle.py checks
it with the standard library alone.
"""
import base64
import hashlib
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import IO, Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Message, Participant, Verdict
from portal.files import faults
from portal.kit import clock, secret_keys
from portal.kit.addresses import public_url
from portal.kit.db import session
from portal.kit.moments import rfc3339

FORMAT = "portal-exchange-bundle/1"
USE = "exchange.bundles"
MANIFEST, RECORDS, SIGNATURE, ABOUT = "manifest.json", "records.jsonl", "signature.json", "README.txt"
START = "0" * 64
CHUNK = 1 << 20  # bytes
Record = dict[str, Any]
_ABOUT = """Gói chứng cứ gửi nhận một văn bản điện tử / Evidence of one electronic document
Kiểm tra / to check:  python3 check_bundle.py FILE.zip --key KEY
KEY: khóa công khai mà cổng công bố / the public key that the portal publishes:
{keys}
"""


class _Kept(NamedTuple):
    """The bytes of a message in the store, without its row."""

    name: str
    blob: str
    sha256: str


def public_keys() -> list[str]:
    """The keys that bundles of this portal are signed with, base64 of 32 bytes, the one in force first."""
    return [_public(one) for one in secret_keys.keys(USE)]


def _private(seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(seed: bytes) -> str:
    return base64.b64encode(_private(seed).public_key().public_bytes_raw()).decode()


def write(document: Document, out: IO[bytes], *, receivers: Collection[int] | None = None) -> None:
    """Write the bundle of a document. `receivers`: by numbers of participants, whose part alone is told; None: all of
    it, as its sender and whoever runs the exchange may have it."""
    scope = None if receivers is None else frozenset(receivers)
    kept, records = _records(document, scope)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        # what was sent comes first, so that a message whose bytes are lost is said to be so in its record
        lost = {one.name: why for one in kept if (why := _put_message(bundle, one)) is not None}
        lines, last = _chained(_marked(records, lost))
        manifest = _json(_manifest(document, scope, len(lines), last))
        bundle.writestr(RECORDS, b"".join(lines))
        bundle.writestr(MANIFEST, manifest)
        bundle.writestr(SIGNATURE, _json(_signed(manifest)))
        bundle.writestr(ABOUT, _ABOUT.format(keys="\n".join(public_keys())))


def _signed(manifest: bytes) -> Record:
    seed = secret_keys.key(USE)
    return {"algorithm": "Ed25519", "over": MANIFEST, "key": _public(seed),
            "signature": base64.b64encode(_private(seed).sign(manifest)).decode()}


def _put_message(bundle: zipfile.ZipFile, kept: _Kept) -> str | None:
    """Put the bytes in; the fault where they are not those that were stored."""
    try:
        with faults.opened(kept.blob, kept.sha256) as stream, bundle.open(kept.name, "w", force_zip64=True) as target:
            while chunk := stream.read(CHUNK):
                target.write(chunk)
    except faults.Faulty as found:
        return str(found.fault)
    return None


def _marked(records: Iterable[Record], lost: Mapping[str, str]) -> Iterator[Record]:
    for record in records:
        if why := lost.get(record.get("file") or ""):
            record |= {"file": None, "lost": why}
        yield record


def _chained(records: Iterable[Record]) -> tuple[list[bytes], str]:
    """Each record as a line that names the SHA-256 of the line before; and that of the last."""
    lines, before = list[bytes](), START
    for n, record in enumerate(records, 1):
        line = _json({"n": n, "before": before, **record})
        before = hashlib.sha256(line).hexdigest()
        lines.append(line)
    return lines, before


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _manifest(document: Document, scope: frozenset[int] | None, n: int, last: str) -> Record:
    return {"format": FORMAT, "made_at": rfc3339(clock.now()), "made_by": public_url(), "records": n, "last": last,
            "whole": scope is None,
            "document": {"key": document.key, "said_id": document.said_id, "sender": _who(document.sender),
                         "number": document.number, "notation": document.notation, "day": _iso(document.day),
                         "subject": document.subject, "edition": document.edition,
                         "sent_at": rfc3339(document.sent_at)}}


def _records(document: Document, scope: frozenset[int] | None) -> tuple[list[_Kept], list[Record]]:
    copies = session.scalars(select(Copy).where(Copy.document_id == document.id).options(joinedload(Copy.receiver))
                             .order_by(Copy.id)).all()
    copies = [one for one in copies if scope is None or one.receiver_id in scope]
    where = {copy.id: copy.receiver.code for copy in copies}
    events = [one for one in session.scalars(select(ExchangeEvent).where(ExchangeEvent.document_id == document.id)
                                             .order_by(ExchangeEvent.id))
              if one.copy_id is None or one.copy_id in where]
    messages = _messages(document, {one.message_id for one in events if one.message_id}, scope)
    if scope is not None:  # what happened at none of its receivers is told where its message is
        told = {one.id for one in messages}
        events = [one for one in events if one.copy_id is not None or one.message_id in told]
    deliveries = session.scalars(select(Delivery).where(Delivery.message_id.in_([one.id for one in messages])).options(
        joinedload(Delivery.receiver), joinedload(Delivery.sender)).order_by(Delivery.id)).all()
    kept = [_Kept(_file(one), one.file.blob, one.file.sha256) for one in messages if one.file is not None]
    return kept, [
        *map(_copy, copies), *map(_message, messages),
        *(_delivery(one) for one in deliveries if _in(scope, one, document)),
        *(_event(one, where) for one in events)]


def _in(scope: frozenset[int] | None, delivery: Delivery, document: Document) -> bool:
    """Of what goes to others than these receivers nothing is told; what goes back to the sender is theirs."""
    return scope is None or delivery.receiver_id in scope or (
        delivery.receiver_id == document.sender_id and delivery.sender_id in scope)


def _messages(document: Document, known: Collection[int], scope: frozenset[int] | None) -> Sequence[Message]:
    """What its sender sent of it, what was said about it, and what its events rest on; to receivers, what went to them
    and what they said. An id is whatever its sender wrote, so that others may have documents of the same: what is about
    those is theirs."""
    own = (Message.sender_id == document.sender_id) & (Message.document_key == document.key) & (
        Message.verdict == Verdict.accepted) & (Message.kind == "document")
    about = (Message.about_key == document.key) & or_(
        Message.sender_id == document.sender_id, _went_to([document.sender_id]))
    query = select(Message).where(or_(own, about, Message.id.in_(known)))
    if scope is not None:
        query = query.where(or_(Message.sender_id.in_(scope),
                                (Message.sender_id == document.sender_id) & _went_to(scope)))
    return session.scalars(query.options(joinedload(Message.sender), joinedload(Message.file))
                           .order_by(Message.id)).all()


def _went_to(receivers: Collection[int]) -> ColumnElement[bool]:
    return select(Delivery.id).where(Delivery.message_id == Message.id, Delivery.receiver_id.in_(receivers)).exists()


def _who(participant: Participant) -> Record:
    return {"code": participant.code, "name": participant.name}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _file(message: Message) -> str:
    return f"messages/{message.id:08}.edxml"


def _copy(copy: Copy) -> Record:
    return {"record": "receiver", "receiver": _who(copy.receiver), "state": copy.state, "since": rfc3339(copy.state_at),
            "known_by": copy.known_by, "sure": copy.sure, "recall": copy.recall, "sent_at": rfc3339(copy.sent_at),
            "answered_at": rfc3339(copy.answered_at)}


def _message(message: Message) -> Record:
    return {"record": "message", "id": message.id, "kind": message.kind, "business": message.business,
            "status_code": message.status_code, "sender": _who(message.sender), "from": message.from_code,
            "way": message.way, "said_at": rfc3339(message.said_at), "received_at": rfc3339(message.received_at),
            "size": message.size, "sha256": message.sha256, "payload_sha256": message.payload_sha256,
            "signature": message.signature, "signed_by": message.signed_by, "verdict": message.verdict,
            "deviations": message.deviations, "file": _file(message) if message.file is not None else None}


def _delivery(delivery: Delivery) -> Record:
    return {"record": "delivery", "message": delivery.message_id, "sender": _who(delivery.sender),
            "receiver": _who(delivery.receiver), "position": delivery.position, "state": delivery.state,
            "tries": delivery.tries, "queued_at": rfc3339(delivery.queued_at), "taken_at": rfc3339(delivery.taken_at),
            "ended_at": rfc3339(delivery.ended_at), "reason": delivery.reason}


def _event(event: ExchangeEvent, where: Mapping[int, str]) -> Record:
    return {"record": "event", "code": event.code, "receiver": where.get(event.copy_id or 0), "at": rfc3339(event.at),
            "known_at": rfc3339(event.arrived_at), "how": event.how, "sure": event.sure, "message": event.message_id,
            "by": event.by_name, "note": event.note}
