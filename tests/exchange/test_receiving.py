"""What is taken in: once, whole, by whom it is from; recalls, updates, replacements, statuses and answers."""
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange import queries, receiving
from portal.exchange.edxml import message as edxml
from portal.exchange.edxml.message import Business, BusinessInfo, Organ, ReceiverChange, Replacement
from portal.exchange.models import (
    Conformance,
    Copy,
    Delivery,
    Document,
    ExchangeEvent,
    Message,
    PairNumber,
    Participant,
    Traffic,
    Verdict,
)
from portal.exchange.receiving import Accepted, NotTaken
from portal.files import actions
from portal.files import queries as kept
from portal.files.models import Owner
from portal.kit import files
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from tests import make
from tests.exchange import documents, messages

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def h26(app: Flask) -> Participant:
    """Who sends; H17 and H29 receive, each by our API, G01 on our pages."""
    for code in ("H17", "H29"):
        documents.participant(code, way="api")
    documents.participant("G01")
    return documents.participant("H26", way="api")


def take(sender: Participant, said: edxml.Message, **more: Any) -> Accepted:
    taken = messages.taken(said, messages.xml(said))
    with transaction():
        return receiving.take(session.get_one(Participant, sender.id), taken, way="api", **more)


def codes(document_id: int | None, receiver: str) -> list[str]:
    """What happened to a document at one receiver, in the order in which it was known."""
    copy = session.scalars(select(Copy).join(Copy.receiver).where(
        Copy.document_id == document_id, Participant.code == receiver)).one()
    return list(session.scalars(select(ExchangeEvent.code).where(ExchangeEvent.copy_id == copy.id)
                                .order_by(ExchangeEvent.id)))


def on_the_way(message_id: int) -> dict[str, tuple[int, str]]:
    """By receiver: the place among all of the pair, and how it stands."""
    rows = session.scalars(select(Delivery).where(Delivery.message_id == message_id))
    return {one.receiver.code: (one.position, one.state) for one in rows}


def everything() -> list[int]:
    """How many rows there are of what an effect would add to."""
    tables = (Document, Copy, ExchangeEvent, Delivery)
    numbers = [session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]
    return [*numbers, session.scalar(select(func.sum(PairNumber.n))) or 0,
            session.scalar(select(func.sum(Traffic.documents + Traffic.statuses))) or 0,
            session.scalar(select(func.count()).select_from(Job)) or 0]


# a new document

def test_a_document_is_at_each_receiver_and_on_its_way_to_each(h26: Participant) -> None:
    said = messages.document("H17", "H29")
    answer = take(h26, said)
    assert (answer.verdict, answer.deliveries, answer.unknown, answer.repeated) == ("accepted", 2, (), False)
    document = queries.document(answer.document_id or 0)
    assert document and document.key == f"H26,2026-11-03,{said.code.number}/UBND-VX"
    assert (document.subject, document.number, document.day) == (said.subject, said.code.number, messages.DAY)
    assert codes(document.id, "H17") == codes(document.id, "H29") == ["sent"]
    assert on_the_way(answer.message_id) == {"H17": (1, "waiting"), "H29": (1, "waiting")}
    assert [one.name for one in kept.attachments_of(document.owner)] == ["cong-van.pdf"]
    row = session.get_one(Message, answer.message_id)
    assert row.file and row.file.owner == Owner("message", row.id) and row.file.sha256 == row.sha256


def test_places_of_a_pair_have_no_gap_and_each_pair_its_own(h26: Participant) -> None:
    first, second = take(h26, messages.document("H17")), take(h26, messages.document("H17", "H29"))
    third = take(h26, messages.document("H29"))
    assert [on_the_way(one.message_id).get("H17", (0,))[0] for one in (first, second, third)] == [1, 2, 0]
    assert [on_the_way(one.message_id).get("H29", (0,))[0] for one in (first, second, third)] == [0, 1, 2]


def test_who_works_on_our_pages_has_it_at_once(h26: Participant) -> None:
    answer = take(h26, messages.document("G01"))
    assert on_the_way(answer.message_id) == {"G01": (1, "done")}
    assert codes(answer.document_id, "G01") == ["sent", "01"]
    counted = session.scalars(select(Traffic).where(Traffic.sender_id == h26.id)).one()
    assert (counted.documents, counted.delivered, counted.delay_s) == (1, 1, 0)


def test_unknown_receivers_are_named_and_the_others_get_it(h26: Participant) -> None:
    answer = take(h26, messages.document("H17", "H55", "000.00.02.H17"))
    assert (answer.deliveries, set(answer.unknown)) == (1, {"H55", "H17.02"})


