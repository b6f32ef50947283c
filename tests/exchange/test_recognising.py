"""What is recognised by itself, how it is known and how sure."""
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers import actions
from portal.exchange import conversation, following, matching, recognising, recording, unmatched
from portal.exchange.models import Alias, Copy, Document, ExchangeEvent, Message, Participant
from portal.exchange.states import marked
from portal.kit.db import session
from portal.kit.jobs import waiting
from tests import make
from tests.exchange import made

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def asks() -> Participant:
    return made.participant("H99.01")


@pytest.fixture
def answers() -> Participant:
    return made.participant("H98.02")


@pytest.fixture
def document(asks: Participant, answers: Participant) -> Document:
    return made.document(asks, (answers,), number="120", notation="CV-STN", day=date(2026, 11, 2))


def about(document: Document, **other: Any) -> dict[str, Any]:
    return {"organ": document.sender.code, "number": document.number, "notation": document.notation,
            "day": document.day.isoformat() if document.day else None, "document_id": document.said_id,
            "key": document.key} | other


def status(sender: Participant, code: str, what: dict[str, Any], minute: int = 5, **kw: Any) -> Message:
    facts = {"response_for": [what], "description": "Nội dung", "staff": {"name": "Trần Văn Bình"}, "to": []}
    message = made.message(sender, status_code=code, said_at=made.later(minute),
                           **{"about_key": what.get("key"), "facts": facts | kw.pop("facts", {})} | kw)
    recognising.from_status(message)
    return message


def last(copy: Copy) -> ExchangeEvent:
    return session.scalars(select(ExchangeEvent).where(ExchangeEvent.copy_id == copy.id)
                           .order_by(ExchangeEvent.id.desc())).first() or pytest.fail("nothing happened")


# status messages

def test_a_status_by_the_id_is_sure(document: Document, answers: Participant) -> None:
    message = status(answers, "03", about(document))
    copy = document.copies[0]
    assert (copy.state, copy.known_by, copy.sure, copy.state_at) == ("registered", "status", 100, made.later(5))
    event = last(copy)
    assert (event.message_id, event.by_name, event.note) == (message.id, "Trần Văn Bình", "Nội dung")
    assert message.verdict == "accepted"


@pytest.mark.parametrize(("said", "sure"), [
    ({"document_id": None, "key": None}, 95),
    ({"document_id": "b7c1", "key": "H99.01?B7C1"}, 95),
    ({"document_id": None, "key": None, "organ": ""}, 80),
    ({"document_id": None, "key": None, "day": None, "organ": ""}, 80)])
def test_what_is_said_less_exactly_is_less_sure(document: Document, answers: Participant, said: dict[str, Any],
                                                sure: int) -> None:
    status(answers, "03", about(document, **said))
    assert (document.copies[0].state, document.copies[0].sure) == ("registered", sure)


def test_a_status_by_number_is_of_one_that_was_sent_the_document(document: Document) -> None:
    stranger = made.participant("H97.01")
    message = status(stranger, "03", about(document, document_id=None, key=None, organ=""))
    assert (message.verdict, message.reason) == ("unmatched", recognising.NO_DOCUMENT)
    message = status(stranger, "03", about(document))
    assert (message.verdict, message.reason) == ("unmatched", recognising.NO_RECEIVER)
    assert document.copies[0].state == "sent"


def test_two_documents_of_one_number_are_for_a_person(asks: Participant, answers: Participant) -> None:
    for day in (date(2026, 11, 2), date(2026, 11, 3)):
        made.document(asks, (answers,), number="7", notation="CV", day=day)
    what = {"organ": "", "number": "7", "notation": "CV", "day": None, "document_id": None, "key": None}
    assert status(answers, "01", what).verdict == "unmatched"


def test_statuses_in_every_order_and_again_end_alike(asks: Participant) -> None:
    five = [("01", 1), ("03", 2), ("04", 3), ("05", 4), ("06", 5)]
    found = set()
    for order in list(permutations(five))[::17]:
        receiver = made.participant()
        one = made.document(asks, (receiver,))
        for code, minute in (*order, *order):
            status(receiver, code, about(one), minute)
        copy = one.copies[0]
        found.add((copy.state, copy.state_at, copy.known_by, copy.sure, len(one.events)))
    assert found == {("done", made.later(5), "status", 100, 6)}


