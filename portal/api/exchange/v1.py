"""Documents between agencies by our own calls: send, list what waits, get it, say what became of it, ask for states.

A key speaks for the participants of its agency; `for` names one of them. Sending is idempotent by what is sent: the
same message again, after whatever went wrong, is answered as before and has no further effect.
"""
import base64
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from flask import Response, current_app, jsonify, request

from portal.api import bodies, guard, signatures, streams
from portal.api.exchange.answers import (
    delivery_line,
    document_states,
    message_answer,
    participant_line,
    refused_file,
    refused_message,
    refused_taking,
)
from portal.api.exchange.door import bp
from portal.api.problems import Problem
from portal.exchange import delivery as deliveries
from portal.exchange import handing, identity, participants, pushing, queries, receiving
from portal.exchange.edxml.limits import LIMITS
from portal.exchange.edxml.message import Refused
from portal.exchange.models import Delivery, Document, Message, Participant
from portal.files import faults
from portal.kit import files, row_security
from portal.kit.db import session, transaction
from portal.kit.i18n import _
from portal.kit.row_security import Reach

SCOPE = "exchange"
CALLS = 1_200  # a minute, by key: each message costs its receiver three
TYPES = ("application/xml", "text/xml", "application/octet-stream")
CHUNK = 256 * 1024
PAGE, LONGEST_PAGE = 100, 500
KINDS = ("document", "status")
LONGEST_ASKED = 200
WORDS = {"done": deliveries.DONE, "failed": deliveries.FAIL, "processing": deliveries.PROCESSING}


@bp.post("/messages")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def send() -> Response:
    """Take one message: the body is the edXML file."""
    row_security.reach(row_security.ALL)  # it is for many, and about what others sent
    mine = _mine()
    named, to, key, dry = _named(mine), _to(), guard.me(), guard.me().dry_run
    signing_key, numbers = key.signing_key, [one.id for one in mine]
    coming = streams.Incoming(TYPES, _limit())
    session.rollback()  # nothing stays open while the body comes
    try:
        taken = receiving.read_in(coming.as_file(), limit=_limit())
    except Refused as refused:
        raise refused_message(refused) from None
    except files.Refused as refused:
        raise refused_file(refused) from None
    try:
        signatures.check(coming.wire_sha256, signing_key)
        accepted = receiving.once_more(lambda: receiving.take(
            _speaker(numbers, named, taken.said.sender.id), taken, way="api", to=to), keep=not dry)
    except (Problem, receiving.NotTaken) as refused:
        receiving.forget(taken)
        raise refused if isinstance(refused, Problem) else refused_taking(refused) from None
    if dry:
        receiving.forget(taken)
    return _answer(message_answer(accepted), 200 if accepted.repeated or dry else 201, dry=dry)


@bp.get("/messages")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def waiting() -> Response:
    """What waits, in the order in which each sender sent it."""
    mine = _reached()
    kind, after = request.args.get("kind"), _whole("after", 0, 0, 2**31 - 1)
    size = _whole("size", PAGE, 1, LONGEST_PAGE)
    if kind is not None and kind not in KINDS:
        raise Problem("parameter", _("It is one of: %(names)s.", names=", ".join(KINDS)), field="kind")
    if request.args.get("state", "waiting") != "waiting":
        raise Problem("parameter", _("It is one of: %(names)s.", names="waiting"), field="state")
    found = deliveries.waiting([one.id for one in mine], kind, after, size)
    gaps = deliveries.gaps_before(found)
    return jsonify(messages=[delivery_line(one, gaps[one.id]) for one in found],
                   next=found[-1].id if found else after, more=len(found) == size)


@bp.get("/messages/<int:message_id>")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def get(message_id: int) -> Response:
    """The bytes of a message, as they came. Its receiver has it from now on, until it says what became of it."""
    mine = _reached()
    message = queries.message(message_id)
    own = queries.deliveries_of(message_id, {one.id for one in mine}) if message else ()
    if message is None or message.file is None or not (own or message.sender_id in {one.id for one in mine}):
        raise _no_message()
    path, sha256, size = message.file.blob, message.sha256, message.size
    if own and not guard.me().dry_run:
        numbers = [one.id for one in own]
        with transaction():
            for number in numbers:
                handing.fetch(session.get_one(Delivery, number))
    return _bytes(path, sha256, size, message_id)


@bp.post("/messages/<int:message_id>/acknowledgement")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def acknowledge(message_id: int) -> Response:
    """What became of a message at its receiver: {"state": "done" | "failed" | "processing", "reason": …}."""
    mine, dry = {one.id for one in _reached()}, guard.me().dry_run
    said, reason = _said(guard.me().signing_key)
    with transaction():
        attempt = session.begin_nested() if dry else None
        own = queries.deliveries_of(message_id, mine)
        if not own:
            raise _no_message()
        for one in own:
            handing.acknowledge(one, WORDS[said], reason)
        lines = [{"receiver": one.receiver.code, "state": one.state, "tries": one.tries} for one in own]
        if attempt is not None:
            attempt.rollback()
    return _answer({"id": message_id, "deliveries": lines}, 200, dry=dry)


