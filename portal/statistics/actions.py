"""Moving the counters, inside the transaction of whatever happened; nothing here commits."""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy import update

from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.upsert import insert
from portal.statistics import measures, recounting
from portal.statistics.measures import NATION, Key, Line, Measure, Monthly, Open, Tally
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressPosition, ProgressSide, ProgressVersion

# the counters of months: their kind, their table, and its key with what of a counter stands in it
_BY_MONTH: tuple[tuple[type[Monthly] | type[Tally], Any, dict[str, str]], ...] = (
    (Monthly, ProgressMonth.__table__, {"agency_id": "agency_id", "month": "month"}),
    (Tally, ProgressSide.__table__,
     {"side": "dimension", "agency_id": "agency_id", "value": "value", "month": "month"}))
_open: Any = ProgressOpen.__table__
_version: Any = ProgressVersion.__table__
_DAY = Open.__slots__
_PLACE: dict[str, int] = {measure: n for n, measure in enumerate(Measure)}


class MendedAlready(Exception):
    """Counters were repaired after these had been counted. Count again."""


def count(changes: Iterable[tuple[Line | None, Line | None]]) -> None:
    """Move every counter by what these lines counted before and count now."""
    _move(measures.moved(changes))


def mend(found: recounting.Count) -> None:
    """Add to counters what they lack. What was counted since that was found out stays: a difference is added, nothing
    is set. The position moves on, though no dossier changed: by it kept pages of figures know that they are old.

    Raises MendedAlready, and moves nothing, where others repaired meanwhile: the difference is no longer what it was.
    """
    if not found.wrong:
        return
    bulk.serialise("progress.mend", 0)
    if recounting.repairs() != found.repairs:
        raise MendedAlready
    _move({key: true - counted for key, (counted, true) in found.wrong.items()})
    advance(1)
    session.execute(update(ProgressPosition).values(repairs=ProgressPosition.repairs + 1))


def advance(by: int) -> int:
    """Move the position on and hold it until the commit. Returns it."""
    statement = insert(ProgressPosition).values(id=1, n=by)
    further = statement.on_conflict_do_update(index_elements=["id"], set_={"n": ProgressPosition.n + by})
    return int(session.execute(further.returning(ProgressPosition.n)).scalar_one())


def _move(moved: Mapping[Key, int]) -> None:
    """Add to counters. Rows are touched in the order of their keys, so that two writers never deadlock."""
    days = sorted(key for key in moved if isinstance(key, Open))
    agencies = sorted({key.agency_id for key in moved} - {NATION})
    bulk.add_up(*(_by_month(moved, *of) for of in _BY_MONTH),
                bulk.Sums(_open, (*_DAY, "n"), [(*_values(key), moved[key]) for key in days], _DAY),
                bulk.Sums(_version, ("agency_id", "n"), [(each, 1) for each in agencies], ("agency_id",)))
    # due days pass for ever; days that nobody waits for any more are not kept
    bulk.delete(_open, _DAY, [_values(key) for key in days if moved[key] < 0], only="progress_open.n = 0")


def _by_month(moved: Mapping[Key, int], kind: type[Monthly] | type[Tally], table: Any,
              columns: Mapping[str, str]) -> bulk.Sums:
    rows: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(Measure))
    key_of = attrgetter(*columns.values())
    for key, n in moved.items():
        if isinstance(key, kind):
            rows[key_of(key)][_PLACE[key.measure]] = n
    return bulk.Sums(table, (*columns, *Measure), [(*key, *rows[key]) for key in sorted(rows)], tuple(columns))


def _values(key: Open) -> tuple[Any, ...]:
    return key.agency_id, key.due_on, key.paused