def test_an_illegal_move_is_kept_and_the_message_taken(document: Document, answers: Participant) -> None:
    status(answers, "06", about(document))
    message = status(answers, "02", about(document), 9)
    assert message.verdict == "accepted" and document.copies[0].state == "done"
    assert [one.code for one in marked(document.events)] == ["06", "02"]


@pytest.mark.parametrize("code", ["3", " 03 ", "03"])
def test_a_code_without_its_zero_is_the_same(document: Document, answers: Participant, code: str) -> None:
    status(answers, code, about(document))
    assert document.copies[0].state == "registered"


@pytest.mark.parametrize("code", ["07", "99", "", "sent", "done"])
def test_a_code_that_nobody_knows_is_for_a_person(document: Document, answers: Participant, code: str) -> None:
    assert (status(answers, code, about(document)).verdict, document.copies[0].state) == ("unmatched", "sent")


def test_only_the_sender_asks_for_it_back(document: Document, asks: Participant, answers: Participant) -> None:
    assert status(answers, "13", about(document)).reason == recognising.NOT_THEIRS
    assert document.copies[0].recall is None
    status(asks, "13", about(document))
    assert document.copies[0].recall == "asked"
    status(answers, "15", about(document), 9)
    assert document.copies[0].recall == "agreed"


def test_who_stands_below_the_sender_asks_nothing_back_for_it(asks: Participant, document: Document) -> None:
    below = made.participant(f"{asks.code}.07")
    assert status(below, "13", about(document)).reason == recognising.NOT_THEIRS
    assert document.copies[0].recall is None
    status(asks, "13", about(document), from_code=f"{asks.code}.08")
    assert document.copies[0].recall == "asked", "its own system says it"


def test_what_the_sender_says_to_one_receiver_is_of_that_one(asks: Participant, answers: Participant) -> None:
    other = made.participant("H98.03")
    one = made.document(asks, (answers, other))
    status(asks, "13", about(one), facts={"to": [{"id": "H98.03", "code": "H98.03", "name": ""}]})
    assert [copy.recall for copy in one.copies] == [None, "asked"]


def test_a_body_speaks_for_the_one_above_it(document: Document, answers: Participant) -> None:
    status(answers, "03", about(document), from_code="H98.02.07")
    assert (document.copies[0].state, document.copies[0].sure) == ("registered", 100), "their system's own copy"


def test_a_body_below_that_alone_was_sent_it(asks: Participant, answers: Participant) -> None:
    below = made.participant("H98.02.07", way="axis")
    one = made.document(asks, (below,))
    status(answers, "03", about(one))
    assert (one.copies[0].state, one.copies[0].sure) == ("registered", recognising.KIN_SURE)


def test_word_that_comes_before_its_document_waits_for_it(asks: Participant, answers: Participant) -> None:
    key = "H99.01,2026-11-05,9/CV"
    what = {"organ": "H99.01", "number": "9", "notation": "CV", "day": "2026-11-05", "document_id": None, "key": key}
    message = status(answers, "03", what)
    assert message.verdict == "unmatched"
    one = made.document(asks, (answers,), number="9", notation="CV", day=date(2026, 11, 5), key=key)
    recognising.from_answer(one)
    assert (message.verdict, one.copies[0].state) == ("accepted", "registered")


def test_word_of_two_documents_waits_for_the_second(asks: Participant, answers: Participant) -> None:
    one, day = made.document(asks, (answers,)), date(2026, 11, 5)
    later = {"organ": "H99.01", "number": "9", "notation": "CV", "day": "2026-11-05", "key": "H99.01,2026-11-05,9/CV"}
    message = status(answers, "03", about(one), facts={"response_for": [about(one), later]})
    assert (message.verdict, one.copies[0].state) == ("unmatched", "registered")
    assert unmatched.about(message).number == "9"  # what is open, not what was found
    two = made.document(asks, (answers,), number="9", notation="CV", day=day, key=later["key"])
    recognising.from_answer(two)
    assert (message.verdict, two.copies[0].state) == ("accepted", "registered")
    assert [event.code for event in one.events] == ["sent", "03"]


@pytest.mark.parametrize(("sent", "said"), [(("05", "QĐ-UBND"), ("5", "QĐ-UBND")), (("5", "TB"), ("005", "tb")),
                                            (("7", "CV/TƯ"), ("07", "CV/TU\u031b"))])
