"""What an office sends from its desk goes as a message, like anybody's: numbered, written, read back, taken in."""
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exchange import composing, conversation, drafts, queries, sending
from portal.exchange.models import Document, Message
from portal.files import queries as stored
from portal.kit import clock, files
from portal.kit.db import session, transaction
from tests import make
from tests.exchange import documents as made

pytestmark = pytest.mark.real_commits
SAYS = drafts.Written("", "UBND-VX", "Công văn", "Về việc phối hợp rà soát thủ tục", "", "Lào Cai", "Trần Văn Bình",
                      "Phó Chủ tịch", "KT. CHỦ TỊCH", 1, None)


@pytest.fixture
def town(town: Flask) -> Any:
    with town.app_context():
        yield town


def draft(*to: str, sender: str = "H26", **kw: Any) -> Document:
    by = make.staff("clerk", sender)
    receivers = [made.participant(code) for code in to or ("H17",)]
    with transaction():
        begun = drafts.begin(made.participant(sender), by)
        drafts.save(begun, SAYS._replace(**kw), [one.id for one in receivers])
    made.file(begun, by=by)
    return begun


def send(begun: Document) -> Document:
    by = make.staff("clerk", begun.sender.code)
    return sending.send(begun, composing.receivers_of(begun), by)


def test_a_draft_is_sent_under_the_next_number_of_its_book_to_each_receiver(town: Flask) -> None:
    first, second = send(draft("H17", "H29", "G01")), send(draft("H17"))
    assert (first.number, second.number) == ("1", "2") and first.state == "sent"
    assert (first.out_number, first.out_year) == (1, clock.today().year)
    assert sorted(copy.receiver.code for copy in first.copies) == ["G01", "H17", "H29"]
    assert {copy.state for copy in first.copies} == {"arrived"}, "who works on pages has it at once"


def test_one_message_goes_to_all_of_them_and_is_kept_as_it_went(town: Flask) -> None:
    document = send(draft(*("H17", "H29", "G01", "G15")))
    [message] = conversation.messages_of(document)
    assert message.business == "new" and message.file is not None
    assert len(queries.deliveries_of(message.id)) == 4
    assert b"UBND-VX" in files.where(message.file.blob).read_bytes()


def test_the_files_of_the_draft_are_the_documents_and_stand_in_the_message(town: Flask) -> None:
    begun = draft("H17")
    digests = [one.sha256 for one in stored.attachments_of(begun.owner)]
    document = send(begun)
    assert [one.sha256 for one in stored.attachments_of(document.owner)] == digests
    [message] = conversation.messages_of(document)
    assert [one["sha256"] for one in message.facts["attachments"]] == digests


def test_a_number_that_was_typed_stays_and_the_register_has_its_own(town: Flask) -> None:
    document = send(draft("H17", number="77a"))
    assert (document.number, document.out_number) == ("77a", 1)


def test_the_same_number_of_one_day_is_not_given_twice(town: Flask) -> None:
    send(draft("H17", number="5"))
    begun = draft("H17", number="5")
    with pytest.raises(sending.NotSent, match="number_taken"):
        send(begun)
    assert session.get_one(Document, begun.id, populate_existing=True).state == "draft"


def test_what_is_for_nobody_or_was_sent_is_not_sent(town: Flask) -> None:
    begun = draft("H17")
    by = make.staff("clerk", "H26")
    with pytest.raises(sending.NotSent, match="no_receivers"):
        sending.send(begun, [], by)
    receivers = composing.receivers_of(begun)
    sending.send(begun, receivers, by)
    with pytest.raises(sending.NotSent, match="gone"):
        sending.send(begun, receivers, by)


def test_an_answer_names_what_it_answers_and_that_is_answered(town: Flask) -> None:
    asked = send(draft("H17", due_on=made.day(5)))
    by = make.staff("clerk", "H17")
    with transaction():
        begun = drafts.begin(made.participant("H17"), by, answers=asked.copies[0])
        drafts.save(begun, SAYS, begun.receivers)
    answer = sending.send(begun, composing.receivers_of(begun), by)
    session.expire_all()
    assert [copy.receiver.code for copy in answer.copies] == ["H26"]
    assert asked.copies[0].answered_at is not None and asked.copies[0].answer_id == answer.id
    assert [one.id for one in conversation.answers_to(asked.id)] == [answer.id]


