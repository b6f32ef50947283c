"""Whether a file was looked through for viruses, and by whom: a clamd that runs beside the portal, where there is one.

A file that people handed in is shown to nobody before it was found clean, while scanning is on; a scanner that is away
makes it wait, and never lets it pass. Where no scanner is set and none is required, files are shown unscanned, and the
pages of officers say so.
"""
import logging
import time
from enum import StrEnum
from typing import NamedTuple

from flask import current_app

from portal.files.models import FileState, StoredFile
from portal.kit import clamd, files

AT_ONCE_S = 5.0  # while somebody waits for the page
LATER_S = 60.0  # in a job
THERE_S = 2.0  # for the scanner to say that it is there
REST_S = 30.0  # after the scanner was away nobody who waits for a page asks it again for so long
#: What is no virus, and found all the same where the scanner's settings tell of it: why such a file is not taken.
NO_VIRUS = {"Heuristics.Encrypted.": "locked", "Heuristics.Limits.Exceeded": "bomb"}
log = logging.getLogger(__name__)


class Standing(StrEnum):
    """What may be done with a stored file now. `clean`: shown; `unscanned`: shown, and said to be so; `waiting`: for
    the scanner, shown to nobody; `refused`: something was found in it, shown to nobody."""

    clean = "clean"
    unscanned = "unscanned"
    waiting = "waiting"
    refused = "refused"


class Verdict(NamedTuple):
    """What the scanner said: `threat` is what it found, "" when nothing."""

    threat: str

    @property
    def reason(self) -> str:
        """Which of the reasons for not taking a file (`kit.files.REASONS`) it is."""
        return next((why for begins, why in NO_VIRUS.items() if self.threat.startswith(begins)), "virus")


def is_on() -> bool:
    """Whether files wait for a scanner."""
    return bool(current_app.config["CLAMD"]) or bool(current_app.config["SCAN_REQUIRED"])


def has_scanner() -> bool:
    """Whether there is one to ask."""
    return bool(current_app.config["CLAMD"])


def standing(file: StoredFile) -> Standing:
    """How a file stands. One that the portal made, or a scanner found clean, is clean whatever is set now."""
    if file.state == FileState.refused:
        return Standing.refused
    if file.cleared_at is not None:
        return Standing.clean
    return Standing.waiting if is_on() else Standing.unscanned


def is_shown(file: StoredFile) -> bool:
    """Whether it may be downloaded."""
    return standing(file) in (Standing.clean, Standing.unscanned)


def look(blob: str, *, seconds: float) -> Verdict | None:
    """Have a kept file looked through; None when nobody could: no scanner is set, it is away, or it cannot say
    anything of this one, whose bytes may be gone."""
    address = current_app.config["CLAMD"]
    if not address:
        return None
    try:
        with files.where(blob).open("rb") as content:
            return Verdict(clamd.scan(address, content, seconds=seconds) or "")
    except (clamd.Away, OSError) as error:
        log.warning("no virus scan: %s", error)
        return None


def is_there() -> bool:
    """Whether the scanner answers now: then it was the file that it could say nothing of."""
    address = current_app.config["CLAMD"]
    return bool(address) and clamd.answers(address, seconds=THERE_S)


def look_at_once(blob: str) -> Verdict | None:
    """The same for somebody who waits: a scanner that was away a moment ago is not waited for again."""
    rest = current_app.extensions.setdefault("scanner", {"until": 0.0})
    if not current_app.config["CLAMD"] or time.monotonic() < rest["until"]:
        return None
    verdict = look(blob, seconds=AT_ONCE_S)
    if verdict is None:
        rest["until"] = time.monotonic() + REST_S
    return verdict
