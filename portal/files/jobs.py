"""Work put off until after the commit. Safe to run twice."""
import logging
from typing import NamedTuple

from portal.files import actions, queries, scanning
from portal.kit import jobs
from portal.kit.jobs import Lane

AT_ONCE = 50  # files scanned in one job
log = logging.getLogger(__name__)


class Unscanned(NamedTuple):
    """A file that waits for the scanner."""

    id: int
    blob: str


@jobs.every(minutes=1)
@jobs.job(Lane.outside)
def scan_waiting() -> None:
    """Begin with the file that waits longest."""
    if scanning.has_scanner() and queries.unscanned(1):
        jobs.put("files.scan", unique="0", after_id=0)


@jobs.job(Lane.outside, limit_s=AT_ONCE * (scanning.LATER_S + scanning.THERE_S))
def scan(after_id: int) -> list[Unscanned] | None:
    """The oldest files, newer than the one numbered `after_id`, that nobody has looked through: just handed in, kept
    while the scanner was away, or kept before there was one."""
    if not scanning.has_scanner():
        return None
    return [Unscanned(file.id, file.blob) for file in queries.unscanned(AT_ONCE, after=after_id)] or None


@scan.work
def _scan(waiting: list[Unscanned]) -> list[scanning.Verdict | None]:
    """Until the scanner is away: the others wait for the next time. One of which a scanner that is there cannot say
    anything (too large for it, gone, never ending) waits by itself and holds up nobody behind it."""
    found: list[scanning.Verdict | None] = []
    for file in waiting:
        verdict = scanning.look(file.blob, seconds=scanning.LATER_S)
        if verdict is None and not scanning.is_there():
            break
        if verdict is None:
            log.error("file %s cannot be scanned, and is shown to nobody", file.id)
        found.append(verdict)
    return found


@scan.write
def _note(waiting: list[Unscanned], verdicts: list[scanning.Verdict | None]) -> None:
    for file, verdict in zip(waiting, verdicts, strict=False):
        if verdict is not None:
            actions.note_scan(file.id, verdict)
    if len(verdicts) == AT_ONCE:
        jobs.put("files.scan", unique=str(waiting[-1].id), after_id=waiting[-1].id)
