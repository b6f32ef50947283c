"""What a person says that a message means: recorded as that, told to the sender, learned for the next."""
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.exchange import matching, recognising, unmatched
from portal.exchange.models import Delivery, Document, ExchangeEvent, Message, Participant
from portal.exchange.unmatched import Own
from portal.kit.db import session
from portal.people.models import Person
from portal.people.permissions import Place, Role
from tests import make
from tests.exchange import made

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def office() -> Participant:
    return made.participant("H17", way="pages", agency_id=make.agency().id, name="UBND thành phố")


@pytest.fixture
def system() -> Participant:
    return made.participant("H98.02", name="Sở Thử nghiệm")


@pytest.fixture
def document(office: Participant, system: Participant) -> Document:
    return made.document(office, (system,), number="120", notation="UBND-VX", day=date(2026, 11, 2))


@pytest.fixture
def clerk() -> Person:
    return make.staff(Role.clerk, "H17")


def said(number: str = "120", **other: Any) -> dict[str, Any]:
    return {"organ": "UBND-DN", "number": number, "notation": "UBND/VX", "day": "2026-11-02", "document_id": None,
            "key": f"UBND-DN,2026-11-02,{number}/UBND/VX"} | other


def status(sender: Participant, what: dict[str, Any], code: str = "03", minute: int = 5) -> Message:
    message = made.message(sender, status_code=code, said_at=made.later(minute), about_key=what["key"],
                           facts={"response_for": [what], "to": [], "description": ""})
    recognising.from_status(message)
    session.commit()
    return message


def mine(person: Person) -> Own | None:
    return unmatched.own([Place(make.agency().id)])


def test_a_choice_is_recorded_and_the_next_one_is_understood_by_itself(document: Document, office: Participant,
                                                                      system: Participant, clerk: Person) -> None:
    message = status(system, said())
    assert message.verdict == "unmatched"
    [best, *_rest] = unmatched.proposals(message, None)
    assert best.document == document and best.percent >= 70 and best.copy == document.copies[0]
    assert unmatched.choose(message, document, clerk) == 3
    session.commit()
    assert (message.verdict, message.decided_by_id, message.about_key) == ("accepted", clerk.id, document.key)
    assert (document.copies[0].state, document.copies[0].known_by) == ("registered", "status")
    other = made.document(office, (system,), number="121", notation="UBND-VX", day=date(2026, 11, 2))
    assert status(system, said("121")).verdict == "accepted"
    assert (other.copies[0].state, other.copies[0].sure) == ("registered", matching.SURE[matching.Match.learned])


def test_what_waited_before_is_tried_again(document: Document, office: Participant, system: Participant,
                                           clerk: Person) -> None:
    other = made.document(office, (system,), number="121", notation="UBND-VX", day=date(2026, 11, 2))
    first, second = status(system, said()), status(system, said("121"), "05")
    unmatched.choose(first, document, clerk)
    session.commit()
    make.done("exchange.match_again", participant_id=system.id)
    assert (second.verdict, other.copies[0].state) == ("accepted", "in_work")


def test_what_one_participant_means_another_does_not(document: Document, system: Participant, clerk: Person) -> None:
    unmatched.choose(status(system, said()), document, clerk)
    assert status(made.participant("H98.03"), said()).verdict == "unmatched"


def test_the_sender_hears_of_what_was_matched_once(document: Document, office: Participant, system: Participant,
                                                   clerk: Person) -> None:
    message = status(system, said())
    unmatched.choose(message, document, clerk)
    session.commit()
    assert session.scalars(select(Delivery.receiver_id).where(Delivery.message_id == message.id)).all() == [office.id]
    with pytest.raises(unmatched.Settled):
        unmatched.choose(message, document, clerk)


def test_a_status_of_one_who_was_not_sent_it_needs_a_receiver(document: Document, clerk: Person,
                                                              system: Participant) -> None:
    other = made.participant("H97.01")
    message = status(other, said())
    with pytest.raises(unmatched.DoesNotFit):
        unmatched.choose(message, document, clerk)
    session.rollback()
    unmatched.choose(message, document, clerk, copy=document.copies[0])
    assert document.copies[0].state == "registered"
    assert status(other, said(), "05", 9).verdict == "accepted", "it speaks for that receiver from now on"
    assert document.copies[0].state == "in_work"


