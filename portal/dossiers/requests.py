"""Requests for papers, row by row: each wording is written once and stays as it was."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines
from portal.dossiers.models import Dossier, SupplementItem, SupplementRequest
from portal.kit.db import session
from portal.law.deadlines import silence_ends
from portal.people.models import Person

Items = Sequence[tuple[str, str, str]]  # key, label, reason of each


def check(items: Items) -> None:
    """Raises ValueError when nothing is asked for, or a reason is missing."""
    if not items or not all(reason.strip() for _key, _label, reason in items):
        raise ValueError("each item asked for needs a reason")


def write(dossier: Dossier, items: Items, by: Person, now: datetime, **facts: Any) -> SupplementRequest:
    """One wording of a request, with the time in which to answer it."""
    until = silence_ends(deadlines.rules(dossier), now, catalogue.calendar())
    request = SupplementRequest(dossier_id=dossier.id, by_id=by.id, by_name=by.name, written_at=now, told_at=now,
                                answer_until=until, **facts)
    request.items = [SupplementItem(key=key, label=label, reason=reason) for key, label, reason in items]
    session.add(request)
    session.flush()
    session.expire(dossier, ["requests"])
    return request


def next_round(dossier: Dossier) -> int:
    """The number of the next round of asking; what was taken back keeps its own."""
    return max((request.round for request in dossier.requests), default=0) + 1
