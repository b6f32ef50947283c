"""How the national messages map onto our fields: data, one line a field. What has no line here does not pass.

So the holder, identity numbers, contacts, addresses, officers' names, remarks and file names never get further.
Field names as in the public code of agencies' systems; times are yyyyMMddHHmmss in Vietnam, every value is text.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.api.fields import ILLFORMED, kept
from portal.api.moments import from_national, rfc3339


class Kind(StrEnum):
    """How a text is read."""

    text = "text"
    moment = "moment"
    status = "status"
    channel = "channel"


@dataclass(frozen=True)
class Pair:
    """Their field, ours, and how the text is read."""

    theirs: str
    ours: str
    kind: Kind = Kind.text


# KenhThucHien: how it was handed in; the numbers are those of KENH in the national record of a procedure
CHANNELS = {"1": "counter", "2": "online", "3": "post"}

DOSSIER = (
    Pair("MaHoSo", "code"),
    Pair("MaTTHC", "procedure"),
    Pair("TrangThaiHoSo", "status", Kind.status),
    Pair("KenhThucHien", "channel", Kind.channel),
    Pair("NgayNopHoSo", "submitted_at", Kind.moment),
    Pair("NgayTiepNhan", "received_at", Kind.moment),
    Pair("NgayHenTra", "due_at", Kind.moment),
    Pair("NgayKetThucXuLy", "finished_at", Kind.moment),
)
STEP = (
    Pair("MaHoSo", "code"),
    Pair("TrangThai", "status", Kind.status),
    Pair("ThoiDiemXuLy", "at", Kind.moment),
    Pair("NgayKetThucTheoQuyDinh", "due_at", Kind.moment),
)
# of each supplement in DanhSachHoSoBoSung, moments alone are read
SUPPLEMENTS, NEW_DUE = "DanhSachHoSoBoSung", "NgayHenTraMoi"
SUPPLEMENT_MOMENTS = ("NgayBoSung", "NgayTiepNhanBoSung")

# A dossier's message has no moment for its status: the one that goes with the status, else the latest that it names.
MOMENT_OF_STATUS: Mapping[str, tuple[str, ...]] = {
    "1": ("NgayNopHoSo", "NgayTiepNhan"), "2": ("NgayTiepNhan",), "3": ("NgayTuChoi", "NgayKetThucXuLy"),
    "9": ("NgayKetThucXuLy",), "10": ("NgayTra", "NgayKetThucXuLy"),
}
# nothing was accepted yet: what stands under NgayTiepNhan is then when it was handed in
BEFORE_ACCEPTANCE = ("1", "3")
LATEST_OF = ("NgayNopHoSo", "NgayTiepNhan", "NgayTuChoi", "NgayKetThucXuLy", "NgayTra")
# The message that tells of a new date; in later ones it is simply the date.
GOING_ON = "4"


def dossier_row(message: Mapping[str, Any]) -> dict[str, Any]:
    """A record of DongBoHoSoMC in our fields."""
    row = _mapped(message, DOSSIER)
    status = _text(message, "TrangThaiHoSo")
    row.setdefault("procedure", ILLFORMED)  # a dossier names its own; a step need not
    row["at"] = _status_moment(message, status)
    if status in BEFORE_ACCEPTANCE and (came := row.pop("received_at", None)):
        row.setdefault("submitted_at", came)
    if new_due := _latest(supplement.get(NEW_DUE) for supplement in _supplements(message)):
        row["new_due_at" if status == GOING_ON else "due_at"] = new_due
    return kept(row)


def step_row(message: Mapping[str, Any]) -> dict[str, Any]:
    """A record of CapNhatTienDoHoSoMC in our fields: it names no procedure, that of its dossier is meant."""
    return kept(_mapped(message, STEP))


def _mapped(message: Mapping[str, Any], pairs: Iterable[Pair]) -> dict[str, Any]:
    found = {pair.ours: _read(_text(message, pair.theirs), pair.kind) for pair in pairs}
    return {name: value for name, value in found.items() if value is not None}


def _text(message: Mapping[str, Any], name: str) -> str:
    """The text under a name; numbers are forgiven, anything else is no text."""
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))):
        return ILLFORMED
    return "" if value is None else str(value).strip()


def _read(text: str, kind: Kind) -> str | int | None:
    """The value in our words; None where nothing is said."""
    if not text:
        return None
    if kind is Kind.moment:
        return rfc3339(from_national(text)) or ILLFORMED
    if kind is Kind.status:
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else text
    return CHANNELS.get(text, ILLFORMED) if kind is Kind.channel else text


def _status_moment(message: Mapping[str, Any], status: str) -> str | None:
    own = [moment for name in MOMENT_OF_STATUS.get(status, ()) if (moment := _moment(message.get(name)))]
    if own:
        return own[0]
    named = [message.get(name) for name in LATEST_OF]
    return _latest([*named, *(s.get(name) for s in _supplements(message) for name in SUPPLEMENT_MOMENTS)])


def _moment(value: Any) -> str | None:
    return rfc3339(from_national(value.strip())) if isinstance(value, str) else None


def _latest(values: Iterable[Any]) -> str | None:
    return max((moment for value in values if (moment := _moment(value))), default=None)


def _supplements(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = message.get(SUPPLEMENTS)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
