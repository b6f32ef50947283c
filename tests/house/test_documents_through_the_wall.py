"""A clerk's whole work with documents, where PostgreSQL refuses every row that is not theirs to reach."""
from typing import Any

import pytest
from flask import Flask

from portal.exchange.models import Copy, Document
from portal.kit.db import session
from portal.kit.row_security import reaching_all
from portal.people import queries as people
from tests import make
from tests.conftest import enter
from tests.exchange import documents as made

pytestmark = [pytest.mark.postgresql, pytest.mark.real_commits]
SAYS = {"type_name": "Công văn", "subject": "Về việc rà soát thủ tục", "notation": "UBND-VX",
        "signer_name": "Trần Văn Bình", "priority": "1"}


def browser(house: Flask, role: str, at: Any) -> Any:
    client = house.test_client()
    enter(client, make.staff(role, at))
    return client


def write_and_send(client: Any, to: int) -> int:
    draft = int(client.post("/government/documents/new").location.split("/")[-2])
    written = client.post(f"/government/documents/{draft}/write", data=SAYS | {"receivers": str(to), "then": "send"})
    assert written.status_code == 303, written.text
    assert client.post(f"/government/documents/{draft}/send").status_code == 303
    return draft


def the_copy(document_id: int) -> Copy:
    with reaching_all():
        session.expire_all()
        [copy] = session.get_one(Document, document_id).copies
        return copy


def test_a_document_is_sent_registered_given_out_and_answered(house: Flask) -> None:
    made.participant("H26")
    there = made.participant("H17")
    sender, clerk = browser(house, "clerk", "H26"), browser(house, "clerk", "H17")
    document = write_and_send(sender, there.id)
    copy = the_copy(document)
    url, unit = f"/government/incoming/{copy.id}", people.central_unit(make.agency("H17").id)
    officer = make.officer(unit)
    for act, data in (("register", {}), ("assign", {"person": str(officer.id)})):
        assert clerk.post(f"{url}/{act}", data=data).status_code == 303, act
    worker = browser(house, "case_officer", unit)
    for act in ("start", "finish"):
        assert worker.post(f"{url}/{act}").status_code == 303, act
    assert the_copy(document).state == "done"
    assert clerk.post(f"{url}/answer").status_code == 303
    page = sender.get(f"/government/documents/{document}")
    assert page.status_code == 200 and "Đã xử lý xong" in page.text
    for client, path in ((clerk, "incoming?tab=register"), (clerk, "outgoing?tab=drafts"), (sender, "outgoing")):
        assert "data-row" in client.get(f"/government/{path}").text, path


def test_a_recall_goes_there_and_its_answer_comes_back(house: Flask) -> None:
    made.participant("H26")
    there = made.participant("H29")
    sender, clerk = browser(house, "clerk", "H26"), browser(house, "clerk", "H29")
    document = write_and_send(sender, there.id)
    copy = the_copy(document)
    asked = sender.post(f"/government/documents/{document}/recall", data={
        "receivers": str(there.id), "reason": "Ban hành nhầm"})
    assert asked.status_code == 303 and the_copy(document).recall == "asked"
    assert clerk.post(f"/government/incoming/{copy.id}/recall", data={"agree": "yes"}).status_code == 303
    assert the_copy(document).recall == "agreed"


def test_another_agency_finds_nothing_of_it(house: Flask) -> None:
    made.participant("H26")
    there = made.participant("H17")
    document = write_and_send(browser(house, "clerk", "H26"), there.id)
    other, copy = browser(house, "clerk", "G01"), the_copy(document)
    for path in (f"incoming/{copy.id}", f"documents/{document}"):
        assert other.get(f"/government/{path}").status_code == 404
    found = other.post("/government/incoming", data={"q": "ra soat"})
    assert found.status_code == 200 and "data-row" not in found.text