@bp.get("/documents/<path:which>/states")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def states(which: str) -> Response:
    """How a document stands: at every receiver, for who sent it; a receiver sees its own standing."""
    mine = {one.id for one in _reached()}
    for document in _documents(which):
        copies = queries.copies_of(document.id)
        if document.sender_id not in mine:
            copies = [one for one in copies if one.receiver_id in mine]
        if copies or document.sender_id in mine:
            return jsonify(document_states(document, copies, queries.events_of(document.id)))
    raise Problem("unknown_document", _("This agency neither sent it nor is it one of its receivers."), field="which")


@bp.get("/participants")
@guard.with_key(SCOPE, "exchange calls", CALLS)
def directory() -> Response:
    """Who takes part, by their ids."""
    after = request.args.get("after", "")[:LONGEST_ASKED]
    found = queries.directory(identity.organ(after) if after else "", LONGEST_PAGE)
    return jsonify(participants=[participant_line(one) for one in found],
                   next=found[-1].code if found else after, more=len(found) == LONGEST_PAGE)


# who speaks

def _mine() -> Sequence[Participant]:
    mine = queries.participants_of(guard.me().agency_id)
    if not mine:
        raise Problem("no_participant", _("Ask to take part first: a portal administrator lets agencies in."))
    for one in mine if not guard.me().dry_run else ():
        participants.seen(one)
    return mine


def _reached() -> Sequence[Participant]:
    """Those that are asked for, and rows of their agency alone."""
    row_security.reach(Reach(agencies={guard.me().agency_id}))
    mine = _mine()
    named = _named(mine)
    return [one for one in mine if named is None or one.id == named]


def _named(mine: Sequence[Participant]) -> int | None:
    """The participant that `for` names."""
    given = request.args.get("for")
    if given is None:
        return None
    found = next((one.id for one in mine if one.code == identity.organ(given[:LONGEST_ASKED])), None)
    if found is None:
        raise Problem("parameter", _("Name a participant of this agency."), field="for")
    return found


def _speaker(numbers: Sequence[int], named: int | None, said: str) -> Participant:
    """Whose message it is: the one that is named, else the nearest one that the message says it is from."""
    mine = [session.get_one(Participant, number) for number in ([named] if named else numbers)]
    code = identity.organ(said)
    fitting = [one for one in mine if identity.is_below(code, one.code)]
    above = [one for one in mine if one.upstream]
    return max(fitting, key=lambda one: len(one.code)) if fitting else (above or mine)[0]


def _to() -> list[str] | None:
    """Of the query, and of a header, which has room for more."""
    listed = request.headers.get(pushing.TO, "").split(",")
    given = request.args.getlist("to") + [unquote(one.strip()) for one in listed if one.strip()]
    if len(given) > LIMITS.receivers or any(len(one) > LONGEST_ASKED for one in given):
        raise Problem("parameter", _("Name at most %(n)s receivers.", n=LIMITS.receivers), field="to")
    return given or None


# what was asked

def _documents(which: str) -> Sequence[Document]:
    if which.isascii() and which.isdecimal() and len(which) <= 10:
        found = queries.document(int(which)) if int(which) < 2**31 else None
        return [found] if found else []
    return queries.documents_by_key(which[:LONGEST_ASKED]) or queries.documents_by_key(which[:LONGEST_ASKED].lower())


def _said(signing_key: str | None) -> tuple[str, str | None]:
    body = bodies.read_json()
    signatures.check(body.wire_sha256, signing_key)
    value = body.value
    said, reason = (value.get("state"), value.get("reason")) if isinstance(value, dict) else (None, None)
    if said not in WORDS:
        raise Problem("shape", _("It is one of: %(names)s.", names=", ".join(WORDS)), field="state")
    if reason is not None and (not isinstance(reason, str) or len(reason) > deliveries.LONGEST_REASON):
        raise Problem("shape", _("Send at most %(n)s characters.", n=deliveries.LONGEST_REASON), field="reason")
    return said, reason


def _limit() -> int:
    return int(current_app.config["EXCHANGE_BYTES"])


def _whole(name: str, default: int, least: int, most: int) -> int:
    given = request.args.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdecimal() or len(given) > 10 or not least <= int(given) <= most:
        raise Problem("parameter", _("Send one whole number from %(least)s to %(most)s.", least=least, most=most),
                      field=name)
    return int(given)


def _no_message() -> Problem:
    return Problem("unknown_message", _("This agency neither sent it nor is it one of its receivers."))


# what is answered

def _answer(said: dict[str, Any], status: int, *, dry: bool) -> Response:
    response = jsonify(said)
    response.status_code = status
    if dry:
        response.headers["Dry-Run"] = "true"
    return response


def _bytes(path: str, sha256: str, size: int, message_id: int) -> Response:
    """From the disk, piece by piece; what is not what was stored is not given."""
    try:
        stream = faults.opened(path, sha256)
    except faults.Faulty:
        raise Problem("unusable", _("Its bytes are not what was stored: the operators are to put them back.")) from None

    def pieces() -> Iterator[bytes]:
        with stream:
            while piece := stream.read(CHUNK):
                yield piece
    response = Response(pieces(), mimetype="application/xml")
    response.call_on_close(stream.close)
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    response.headers.update({
        "Content-Length": str(size), "Repr-Digest": f"sha-256=:{digest}:", "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{message_id}.edxml"',
        "Content-Security-Policy": "default-src 'none'; sandbox"})
    return response


__all__ = ["Message", "acknowledge", "directory", "get", "send", "states", "waiting"]
