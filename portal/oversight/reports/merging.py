"""Two people at one report: what each changed since the page that they saw is put together field by field. Pure.

A field that one of them changed is as that one wrote it; one that both wrote the same way is no clash. Where both wrote
something else, nobody's word is lost: the saved answer stays, the other one is handed back, and a person chooses. Rows
of a table are merged row by row and cell by cell: by the label in their first column where these are all different,
else by their place.
"""
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Clash:
    """`field` was changed by both: `theirs` is what is saved, `mine` what was written beside it. Of a table each has
    all that the other changed elsewhere, so that choosing one loses the cells alone in which they differ."""

    field: str
    theirs: Any
    mine: Any


@dataclass(frozen=True)
class Merged:
    """`answers`: the fields whose saved answer changes by it."""

    answers: Mapping[str, Any]
    clashes: tuple[Clash, ...]


def merge(mine: Mapping[str, Any], bases: Mapping[str, Any], saved: Mapping[str, Any],
          tables: Mapping[str, str | None] | None = None) -> Merged:
    """`mine` by field as it was written on a page that showed `bases`, into what is `saved` now. `tables`: of the
    fields that are tables the key of the column that names a row, None where none does."""
    answers: dict[str, Any] = {}
    clashes: list[Clash] = []
    for field, value in mine.items():
        base, theirs = bases.get(field), saved.get(field)
        left: Any
        right: Any
        if tables is not None and field in tables and all(_is_rows(one) for one in (base, value, theirs)):
            left, right = _rows(base or [], value or [], theirs or [], tables[field])
        else:
            left, right = _one(base, value, theirs, prefer_mine=True), _one(base, value, theirs, prefer_mine=False)
        if not same(right, theirs):
            answers[field] = right
        if not same(left, right):
            clashes.append(Clash(field, right, left))
    return Merged(answers, tuple(clashes))


def same(one: Any, other: Any) -> bool:
    """Whether two answers say the same. Nothing, an empty text and no rows are all no answer; a nought is one."""
    empty: tuple[Any, ...] = (None, "", [])
    if any(isinstance(each, bool) for each in (one, other)):
        return one is other
    return (one in empty and other in empty) or bool(one == other)


def _one(base: Any, mine: Any, theirs: Any, *, prefer_mine: bool) -> Any:
    """Three ways to say one thing: who changed it wins; of two who did, as asked for."""
    if same(mine, base):
        return theirs
    if same(theirs, base) or same(mine, theirs):
        return mine
    return mine if prefer_mine else theirs


def _is_rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))


def _rows(base: Rows, mine: Rows, theirs: Rows, label: str | None) -> tuple[list[Any], list[Any]]:
    """(where cells clash mine wins, where cells clash theirs wins)."""
    keyed = [_keyed(rows, label) for rows in (base, mine, theirs)]
    if label is None or any(len(found) < len(rows) for found, rows in zip(keyed, (base, mine, theirs), strict=True)):
        if min(len(mine), len(theirs)) < len(base):  # a row was taken away, and none has a name: which one it was
            return (list(_one(list(base), list(mine), list(theirs), prefer_mine=True)),  # nobody can say
                    list(_one(list(base), list(mine), list(theirs), prefer_mine=False)))
        keyed = [_placed(base, ""), _placed(mine, "mine", len(base)), _placed(theirs, "theirs", len(base))]
    return _together(*keyed, prefer_mine=True), _together(*keyed, prefer_mine=False)


def _keyed(rows: Rows, label: str | None) -> dict[Hashable, Mapping[str, Any]]:
    """By label; fewer than there are where a label is missing, or stands twice."""
    return {row[label]: row for row in rows if label and isinstance(row.get(label), str) and row[label]}


def _placed(rows: Rows, whose: str, common: int | None = None) -> dict[Hashable, Mapping[str, Any]]:
    """By place; what somebody wrote below the rows that were there is that one's own."""
    return {n if common is None or n < common else (whose, n): row for n, row in enumerate(rows)}


def _together(base: Mapping[Hashable, Any], mine: Mapping[Hashable, Any], theirs: Mapping[Hashable, Any], *,
              prefer_mine: bool) -> list[Any]:
    found: dict[Hashable, Any] = {}
    for key in [*theirs, *(key for key in mine if key not in theirs), *(
            key for key in base if key not in mine and key not in theirs)]:
        row = _row(base.get(key), mine.get(key), theirs.get(key), prefer_mine=prefer_mine)
        if row is not None:
            found[key] = row
    rows = list(found.values())
    # the same row written below by both is one row
    return [row for n, row in enumerate(rows) if list(found)[n] in base or row not in rows[:n]]


def _row(base: Any, mine: Any, theirs: Any, *, prefer_mine: bool) -> Any:
    """One row; None where it was taken away."""
    if mine is None or theirs is None:
        return _one(base, mine, theirs, prefer_mine=prefer_mine)
    before = base or {}
    cells = {key: _one(before.get(key), mine.get(key), theirs.get(key), prefer_mine=prefer_mine)
             for key in [*theirs, *(key for key in mine if key not in theirs)]}
    return {key: value for key, value in cells.items() if value is not None}
