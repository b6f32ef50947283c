"""Moments as machines write them: RFC 3339 in UTC, and the yyyyMMddHHmmss of the national messages (Vietnam)."""
import re
from datetime import UTC, datetime

from portal.kit.clock import VN

_NATIONAL = re.compile(r"[0-9]{14}", re.ASCII)


def rfc3339(moment: datetime | None) -> str | None:
    """2026-11-22T01:30:00Z; a fraction only where there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def national(moment: datetime | None) -> str:
    """20261122083000, Vietnam time; nothing where there is no moment."""
    return "" if moment is None else f"{moment.astimezone(VN):%Y%m%d%H%M%S}"


def from_national(text: str) -> datetime | None:
    """The moment of 20261122083000 in Vietnam, or None when it is none."""
    if not _NATIONAL.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=VN).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
