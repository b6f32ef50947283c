"""What the portal keeps on a disk is its own user's alone: the database and its log, files, the secret key.

New things are made so by the process itself (its umask); what an earlier release left open is mended at each start, by
whatever command. The folders are closed, so that nobody reaches the many files inside, whatever their own modes.
"""
import os
from contextlib import suppress
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

OWN_FOLDER = Path("var")  # in which everything lies that has no other place
FOLDER, FILE = 0o700, 0o600


def _mend(place: Path, mode: int) -> None:
    """Close it to others, where it is there and ours; what belongs to another user that user must close."""
    with suppress(OSError):
        if (now := place.stat().st_mode & 0o777) & ~mode:
            place.chmod(now & mode)


def init_app(app: Flask) -> None:
    os.umask(0o077)
    _mend(OWN_FOLDER, FOLDER)
    _mend(OWN_FOLDER / "secret-key", FILE)
    _mend(Path(app.config["FILES_FOLDER"]), FOLDER)
    url = make_url(app.config["DATABASE_URL"])
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        for ending in ("", "-wal", "-shm", "-journal"):
            _mend(Path(url.database + ending), FILE)