def test_what_is_for_nobody_here_is_not_taken(h26: Participant) -> None:
    before = everything()
    with pytest.raises(NotTaken) as refused:
        take(h26, messages.document("H55"))
    assert (refused.value.reason, refused.value.where) == ("nobody", ("H55",))
    assert everything() == before


@pytest.mark.parametrize(("said", "taken"), [("H26", True), ("000.00.00.H26", True), ("H26.05", True), ("H17", False),
                                             ("H2", False), ("H261", False)])
def test_a_sender_speaks_for_itself_and_who_is_below(h26: Participant, said: str, *, taken: bool) -> None:
    message = messages.document("H29", sender=said)
    if taken:
        assert take(h26, message).verdict == "accepted"
        return
    with pytest.raises(NotTaken, match="not_yours"):
        take(h26, message)


def test_the_way_may_say_whom_it_is_for(h26: Participant) -> None:
    answer = take(h26, messages.document("H17", "H29"), to=["H29"])
    assert list(on_the_way(answer.message_id)) == ["H29"]


# the same again

def test_ten_repeats_change_nothing(h26: Participant) -> None:
    said = messages.document("H17", "H29")
    first = take(h26, said)
    before = everything()
    for _ in range(10):
        again = take(h26, replace(said, trace=(edxml.TraceHeader("H26"),)))
        assert (again.message_id, again.verdict, again.document_id) == (first.message_id, "accepted", first.document_id)
        assert again.repeated and again.deliveries == 0
    assert everything() == before
    assert session.scalar(select(func.count()).select_from(Message).where(Message.repeats_id == first.message_id)) == 10


def test_a_repeat_that_names_further_receivers_goes_to_these_alone(h26: Participant) -> None:
    said = messages.document("H17")
    first = take(h26, said)
    more = take(h26, replace(said, receivers=(Organ("H17"), Organ("H29"))))
    assert (more.message_id, more.repeated, more.deliveries) == (first.message_id, True, 1)
    assert codes(first.document_id, "H29") == ["sent"] and codes(first.document_id, "H17") == ["sent"]


def test_the_same_id_with_other_content_waits_for_a_person(h26: Participant) -> None:
    said = messages.document("H17")
    first = take(h26, said)
    before = everything()
    other = take(h26, replace(said, subject="Khác hẳn"))
    assert (other.verdict, other.deliveries, other.document_id) == (Verdict.conflict, 0, None)
    again = take(h26, replace(said, subject="Khác hẳn"))
    assert (again.message_id, again.verdict, again.repeated) == (other.message_id, Verdict.conflict, True)
    assert everything() == before
    assert session.get_one(Document, first.document_id).subject == said.subject
    assert [one.id for one in queries.for_a_person()] == [other.message_id]


def test_a_person_takes_a_conflict_after_all_as_another_edition(h26: Participant) -> None:
    said = messages.document("H17")
    first = take(h26, said)
    other = replace(said, subject="Bản đúng", receivers=(Organ("H17"), Organ("H29")))
    conflict = take(h26, other)
    by = make.officer()
    with transaction():
        assert receiving.decide(session.get_one(Message, conflict.message_id), "Đã hỏi lại", by)
    with transaction():
        assert not receiving.decide(session.get_one(Message, conflict.message_id), "Đã hỏi lại", by)
    make.done("exchange.take_up", message_id=conflict.message_id)
    document = session.get_one(Document, first.document_id)
    assert (document.subject, document.edition) == ("Bản đúng", 2)
    assert codes(document.id, "H17") == ["sent", "updated"] and codes(document.id, "H29") == ["sent"]
    assert set(on_the_way(conflict.message_id)) == {"H17", "H29"}


def test_a_conflict_that_is_put_aside_is_answered_so_ever_after(h26: Participant) -> None:
    said = messages.document("H17")
    take(h26, said)
    conflict = take(h26, replace(said, subject="Khác"))
    by = make.officer()
    with transaction():
        assert receiving.dismiss(session.get_one(Message, conflict.message_id), "Gửi nhầm", by)
    assert take(h26, replace(said, subject="Khác")).verdict == Verdict.dismissed
    assert queries.for_a_person() == []


# what is done to a document

def test_a_recall_asks_all_receivers_or_those_it_names(h26: Participant) -> None:
    said = messages.document("H17", "H29")
    first = take(h26, said)
    recall = messages.change(said, Business.recall, receivers=(ReceiverChange("H29"),))
    answer = take(h26, recall)
    assert list(on_the_way(answer.message_id)) == ["H29"]
    assert codes(first.document_id, "H17") == ["sent"] and codes(first.document_id, "H29") == ["sent", "13"]
    assert take(h26, recall).repeated
    assert codes(first.document_id, "H29") == ["sent", "13"]
    take(h26, messages.change(said, Business.recall))
    assert codes(first.document_id, "H17") == ["sent", "13"]


