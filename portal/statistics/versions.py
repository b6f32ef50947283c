"""What was read of each agency's counters, read again only where they have moved since.

A transaction that moves an agency's counters raises its number in progress_version. The numbers are read first: what is
read after one of them is at least as new, and is read again as soon as the number is another.
"""
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select

from portal.kit import clock
from portal.kit.hot import reading
from portal.statistics.models import ProgressVersion

LONGEST_S = 600  # what is kept is read anew after this whatever the numbers: a process of before 0006 raises none
MOST = 12  # readings kept at once, each of some hundred agencies
_one_at_a_time = Lock()
T = TypeVar("T")
_version: Any = ProgressVersion.__table__
_VERSIONS = select(_version.c.agency_id, _version.c.n)


def by_agency(name: str, of: Hashable, read: Callable[[Sequence[int] | None], dict[int, T]]) -> dict[int, T]:
    """By the id of each agency that has any, what `read` answers: of the agencies with these ids, of all for None.

    `name` and `of` are all that the answer depends on apart from the counters.
    """
    if not reading.past_the_session():  # a transaction that is taken back must leave nothing behind
        return read(None)
    versions: dict[int, int] = dict(reading.rows(_VERSIONS))
    kept = _kept((name, of, int(clock.now().timestamp()) // LONGEST_S))
    moved = [agency_id for agency_id, n in versions.items() if kept.get(agency_id, (0,))[0] != n]
    if moved or not kept:
        found = read(moved if kept and len(moved) * 2 < len(versions) else None)
        # also those that have no number yet: a process of before 0006 was the first to count them
        kept |= {agency_id: (versions.get(agency_id, 0), found.get(agency_id)) for agency_id in {*moved, *found}}
    return {agency_id: value for agency_id, (_n, value) in kept.copy().items() if value is not None}


def _kept(what: Hashable) -> dict[int, Any]:
    """What is kept of this, by agency: the number of its counters, and what was read after that."""
    all_kept: dict[Hashable, dict[int, Any]] = current_app.extensions.setdefault("versions", {})
    with _one_at_a_time:
        while what not in all_kept and len(all_kept) >= MOST:
            del all_kept[next(iter(all_kept))]
        return all_kept.setdefault(what, {})