def test_for_whom_somebody_speaks_is_learned_for_documents_of_who_said_so(document: Document, clerk: Person,
                                                                         system: Participant) -> None:
    """A clerk's choice about their own documents lets nobody speak for another about everybody's."""
    theirs = made.document(made.participant("H96.01"), (system,), number="7", notation="CV", day=date(2026, 11, 2))
    other = made.participant("H97.01")
    unmatched.choose(status(other, said()), document, clerk, copy=document.copies[0])
    message = status(other, {"organ": "H96.01", "number": "7", "notation": "CV", "day": "2026-11-02",
                             "document_id": None, "key": theirs.key}, "06", 9)
    assert (message.verdict, message.reason) == ("unmatched", recognising.NO_RECEIVER)
    assert theirs.copies[0].state == "sent"


def test_a_status_that_nobody_knows_is_learned_too(document: Document, system: Participant, clerk: Person) -> None:
    what = said(key=document.key)
    message = status(system, what, "77")
    assert message.reason == recognising.NO_CODE
    with pytest.raises(unmatched.CodeNeeded):
        unmatched.choose(message, document, clerk)
    session.rollback()
    unmatched.choose(message, document, clerk, code="04")
    assert document.copies[0].state == "assigned"
    assert status(system, what, "77", 9).verdict == "accepted"


def test_an_answer_is_put_to_what_it_answers(document: Document, office: Participant, system: Participant,
                                             clerk: Person) -> None:
    message = made.message(system, "document", business="new", document_key="k")
    answer = made.document(system, (office,), message_id=message.id, about=[said()], at=made.later(50))
    message.facts = {"response_for": [said()], "subject": "Trả lời"}
    recognising.from_answer(answer)
    session.commit()
    assert message in unmatched.waiting(None)
    assert answer.id not in {one.document.id for one in unmatched.proposals(message, None)}
    unmatched.choose(message, document, clerk)
    session.commit()
    assert document.copies[0].answer_id == answer.id and message not in unmatched.waiting(None)
    event = session.scalars(select(ExchangeEvent).where(ExchangeEvent.code == "answered")).one()
    assert event.sure == 100


def test_a_recall_by_another_id_is_followed(document: Document, office: Participant, clerk: Person) -> None:
    message = made.message(office, "document", business="recall", document_key="H17,2026-11-02,0120/UBND-VX",
                           about_key="H17,2026-11-02,0120/UBND-VX", verdict="unmatched")
    assert unmatched.proposals(message, None)[0].document == document
    unmatched.choose(message, document, clerk)
    assert message.document_key == document.key
    stranger = made.message(made.participant(), "document", business="recall", document_key="x", verdict="unmatched")
    with pytest.raises(unmatched.DoesNotFit):
        unmatched.choose(stranger, document, clerk)


def test_an_office_sees_and_is_proposed_its_own_alone(document: Document, system: Participant, clerk: Person) -> None:
    foreign = made.document(made.participant("H96.01"), (system,), number="120", notation="UBND-VX")
    about_ours = status(system, said(organ="H17", key="H17,2026-11-02,120/UBND/VX", number="0120"))
    about_others = status(system, said(organ="H96.01", key="H96.01,2026-11-09,7/X", number="7", day=None))
    assert {about_ours, about_others} <= set(unmatched.waiting(None))
    assert list(unmatched.waiting(mine(clerk))) == [about_ours]
    assert unmatched.one(about_others.id, mine(clerk)) is None
    assert {one.document for one in unmatched.proposals(about_ours, None)} == {document, foreign}
    assert {one.document for one in unmatched.proposals(about_ours, mine(clerk))} == {document}


def test_the_list_goes_on(system: Participant) -> None:
    made_ = [status(system, said(str(n))).id for n in range(500, 505)]
    first = [one.id for one in unmatched.waiting(None, limit=2)]
    assert first == made_[:2:-1] and [one.id for one in unmatched.waiting(None, first[-1], 2)] == made_[2:0:-1]


# the page

@pytest.fixture
def browser(sign_in: Any, clerk: Person) -> FlaskClient:
    return sign_in(clerk)