def test_a_number_without_its_zero_and_letters_typed_apart_are_the_same(
        asks: Participant, answers: Participant, sent: tuple[str, str], said: tuple[str, str]) -> None:
    one = made.document(asks, (answers,), number=sent[0], notation=sent[1])
    status(answers, "03", about(one, number=said[0], notation=said[1], document_id=None, key=None))
    assert one.copies[0].state == "registered"


def test_where_both_are_there_each_is_meant_by_its_own_number(asks: Participant, answers: Participant) -> None:
    five, zero = (made.document(asks, (answers,), number=one, notation="QĐ-UBND") for one in ("5", "05"))
    status(answers, "06", about(zero, document_id=None, key=None))
    status(answers, "03", about(five, document_id=None, key=None))
    assert (five.copies[0].state, zero.copies[0].state) == ("registered", "done")


def test_what_our_own_receiver_did_is_not_written_twice(document: Document, answers: Participant) -> None:
    at = made.later(5).replace(microsecond=123_456)
    recording.record(document, "05", copy=document.copies[0], at=at, how="person")
    status(answers, "05", about(document), 5)
    assert [event.how for event in document.events] == ["sent", "person"]


def test_a_status_about_two_documents_is_of_both(asks: Participant, answers: Participant) -> None:
    one, two = made.document(asks, (answers,)), made.document(asks, (answers,))
    status(answers, "01", about(one), facts={"response_for": [about(one), about(two)]})
    assert [each.copies[0].state for each in (one, two)] == ["arrived", "arrived"]


def test_what_a_person_once_taught_is_known(document: Document, answers: Participant) -> None:
    for said, means in matching.lessons(matching.About("STTTT", "120", "CV/STN", document.day), document.key or "",
                                        "H99.01", "CV-STN").items():
        make.save(Alias(participant_id=answers.id, said=said, means=means))
    what = {"organ": "STTTT", "number": "120", "notation": "CV/STN", "day": "2026-11-02", "document_id": None,
            "key": "STTTT,2026-11-02,120/CV/STN"}
    status(answers, "03", what)
    assert (document.copies[0].state, document.copies[0].sure) == ("registered", matching.SURE[matching.Match.learned])


# without one

def test_fetched_means_arrived_and_stored_is_sure(document: Document) -> None:
    copy = document.copies[0]
    recognising.from_fetch(document, copy, at=made.later(1))
    recognising.from_fetch(document, copy, at=made.later(2))
    assert (copy.state, copy.known_by, copy.sure, copy.state_at) == ("arrived", "fetched", recognising.FETCHED,
                                                                    made.later(1))
    recognising.from_fetch(document, copy, at=made.later(3), stored=True)
    assert (copy.sure, copy.state_at, len(document.events)) == (100, made.later(1), 3)


def reply(sender: Participant, to: Participant, **kw: Any) -> Document:
    one = made.document(sender, (to,), at=made.later(60), **kw)
    recognising.from_answer(one)
    session.commit()
    return one


def test_a_document_that_answers_means_answered(document: Document, asks: Participant, answers: Participant) -> None:
    one = reply(answers, asks, about=[about(document)])
    copy = document.copies[0]
    assert (copy.answered_at, copy.answer_id, one.answers_id) == (made.later(60), one.id, document.id)
    assert (copy.state, copy.known_by) == ("arrived", "answer"), "who answers it has it"
    assert last(copy).sure == 100


def test_an_answer_that_only_cites_the_number_is_less_sure(document: Document, asks: Participant,
                                                           answers: Participant) -> None:
    reply(answers, asks, subject="Trả lời Công văn số 120/CV-STN ngày 02/11/2026 của Sở Thí nghiệm")
    assert document.copies[0].answered_at and last(document.copies[0]).sure == matching.SURE[matching.Match.cited]


def test_a_letter_of_somebody_else_does_not_answer_for_them(document: Document, asks: Participant) -> None:
    reply(made.participant("H97.01"), asks, subject="Trả lời Công văn số 120/CV-STN ngày 02/11/2026")
    assert document.copies[0].answered_at is None


def test_an_answer_about_the_same_dossier_is_recognised(asks: Participant, answers: Participant) -> None:
    dossier = make.dossier("processing")
    question = made.document(asks, (answers,), dossier_id=dossier.id, due_on=made.day(9))
    reply(answers, asks, dossier_id=dossier.id)
    assert question.copies[0].answered_at and last(question.copies[0]).sure == matching.SURE[matching.Match.reference]


