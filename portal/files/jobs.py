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
@jobs.job(Lane.outside, limit_s=AT_ONCE * scanning.LATER_S)
def scan_waiting() -> list[Unscanned] | None:
    """The oldest files that nobody has looked through: just handed in, kept while the scanner was away, or kept before
    there was one."""
    if not scanning.has_scanner():
        return None
    return [Unscanned(file.id, file.blob) for file in queries.unscanned(AT_ONCE)] or None


@scan_waiting.work
def _scan(waiting: list[Unscanned]) -> list[scanning.Verdict]:
    """Until the scanner is away: the others wait for the next time."""
    found: list[scanning.Verdict] = []
    for file in waiting:
        verdict = scanning.look(file.blob, seconds=scanning.LATER_S)
        if verdict is None:
            break
        found.append(verdict)
    return found


@scan_waiting.write
def _note(waiting: list[Unscanned], verdicts: list[scanning.Verdict]) -> None:
    for file, verdict in zip(waiting, verdicts, strict=False):
        actions.note_scan(file.id, verdict)
    if len(verdicts) == AT_ONCE:
        jobs.put("files.scan_waiting")