def test_an_update_brings_another_edition_adds_and_removes_receivers(h26: Participant) -> None:
    said = messages.document("H17", "H29")
    first = take(h26, said)
    update = replace(messages.change(said, Business.update, "H17", receivers=(
        ReceiverChange("H29", "0"), ReceiverChange("G01", "1"))), subject="Bản sửa", attachments=said.attachments)
    answer = take(h26, update)
    document = session.get_one(Document, first.document_id)
    assert (document.edition, document.subject, document.message_id) == (2, "Bản sửa", answer.message_id)
    assert codes(document.id, "H17") == ["sent", "updated"] and codes(document.id, "H29") == ["sent", "removed"]
    assert codes(document.id, "G01") == ["sent", "01"]
    assert set(on_the_way(answer.message_id)) == {"H17", "H29", "G01"}
    assert len(kept.attachments_of(document.owner)) == 1
    assert len(kept.attachments_of(document.owner, replaced=True)) == 2
    take(h26, update)
    assert session.get_one(Document, first.document_id).edition == 2
    take(h26, replace(update, subject="Bản sửa lần hai"))
    assert session.get_one(Document, first.document_id).edition == 3, "an update is other content by its nature"


def test_a_document_replaces_others_for_those_it_names(h26: Participant) -> None:
    old, other = messages.document("H17", "H29"), messages.document("H17", "H29")
    first, second = take(h26, old), take(h26, other)
    assert old.document_id and other.document_id
    new = messages.document("H17", business=BusinessInfo(Business.replacing, replacements=(
        Replacement(old.document_id, ("H29",)), Replacement(other.document_id))))
    answer = take(h26, new)
    assert codes(first.document_id, "H17") == ["sent"] and codes(first.document_id, "H29") == ["sent", "replaced"]
    assert codes(second.document_id, "H17") == codes(second.document_id, "H29") == ["sent", "replaced"]
    assert session.get_one(Document, first.document_id).replaced_by_id == answer.document_id
    assert set(on_the_way(answer.message_id)) == {"H17", "H29"}, "who is to have the other has this one"


@pytest.mark.parametrize("type_", [Business.recall, Business.update])
def test_what_comes_before_its_document_waits_for_it(h26: Participant, type_: Business) -> None:
    said = messages.document("H17")
    change = replace(messages.change(said, type_), subject="Bản sửa")
    early = take(h26, change)
    assert (early.verdict, early.document_id, early.deliveries) == (Verdict.unmatched, None, 0)
    first = take(h26, said)
    make.done("exchange.take_up", message_id=early.message_id)
    assert codes(first.document_id, "H17") == ["sent", "13" if type_ is Business.recall else "updated"]
    assert list(on_the_way(early.message_id)) == ["H17"]
    assert [one.args for one in session.scalars(select(Job).where(Job.name == "exchange.take_up"))] \
        == [{"message_id": early.message_id}] * 2


# statuses and answers

def test_a_status_is_recorded_once_and_goes_to_who_sent_the_document(h26: Participant) -> None:
    said = messages.document("H17", "H29")
    first = take(h26, said)
    h17 = documents.participant("H17")
    word = messages.status(said, "03", at=datetime(2026, 11, 3, 2, tzinfo=UTC))
    answer = take(h17, word)
    assert codes(first.document_id, "H17") == ["sent", "03"] and codes(first.document_id, "H29") == ["sent"]
    assert list(on_the_way(answer.message_id)) == ["H26"]
    before = everything()
    again = take(h17, word)
    assert again.repeated and again.message_id == answer.message_id and everything() == before


def test_a_status_about_nothing_known_is_kept_for_a_person(h26: Participant) -> None:
    answer = take(documents.participant("H17"), messages.status(messages.document("H17"), "03"))
    assert session.get_one(Message, answer.message_id).verdict == Verdict.unmatched


def test_an_answer_is_known_as_one_and_goes_to_who_asked(h26: Participant) -> None:
    asked = messages.document("H17")
    first = take(h26, asked)
    reply = messages.document("H29", sender="H17", response_for=(messages.about(asked),))
    answer = take(documents.participant("H17"), reply)
    assert "answered" in codes(first.document_id, "H17")
    assert set(on_the_way(answer.message_id)) == {"H26", "H29"}
    assert session.get_one(Document, answer.document_id).answers_id == first.document_id


