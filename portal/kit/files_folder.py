"""The files folder and its mark: a file that says to which database the folder belongs.

A folder whose disk is not mounted looks like an empty one. Nothing is therefore ever kept in a folder without the mark,
no page makes the folder, and only the first set-up of a database does.
"""
import errno
import os
import secrets
from pathlib import Path

from flask import current_app
from sqlalchemy import Engine

from portal.kit import deployment

MARK = ".portal-files"


class Missing(OSError):
    """The files folder is not there, or not the one of this database."""

    def __init__(self, place: Path, why: str) -> None:
        super().__init__(errno.ENOENT, why, str(place))
        self.why = why


def root() -> Path:
    """The folder that holds every kept file."""
    return Path(current_app.config["FILES_FOLDER"]).resolve()


def check() -> Path:
    """The folder, for who is about to keep something. Raises Missing."""
    place = root()
    if current_app.testing:
        place.mkdir(parents=True, exist_ok=True)
    elif not (place / MARK).is_file():
        raise Missing(place, "the files folder is not there, or lost its mark")
    return place


def set_up(engine: Engine, *, is_new: bool) -> None:
    """At a first set-up (`is_new`: no row names a file) make the folder and its mark; afterwards see that it is still
    this database's. Raises Missing."""
    place = root()
    with engine.connect() as connection:
        known = deployment.said(connection, deployment.FILES_MARK)
    if known is None:
        if not place.is_dir() and not is_new:
            raise Missing(place, "the database names files, and their folder is not there")
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        deployment.say(engine, deployment.FILES_MARK, _read(place) or write_mark(place, secrets.token_hex(16)))
    elif (found := _read(place)) != known:
        raise Missing(place, "the files folder is not there, or its disk is not mounted" if found is None
                      else "this is the files folder of another database")


def write_mark(place: Path, mark: str) -> str:
    """Mark a folder; returns the mark."""
    handle = os.open(place / MARK, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{mark}\n")
        file.flush()
        os.fsync(file.fileno())
    return mark


def _read(place: Path) -> str | None:
    try:
        return (place / MARK).read_text().strip() or None
    except OSError:
        return None


def is_in_place(known: str | None) -> bool:
    """Whether the folder is there with the mark that the database knows, and can be written to."""
    place = root()
    return known is not None and _read(place) == known and os.access(place, os.W_OK | os.X_OK)
