"""The national services. Each takes an envelope and gives error_code, message and result."""
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, g

from portal.api import guard, signatures
from portal.api.door import bp
from portal.api.national import catalogue, envelope
from portal.api.national.envelope import DONE, KEPT_ASIDE, NOT_FOUND, PARTLY, WRONG_AGENCY, Envelope
from portal.api.problems import Problem
from portal.api.pushing import push
from portal.api.reasons import NATIONAL_WORDS
from portal.intake import queries as feeding
from portal.intake.national import CHANNELS, DOSSIER, STEP, Pair, dossier_row, field_in, step_row, unread
from portal.kit import clock
from portal.kit.i18n import _
from portal.kit.moments import national
from portal.law import codes
from portal.law.statuses import Status
from portal.people import keys
from portal.progress import queries
from portal.progress.queries import Published

NAMED = 5  # records that a message names
_CHANNEL_NUMBERS = {ours: theirs for theirs, ours in CHANNELS.items()}


@bp.post("/national/session")
@guard.signing_in
def national_session() -> Response:
    """A session for a key: {"username": …, "password": the key}."""
    return _signed_in()


@bp.post("/national")
@guard.with_key_or_session("progress", envelope.session_of_message)
def national_message() -> Response:
    """One message to the one address; its envelope names the service. Who signs in there gets a session."""
    if envelope.signs_in():
        return _signed_in()
    service = envelope.service_of_message()
    if service is None or service not in SERVICES:
        raise Problem("unknown_service", _("There are: %(names)s.", names=", ".join(SERVICES)), field="service")
    return _served(service)


@bp.post("/national/<service>")
@guard.with_key_or_session("progress", envelope.session_of_message)
def national_service(service: str) -> Response:
    """One message to the address of one service."""
    if service not in SERVICES:
        raise Problem("unknown_service", _("There are: %(names)s.", names=", ".join(SERVICES)))
    return _served(service)


@bp.get("/national/<service>")
@guard.anyone_or_session(envelope.session_of_message)
def national_asked(service: str) -> Response:
    """What is public, asked for by GET."""
    if service not in READING:
        raise Problem("method" if service in SERVICES else "unknown_service", _(
            "By GET there are: %(names)s.", names=", ".join(READING)), headers={"Allow": "POST"})
    return SERVICES[service](envelope.in_address())


def _served(service: str) -> Response:
    message = envelope.opened(service)
    signatures.check(message.wire_sha256, guard.me().signing_key)
    unit = codes.agency_id(message.agency)
    if message.agency and (unit.key if unit else message.agency) not in feeding.sender(guard.me().agency).own:
        return envelope.answer(WRONG_AGENCY, _("madonvi is not the agency of this key."))
    return SERVICES[service](message)


def _signed_in() -> Response:
    """The user's name is free: the key alone says who it is."""
    guard.enter(envelope.password(), "progress", field="password")
    session, ends_at = keys.open_session(guard.me())
    return envelope.answer(DONE, _("Done."), session=session, expires=national(ends_at))


def _sync(message: Envelope) -> Response:
    """DongBoHoSoMC: dossiers as they stand."""
    now = clock.now()
    return _pushed(message, [dossier_row(item, n, now) for n, item in enumerate(message.data)], DOSSIER)


def _advance(message: Envelope) -> Response:
    """CapNhatTienDoHoSoMC: steps of dossiers, which may be synchronised later."""
    return _pushed(message, [step_row(item) for item in message.data], STEP)


def _pushed(message: Envelope, rows: list[dict[str, Any]], pairs: Sequence[Pair]) -> Response:
    """The same rows again are the same batch: this software sends no Idempotency-Key. Rows that only say how things
    stand now are never the same: what they repeat is seen when they are merged."""
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    answer = push(rows, channel="national", idempotency_key=f"national-{digest[:56]}", body_sha256=digest, mend=True,
                  again=True)
    result = [_row_answer(row, item, pairs) for row, item in zip(answer.rows, message.data, strict=True)]
    words = _("Done.")
    if guard.me().dry_run:
        words = _("A key for trying out: nothing was kept.") + " " + words
    if not answer.rejected and not answer.quarantined:
        warned = [row for row in result if row["message"]]
        return envelope.answer(DONE, f"{words} {_named(warned)}".strip(), result)
    # what was not taken, or waits, stands at the top: this software looks no further
    wrong = [row for row in result if row["error_code"] != DONE]
    words = _("%(n)s of %(all)s records were not taken, %(held)s wait.", n=answer.rejected, all=len(rows),
              held=answer.quarantined)
    return envelope.answer(PARTLY if answer.rejected else KEPT_ASIDE, f"{words} {_named(wrong)}", result)


def _named(rows: Sequence[dict[str, str]]) -> str:
    """The first of these records with what is said of them."""
    said = "; ".join(f"{row['MaHoSo']}: {row['message']}".removeprefix(": ") for row in rows[:NAMED])
    return said + ("…" if len(rows) > NAMED else "")


