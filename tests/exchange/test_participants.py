"""Who takes part in the exchange, since when, with which secrets and certificates."""
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.exchange import participants, secrets
from portal.exchange.models import Connection, Participant, ParticipantState, Way
from portal.kit import secret_keys
from portal.kit.db import session, transaction
from portal.people.security_log import SecurityEvent
from tests import make as people
from tests.exchange import make

ASKED = {"name": "Sở Thử nghiệm", "mail": "vanthu@mau.example"}


@pytest.fixture(autouse=True)
def _today(app: Flask) -> Iterator[Any]:
    with time_machine.travel("2026-11-20T03:00:00+00:00", tick=False) as clock:
        yield clock


def connections() -> list[tuple[str, date, date | None]]:
    return [(one.agency.key, one.since, one.until) for one in session.scalars(select(Connection).order_by("id"))]


def events() -> list[str]:
    return [one.name for one in session.scalars(select(SecurityEvent).where(
        SecurityEvent.name.startswith("exchange.")).order_by("id"))]


def test_whoever_asks_waits_for_an_administrator_and_is_found_under_every_form_of_its_id() -> None:
    made = participants.ask("000.00.00.H17", **ASKED, system_id="thu-01")
    assert (made.code, made.state, made.agency, made.profile) == ("H17", "asked", people.agency("H17"), "vnpt")
    assert participants.live("H17") is made is participants.by_system("thu-01")
    assert participants.connected() == [] and connections() == [] and events() == ["exchange.asked"]


def test_an_id_and_a_system_are_one_live_participants_alone() -> None:
    first = participants.ask("H17", **ASKED, system_id="thu-01")
    with pytest.raises(participants.Taken, match="code"):
        participants.ask("000.00.00.H17", **ASKED)
    with pytest.raises(participants.Taken, match="system_id"):
        participants.ask("H26", **ASKED, system_id="thu-01")
    participants.refuse(first, "Không thuộc phạm vi", None)
    assert participants.ask("H17", **ASKED, system_id="thu-01").id != first.id


def test_approval_connects_the_agency_from_today_and_its_end_ends_that(_today: Any) -> None:
    admin = people.administrator()
    made = participants.ask("H17", **ASKED, system_id="thu-01")
    told = participants.approve(made, admin, Way.axis)
    assert told and secrets.of(made) == (told,) and told not in (made.secret or "")
    assert connections() == [("H17", date(2026, 11, 20), None)]
    _today.move_to("2026-11-29T18:00:00+00:00")  # the 30th in Vietnam
    participants.end(made, "Chuyển hệ thống", admin)
    assert connections() == [("H17", date(2026, 11, 20), date(2026, 11, 30))]
    assert (made.state, made.secret, secrets.of(made)) == ("ended", None, ())
    assert events() == ["exchange.asked", "exchange.connected", "exchange.ended"]


def test_a_body_under_an_agency_does_not_make_the_agency_connected() -> None:
    participants.approve(participants.ask("H17.05", **ASKED), None, Way.api)
    participants.open_pages(people.agency("H26"), people.department(at="H26"), "H26.03")
    assert connections() == []
    participants.open_pages(people.agency("H26"))
    assert [one[0] for one in connections()] == ["H26"]


def test_what_was_decided_is_decided_once() -> None:
    made = participants.ask("H17", **ASKED)
    participants.approve(made, None, Way.api)
    for again in (lambda: participants.approve(made, None, Way.api), lambda: participants.refuse(made, "", None)):
        with pytest.raises(participants.Settled):
            again()
    participants.end(made, "", None)
    for after in (lambda: participants.end(made, "", None), lambda: participants.renew_secret(made, None)):
        with pytest.raises(participants.Settled):
            after()


def test_the_secret_before_holds_for_a_week_beside_the_new_one(_today: Any) -> None:
    made = make.participant("H17", Way.axis)
    new = participants.renew_secret(made, None)
    assert secrets.of(made) == (new, make.SECRET)
    _today.shift(timedelta(days=7))
    assert secrets.of(made) == (new,)
    newest = participants.renew_secret(made, None, overlap=timedelta(0))
    assert secrets.of(made) == (newest,)


