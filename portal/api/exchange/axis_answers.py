"""What a client of the national axis is told: always JSON in its own shape, with status 200, which alone it reads.

Error codes are those of the national messages (portal/api/problems.py): 20 a field, 30 not found, 40 who asks, 42 too
often, 43 signature, 50 the body, 51 too large, 60 cannot be used now. A refusal repeats nothing of what was sent.
"""
import base64
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from flask import Response, jsonify

from portal.exchange import handing
from portal.exchange.models import Delivery, DeliveryState, Participant
from portal.exchange.outbox import Sent
from portal.kit.clock import VN
from portal.kit.i18n import Later, _l

DONE = "0"
FIELD, NOT_FOUND, WHO, TOO_OFTEN, SIGNATURE, BODY, TOO_LARGE, UNUSABLE = "20", "30", "40", "42", "43", "50", "51", "60"
CHUNK = 48 * 1024  # divisible by three: base64 of one piece joins that of the next
#: How a delivery stands, as the client says it, and in words.
_STATES = {DeliveryState.waiting: "initial", DeliveryState.taken: "processing", DeliveryState.done: "done",
           DeliveryState.parked: "fail"}
_WORDS: dict[str, Later] = {
    "initial": _l("Waits to be fetched"), "processing": _l("Fetched, not yet said to be stored"),
    "done": _l("Stored by the receiver"), "fail": _l("Not delivered after many tries")}


class Refusal(Exception):
    """What refuses a call. `code`: ErrorCode. `words`: ErrorDesc, in the reader's language."""

    def __init__(self, code: str, words: object, *, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.words, self.status = code, words, status


def done(words: str = "", **more: Any) -> Response:
    """{status OK, ErrorCode 0, ErrorDesc} and data or DocId."""
    return jsonify(status="OK", ErrorCode=DONE, ErrorDesc=words, **more)


def failed(refusal: Refusal) -> Response:
    """{status FAIL, ErrorCode, ErrorDesc}."""
    answer = jsonify(status="FAIL", ErrorCode=refusal.code, ErrorDesc=str(refusal.words))
    answer.status_code = refusal.status
    return answer


def agency(participant: Participant, pid: int | None) -> dict[str, str]:
    """{id, pid, code, name, mail}; pid is "" at the top."""
    return {"id": str(participant.id), "pid": str(pid or ""), "code": participant.code, "name": participant.name,
            "mail": participant.mail or ""}


def received(delivery: Delivery) -> dict[str, str]:
    """One line of getReceivedEdocList."""
    state = _STATES[DeliveryState(delivery.state)]
    return {"docId": str(delivery.id), "serviceType": "eDoc", "messageType": _kind(delivery.kind),
            "created_time": _at(delivery.queued_at), "updated_time": _at(delivery.taken_at or delivery.queued_at),
            "from": delivery.message.from_code, "to": ",".join(handing.codes_of(delivery)), "status": state,
            "status_desc": "" if state == "initial" else str(_WORDS[state])}


def sent(line: Sent) -> dict[str, str]:
    """One line of getSentEdocList: a message at one receiver."""
    state = _STATES[DeliveryState(line.state)]
    return {"receiverDocId": str(line.delivery_id), "toCode": line.to_code, "receiveStatus": state,
            "receiveStatusDesc": line.reason or str(_WORDS[state]), "title": line.title, "notation": line.notation,
            "receivedTime": _at(line.ended_at), "sentTime": _at(line.sent_at), "sendStatus": "done",
            "sendStatusDesc": "", "senderDocId": str(line.message_id), "fromCode": line.from_code}


def file(stream: IO[bytes], size: int) -> Response:
    """The answer of getEdoc: the file as base64 in `data`, piece by piece."""
    head, tail = b'{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":"', b'"}\n'

    def pieces() -> Iterator[bytes]:
        with stream:
            yield head
            while piece := stream.read(CHUNK):
                yield base64.b64encode(piece)
            yield tail

    answer = Response(pieces(), mimetype="application/json")
    answer.content_length = len(head) + (size + 2) // 3 * 4 + len(tail)
    return answer


def _kind(kind: str) -> str:
    return "status" if kind == "status" else "edoc"


def _at(moment: datetime | None) -> str:
    """In Vietnam's time, as the client's lists write it."""
    return moment.astimezone(VN).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