def _row_answer(row: dict[str, Any], message: dict[str, Any], pairs: Sequence[Pair]) -> dict[str, str]:
    """What became of one record; of one that was not taken, which field is to be mended and how."""
    code = codes.parse(str(row.get("code") or "")) or ""
    if row["field"] is None:
        wrong = dict(_wrong(message, each["field"], each["reason"], pairs) for each in row.get("warnings", ()))
        if pairs is DOSSIER:
            wrong = dict.fromkeys(unread(message, clock.now()), NATIONAL_WORDS["time"]) | wrong
        left_out = "; ".join(f"{name}: {words}" for name, words in wrong.items())
        return {"MaHoSo": code, "error_code": DONE,
                "message": _("Left out: %(what)s.", what=left_out) if left_out else ""}
    if row["reason"] == "dossier_unknown":
        return {"MaHoSo": code, "error_code": KEPT_ASIDE, "message": str(NATIONAL_WORDS["dossier_unknown"])}
    name, words = _wrong(message, row["field"], row["reason"], pairs)
    if row["result"] == "rejected":
        return {"MaHoSo": code, "error_code": PARTLY, "message": f"{name}: {words}"}
    return {"MaHoSo": code, "error_code": KEPT_ASIDE, "message": _("Kept until it is mapped: %(why)s.",
                                                                   why=f"{name}: {words}")}


def _wrong(message: dict[str, Any], field: str, reason: str, pairs: Sequence[Pair]) -> tuple[str, object]:
    name, said = field_in(message, field, pairs)
    return name, NATIONAL_WORDS.get(reason if said else "missing", reason)


def _look_up(message: Envelope) -> Response:
    """TraCuuHoSo: what is published about one dossier."""
    code = codes.parse(envelope.asked(message.data, "MaHoSo")[:80])
    found = queries.by_code(code) if code else None
    if found is None:
        return envelope.answer(NOT_FOUND, _("Nothing is published under this code"))
    return envelope.answer(DONE, _("Done."), [_dossier(found)])


def _dossier(found: Published) -> dict[str, Any]:
    """A published record in the national fields; those about people do not exist here."""
    returned = next((step.at for step in found.steps if step.status == Status.returned), None)
    return {
        "MaHoSo": found.code, "MaTTHC": found.procedure_code or "", "TenTTHC": found.service_name or "",
        "KenhThucHien": _CHANNEL_NUMBERS.get(found.channel, ""), "NgayNopHoSo": national(found.submitted_at),
        "NgayTiepNhan": national(found.received_at), "NgayHenTra": national(found.due_at),
        "TrangThaiHoSo": str(found.status), "NgayKetThucXuLy": national(found.finished_at),
        "NgayTra": national(returned), "DonViXuLy": found.agency_name, "MaDonVi": found.agency_key,
        "TienTrinh": [{"MaHoSo": found.code, "ThoiDiemXuLy": national(step.at), "TrangThai": str(step.status)}
                      for step in found.steps]}


def _procedure(message: Envelope) -> Response:
    """LayThuTuc: the record of one procedure."""
    wanted = codes.procedure_code(envelope.asked(message.data, "MaTTHC"))
    result = catalogue.procedure(wanted or "", _asking(message))
    if result is None:
        return envelope.answer(NOT_FOUND, _("There is no such procedure."))
    return envelope.answer(DONE, _("Done."), [result])


def _procedures(message: Envelope) -> Response:
    """LayDanhSachTTHC: what the agency offers; asked by nobody in particular, all."""
    return envelope.answer(DONE, _("Done."), catalogue.procedures_of(_asking(message)))


def _agencies(_message: Envelope) -> Response:
    """LayDanhMucCoQuan: the agencies of today."""
    return envelope.answer(DONE, _("Done."), catalogue.agencies())


def _sectors(_message: Envelope) -> Response:
    """LayDanhMucLinhVuc: the sectors, under the nation's codes where they are known."""
    return envelope.answer(DONE, _("Done."), catalogue.sectors())


def _asking(message: Envelope) -> str:
    """The key of the agency that asks; of one that has no key, what it says to be."""
    if "api_key" in g:
        return guard.me().agency.key
    unit = codes.agency_id(message.agency)
    return unit.key if unit else message.agency


SERVICES: dict[str, Callable[[Envelope], Response]] = {
    "DongBoHoSoMC": _sync, "CapNhatTienDoHoSoMC": _advance, "TraCuuHoSo": _look_up, "LayThuTuc": _procedure,
    "LayDanhSachTTHC": _procedures, "LayDanhMucCoQuan": _agencies, "LayDanhMucLinhVuc": _sectors,
}
READING = tuple(name for name in SERVICES if name.startswith(("Lay", "TraCuu")))