def test_a_clerk_matches_on_the_page(browser: FlaskClient, document: Document, system: Participant) -> None:
    message = status(system, said(organ="H17", key="H17,2026-11-02,12/UBND/VX", number="12"))
    assert "Sở Thử nghiệm" in browser.get("/government/exchange/unmatched").text
    here = f"/government/exchange/unmatched/{message.id}"
    page = browser.get(here, query_string={"q": "120"}).text
    assert "cùng số" in page and "99 %" in page
    answer = browser.post(f"{here}?q=120", data={"document": str(document.id)})
    assert answer.status_code == 303
    session.expire_all()
    assert document.copies[0].state == "registered" and message.verdict == "accepted"
    assert "Mọi tin báo đã được khớp" in browser.get("/government/exchange/unmatched").text
    assert browser.get(here).status_code == 404, "it waits for nobody any more"


def test_what_was_not_proposed_cannot_be_chosen(browser: FlaskClient, office: Participant, system: Participant) -> None:
    foreign = made.document(made.participant("H96.01"), (system,), number="120")
    message = status(system, said(organ="H17", key="H17,2026-11-02,12/UBND/VX", number="12"))
    answer = browser.post(f"/government/exchange/unmatched/{message.id}", data={"document": str(foreign.id)})
    assert answer.status_code == 422 and foreign.copies[0].state == "sent"


def test_a_reason_is_kept_where_nothing_is_done(browser: FlaskClient, office: Participant, system: Participant) -> None:
    message = status(system, said(organ="H17", key="H17,2026-11-02,12/UBND/VX", number="12"))
    there = f"/government/exchange/unmatched/{message.id}/dismiss"
    assert browser.post(there, data={"why": " "}).status_code == 422
    assert browser.post(there, data={"why": "Văn bản giấy"}).status_code == 303
    session.expire_all()
    assert (message.verdict, message.reason) == ("dismissed", "Văn bản giấy")


def test_two_with_one_id_stand_side_by_side(browser: FlaskClient, office: Participant) -> None:
    facts = {"subject": "Về việc thứ nhất", "attachments": [{"name": "a.pdf", "sha256": "00" * 32}]}
    made.message(office, "document", business="new", document_key="H17,k", facts=facts)
    message = made.message(office, "document", business="new", document_key="H17,k", verdict="conflict",
                           facts=facts | {"subject": "Về việc thứ hai"})
    here = f"/government/exchange/unmatched/{message.id}"
    page = browser.get(here).text
    assert "Về việc thứ nhất" in page and "Về việc thứ hai" in page and page.count("khác nhau") == 1
    assert browser.post(f"{here}/decide", data={"reason": ""}).status_code == 422
    assert browser.post(f"{here}/decide", data={"reason": "Bản sửa lỗi"}).status_code == 303
    session.expire_all()
    assert message.decided_at is not None


def test_a_head_of_unit_matches_nothing(sign_in: Any) -> None:
    assert sign_in(make.staff(Role.head_of_unit, "H17")).get("/government/exchange/unmatched").status_code == 403


def test_what_was_learned_can_be_forgotten(sign_in: Any, document: Document, system: Participant,
                                           clerk: Person) -> None:
    unmatched.choose(status(system, said()), document, clerk)
    session.commit()
    browser = sign_in(make.administrator())
    page = browser.get("/government/exchange/learned").text
    assert "UBND-DN" in page and clerk.name in page
    for kind, what in (("organ", "UBND-DN"), ("notation", "UBND/VX"), ("id", "UBND-DN,120/UBND/VX")):
        data = {"participant": str(system.id), "said": matching.lesson(kind, what)}
        assert browser.post("/government/exchange/learned/forget", data=data).status_code == 303
    assert status(system, said(), "05", 9).verdict == "unmatched"
    assert browser.post("/government/exchange/learned/forget", data=data).status_code == 404


def test_the_list_of_what_was_learned_goes_on(system: Participant) -> None:
    unmatched.learn(system.id, {f"organ {n}": "H17" for n in range(4)}, None)
    first = unmatched.learned(limit=3)
    rest = unmatched.learned((first[-1][0].participant_id, first[-1][0].said), 3)
    assert [alias.said for alias, _who in (*first, *rest)] == [f"organ {n}" for n in range(4)]
