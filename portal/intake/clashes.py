"""Codes that a dossier of this portal shares with one of an agency's own system: all from before 0031, found once."""
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.intake.models import CodeClash
from portal.kit.db import session
from portal.people.models import Agency

PAGE = 50


class Clash(NamedTuple):
    """A code, the agency that handles the dossier, how many steps of the public record are of the other dossier, and
    from when to when."""

    code: str
    agency_name: str
    steps: int
    first_at: datetime
    last_at: datetime


def found(after: str = "", size: int = PAGE) -> list[Clash]:
    """Up to `size` clashes in the order of their codes, after one of them."""
    rows = session.execute(
        select(CodeClash.code, Agency.name.label("agency_name"), CodeClash.steps, CodeClash.first_at, CodeClash.last_at)
        .join(Agency, Agency.id == CodeClash.agency_id).where(CodeClash.code > after)
        .order_by(CodeClash.code).limit(size))
    return [Clash(**row) for row in rows.mappings()]