def test_an_answer_goes_to_nobody_who_only_gave_a_document_the_same_id(h26: Participant) -> None:
    """Whoever knows an id could else have every answer to it."""
    h17, h29 = documents.participant("H17"), documents.participant("H29")
    asked = messages.document("H17")
    take(h29, messages.document("G01", sender="H29", document_id=asked.document_id))
    reply = messages.document("H26", sender="H17", response_for=(messages.about(asked),))
    assert set(on_the_way(take(h17, reply).message_id)) == {"H26"}, "before what was asked is here too"
    take(h26, asked)
    again = messages.document("H26", sender="H17", response_for=(messages.about(asked),))
    assert set(on_the_way(take(h17, again).message_id)) == {"H26"}
    assert [one.receiver.code for one in queries.copies_of(session.scalars(select(Document.id).order_by(
        Document.id.desc()).limit(1)).one())] == ["H26"]


# from the bytes

def test_bytes_are_taken_as_they_are_understood(h26: Participant) -> None:
    said = messages.document("H17", response_for=(messages.about(messages.document("H26", sender="H17")),))
    answer = receiving.accept(h26, BytesIO(messages.xml(said)), way="api")
    document = session.get_one(Document, answer.document_id)
    assert (document.subject, document.key) == (said.subject, f"H26,2026-11-03,{said.code.number}/UBND-VX")
    assert [(one.name, one.size) for one in kept.attachments_of(document.owner)] == [("cong-van.pdf", len(make.PDF))]
    assert document.about[0]["number"] == said.response_for[0].code.number
    again = receiving.accept(h26, BytesIO(messages.xml(said)), way="api")
    assert again.repeated and again.message_id == answer.message_id


def test_a_file_that_cannot_be_proven_stays_in_the_message_and_says_why(h26: Participant) -> None:
    said = messages.document("H17", name="bang-ke.exe")
    answer = receiving.accept(h26, BytesIO(messages.xml(said, b"MZ no program")), way="api")
    document = session.get_one(Document, answer.document_id)
    assert kept.attachments_of(document.owner) == []
    [listed] = session.get_one(Message, answer.message_id).facts["attachments"]
    assert (listed["name"], listed["reason"]) == ("bang-ke.exe", "type")
    assert answer.deliveries == 1


@pytest.mark.parametrize("content", [b"", b"not xml", b"<edXML/>"])
def test_what_is_refused_leaves_nothing_behind(app: Flask, h26: Participant, content: bytes) -> None:
    before, stored = everything(), set(files.root().rglob("*"))
    with pytest.raises((edxml.Refused, files.Refused)):
        receiving.accept(h26, BytesIO(content), way="api")
    with pytest.raises(NotTaken):
        receiving.accept(h26, BytesIO(messages.xml(messages.document("H55"))), way="api")
    assert everything() == before
    assert {one for one in set(files.root().rglob("*")) - stored if one.is_file()} == set()


def test_a_disk_that_fills_up_between_two_files_keeps_none(app: Flask, h26: Participant,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    said = messages.document("H17")
    two = replace(said, attachments=(said.attachments[0], replace(said.attachments[0], name="phu-luc.pdf")))
    there, prove = set(files.root().rglob("*")), actions.prove
    tried = iter([False, True])

    def filling(*what: Any, **how: Any) -> Any:
        if next(tried):
            raise files.Refused("disk", "")
        return prove(*what, **how)
    monkeypatch.setattr(actions, "prove", filling)
    with pytest.raises(files.Refused):
        receiving.read_in(BytesIO(messages.xml(two)))
    assert {one for one in files.root().rglob("*") if one.is_file()} <= there


def test_how_a_system_departs_from_the_standard_is_counted_once_a_message(h26: Participant) -> None:
    said = messages.document("H17", seen=edxml.Seen("vnpt", ("prefix_missing", "trace_missing")))
    take(h26, said)
    take(h26, said)
    counted = {one.deviation: one.n for one in session.scalars(select(Conformance).where(
        Conformance.participant_id == h26.id))}
    assert counted == {"": 1, "prefix_missing": 1, "trace_missing": 1}, "a repeat is no further message"


def test_an_answer_that_comes_before_what_it_answers_is_known_by_the_next_morning(h26: Participant) -> None:
    h17 = queries.participant_by_code("H17")
    assert h17 is not None
    first, late = messages.document("H17"), messages.document("H17")
    asked = take(h26, first)
    answer = messages.document("H26", sender="H17", response_for=(messages.about(first), messages.about(late)))
    message = session.get_one(Message, take(h17, answer).message_id)
    assert message.reason == "no_document"
    came = take(h26, late)
    make.done("exchange.match_answers")
    assert message.reason is None
    for one in (asked, came):
        assert codes(one.document_id, "H17").count("answered") == 1
    make.done("exchange.match_answers")
    assert codes(came.document_id, "H17").count("answered") == 1
