"""Deleting kept files that nothing names any more: replaced ones, removed ones, those of a transaction that failed.

Every column called `blob` names kept files, whatever room its table is in. A file of the last day is never touched:
its row may not be committed yet. What looks unnamed is looked up again while nobody can write such a row, so that a row
that begins to name a file meanwhile is either seen, or waits and its writer made the file anew.
"""
import logging
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from os import DirEntry, scandir
from typing import Any

from sqlalchemy import select, text

from portal.kit import clock, deployment, files
from portal.kit.db import Base, session
from portal.kit.hot import bulk

REST = timedelta(days=1)
LOOKED_UP = 1000  # files by one statement
AT_ONCE = 500  # files deleted in one transaction: nobody may write a row that names a file meanwhile
SOME = 100  # so few may be swept without a further look
MOST = 0.5  # of the files that have rested; more are swept by nobody without a person
_SHELF = re.compile(r"[0-9a-f]{2}", re.ASCII)
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PART = ".part-"
Spared = Callable[[str, datetime], bool]  # the path of a file that no row names, and when it was written
log = logging.getLogger(__name__)


class TooMany(Exception):
    """Most of the files have no row: rather the wrong database, or the wrong folder, than so much to sweep."""


def unwanted(is_spared: Spared, *, even_most: bool = False) -> list[str]:
    """The files that have rested a day, are named by no row and not spared. Only reads. Raises TooMany unless
    `even_most`."""
    rested, unnamed = 0, list[tuple[str, datetime]]()
    for shelf in _shelves():
        found = dict(shelf)
        rested += len(found)
        unnamed += [(path, found[path]) for path in sorted(found.keys() - _named(found))]
    paths = [path for path, written_at in unnamed if not is_spared(path, written_at)]
    if not even_most and len(paths) > SOME and len(paths) > MOST * rested:
        raise TooMany(f"{len(paths)} of {rested} kept files have no row")
    return paths


def delete(paths: Sequence[str]) -> int:
    """Delete those of some unwanted files that still no row names. Returns how many.

    Nothing else may stand in this transaction, and no more than AT_ONCE be given: nobody can write meanwhile.
    """
    if _is_copied():
        return 0
    _hold_rows()
    gone = sorted(set(paths) - _named(paths))
    for path in gone:
        files.forget(path)
        log.info("swept %s", path)
    return len(gone)


def _is_copied() -> bool:
    """Whether a backup copies files now: those that its snapshot names must be there until it has them."""
    until = deployment.said(session.connection(), deployment.BACKUP_UNTIL)
    return until is not None and until != "" and datetime.fromisoformat(until) > clock.now()


def _shelves() -> Iterator[Iterator[tuple[str, datetime]]]:
    """For each folder, its files that have rested: path under the files folder, when written. Pieces of files that
    were never finished are deleted on the way."""
    root, before = files.root(), clock.now() - REST
    if not root.is_dir():
        return
    with scandir(root) as folders:
        names = sorted(folder.name for folder in folders
                       if _SHELF.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False))
    for name in names:
        with scandir(root / name) as found:
            entries = list(found)
        _clear_benches(entries, before)
        yield ((f"{name}/{entry.name}", at) for entry in entries
               if entry.is_file(follow_symlinks=False) and (at := _written_at(entry)) < before
               and _is_whole(f"{name}/{entry.name}", entry.name))


def _clear_benches(entries: Sequence[DirEntry[str]], before: datetime) -> None:
    """What was being worked at when its process died."""
    for entry in entries:
        if entry.name.startswith(_PART) and entry.is_dir(follow_symlinks=False) and _written_at(entry) < before:
            shutil.rmtree(entry.path, ignore_errors=True)


def _written_at(entry: DirEntry[str]) -> datetime:
    return datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, clock.UTC)


def _is_whole(path: str, name: str) -> bool:
    if name.startswith(_PART):
        files.forget(path)
    return _NAME.fullmatch(name) is not None


def _columns() -> list[Any]:
    return [table.c.blob for table in Base.metadata.sorted_tables if "blob" in table.c]


def _named(paths: Collection[str]) -> set[str]:
    """Those of the paths that a row names."""
    listed, found = list(paths), set[str]()
    for start in range(0, len(listed), LOOKED_UP):
        some = listed[start:start + LOOKED_UP]
        for column in _columns():
            found.update(session.scalars(select(column).where(bulk.among(column, some))))
    return found


def _hold_rows() -> None:
    """Let nobody write a row that names a file until the end of this transaction; on SQLite nobody can anyway.

    Gives up (OperationalError) before the database would look for a deadlock and choose somebody else to fail.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(column.table.name for column in _columns())
        session.execute(text("SET LOCAL lock_timeout = '500ms'"))
        session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