def test_a_recall_asks_those_who_are_named_and_nobody_else(town: Flask) -> None:
    document = send(draft("H17", "H29"))
    h17 = next(copy for copy in document.copies if copy.receiver.code == "H17")
    sending.recall(document, [h17.receiver], "Ban hành nhầm", make.staff("clerk", "H26"))
    session.expire_all()
    assert {copy.receiver.code: copy.recall for copy in document.copies} == {"H17": "asked", "H29": None}
    [told] = [one for one in conversation.of_document(document.id) if one.code == "13"]
    assert (told.note, told.receivers) == ("Ban hành nhầm", 1)


def test_an_update_says_anew_adds_and_removes_receivers(town: Flask) -> None:
    document = send(draft("H17", "H29"))
    keep, lose = (made.participant(code) for code in ("H17", "H29"))
    sending.update(document, SAYS._replace(subject="Nội dung mới"), [keep], make.staff("clerk", "H26"),
                   reason="Sửa nội dung", removed=[lose], added=[made.participant("G01")])
    session.expire_all()
    by_code = {copy.receiver.code: copy for copy in document.copies}
    assert (document.subject, document.edition) == ("Nội dung mới", 2)
    assert by_code["H17"].updated_at and by_code["H29"].removed_at and by_code["G01"].state == "arrived"
    assert len(stored.attachments_of(document.owner)) == 1, "files stay where none came"


@pytest.mark.parametrize(("chosen", "replaced"), [(("H17", "H29"), {"H17", "H29"}), (("H29",), {"H29"})])
def test_a_replacement_replaces_at_those_who_get_it(town: Flask, chosen: tuple[str, ...], replaced: set[str]) -> None:
    old, by = send(draft("H17", "H29")), make.staff("clerk", "H26")
    with transaction():
        begun = drafts.begin(old.sender, by, replaces=old)
        drafts.save(begun, SAYS, [made.participant(code).id for code in chosen])
    new = sending.replace(begun, composing.receivers_of(begun), by)
    session.expire_all()
    assert {copy.receiver.code for copy in old.copies if copy.replaced_at} == replaced
    assert old.replaced_by_id == new.id


def test_a_draft_thrown_away_leaves_nothing_behind(town: Flask) -> None:
    old, by = send(draft("H17")), make.staff("clerk", "H26")
    with transaction():
        begun = drafts.begin(old.sender, by, replaces=old)
    file = made.file(begun, by=by)
    file_id, draft_id = file.file_id, begun.id
    with transaction():
        drafts.discard(begun)
    assert session.get(Document, draft_id) is None and old.replaced_by_id is None
    assert stored.attachment_of_file(file_id) is None


def test_a_status_of_the_receiver_goes_to_the_sender_as_a_message(town: Flask) -> None:
    document = send(draft("H17"))
    event = made.happened(document.copies[0], "03")
    told = sending.status_of(event.id)
    assert told is not None
    make.done("exchange.tell_status", event_id=event.id)
    [message] = session.scalars(select(Message).where(Message.kind == "status"))
    assert (message.status_code, message.about_key, message.verdict) == ("03", document.key, "accepted")
    assert [one.receiver.code for one in queries.deliveries_of(message.id)] == ["H26"]
    assert len(conversation.of_copy(document.copies[0])) == 3, "sent, arrived, registered: told once"
    assert sending.status_of(made.happened(document.copies[0], "answered").id) is None, "that is no status"


def test_what_a_dialect_cannot_carry_is_said_before(town: Flask) -> None:
    begun = draft("H17", "H29", due_on=made.day(5))
    made.participant("H29").profile = "gateway"
    session.commit()
    receivers = composing.receivers_of(begun)
    [told] = composing.limits(composing.of_draft(begun, receivers), receivers)
    assert told.receivers == (made.participant("H29").name,)
    assert "By when an answer is asked" in told.left_out
