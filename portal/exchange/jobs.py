"""What the exchange does after the commit, and what a clock does to documents. Each is safe to run twice."""
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from portal.exchange import (
    flows,
    following,
    opinions,
    pushing,
    queries,
    receiving,
    reminders,
    sending,
    silence,
    telling,
    unmatched,
    unpacking,
)
from portal.exchange.models import Document, ExchangeEvent, Message, Verdict
from portal.exchange.unpacking import Taken
from portal.kit import clock, files, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane

PUSH_S, READ_S = 150.0, 300.0

# what people and senders are told


@jobs.job(Lane.quick)
def tell_people(event_id: int) -> None:
    """Tell whoever works here and is concerned by what happened to a document."""
    telling.of_event(session.get_one(ExchangeEvent, event_id))


@jobs.job(Lane.quick)
def follow_dossier(dossier_id: int) -> None:
    """Let the documents about a dossier of ours move with it."""
    following.from_dossier(dossier_id)


@jobs.job(Lane.quick)
def match_again(participant_id: int) -> None:
    """Try what this participant said before, and nobody understood, with what a person taught."""
    unmatched.match_again(participant_id)


@jobs.job(Lane.slow, limit_s=READ_S)
def tell_status(event_id: int) -> sending.Status | None:
    """Tell a document's sender by a status message what its receiver did here."""
    return sending.status_of(event_id)


@tell_status.work
def _write_status(status: sending.Status) -> Taken:
    return sending.write(status.said)


@tell_status.write
def _send_status(status: sending.Status, taken: Taken) -> None:
    sending.take_status(status, taken)


# what a clock does to documents

@jobs.nightly("01:40")
@jobs.job(Lane.quick)
def look_at_due() -> None:
    """Each night: tell who has to answer soon or is late, and remind those who are."""
    jobs.put("exchange.tell_due")
    for document_id in reminders.late_documents(clock.today()):
        jobs.put("exchange.remind", unique=str(document_id), document_id=document_id)


@jobs.job(Lane.quick)
def tell_due() -> None:
    """Some of them, and the rest after these."""
    if reminders.tell_due(clock.today()):
        jobs.put("exchange.tell_due")


@jobs.job(Lane.slow, limit_s=READ_S)
def remind(document_id: int) -> None:
    """Send the letter that reminds. It is sent like any other, in transactions of its own; done twice, it goes once."""
    reminders.remind_of(document_id)


@remind.write
def _reminded(_nothing: None) -> None:
    """Nothing is left: that a job has this act lets it begin without a transaction."""


# what is watched over

@jobs.every(minutes=15)
@jobs.job(Lane.quick)
def look_for_silence() -> None:
    """Raise the alarm for participants that fell silent, end it for those that were seen again."""
    silence.look()


@jobs.nightly("02:35")
@jobs.job(Lane.slow)
def fold_traffic() -> None:
    """Add up the traffic of each month that is over."""
    flows.fold(clock.today())


@jobs.nightly("02:20")
@jobs.job(Lane.slow)
def match_answers() -> None:
    """Find what the answers of the last days answer, should it have come after them."""
    unmatched.match_answers(clock.now() - timedelta(days=3))


# messages on their way


@jobs.job(Lane.outside, limit_s=PUSH_S)
def push(receiver_id: int) -> pushing.Turn | None:
    """What is due for another portal."""
    return pushing.turn(receiver_id)


@push.work
def _push(turn: pushing.Turn) -> list[pushing.Outcome]:
    return pushing.push(turn)


@push.write
def _note(turn: pushing.Turn, outcomes: list[pushing.Outcome]) -> None:
    pushing.note(turn, outcomes)


@jobs.every(minutes=2)
@jobs.job(Lane.quick)
def push_what_is_due() -> None:
    """A turn whose job was lost, or that waited for an address, is put again."""
    for receiver_id in pushing.with_something_due():
        pushing.go_on(receiver_id)


class Kept(NamedTuple):
    """A message whose bytes lie here, the certificates of its sender, and which of its files were found unfit."""

    message_id: int
    blob: files.Blob
    certificates: Sequence[str]
    refused: dict[str, str]


@jobs.job(Lane.slow, limit_s=READ_S)
def take_up(message_id: int) -> Kept | None:
    """A message that was kept, to be followed now: see receiving.take_up."""
    row = queries.message(message_id)
    if row is None or row.file is None or row.verdict not in (Verdict.conflict, Verdict.unmatched, Verdict.accepted):
        return None
    refused = {one["sha256"]: one["reason"] for one in row.facts.get("attachments", ()) if one["reason"]}
    return Kept(row.id, files.Blob(row.file.blob, row.sha256, row.size, row.file.media_type),
                unpacking.pinned(row.from_code), refused)


@take_up.work
def _read(kept: Kept) -> Taken:
    return unpacking.read_kept(kept.blob, certificates=lambda _organ: kept.certificates, refused=kept.refused)


@take_up.write
def _take_up(kept: Kept, taken: Taken) -> None:
    receiving.take_up(session.get_one(Message, kept.message_id), taken)


# opinions about dossiers

@jobs.job(Lane.quick)
def note_opinion(document_id: int) -> None:
    """Write down a question that was sent, or throw one away that was not, where whoever asked was cut off."""
    if opinions.note(document_id) is None:
        opinions.give_up(document_id)



@jobs.job(Lane.quick)
def close_opinion(document_id: int) -> None:
    """File a document that answers an opinion with its dossier, and close the opinion."""
    opinions.close(session.get_one(Document, document_id))


@jobs.every(minutes=30)
@jobs.job(Lane.quick)
def report_late_opinions() -> None:
    """Find the opinions whose time is over; each is told by itself."""
    for number in opinions.late(clock.now()):
        jobs.put("exchange.report_late_opinion", unique=str(number), opinion_id=number)


@jobs.job(Lane.quick)
def report_late_opinion(opinion_id: int) -> None:
    """Tell the head of the one-stop unit that no answer came in time."""
    opinions.report_late(opinion_id)
