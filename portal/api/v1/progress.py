"""Progress records: pushed in batches by agencies' systems, read by everybody."""
import re

from flask import Response, jsonify, request

from portal.api import bodies, guard, signatures
from portal.api.door import bp
from portal.api.problems import Problem
from portal.api.pushing import push
from portal.intake import feed
from portal.intake.fields import kept
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.kit.moments import rfc3339
from portal.law import codes
from portal.progress import queries

KEPT_S = 5
MOMENTS = ("submitted_at", "received_at", "due_at", "first_due_at", "missed_due_at", "stopped_at", "finished_at",
           "changed_at")
PAGE, LONGEST_PAGE = 500, 1_000
LAST_POSITION = 2**63 - 1
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,80}", re.ASCII)


@bp.post("/v1/progress/batches")
@guard.with_key("progress")
def batches() -> Response:
    """Take up to 5,000 records. The same batch again is answered with the same bytes."""
    idempotency_key = _idempotency_key()
    body = bodies.read_json()
    signatures.check(body.wire_sha256, guard.me().signing_key)
    rows = [kept(row) for row in bodies.rows_of(body.value, "records")]
    lenient = "handling=lenient" in request.headers.get("Prefer", "").replace(" ", "").split(",")  # RFC 7240
    answer = push(rows, channel="api", idempotency_key=idempotency_key, body_sha256=body.sha256, mend=lenient)
    response = jsonify(batch=answer.batch_id, accepted=answer.accepted, unchanged=answer.unchanged,
                       rejected=answer.rejected, quarantined=answer.quarantined, rows=list(answer.rows))
    if lenient:
        response.headers["Preference-Applied"] = "handling=lenient"
    if guard.me().dry_run:
        response.headers["Dry-Run"] = "true"
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@bp.get("/v1/progress/<code>")
@guard.anyone
@public_cache(KEPT_S)
def record(code: str) -> Response:
    """What is published about one dossier."""
    meant = codes.parse(code)
    found = queries.by_code(meant) if meant else None
    if found is None:
        raise Problem("unknown_code", _("It was mistyped, or the agency has not published it yet."), field="code")
    moments = {name: rfc3339(getattr(found, name)) for name in MOMENTS}
    return jsonify({
        "code": found.code, "agency": {"key": found.agency_key, "name": found.agency_name},
        "procedure": found.procedure_code and {"code": found.procedure_code, "name": found.service_name},
        "level": found.level,
        "channel": found.channel, "status": found.status, "timing": found.timing, **moments,
        "corrected": found.corrected, "steps": [
            {"step": s.step, "status": s.status, "at": rfc3339(s.at), "due_at": rfc3339(s.due_at), "reason": s.reason,
             "step_due_at": rfc3339(s.step_due_at), "correction": s.correction} for s in found.steps]})


@bp.get("/v1/progress/changes")
@guard.anyone
@public_cache(KEPT_S)
def changes() -> Response:
    """What changed after a position, in the order of positions; nothing is skipped."""
    after = _whole("after", 0, 0, LAST_POSITION)
    size = _whole("size", PAGE, 1, LONGEST_PAGE)
    found = feed.changes(after, size)
    return jsonify(
        changes=[{"position": each.position, "code": each.code, "status": each.status, "at": rfc3339(each.at)}
                 for each in found],
        next=found[-1].position if found else after, more=len(found) == size)


def _idempotency_key() -> str:
    given = request.headers.get("Idempotency-Key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(given):
        raise Problem("idempotency_key", _(
            "Name the batch: 1 to 80 visible ASCII characters, the same again when it is sent again."),
                      field="Idempotency-Key")
    return given


def _whole(name: str, default: int, least: int, most: int) -> int:
    given = request.args.getlist(name)
    if not given:
        return default
    text = given[0]
    readable = len(given) == 1 and text.isascii() and text.isdecimal() and len(text) <= 19
    if not readable or not least <= int(text) <= most:
        raise Problem("parameter", _("Send one whole number from %(least)s to %(most)s.", least=least, most=most),
                      field=name)
    return int(text)
