"""An alarm for those whose own system stays away: raised once, told to who can do something, gone when it comes."""
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.exchange import silence
from portal.exchange.models import Participant, SeenDay
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import SCHEDULES
from portal.notices.models import Message
from portal.people import security_log
from tests import make
from tests.exchange.documents import participant

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday, 10 o'clock in Vietnam
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def connected(code: str = "H17", *, days_ago: float | None, **kw: Any) -> Participant:
    """One of way api that was seen so many days ago; never, for None, and has been here for a year."""
    return participant(code, **{"way": "api", "connected_at": NOW - 365 * DAY,
                                "last_seen_at": None if days_ago is None else NOW - days_ago * DAY} | kw)


def told() -> list[tuple[str | None, int | None]]:
    return sorted(((one.role, one.agency_id) for one in session.scalars(select(Message).where(
        Message.subject.contains("Mất liên lạc")))), key=str)


def test_who_stays_away_for_more_than_three_working_days_is_silent_and_who_came_is_not() -> None:
    away, here = connected("H17", days_ago=7), connected("H26", days_ago=1)
    assert silence.look() == [away]
    assert away.silent_since == NOW - 7 * DAY and here.silent_since is None


def test_it_is_told_once_to_the_portal_and_to_the_agency() -> None:
    connected(days_ago=7)
    silence.look()
    assert silence.look() == []
    assert told() == [("agency_administrator", make.agency("H17").id), ("portal_administrator", None)]


def test_the_alarm_ends_when_it_is_seen_and_may_be_raised_again() -> None:
    away = connected(days_ago=7)
    silence.look()
    away.last_seen_at = clock.now()
    silence.look()
    assert away.silent_since is None
    assert silence.look(NOW + 7 * DAY) == [away]


@pytest.mark.parametrize("kw", [{"way": "pages"}, {"state": "ended"}, {"state": "asked"}])
def test_nobody_is_awaited_who_has_no_system_or_takes_no_part(kw: dict[str, Any]) -> None:
    connected(days_ago=30, **kw)
    assert silence.look() == []


def test_one_that_never_came_is_awaited_from_its_connection_on() -> None:
    fresh = connected("H17", days_ago=None, connected_at=NOW - DAY)
    never = connected("H26", days_ago=None)
    assert silence.look() == [never] and fresh.silent_since is None
    assert never.silent_since == NOW - 365 * DAY


def test_who_comes_every_ten_days_is_not_silent_after_seven() -> None:
    seldom, daily = connected("H17", days_ago=7), connected("H26", days_ago=7)
    for one, every in ((seldom, 10), (daily, 1)):
        session.add_all(SeenDay(participant_id=one.id, day=(NOW - n * DAY).date()) for n in range(7, 60, every))
    session.flush()
    assert silence.look() == [daily]


def test_the_days_on_which_somebody_came_are_kept_for_two_months() -> None:
    here = connected(days_ago=0)
    session.add(SeenDay(participant_id=here.id, day=(NOW - 61 * DAY).date()))
    session.flush()
    for _quarter_of_an_hour in range(2):
        silence.look()
    assert session.scalars(select(SeenDay.day)).all() == [clock.today()]


def test_it_is_no_security_event(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[str] = []
    connected(days_ago=7)
    monkeypatch.setattr(security_log, "record", lambda name, **_facts: recorded.append(name))
    assert len(silence.look()) == 1 and recorded == []


def test_a_clock_looks_every_quarter_of_an_hour() -> None:
    away = connected(days_ago=7)
    make.done("exchange.look_for_silence")
    assert away.silent_since is not None
    schedule = SCHEDULES["exchange.look_for_silence"]
    first = schedule.next_after(NOW)
    assert schedule.next_after(first) - first == timedelta(minutes=15)
