"""sendEdoc of the national axis's client: one file, as the body or as the field file_doc of a form."""
import hashlib
import hmac
import json
import re
from typing import IO

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.api.exchange import axis_signing
from portal.api.exchange.axis_answers import BODY, FIELD, TOO_LARGE, UNUSABLE, WHO, Refusal, done
from portal.exchange import identity, participants, receiving
from portal.exchange.edxml import message, refusals
from portal.exchange.models import Participant, Verdict, Way
from portal.kit import files
from portal.kit.i18n import _
from portal.kit.row_security import ALL, reach

FIELD_NAME = "file_doc"
FORM_AROUND = 64 * 1024  # what a form may have beside the file
MIB = 1024 * 1024
MOST_RECEIVERS = 1000
_HEX = re.compile(r"[0-9a-f]{64}")


class Hashed:
    """A stream that must have this SHA-256 when it ends. `read` raises Refusal at the end where it has not."""

    def __init__(self, stream: IO[bytes], told: str) -> None:
        self._stream, self._told, self._digest = stream, told, hashlib.sha256()

    def read(self, n: int = -1) -> bytes:
        """As a file's."""
        try:
            piece = self._stream.read(n)
        except RequestEntityTooLarge:
            raise _too_large() from None
        self._digest.update(piece)
        if not piece and not hmac.compare_digest(self._digest.hexdigest(), self._told):
            raise Refusal(BODY, _("The file is not the one that %(name)s was made over: it was cut or changed on its "
                                  "way. Send it again.", name="XroadVnpt-hash-file"))
        return piece


def send() -> Response:
    """Take a document or a status. The same again is answered as before; a stamp may therefore be old."""
    call = axis_signing.opened(may_be_old=True)
    told = call.need("hash-file").lower()
    if not _HEX.fullmatch(told):
        raise Refusal(FIELD, _("%(name)s is the SHA-256 of the file, in hex.", name="XroadVnpt-hash-file"))
    reach(ALL)  # it may be about a dossier of the receiver's
    sender, receivers = _sender(call), _receivers(call)
    body = Hashed(_body(), told)
    try:
        accepted = receiving.accept(sender, body, way=Way.axis, to=receivers or None)  # type: ignore[arg-type]
    except message.Refused as refused:
        words = _(refusals.REASONS.get(refused.reason, refused.reason))
        raise Refusal(BODY, f"{words} ({refused.where})" if refused.where else words) from None
    except files.Refused as refused:
        raise _not_kept(refused) from None
    except receiving.NotTaken as refused:
        raise _not_taken(refused) from None
    return done(_remarks(accepted), DocId=str(accepted.message_id))


def _sender(call: axis_signing.Call) -> Participant:
    """For whom this system speaks: itself, or a body that it serves."""
    code = identity.organ(call.need("from"))
    theirs = {one.code: one for one in participants.served_by(call.system)}
    found = theirs.get(code)
    if found is None and code.startswith(f"{call.system.code}."):
        found = call.system
    if found is None:
        raise Refusal(WHO, _("XroadVnpt-from is no agency for which this system may send."))
    return found


def _receivers(call: axis_signing.Call) -> list[str]:
    """The ids in XroadVnpt-to: a JSON list, or joined by commas; none where it is left out."""
    said = call.said.get("to", "").strip()
    try:
        found = json.loads(said) if said.startswith(("[", '"')) else said.replace(";", ",").split(",")
    except (ValueError, RecursionError):
        found = None
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or len(found) > MOST_RECEIVERS or not all(isinstance(one, str) for one in found):
        raise Refusal(FIELD, _("XroadVnpt-to is a JSON list of agency codes, such as [\"H99.02\"]."))
    return [one.strip() for one in found if one.strip()]


def _body() -> IO[bytes]:
    """The file as it comes. Nothing of it is held in memory as a whole."""
    is_form = request.mimetype == "multipart/form-data"
    request.max_content_length = _most() + (FORM_AROUND if is_form else 0)
    try:
        if (request.content_length or 0) > request.max_content_length:
            raise RequestEntityTooLarge
        if not is_form:
            return request.stream
        sent = request.files
    except RequestEntityTooLarge:
        raise _too_large() from None
    except (HTTPException, ValueError):
        raise Refusal(BODY, _("The form cannot be read.")) from None
    found = sent.get(FIELD_NAME) or (next(iter(sent.values())) if len(sent) == 1 else None)
    if found is None:
        raise Refusal(BODY, _("Send the file as the body, or as the field %(name)s of a form.", name=FIELD_NAME))
    return found.stream


def _most() -> int:
    return int(current_app.config["EXCHANGE_BYTES"])


def _too_large() -> Refusal:
    return Refusal(TOO_LARGE, _("The file is too large: at most %(n)s MB are taken.", n=_most() // MIB))


def _not_kept(refused: files.Refused) -> Refusal:
    if refused.reason == "too_large":
        return _too_large()
    if refused.reason == "empty":
        return Refusal(BODY, _("The body is empty: send the file."))
    return Refusal(UNUSABLE, _("There is no room for the file now. Send it again later: it is taken once."))


def _not_taken(refused: receiving.NotTaken) -> Refusal:
    if refused.reason == "not_yours":
        return Refusal(WHO, _("The file says that it is from another agency than %(name)s.", name="XroadVnpt-from"))
    return Refusal(FIELD, _("None of the receivers takes part in the exchange. See getAgenciesList."))


def _remarks(accepted: receiving.Accepted) -> str:
    """What a sender should know of a message that was taken."""
    said = []
    if accepted.unknown:
        said.append(_("Not delivered to: %(codes)s, who do not take part.", codes=", ".join(accepted.unknown)[:300]))
    if accepted.verdict == Verdict.conflict:
        said.append(_("A document with this id and other content is there already: a person decides."))
    return " ".join(said)
