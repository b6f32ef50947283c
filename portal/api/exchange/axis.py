"""The calls of the national axis's client, as deployed systems make them: one address to change and nothing else.

POST /api/exchange/axis/<call>, in any case of letters and with a slash behind or not: what a system has configured as
its endpoint becomes this portal's address with /api/exchange/axis.
"""
from collections.abc import Callable, Mapping
from functools import wraps
from typing import IO, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from portal.api.door import bp
from portal.api.exchange import axis_registering, axis_sending, axis_signing
from portal.api.exchange.axis_answers import (
    BODY,
    FIELD,
    NOT_FOUND,
    UNUSABLE,
    Refusal,
    agency,
    done,
    failed,
    file,
    received,
    sent,
)
from portal.exchange import delivery, handing, outbox, participants, queries, translating
from portal.exchange.models import Delivery
from portal.files import faults
from portal.files.models import StoredFile
from portal.kit.db import session, transaction
from portal.kit.i18n import _
from portal.kit.web import answer_unusable
from portal.notices import alarms

View = Callable[..., Any]
MOST_LISTED = 500
KINDS: Mapping[str, str | None] = {"": None, "edoc": "document", "status": "status"}


def _signed(view: View) -> View:
    """Whoever signs with a participant's secret. What is refused is said in the client's own shape."""
    @wraps(view)
    def inner(**kw: Any) -> Any:
        try:
            return view(**kw)
        except Refusal as refusal:
            return failed(refusal)
        except HTTPException:
            return failed(Refusal(BODY, _("The call cannot be read.")))

    inner.guard = "signed as a client of the axis"  # type: ignore[attr-defined]
    return inner


@bp.route("/exchange/axis/<call>/", methods=["POST", "GET"], strict_slashes=False)
@_signed
def axis(call: str) -> Response:
    """One call of the client, by its name."""
    found = CALLS.get(call.lower())
    if found is None or request.method != "POST":
        axis_signing.count_stranger()
        raise Refusal(NOT_FOUND if found is None else FIELD, _(
            "By POST there are: %(names)s.", names=", ".join(NAMES)))
    return found()


def _agencies() -> Response:
    """getAgenciesList, getSynchronizeUnit: all that take part, each with the one that it stands under."""
    axis_signing.opened()
    everybody = participants.connected()
    numbers = {one.code: one.id for one in everybody}
    return done(data=[agency(one, numbers.get(_above(one.code, one.parent_code, numbers))) for one in everybody])


def _above(code: str, parent: str | None, known: Mapping[str, int]) -> str:
    """Under whose id it stands: the one that it names, else the nearest that its own begins with."""
    if parent and parent != code and parent in known:
        return parent
    while "." in code:
        code = code.rpartition(".")[0]
        if code in known:
            return code
    return ""


def _received() -> Response:
    """getReceivedEdocList: what waits, of one messagetype or both."""
    call = axis_signing.opened()
    ours = [one.id for one in participants.served_by(call.system)]
    found = delivery.waiting(ours, _kind(call), limit=MOST_LISTED)
    return done(data=[received(one) for one in found])


def _sent() -> Response:
    """getSentEdocList: the newest that were sent, at each receiver."""
    call = axis_signing.opened()
    ours = [one.id for one in participants.served_by(call.system)]
    return done(data=[sent(line) for line in outbox.lately(ours, _kind(call))])


def _file() -> Response:
    """getEdoc: the bytes as they came, or in this system's own dialect where it is written to in another and nobody
    signed them. Fetched means arrived; it waits until updateStatus says done."""
    call = axis_signing.opened()
    found = _own(call)
    number, stored = found.id, found.message.file
    if stored is None:
        raise Refusal(NOT_FOUND, _("The file of this document is kept no longer."))
    profile, size, stream = translating.profile_for(found.message, found.receiver), stored.size, _opened(stored)
    if profile is not None:
        stream, size = translating.translated(stream, profile)
    try:
        with transaction():
            handing.fetch(session.get_one(Delivery, number))
    except BaseException:
        stream.close()
        raise
    return file(stream, size)


def _opened(stored: StoredFile) -> IO[bytes]:
    file_id, blob, sha256 = stored.id, stored.blob, stored.sha256
    session.rollback()  # it is read through first, and no transaction waits for that
    try:
        return faults.opened(blob, sha256)
    except faults.Faulty as found:
        with transaction():
            alarms.of_file(file_id, found.fault)
    raise Refusal(UNUSABLE, _("The file of this document cannot be read now. Try again later."))


def _status() -> Response:
    """updateStatus: done, fail or processing. What failed is offered again, and never done in silence."""
    call = axis_signing.opened()
    said = call.need("status").lower()
    if said not in delivery.SAID:
        raise Refusal(FIELD, _("XroadVnpt-status is one of: %(names)s.", names=", ".join(delivery.SAID)))
    with transaction():
        handing.acknowledge(_own(call), said, call.said.get("description") or None)
    return done()


def _own(call: axis_signing.Call) -> Delivery:
    """What waits, or waited, for this system, by its docId."""
    number = call.need("docId")
    found = queries.delivery(int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    if found is None or found.receiver_id not in {one.id for one in participants.served_by(call.system)}:
        raise Refusal(NOT_FOUND, _("No document with this docId was sent to this system."))
    return found


def _kind(call: axis_signing.Call) -> str | None:
    said = call.said.get("messagetype", "").strip().lower()
    if said not in KINDS:
        raise Refusal(FIELD, _("XroadVnpt-messagetype is edoc or status."))
    return KINDS[said]


NAMES: Mapping[str, Callable[[], Response]] = {
    "getAgenciesList": _agencies, "getSynchronizeUnit": _agencies, "registerAgency": axis_registering.register,
    "deleteAgency": axis_registering.delete, "sendEdoc": axis_sending.send, "getReceivedEdocList": _received,
    "getSentEdocList": _sent, "getEdoc": _file, "updateStatus": _status,
}
CALLS = {name.lower(): one for name, one in NAMES.items()}


def _unusable() -> Response:
    return failed(Refusal(UNUSABLE, _("The portal cannot be used for a while. Send the same again later: it is taken "
                                      "once."), status=503))


def init_app(app: Flask) -> None:
    """Before the answers of the whole door, which are in another shape."""
    answer_unusable(app, "/api/exchange/axis/", _unusable)
