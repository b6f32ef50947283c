"""The second wall around documents between agencies: who reaches a document, and what became of it at whom."""
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, ProgrammingError

from portal import worker
from portal.exchange.models import (
    Copy,
    Delivery,
    Document,
    EventsNeverChange,
    ExchangeEvent,
    Message,
    Opinion,
    Participant,
)
from portal.exchange.rows import LOOKED_THROUGH, TRAFFIC
from portal.files.models import StoredFile
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.row_security import ALL, NOTHING, Reach, reach
from portal.people import queries as people
from portal.people.models import Unit
from tests import make
from tests.conftest import Client, enter
from tests.exchange import documents

wall = [pytest.mark.postgresql, pytest.mark.real_commits]
CONTENT = (Document, Copy, ExchangeEvent, Message, Delivery)


@dataclass(frozen=True)
class Sent:
    """A document from H17 to H26 and to a department of H29, by numbers."""

    document: int
    copies: tuple[int, int]
    events: tuple[int, int, int]  # of the document, of each copy
    message: int
    deliveries: tuple[int, int]
    files: tuple[int, int]  # the document's, the message's
    agencies: tuple[int, int, int]
    unit: int
    assigned: int
    dossier: int
    opinion: int


def participant(agency: Any, unit: Unit | None = None) -> Any:
    return make.save(Participant(code=f"{agency.key}.{next(make.n)}", name=agency.name, agency_id=agency.id,
                                 unit_id=unit.id if unit else None, way="pages", profile="vnpt", state="connected"))


def stored(kind: str, owner_id: int) -> int:
    row = make.save(StoredFile(owner_kind=kind, owner_id=owner_id, state="clean", media_type="text/xml", size=1,
                               blob=f"{kind}/{next(make.n)}", sha256="0" * 64))
    return int(row.id)


@pytest.fixture
def sent() -> Sent:
    """Made in the test's own application, whichever it is."""
    now, key = clock.now(), f"H17:{next(make.n)}"
    agencies = [make.agency(code) for code in ("H17", "H26", "H29")]
    unit, assigned = make.department(f"Sở {next(make.n)}", "H29"), make.department(f"Sở {next(make.n)}", "H26")
    one, two, three = participant(agencies[0]), participant(agencies[1]), participant(agencies[2], unit)
    message = make.save(Message(
        kind="document", way="pages", sender_id=one.id, from_code=one.code, document_key=key, business="new",
        payload_sha256="0" * 64, sha256="0" * 64, size=1, dialect="vnpt", signature="none", verdict="accepted"))
    dossier = make.dossier("received")
    document = make.save(Document(state="sent", sender_id=one.id, agency_id=agencies[0].id, key=key, sent_at=now,
                                  message_id=message.id, dossier_id=dossier.id))

    def copy(at: Any, **more: Any) -> Any:
        return make.save(Copy(document_id=document.id, receiver_id=at.id, agency_id=at.agency_id, unit_id=at.unit_id,
                              state="sent", state_at=now, known_by="sent", sure=100, sent_at=now, **more))

    def event(copy: Any = None) -> int:
        return int(make.save(ExchangeEvent(document_id=document.id, copy_id=copy.id if copy else None, code="sent",
                                           at=now, how="sent")).id)

    def delivery(to: Any) -> int:
        return int(make.save(Delivery(message_id=message.id, sender_id=one.id, receiver_id=to.id, kind="document",
                                      position=1, state="done")).id)

    copies = copy(two, assigned_unit_id=assigned.id), copy(three)
    opinion = make.save(Opinion(dossier_id=dossier.id, document_id=document.id, copy_id=copies[0].id,
                                question="Có đủ điều kiện không?", due_at=now))
    return Sent(document.id, (copies[0].id, copies[1].id), (event(), event(copies[0]), event(copies[1])), message.id,
                (delivery(two), delivery(three)), (stored("document", document.id), stored("message", message.id)),
                (agencies[0].id, agencies[1].id, agencies[2].id), unit.id, assigned.id, dossier.id, opinion.id)


def seen(of: Reach, sent: Sent) -> dict[str, set[int]]:
    """What of this document a transaction for these finds when it asks for everything."""
    session.rollback()
    reach(of)
    try:
        found = {
            "document": set(session.scalars(select(Document.id).where(Document.id == sent.document))),
            "copies": set(session.scalars(select(Copy.id).where(Copy.document_id == sent.document))),
            "events": set(session.scalars(select(ExchangeEvent.id).where(ExchangeEvent.document_id == sent.document))),
            "message": set(session.scalars(select(Message.id).where(Message.id == sent.message))),
            "deliveries": set(session.scalars(select(Delivery.id).where(Delivery.message_id == sent.message))),
            "opinion": set(session.scalars(select(Opinion.id).where(Opinion.document_id == sent.document))),
            "files": set(session.scalars(select(StoredFile.id).where(StoredFile.id.in_(sent.files)))),
        }
        return {name: ids for name, ids in found.items() if ids}
    finally:
        session.rollback()
        reach(ALL)


