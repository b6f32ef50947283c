"""What the score makes of one dossier: whether it was late, whether it counts as online, and why it lost points. Pure;
measuring.py asks the same of the database.
"""
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.kit.text import N_

#: so many requests for papers without a finish and a dossier counts as late, whatever its date
MOST_REQUESTS = 1
ONLINE = "online"
WITHOUT_PAPER = ("cập nhật thông tin trong cơ sở dữ liệu",)  # results that are no paper, as records word them


class Lost(StrEnum):
    """Why a dossier lost points."""

    late = "late"
    unfinished_late = "unfinished_late"
    asked_again = "asked_again"
    counter = "counter"
    post = "post"
    no_result_file = "no_result_file"
    no_paper_files = "no_paper_files"


LOST_WORDS: Mapping[Lost, str] = {
    Lost.late: N_("finished late"), Lost.unfinished_late: N_("not finished, and its time is over"),
    Lost.asked_again: N_("papers asked for more than once, and not finished"),
    Lost.counter: N_("handed in at the counter"), Lost.post: N_("handed in by post"),
    Lost.no_result_file: N_("no electronic result"), Lost.no_paper_files: N_("no files of its papers")}


class Life(NamedTuple):
    """Of a dossier what decides. `finished_at`: the first that is known of decided, handed over, and (stopped, refused,
    withdrawn after acceptance) ended; `stopped_at`: since when the applicant's papers are awaited. `due_at`: by the
    rule of the index, which subtracts the waiting; Decree 118/2025 begins the limit anew, and its date is kept beside
    it. `requests`: how often papers were asked for."""

    due_at: datetime | None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    requests: int = 0


def judged_at(life: Life, end: datetime) -> datetime:
    """The moment that is compared with the due date: of the finish; of the asking while papers are awaited; else the
    end of the period. What came after the period had ended had not come yet."""
    for moment in (life.finished_at, life.stopped_at):
        if moment is not None and moment <= end:
            return moment
    return end


def late(life: Life, end: datetime) -> bool | None:
    """Whether it counts as late at the end of the period; None where the law sets no limit."""
    if not _finished(life, end) and life.requests > MOST_REQUESTS:
        return True
    return None if life.due_at is None else judged_at(life, end) > life.due_at


def why_late(life: Life, end: datetime) -> Lost | None:
    """Why it is late; None where it is not."""
    if not late(life, end):
        return None
    if _finished(life, end):
        return Lost.late
    return Lost.asked_again if life.requests > MOST_REQUESTS else Lost.unfinished_late


def _finished(life: Life, end: datetime) -> bool:
    return life.finished_at is not None and life.finished_at <= end


def gives_paper(codes: Sequence[str], result: str | None) -> bool:
    """Whether a procedure gives a paper. Where the record does not say, it does: nearly all do, and who counts a
    dossier as online without its result would be kinder than the rule."""
    said = (result or "").lower()
    return bool(codes) or not any(words in said for words in WITHOUT_PAPER)


def why_not_online(channel: str, *, paper: bool, file: bool) -> Lost | None:
    """Why a dossier does not count as handed in online: another channel, or no electronic result where the procedure
    gives a paper. What says no channel came to the counter."""
    if channel != ONLINE:
        return Lost.post if channel == Lost.post else Lost.counter
    return Lost.no_result_file if paper and not file else None


def synchronised(portal: int, reported: int | None, last_year: int | None, periods: int) -> tuple[int, int]:
    """Dossiers known to the portal, of how many: the larger of what the agency reported and of what the portal has; for
    want of a report last year's by the number of periods in a year; without any, (0, 0)."""
    said = reported if reported is not None else None if last_year is None else -(-last_year // periods)
    return (0, 0) if said is None else (portal, max(said, portal))
