"""How the national messages map onto our fields: data, one line a field. What has no line here does not pass.

So the holder, identity numbers, contacts, addresses, officers' names, remarks and file names never get further.
Field names as in the public code of agencies' systems; times are yyyyMMddHHmmss in Vietnam and what else systems
write (kit/moments.py), every value is text.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.intake.fields import ILLFORMED, kept
from portal.intake.rows import CLOCKS_DIFFER, EARLIEST
from portal.kit import moments
from portal.kit.moments import rfc3339
from portal.law.statuses import NOT_ACCEPTED, Status


class Kind(StrEnum):
    """How a text is read."""

    text = "text"
    moment = "moment"
    due = "due"
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
    Pair("NgayHenTra", "due_at", Kind.due),
    Pair("NgayKetThucXuLy", "finished_at", Kind.moment),
)
STEP = (
    Pair("MaHoSo", "code"),
    Pair("TrangThai", "status", Kind.status),
    Pair("ThoiDiemXuLy", "at", Kind.moment),
    Pair("NgayKetThucTheoQuyDinh", "step_due_at", Kind.due),  # of this step, never the dossier's
)
# of each supplement in DanhSachHoSoBoSung, moments alone are read, and of all of them the latest
SUPPLEMENTS, NEW_DUE = "DanhSachHoSoBoSung", "NgayHenTraMoi"
SUPPLEMENT_FIELDS = frozenset({"NgayBoSung", "NgayTiepNhanBoSung", NEW_DUE})

# A dossier's message has no moment for its status: the first of these that it names, else the one when it arrives.
_MOMENTS: Mapping[Status, tuple[str, ...]] = {
    Status.registered: ("NgayNopHoSo", "NgayTiepNhan"), Status.received: ("NgayTiepNhan",),
    Status.not_received: ("NgayTuChoi", "NgayKetThucXuLy"), Status.processing: ("NgayTiepNhanBoSung",),
    Status.supplement: ("NgayBoSung",), Status.payment: ("NgayBoSung",), Status.withdrawn: ("NgayKetThucXuLy",),
    Status.stopped: ("NgayKetThucXuLy",), Status.finished: ("NgayKetThucXuLy", "NgayTra"),
    Status.returned: ("NgayTra", "NgayKetThucXuLy"),
}
MOMENT_OF_STATUS = {str(int(status)): names for status, names in _MOMENTS.items()}
# nothing was accepted yet: what stands under NgayTiepNhan is then when it was handed in
BEFORE_ACCEPTANCE = frozenset(str(int(status)) for status in NOT_ACCEPTED)
HAPPENED = frozenset({"submitted_at", "received_at", "finished_at"})
# The message that tells of a new date; in later ones it is simply the date.
GOING_ON = str(int(Status.processing))


def dossier_row(message: Mapping[str, Any], n: int, now: datetime) -> dict[str, Any]:
    """A record of DongBoHoSoMC, the n-th of its message, in our fields. `arrived`: `at` is only when it came."""
    row = _mapped(message, DOSSIER)
    row.setdefault("procedure", ILLFORMED)  # a dossier names its own; a step need not
    status = str(row.get("status", ""))
    own = next((at for name in MOMENT_OF_STATUS.get(status, ()) if (at := _happened(message, name, now))), None)
    if own:
        row["at"] = rfc3339(own)
    if status in BEFORE_ACCEPTANCE and (came := row.pop("received_at", None)):
        row.setdefault("submitted_at", came)
    if new_due := _read(_text(message, NEW_DUE), Kind.due):
        row["new_due_at" if status == GOING_ON else "due_at"] = new_due
    if own:
        return kept(row)
    named = (_happened(message, pair.theirs, now) for pair in DOSSIER if pair.ours in HAPPENED)
    at = max([now, *filter(None, named)])  # another clock may go before ours
    return kept(row | {"at": rfc3339(at), "sequence": n}) | {"arrived": True}


def unread(message: Mapping[str, Any], now: datetime) -> list[str]:
    """The fields of a record of DongBoHoSoMC that should say when it got its status, and say no moment that can be:
    then it got it when the message came."""
    names = MOMENT_OF_STATUS.get(_text(message, "TrangThaiHoSo"), ())
    if any(_happened(message, name, now) for name in names):
        return []
    return [f"{SUPPLEMENTS}.{name}" if name in SUPPLEMENT_FIELDS else name for name in names if _text(message, name)]


def step_row(message: Mapping[str, Any]) -> dict[str, Any]:
    """A record of CapNhatTienDoHoSoMC in our fields: it names no procedure, that of its dossier is meant."""
    return kept(_mapped(message, STEP))


def field_in(message: Mapping[str, Any], ours: str, pairs: Iterable[Pair]) -> tuple[str, bool]:
    """What this message, whose fields are `pairs`, calls a field of ours, and whether it says anything there."""
    calls = [pair.theirs for pair in pairs if pair.ours == ours]
    if ours == "at" and (own := _field_of_moment(message, _text(message, "TrangThaiHoSo"))):
        calls.append(own)
    elif ours in ("due_at", "new_due_at") and _text(message, NEW_DUE):
        calls.insert(0, NEW_DUE)
    elif ours == "submitted_at":
        calls.append("NgayTiepNhan")
    said = [name for name in calls if _text(message, name)]
    name = (said or calls or [ours])[0]
    return (f"{SUPPLEMENTS}.{name}" if name in SUPPLEMENT_FIELDS else name), bool(said)


def _happened(message: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """The moment under a name, where it is one and not yet to come."""
    found = moments.read(_text(message, name))
    moment = moments.happened(found) if found else None
    return moment if moment and EARLIEST <= moment <= now + CLOCKS_DIFFER else None


def _field_of_moment(message: Mapping[str, Any], status: str) -> str | None:
    return next((name for name in MOMENT_OF_STATUS.get(status, ()) if _text(message, name)), None)


def _mapped(message: Mapping[str, Any], pairs: Iterable[Pair]) -> dict[str, Any]:
    found = {pair.ours: _read(_text(message, pair.theirs), pair.kind) for pair in pairs}
    return {name: value for name, value in found.items() if value is not None}


def _text(message: Mapping[str, Any], name: str) -> str:
    """The text under a name, of a supplement's the latest; numbers are forgiven, anything else is no text."""
    if name in SUPPLEMENT_FIELDS:
        listed = message.get(SUPPLEMENTS)
        return max((_text_of(item.get(name)) for item in listed if isinstance(item, dict)), default="") \
            if isinstance(listed, list) else ""
    return _text_of(message.get(name))


def _text_of(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))):
        return ILLFORMED
    return "" if value is None else str(value).strip()


def _read(text: str, kind: Kind) -> str | int | None:
    """The value in our words; None where nothing is said."""
    if not text:
        return None
    if kind in (Kind.moment, Kind.due):
        found = moments.read(text)
        if found and kind is Kind.due:
            return moments.due(found).isoformat()  # with the zone of its day
        return rfc3339(moments.happened(found)) if found and not found.whole else ILLFORMED
    if kind is Kind.status:
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else text
    return CHANNELS.get(text, ILLFORMED) if kind is Kind.channel else text