def test_the_senders_further_letter_is_no_answer(document: Document, asks: Participant, answers: Participant) -> None:
    one = reply(asks, answers, about=[about(document)])
    assert document.copies[0].answered_at is None and one.answers_id == document.id


def test_the_senders_letter_that_reminds_is_known_as_that(document: Document, asks: Participant,
                                                            answers: Participant) -> None:
    reply(asks, made.participant(), about=[about(document)], subject="Đôn đốc trả lời Công văn số 120/CV-STN")
    assert document.copies[0].reminded_at is None, "it went to somebody else"
    reply(asks, answers, about=[about(document)], subject="Đôn đốc trả lời Công văn số 120/CV-STN")
    assert (document.copies[0].reminded_at, document.copies[0].answered_at) == (made.later(60), None)


def test_who_closes_on_an_answer_is_told(document: Document, asks: Participant, answers: Participant,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(recognising, "ON_ANSWER", [lambda copy, answer: told.append((copy.id, answer.id))])
    one = reply(answers, asks, about=[about(document)])
    assert told == [(document.copies[0].id, one.id)]


def test_an_answer_to_what_is_unknown_is_taken_and_shown(asks: Participant, answers: Participant) -> None:
    message = made.message(answers, "document", business="new", document_key="k1")
    what = {"organ": "H99.01", "number": "999", "notation": "CV", "day": None, "document_id": "x", "key": "y"}
    one = reply(answers, asks, message_id=message.id, about=[what])
    assert (message.verdict, message.reason, one.answers_id) == ("accepted", recognising.NO_DOCUMENT, None)


# our own dossier

def test_documents_about_a_dossier_move_with_it() -> None:
    office, sender = make.agency(), made.participant()
    receiver = made.participant("H17", way="pages", agency_id=office.id)
    dossier = make.dossier("received")
    one = made.document(sender, (receiver,), dossier_id=dossier.id)
    copy = one.copies[0]
    following.from_dossier(dossier.id)
    assert copy.state == "sent", "the register does not hold it yet"
    copy.in_unit_id, copy.in_year, copy.in_number = make.department().id, 2026, 1
    recording.record(one, "03", copy=copy, how="entered")
    following.from_dossier(dossier.id)
    assert (copy.state, copy.known_by, copy.sure) == ("in_work", "dossier", 90)
    assert waiting("exchange.tell_status")


def test_a_document_that_came_after_the_dossiers_step_is_in_work_since_its_registration() -> None:
    office, sender = make.agency(), made.participant()
    receiver = made.participant("H17", way="pages", agency_id=office.id)
    dossier = make.dossier("received")
    dossier.changed_at = made.MORNING
    came = made.later(90)
    copy = made.document(sender, (receiver,), at=came, dossier_id=dossier.id).copies[0]
    copy.in_unit_id, copy.in_year, copy.in_number, copy.registered_at = make.department().id, 2026, 1, made.later(99)
    recording.record(copy.document, "03", copy=copy, how="entered", at=made.later(99))
    following.follow(copy)
    steps = conversation.of_copy(copy)
    assert [(step.event.code, step.event.at) for step in steps][-1] == ("05", made.later(99))
    assert not any(step.marked for step in steps), "nothing is out of order"


def test_documents_that_gave_a_task_move_with_it() -> None:
    office = make.agency()
    receivers = (made.participant("H17", way="pages", agency_id=office.id), made.participant("H98.01"))
    one = made.document(receivers=receivers)
    following.from_directive(one.id, office.id, made.later(5), confirmed=True)
    assert one.copies[0].state == "sent", "the register does not hold it yet"
    one.copies[0].in_unit_id, one.copies[0].in_year, one.copies[0].in_number = make.department().id, 2026, 1
    for confirmed, state in ((False, "in_work"), (True, "done"), (False, "done")):
        following.from_directive(one.id, office.id, made.later(9), confirmed=confirmed)
        assert (one.copies[0].state, one.copies[0].known_by) == (state, "directive")
    assert one.copies[1].state == "sent"


def test_a_step_of_a_dossier_lets_its_documents_follow() -> None:
    make.dossier("processing")
    assert not waiting("exchange.follow_dossier"), "nothing came about it"
    one = make.draft()
    made.document(dossier_id=one.id)
    actions.submit(one, by=one.applicant)
    assert waiting("exchange.follow_dossier") == [{"dossier_id": one.id}]
