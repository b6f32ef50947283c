"""A file waits, is found clean, is shown; and a scanner that is away lets nothing pass."""
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal import worker
from portal.dossiers import queries
from portal.dossiers.models import Dossier
from portal.files import actions as documents
from portal.files import queries as files
from portal.files import scanning
from portal.files.models import Attachment
from portal.kit import clamd, jobs
from portal.kit import files as kept
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices.models import Message
from tests import make, scanner

VIRUS = scanner.virus(make.PDF)
AWAY = "unix:/nowhere/clamd.ctl"
SignIn = Callable[[Any], FlaskClient]
Set = Callable[..., None]


@pytest.fixture(scope="session")
def clamd_there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scanner.clamd(tmp_path_factory.mktemp("clamd"), VIRUS) as address:
        yield address


@pytest.fixture
def setting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Which scanner is set; none was away a moment ago."""
    def setting(address: str | None, *, required: bool = False) -> None:
        monkeypatch.setitem(app.config, "CLAMD", address)
        monkeypatch.setitem(app.config, "SCAN_REQUIRED", required)
        app.extensions.pop("scanner", None)
    return setting


def status(client: FlaskClient, place: str) -> int:
    """What a download answers; it is closed again."""
    with client.get(place) as answer:
        return answer.status_code


def told(words: str) -> set[int | None]:
    """Who has a message with these words in its subject."""
    return set(session.scalars(select(Message.person_id).where(Message.subject.contains(words))))


def work(app: Flask) -> None:
    """The sweeper and what it puts, as the worker does them."""
    with transaction():
        jobs.put("files.scan_waiting")
    worker.run_all(app)
    session.expire_all()


def handed_in() -> tuple[Dossier, Attachment]:
    dossier = make.dossier("checking")
    return dossier, files.attachments_of(dossier.owner)[0]


def infect(attachment: Attachment) -> None:
    """What a scanner says of a file that was taken while it was away."""
    with transaction():
        documents.note_scan(attachment.file_id, scanning.Verdict("Portal.Test.Virus"))


@pytest.mark.clamd
@pytest.mark.once
def test_clamd_tells_a_virus_from_a_paper(clamd_there: str) -> None:
    assert clamd.answers(clamd_there)
    assert clamd.scan(clamd_there, BytesIO(VIRUS), seconds=10) == "Portal.Test.Virus.UNOFFICIAL"
    assert clamd.scan(clamd_there, BytesIO(make.PDF), seconds=10) is None
    assert clamd.scan(clamd_there, BytesIO(bytes(3_000_000)), seconds=20) is None


@pytest.mark.clamd
def test_a_virus_is_refused_at_once_and_a_paper_shown_at_once(app: Flask, clamd_there: str, setting: Set,
                                                              sign_in: SignIn) -> None:
    setting(clamd_there)
    dossier = make.draft()
    client = sign_in(dossier.applicant)
    answer = client.post(f"/my/dossiers/{dossier.id}/fill/papers", data={"paper_birth": (BytesIO(VIRUS), "giấy.pdf")})
    assert answer.status_code == 422 and "mã độc" in answer.text
    attachment = files.attachments_of(dossier.owner)[0]
    assert scanning.standing(attachment.file) == "clean" and attachment.file.cleared_at
    assert status(client, f"/my/dossiers/{dossier.id}/attachments/{attachment.id}") == 200


@pytest.mark.clamd
def test_what_came_while_it_was_away_waits_and_is_scanned_once_it_is_back(
        app: Flask, clamd_there: str, setting: Set, sign_in: SignIn) -> None:
    setting(AWAY)
    officer = make.officer()
    dossier = make.dossier("checking", officer=officer)
    clean, bad = files.attachments_of(dossier.owner)[0], None
    with transaction():
        bad = documents.attach(dossier.owner, "other", "Khác", documents.prove(BytesIO(VIRUS), "khác.pdf"),
                               by_id=dossier.applicant_id)
    desk, mine = sign_in(officer), sign_in(dossier.applicant)
    work(app)
    for one in (clean, bad):
        assert scanning.standing(one.file) == "waiting" and one.file.cleared_at is None
        assert status(desk, f"/officer/dossiers/{dossier.id}/attachments/{one.id}") == 404
        assert status(mine, f"/my/dossiers/{dossier.id}/attachments/{one.id}") == 404
    assert "Chưa quét" in desk.get(f"/officer/dossiers/{dossier.id}").text
    setting(clamd_there)
    work(app)
    assert (scanning.standing(clean.file), scanning.standing(bad.file)) == ("clean", "refused")
    assert status(desk, f"/officer/dossiers/{dossier.id}/attachments/{clean.id}") == 200
    assert status(desk, f"/officer/dossiers/{dossier.id}/attachments/{bad.id}") == 404
    assert "Portal.Test.Virus" in desk.get(f"/officer/dossiers/{dossier.id}").text


@pytest.mark.clamd
def test_files_from_before_there_was_a_scanner_wait_and_are_scanned(app: Flask, clamd_there: str,
                                                                    setting: Set) -> None:
    _dossier, attachment = handed_in()
    assert scanning.standing(attachment.file) == "unscanned"
    setting(clamd_there)
    assert scanning.standing(attachment.file) == "waiting"
    work(app)
    assert scanning.standing(attachment.file) == "clean"


@pytest.mark.parametrize(("address", "required", "standing"), [
    (None, False, "unscanned"), (None, True, "waiting"), (AWAY, False, "waiting"), (AWAY, True, "waiting")])
def test_without_a_scanner_that_is_there_nothing_is_called_clean(
        app: Flask, setting: Set, address: str | None, required: bool, standing: str) -> None:
    setting(address, required=required)
    dossier, attachment = handed_in()
    work(app)
    assert dossier.state == "checking", "what was handed in is handed in"
    assert scanning.standing(attachment.file) == standing and attachment.file.cleared_at is None


def test_without_a_scanner_the_officers_page_says_so(setting: Set, sign_in: SignIn) -> None:
    officer = make.officer()
    dossier = make.dossier("checking", officer=officer)
    setting(None)
    assert "chưa quét vi-rút" in sign_in(officer).get(f"/officer/dossiers/{dossier.id}").text


@pytest.mark.once
@pytest.mark.parametrize("answer", [None, b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: Broken ERROR\0",
                                    b"\xff\xfe\0", b"x" * 5000])
def test_a_scanner_that_does_not_say_clean_has_said_nothing(answer: bytes | None) -> None:
    with scanner.stand_in(answer) as address, pytest.raises(clamd.Away):
        clamd.scan(address, BytesIO(make.PDF), seconds=0.5)


@pytest.mark.once
@pytest.mark.parametrize(("found", "reason"), [
    ("Heuristics.Encrypted.PDF", "locked"), ("Heuristics.Limits.Exceeded.MaxFileSize", "bomb"),
    ("Heuristics.Phishing.Email", "virus"), ("Pdf.Exploit.CVE_2018_4990", "virus")])
def test_a_password_is_not_called_a_virus(app: Flask, setting: Set, found: str, reason: str) -> None:
    """nextcloud/files_antivirus 139: with AlertEncrypted, a locked file was told to its sender as infected."""
    with scanner.stand_in(f"stream: {found} FOUND\0".encode()) as address, pytest.raises(kept.Refused) as refused:
        setting(address)
        documents.prove(BytesIO(make.PDF), "a.pdf")
    assert refused.value.reason == reason


@pytest.mark.once
def test_who_waits_for_a_page_does_not_wait_twice_for_a_silent_scanner(
        app: Flask, setting: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(clamd, "scan", lambda address, *_a, **_k: asked.append(address) or _raise())
    setting(AWAY)
    with app.app_context():
        for _ in range(3):
            assert documents.prove(BytesIO(make.PDF), "a.pdf").scanned is False
    assert asked == [AWAY]


def _raise() -> None:
    raise clamd.Away("away")


@pytest.mark.clamd
@pytest.mark.parametrize("what", ["gone", "too large for the scanner"])
def test_a_file_that_cannot_be_scanned_holds_up_nobody_behind_it(
        app: Flask, setting: Set, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str) -> None:
    """archivematica 875, demarche.numerique.gouv.fr 9902: one such file, and scanning stood still for everybody."""
    first, *others = (handed_in()[1] for _ in range(3))
    place = kept.where(first.file.blob)
    if what == "gone":
        place.unlink()
    else:
        place.write_bytes(bytes(3_000_000))
    monkeypatch.setattr("portal.files.jobs.AT_ONCE", 1)  # and however many of them there are
    with scanner.clamd(tmp_path, VIRUS, most="2M") as address:
        setting(address)
        work(app)
    assert [scanning.standing(one.file) for one in (first, *others)] == ["waiting", "clean", "clean"]
    assert not session.scalar(select(func.count()).select_from(Job).where(Job.failures > 0))


def test_the_applicant_is_told_and_replaces_what_was_found_later(app: Flask, setting: Set, sign_in: SignIn) -> None:
    dossier, attachment = handed_in()
    infect(attachment)
    worker.run_all(app)
    assert told("Cần thay một tệp đã nộp") == {dossier.applicant_id}
    assert told("một tệp bị khóa vì có mã độc") == {dossier.officer_id}
    assert attachment.label in [gap.label["vi"] for gap in queries.application(dossier).gaps]
    client = sign_in(dossier.applicant)
    assert f"/attachments/{attachment.id}/replace" in client.get(f"/my/dossiers/{dossier.id}").text
    assert status(client, f"/my/dossiers/{dossier.id}/attachments/{attachment.id}") == 404
    place = f"/my/dossiers/{dossier.id}/attachments/{attachment.id}/replace"
    assert "Portal.Test.Virus" in client.get(place).text
    assert client.post(place, data={"file": (BytesIO(b""), "a.pdf")}).status_code == 422
    assert client.post(place, data={"file": (BytesIO(make.PDF), "bản sạch.pdf")}).status_code == 303
    session.expire_all()
    assert "bản sạch.pdf" in [one.name for one in files.attachments_of(dossier.owner)]
    assert not queries.application(dossier).gaps
    assert session.get_one(Attachment, attachment.id).replaced_at is not None
    assert told("người nộp đã thay một tệp") == {dossier.officer_id}
    assert client.post(place, data={"file": (BytesIO(make.PDF), "a.pdf")}).status_code == 409


def test_a_draft_with_a_virus_cannot_be_handed_in(app: Flask, sign_in: SignIn) -> None:
    dossier = make.draft()
    infect(files.attachments_of(dossier.owner)[0])
    client = sign_in(dossier.applicant)
    assert client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"}).status_code == 422
    session.expire_all()
    assert session.get_one(Dossier, dossier.id).state == "draft"


def test_what_the_portal_made_needs_no_scanner(setting: Set) -> None:
    setting(AWAY)
    dossier, _attachment = handed_in()
    made = documents.store(dossier.owner, kept.keep_bytes(make.PDF, "application/pdf"))
    assert scanning.standing(made) == "clean" and scanning.is_shown(made)


def test_the_sweeper_asks_nobody_where_there_is_no_scanner(app: Flask, setting: Set) -> None:
    handed_in()
    setting(None, required=True)
    with transaction():
        jobs.put("files.scan_waiting")
    worker.run_all(app)
    assert not session.scalar(select(func.count()).select_from(Job).where(Job.failures > 0))
