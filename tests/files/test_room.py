"""How much may be sent: what takes up room, what is told, and what is kept when there is none."""
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.dossiers import actions, allowance
from portal.dossiers.models import Dossier
from portal.files import actions as documents
from portal.files import queries as files
from portal.files.models import Owner
from portal.kit import clock, disk
from portal.kit import files as kept
from portal.kit.db import session, transaction
from tests import make

SIZE = len(make.PDF)
SignIn = Callable[[Any], FlaskClient]


def attach(owner: Owner, key: str, name: str = "a.pdf", **how: Any) -> None:
    with transaction():
        documents.attach(owner, key, key, documents.prove(BytesIO(make.PDF), name), by_id=1, **how)


def room(app: Flask, monkeypatch: pytest.MonkeyPatch, files_of_this_size: float) -> None:
    monkeypatch.setitem(app.config, "DOSSIER_BYTES", int(SIZE * files_of_this_size))


def test_what_was_replaced_takes_up_no_room(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.dossier("checking")
    before = len(files.room_taken(dossier.owner))
    room(app, monkeypatch, before + 1)
    for n in range(4):
        with transaction():
            documents.supersede(dossier.owner, "other", before=clock.now() + timedelta(minutes=n))
        attach(dossier.owner, "other")
    with pytest.raises(kept.Refused, match="full"):
        attach(dossier.owner, "other")


def test_an_answer_that_replaces_fits_where_the_old_one_did(app: Flask, sign_in: SignIn,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.dossier("asked")
    item = dossier.requests[-1].items[0]
    attach(dossier.owner, item.key)
    room(app, monkeypatch, len(files.room_taken(dossier.owner)))
    with clock.pretend(clock.now() + timedelta(minutes=1)):
        answer = sign_in(dossier.applicant).post(f"/my/dossiers/{dossier.id}/answer", data={
            f"item_{item.id}": (BytesIO(make.PDF), "mới.pdf")})
    assert answer.status_code == 303


def test_results_and_papers_take_up_a_room_of_their_own(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.dossier("received")
    attachments = len(files.attachments_of(dossier.owner))
    with transaction():
        documents.store(dossier.owner, kept.keep_bytes(bytes(10 * SIZE), "application/pdf"))
    room(app, monkeypatch, attachments + 1)
    for _ in range(attachments + 1):
        attach(dossier.owner, "result")
    attach(dossier.owner, "other")
    for key in ("result", "other"):
        with pytest.raises(kept.Refused, match="full"):
            attach(dossier.owner, key)


def test_a_refusal_says_what_is_full_and_what_fills_it(app: Flask, sign_in: SignIn,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.draft()
    room(app, monkeypatch, len(files.attachments_of(dossier.owner)))
    answer = sign_in(dossier.applicant).post(f"/my/dossiers/{dossier.id}/fill/papers", data={
        "paper_birth": (BytesIO(make.PDF), "thêm nữa.pdf")})
    assert answer.status_code == 422
    assert "thêm nữa.pdf" in answer.text and "giấy tờ.pdf" in answer.text and "Lớn nhất" in answer.text


def test_files_of_questions_that_no_longer_apply_are_shown_take_no_room_and_are_not_sent(
        app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.draft()
    attach(dossier.owner, "a_question_of_before", "cũ.pdf")
    client = sign_in(dossier.applicant)
    for page in ("draft", "check"):
        assert "cũ.pdf" in client.get(f"/my/dossiers/{dossier.id}/{page}").text
    room(app, monkeypatch, len(files.attachments_of(dossier.owner)))
    assert client.post(f"/my/dossiers/{dossier.id}/fill/papers", data={
        "paper_birth": (BytesIO(make.PDF), "b.pdf")}).status_code == 303
    with transaction():
        actions.submit(session.get_one(Dossier, dossier.id), by=dossier.applicant)
    assert "cũ.pdf" not in [one.name for one in files.attachments_of(dossier.owner)]


def test_what_one_person_sends_on_a_day_has_a_limit_and_ends_with_the_day(
        app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "UPLOAD_BYTES_A_DAY", 2 * SIZE)
    before_midnight = datetime(2026, 10, 5, 23, 58, tzinfo=clock.VN)

    def send(by_id: int) -> None:
        documents.prove(BytesIO(make.PDF), "a.pdf", by_id=by_id)
    with clock.pretend(before_midnight):
        for _ in range(2):
            send(7)
        for _ in range(2):
            with pytest.raises(kept.Refused, match="day"):
                send(7)
        send(8)
    with clock.pretend(before_midnight + timedelta(minutes=3)):
        send(7)


def test_begun_and_handed_in_have_a_limit_that_is_told_before(app: Flask, sign_in: SignIn,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    person, service = make.citizen(), make.service()
    one, two = (make.draft(by=person, service=service) for _ in range(2))
    monkeypatch.setitem(app.config, "DRAFTS_A_DAY", 3)
    monkeypatch.setitem(app.config, "SUBMISSIONS_A_DAY", 1)
    client = sign_in(person)
    start = f"/apply/{service.agency.key}/{service.procedure.code}"
    page = client.get(start).text
    assert "Hôm nay còn bắt đầu được 1 hồ sơ" in page and "10 MB" in page and "200 MB" in page
    assert client.post(start, data={"key": "a" * 20}).status_code == 303
    again = client.post(start, data={"key": "b" * 20})
    assert again.status_code == 429 and "3 hồ sơ" in again.text
    assert client.post(start, data={"key": "a" * 20}).status_code == 303, "pressed twice it is the same draft"
    assert "Hôm nay còn nộp được 1 hồ sơ" in client.get(f"/my/dossiers/{one.id}/check").text
    assert client.post(f"/my/dossiers/{one.id}/check", data={"true": "1"}).status_code == 303
    refused = client.post(f"/my/dossiers/{two.id}/check", data={"true": "1"})
    assert refused.status_code == 429 and "bản nháp" in refused.text
    session.expire_all()
    assert session.get_one(Dossier, two.id).state == "draft"
    assert allowance.left(make.citizen().id) == (3, 1)
    with clock.pretend(clock.now() + timedelta(days=1)):
        assert allowance.left(person.id) == (3, 1)


def test_a_full_disk_takes_no_file_keeps_what_was_typed_and_says_so_before(
        app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.draft()
    monkeypatch.setitem(app.config, "DISK_FREE_BYTES", 10**18)
    assert not disk.has_room()
    client = sign_in(dossier.applicant)
    place = f"/my/dossiers/{dossier.id}/fill/papers"
    assert "ổ đĩa của cổng đã đầy" in client.get(place).text
    before = len(files.attachments_of(dossier.owner))
    answer = client.post(place, data={"paper_birth": (BytesIO(make.PDF), "b.pdf")})
    assert answer.status_code == 507 and "b.pdf" in answer.text
    assert len(files.attachments_of(dossier.owner)) == before