def test_a_secret_opens_in_its_own_row_alone() -> None:
    one, other = make.participant("H17", Way.axis), make.participant("H26", Way.axis)
    other.secret = one.secret
    one.push_key = one.secret
    assert secrets.of(other) == () and secrets.push_key(one) is None
    with pytest.raises(secret_keys.Unsealable):
        secret_keys.unseal("second factors", f"participant {one.id} secret", one.secret or "")


@pytest.mark.parametrize("typed", ["short", "có dấu tiếng Việt", "two words here", "line\nbreak-in-it", "x" * 101])
def test_a_secret_is_one_line_of_plain_signs(typed: str) -> None:
    made = make.participant("H17", Way.axis)
    with pytest.raises(secrets.Unfit):
        participants.renew_secret(made, None, secret=typed)


def test_two_of_the_longest_secrets_fit_their_column() -> None:
    made = make.participant("H17", Way.axis, secret="a" * secrets.LONGEST)
    participants.renew_secret(made, None, secret="b" * secrets.LONGEST)
    assert len(made.secret or "") <= 400 and len(secrets.of(made)) == 2


def test_a_system_serves_itself_what_lies_under_it_and_what_it_registered() -> None:
    system = make.participant("H17", Way.axis)
    make.participant("H17.05", Way.axis, system_id="")
    make.participant("H17.06", Way.axis)  # has a system of its own
    make.participant("H17.07", Way.pages)
    make.participant("H170", Way.axis, system_id="")
    make.participant("TRAM-BOM", Way.axis, system_id="", parent_code="H17")
    waiting = participants.ask("H17.08", **ASKED)
    assert [one.code for one in participants.served_by(system)] == ["H17", "H17.05", "TRAM-BOM"]
    participants.approve(waiting, None, Way.axis)
    assert waiting in participants.served_by(system)


def test_who_was_here_is_noted_once_a_minute(_today: Any) -> None:
    made = make.participant("H17")
    participants.seen(made)
    session.refresh(made)
    first = made.last_seen_at
    assert first is not None
    for shift, later in ((30, 0), (40, 70)):
        _today.shift(timedelta(seconds=shift))
        participants.seen(made)
        session.refresh(made)
        assert made.last_seen_at == first + timedelta(seconds=later)


def test_a_certificate_is_pinned_ended_and_pinned_again() -> None:
    made, admin = make.participant("H17"), people.administrator()
    pem, _key = make.certificate()
    added = participants.add_certificate(made, pem, admin)
    assert participants.pinned(made) == [added.pem] and added.subject == "CN=Sở Thử nghiệm"
    assert participants.add_certificate(made, f"\n{pem}\n\n", admin).id == added.id
    participants.end_certificate(added, admin)
    assert participants.pinned(made) == [] and participants.certificates(made) == [added]
    assert participants.add_certificate(made, pem, admin).id == added.id and len(participants.pinned(made)) == 1
    assert events()[2:] == ["exchange.certificate"] * 3


@pytest.mark.parametrize("pem", ["", "not one", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(pem: str) -> None:
    with pytest.raises(participants.NotACertificate):
        participants.add_certificate(make.participant("H17"), pem, None)


def test_strangers_cannot_fill_the_list_of_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(participants, "MOST_ASKED", 2)
    participants.ask("H17", **ASKED, bounded=True)
    participants.ask("H26", **ASKED, bounded=True)
    with pytest.raises(participants.TooManyAsked):
        participants.ask("G01", **ASKED, bounded=True)
    assert participants.ask("G01", **ASKED, by=people.administrator())


@pytest.mark.real_commits
def test_of_two_who_decide_at_once_one_does(town: Flask) -> None:
    with town.app_context(), transaction():
        number = participants.ask("H17", **ASKED).id
    with town.app_context():
        stale = session.get_one(Participant, number)
        assert stale.state == ParticipantState.asked
        with town.app_context(), transaction():
            participants.refuse(session.get_one(Participant, number), "Trùng", None)
        with pytest.raises(participants.Settled), transaction():
            participants.approve(stale, None, Way.api)


def test_of_its_systems_stamps_the_newest_is_kept(_today: Any) -> None:
    made = make.participant("H17", Way.axis)
    stamps = [datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 2, 9, tzinfo=UTC),
              datetime(2026, 11, 2, 7, tzinfo=UTC)]
    for stamp in stamps:
        participants.seen(made, stamp)
        session.refresh(made)
        _today.shift(timedelta(minutes=2))
    assert made.stamp_at == stamps[1] and made.last_seen_at is not None