def _browser(house: Flask, person: Any) -> Client:
    client = house.test_client()
    enter(client, person)
    return client


def _send(client: Client, begun: Any, receiver_id: int, content: str = "") -> int:
    """Fill in the draft that was begun, and send it. The document's number here."""
    assert begun.status_code == 303, begun.text
    at = begun.location.removesuffix("/write")
    written = client.post(f"{at}/write", data={
        "notation": "UBND-VX", "type_name": "Công văn", "subject": "Về việc phối hợp", "signer_name": "Trần Văn Bình",
        "place": "Đà Nẵng", "content": content, "priority": "0", "receivers": receiver_id, "then": "send"})
    assert written.status_code == 303 and written.location.endswith("/send"), written.text
    sent = client.post(f"{at}/send")
    assert sent.status_code == 303, sent.text
    return int(at.rsplit("/", 1)[1])


class TestWall:
    pytestmark = wall

    def test_the_sender_reaches_everything_about_it(self, house: Flask, sent: Sent) -> None:
        everything = {"document": {sent.document}, "copies": set(sent.copies), "events": set(sent.events),
                      "message": {sent.message}, "deliveries": set(sent.deliveries), "opinion": {sent.opinion},
                      "files": set(sent.files)}
        assert seen(Reach(agencies=[sent.agencies[0]]), sent) == seen(ALL, sent) == everything

    def test_a_receiver_reaches_the_document_and_what_became_of_its_own_copy(self, house: Flask, sent: Sent) -> None:
        for at, reached in enumerate((Reach(agencies=[sent.agencies[1]]), Reach(units=[sent.unit]))):
            assert seen(reached, sent) == {
                "document": {sent.document}, "copies": {sent.copies[at]},
                "events": {sent.events[0], sent.events[1 + at]}, "message": {sent.message},
                "deliveries": {sent.deliveries[at]}, "files": set(sent.files)}

    def test_a_unit_that_was_given_the_work_reaches_the_copy(self, house: Flask, sent: Sent) -> None:
        found = seen(Reach(units=[sent.assigned]), sent)
        assert found["copies"] == {sent.copies[0]} and found["files"] == set(sent.files)
        assert "deliveries" not in found and "opinion" not in found

    def test_whoever_was_given_the_work_reaches_the_copy_wherever_they_sit(self, house: Flask, sent: Sent) -> None:
        clerk = make.staff("case_officer", make.department(f"Sở {next(make.n)}", "H26"))
        with transaction():
            session.get_one(Copy, sent.copies[0]).assignee_id = clerk.id
        assert seen(Reach(person_id=clerk.id), sent)["copies"] == {sent.copies[0]}

    def test_what_is_no_other_units_is_the_central_units(self, house: Flask, sent: Sent) -> None:
        central = people.central_unit(sent.agencies[1])
        assert seen(Reach(units=[central.id]), sent) == seen(Reach(agencies=[sent.agencies[1]]), sent) != {}

    def test_nobody_else_reaches_any_of_it(self, house: Flask, sent: Sent) -> None:
        stranger, other = make.citizen(), make.agency("G15")
        for of in (NOTHING, Reach(person_id=stranger.id), Reach(agencies=[other.id]), Reach(units=[0])):
            assert seen(of, sent) == {}

    def test_whoever_reads_the_dossier_reaches_the_opinion_asked_and_the_applicant_does_not(self, house: Flask,
                                                                                            sent: Sent) -> None:
        unit_id, applicant_id = session.execute(text("SELECT unit_id, applicant_id FROM dossier WHERE id = :id"),
                                                {"id": sent.dossier}).one()
        found = seen(Reach(units=[unit_id]), sent)
        assert found["opinion"] == {sent.opinion} and found["document"] == {sent.document}
        assert found["copies"] == {sent.copies[0]}, "the one that was asked"
        assert seen(Reach(person_id=applicant_id), sent) == {}

    def test_whoever_runs_the_exchange_reaches_what_passes_and_no_dossier(self, house: Flask, sent: Sent) -> None:
        found = seen(Reach(also=[TRAFFIC]), sent)
        assert found.keys() == {"document", "copies", "events", "message", "deliveries", "files"}
        session.rollback()
        reach(Reach(also=[TRAFFIC]))
        assert session.scalar(text("SELECT count(*) FROM dossier")) == 0
        reach(ALL)

    def test_nobody_writes_into_a_register_that_they_do_not_reach(self, house: Flask, sent: Sent) -> None:
        session.rollback()
        reach(Reach(agencies=[sent.agencies[1]]))
        with pytest.raises(ProgrammingError, match="row-level security"), transaction():
            session.execute(text("UPDATE exchange_copy SET agency_id = :there WHERE id = :id"),
                            {"there": sent.agencies[2], "id": sent.copies[0]})
        session.rollback()
        reach(ALL)

    def test_what_is_looked_through_says_where_and_nothing_else(self, house: Flask) -> None:
        for name in LOOKED_THROUGH:
            columns = set(session.scalars(text("SELECT column_name FROM information_schema.columns "
                                               "WHERE table_name = :name"), {"name": name}))
            assert columns and all(column.endswith("_id") for column in columns)

    def test_through_the_doors_documents_go_and_come(self, house: Flask) -> None:
        """A clerk writes and sends, the other agency's registers and answers; a third meets nothing of it."""
        ours, theirs = documents.participant("H17"), documents.participant("H26")
        clerks = [make.staff("clerk", code) for code in ("H17", "H26", "H29")]
        session.commit()
        theirs_id = theirs.id
        here, there, elsewhere = (_browser(house, one) for one in clerks)
        sent = _send(here, here.post("/government/documents/new", data={"sender": ours.id}), theirs_id)
        worker.run_all(house)
        [copy] = session.scalars(select(Copy).where(Copy.document_id == sent))
        copy_id = copy.id
        registered = there.post(f"/government/incoming/{copy_id}/register")
        assert registered.status_code == 303, registered.text
        begun = there.post(f"/government/incoming/{copy_id}/answer")
        assert begun.status_code == 303, begun.text
        answered = _send(there, begun, ours.id)
        worker.run_all(house)
        session.expire_all()
        assert copy.state == "registered" and copy.answer_id == answered and copy.answered_at is not None
        for page in (f"/government/documents/{sent}", f"/government/documents/{sent}/receivers/{copy_id}",
                     f"/government/documents/{sent}/bundle", "/government/outgoing", "/government/incoming"):
            assert here.get(page).status_code == 200, page
        assert theirs.name in here.get(f"/government/documents/{sent}").text
        for page in (f"/government/documents/{sent}", f"/government/incoming/{copy_id}"):
            assert elsewhere.get(page).status_code == 404, page

    def test_through_the_doors_an_opinion_is_asked_and_answered(self, house: Flask) -> None:
        """By an officer of a commune, who reaches that commune alone; the applicant reads that it was."""
        ours, theirs = documents.participant("H17"), documents.participant("H26")
        officer, clerk = make.officer(make.commune()), make.staff("clerk", "H26")
        dossier = make.dossier("processing", officer=officer)
        dossier.due_at = clock.now() + timedelta(days=10)
        session.commit()
        id_, ours_id, name = dossier.id, ours.id, theirs.name
        desk, there, own = (_browser(house, one) for one in (officer, clerk, dossier.applicant))
        day = documents.day(2)
        asked = desk.post(f"/officer/dossiers/{id_}/opinions/ask", data={
            "receiver": theirs.id, "question": "Có đủ điều kiện không?", "due-day": day.day, "due-month": day.month,
            "due-year": day.year})
        assert asked.status_code == 303, asked.text
        worker.run_all(house)
        copy_id = session.scalars(select(Opinion.copy_id).where(Opinion.dossier_id == id_)).one()
        begun = there.post(f"/government/incoming/{copy_id}/answer")
        assert begun.status_code == 303, begun.text
        _send(there, begun, ours_id, content="Đủ điều kiện.")
        worker.run_all(house)
        page = desk.get(f"/officer/dossiers/{id_}")
        assert page.status_code == 200 and "Đủ điều kiện." in page.text
        told = own.get(f"/my/dossiers/{id_}").text
        assert name in told and "Đủ điều kiện." not in told

    def test_not_even_the_application_rewrites_what_happened(self, house: Flask, sent: Sent) -> None:
        for statement in ("UPDATE exchange_event SET note = 'other'", "DELETE FROM exchange_event"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction():
                session.execute(text(statement))


def test_what_happened_to_a_document_is_never_changed(app: Flask, sent: Sent) -> None:
    """On both databases, whatever asks for it."""
    for statement in ("UPDATE exchange_event SET at = at", "DELETE FROM exchange_event"):
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text(statement))
    session.delete(session.get_one(ExchangeEvent, sent.events[0]))
    with pytest.raises(EventsNeverChange):
        session.flush()
    session.rollback()
