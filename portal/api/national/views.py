"""The national services. Each takes an envelope and gives error_code, message and result."""
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response

from portal.api import guard, signatures
from portal.api.door import bp
from portal.api.national import catalogue, envelope
from portal.api.national.envelope import DONE, KEPT_ASIDE, NOT_FOUND, PARTLY, WRONG_AGENCY, Envelope
from portal.api.problems import Problem
from portal.api.pushing import push
from portal.api.reasons import NATIONAL_WORDS
from portal.intake.national import CHANNELS, DOSSIER, STEP, Pair, dossier_row, field_in, step_row
from portal.kit import clock
from portal.kit.i18n import _
from portal.kit.moments import national
from portal.law import codes
from portal.law.statuses import Status
from portal.progress import queries
from portal.progress.queries import Published

_CHANNEL_NUMBERS = {ours: theirs for theirs, ours in CHANNELS.items()}


@bp.post("/national/<service>")
@guard.with_key_or_session("progress", envelope.session_of_body)
def national_service(service: str) -> Response:
    """One message of one national service."""
    serve = SERVICES.get(service)
    if serve is None:
        raise Problem("unknown_service", _("There are: %(names)s.", names=", ".join(SERVICES)))
    message = envelope.opened(service)
    signatures.check(message.wire_sha256, guard.me().signing_key)
    unit = codes.agency_id(message.agency)
    if message.agency and (unit.key if unit else message.agency) != guard.me().agency.key:
        return envelope.answer(WRONG_AGENCY, _("madonvi is not the agency of this key."))
    return serve(message)


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
    answer = push(rows, channel="national", idempotency_key=f"national-{digest[:64]}", body_sha256=digest)
    taken = answer.rejected == 0
    words = _("Done.") if taken else _("%(n)s of %(all)s records were not taken.", n=answer.rejected, all=len(rows))
    return envelope.answer(DONE if taken else PARTLY, words, [
        _row_answer(row, item, pairs) for row, item in zip(answer.rows, message.data, strict=True)])


def _row_answer(row: dict[str, Any], message: dict[str, Any], pairs: Sequence[Pair]) -> dict[str, str]:
    """What became of one record; of one that was not taken, which field is to be mended and how."""
    code = codes.parse(str(row.get("code") or "")) or ""
    if row["field"] is None:
        return {"MaHoSo": code, "error_code": DONE, "message": ""}
    if row["reason"] == "dossier_unknown":
        return {"MaHoSo": code, "error_code": KEPT_ASIDE, "message": str(NATIONAL_WORDS["dossier_unknown"])}
    name, said = field_in(message, row["field"], pairs)
    words = NATIONAL_WORDS.get(row["reason"] if said else "missing", row["reason"])
    if row["result"] == "rejected":
        return {"MaHoSo": code, "error_code": PARTLY, "message": f"{name}: {words}"}
    return {"MaHoSo": code, "error_code": KEPT_ASIDE, "message": _("Kept until it is mapped: %(why)s.",
                                                                   why=f"{name}: {words}")}


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
    result = catalogue.procedure(wanted or "", guard.me().agency.key)
    if result is None:
        return envelope.answer(NOT_FOUND, _("There is no such procedure."))
    return envelope.answer(DONE, _("Done."), [result])


def _procedures(_message: Envelope) -> Response:
    """LayDanhSachTTHC: what the agency offers."""
    return envelope.answer(DONE, _("Done."), catalogue.procedures_of(guard.me().agency.key))


def _agencies(_message: Envelope) -> Response:
    """LayDanhMucCoQuan: the agencies of today."""
    return envelope.answer(DONE, _("Done."), catalogue.agencies())


SERVICES: dict[str, Callable[[Envelope], Response]] = {
    "DongBoHoSoMC": _sync, "CapNhatTienDoHoSoMC": _advance, "TraCuuHoSo": _look_up, "LayThuTuc": _procedure,
    "LayDanhSachTTHC": _procedures, "LayDanhMucCoQuan": _agencies,
}
