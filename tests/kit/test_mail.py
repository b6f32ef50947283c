"""Mail: taken once, refused for good, or later again; and no server holds anybody longer than the deadline."""
import smtplib
import time
from collections.abc import Iterator

import pytest
from flask import Flask

import config
from portal.kit import mail
from tests.post_office import Manner, PostOffice

pytestmark = pytest.mark.once
ADDRESS = "an.nguyen@noi.vn"


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice() as running:
        monkeypatch.setitem(app.config, "SMTP_URL", running.url)
        monkeypatch.setattr(mail, "DEADLINE_S", 0.5)
        yield running


def send() -> None:
    mail.send(mail.letter(ADDRESS, "Chào", "Nội dung", "notice-1"))


def test_a_letter_arrives_whole_with_its_id(office: PostOffice) -> None:
    send()
    (_at, letter), = office.letters
    assert (letter["To"], letter["Message-ID"]) == (ADDRESS, "<notice-1@localhost>")


@pytest.mark.parametrize("manner", [Manner.silent, Manner.drips])
def test_a_server_that_never_finishes_is_left_at_the_deadline(office: PostOffice, manner: Manner) -> None:
    office.manner = manner
    start = time.monotonic()
    with pytest.raises(mail.NotSent, match=r"longer than 0\.5 s"):
        send()
    assert 0.4 < time.monotonic() - start < 2
    assert office.callers == 1


def test_a_letter_that_was_taken_is_sent_even_where_the_good_bye_drips(office: PostOffice) -> None:
    office.manner = Manner.drips_after
    start = time.monotonic()
    send()
    assert len(office.letters) == 1 and time.monotonic() - start < 0.4


@pytest.mark.parametrize(("manner", "error"), [
    (Manner.refuses, mail.Refused), (Manner.dislikes, mail.Refused), (Manner.shuns, mail.Refused),
    (Manner.busy, mail.NotSent)])
def test_what_is_refused_for_good_is_told_from_what_may_be_taken_later(
        office: PostOffice, manner: Manner, error: type[Exception]) -> None:
    office.manner = manner
    with pytest.raises(error) as told:
        send()
    assert ADDRESS not in str(told.value), "errors are kept and shown"
    assert office.letters == []


def test_nobody_there_is_an_error_of_the_system(office: PostOffice) -> None:
    office.shutdown()
    office.server_close()
    with pytest.raises(OSError, match="refused"):
        send()


def test_a_server_without_tls_gets_no_letter_unless_a_setting_says_so(office: PostOffice, app: Flask,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAIL_WITHOUT_TLS", False)
    with pytest.raises(smtplib.SMTPNotSupportedError, match="PORTAL_MAIL_WITHOUT_TLS") as told:
        send()
    assert office.letters == [] and office.callers == 1
    assert ADDRESS not in str(told.value)
    monkeypatch.setitem(app.config, "MAIL_WITHOUT_TLS", True)
    send()
    assert len(office.letters) == 1


def test_the_default_is_the_one_for_production() -> None:
    assert config.Default.MAIL_WITHOUT_TLS is False


def test_an_address_that_the_server_cannot_write_to_is_refused_for_good(office: PostOffice) -> None:
    with pytest.raises(mail.Refused):
        mail.send(mail.letter("ẩn@noi.vn", "Chào", "Nội dung", "notice-1"))
