"""The clock in words: one source for applicants, officers and the public."""
from datetime import date, datetime

import pytest

from portal.kit.clock import VN
from portal.law import clocks
from portal.law.calendar import Calendar
from portal.law.clocks import FINISH_WORDS, ClockLook
from portal.law.limits import NO_LIMIT, UNREADABLE, Limit, LimitUnit
from portal.law.wording import limit_words

CALENDAR = Calendar.of_days([(date(2026, 1, 1), "holiday"), (date(2026, 11, 24), "holiday")])
RECEIVED, DUE = datetime(2026, 11, 16, 7, tzinfo=VN), datetime(2026, 11, 20, 17, tzinfo=VN)


def standing(day: int, hour: int, stopped: datetime | None = None) -> tuple[str, object, ClockLook]:
    clock = clocks.read(RECEIVED, DUE, datetime(2026, 11, day, hour, tzinfo=VN), stopped, CALENDAR)
    words = clocks.words(clock, stopped)
    assert words is not None
    num = words.message.values.get("num", words.message.values.get("day"))
    return words.message.plural or words.message.msgid, num, words.look


@pytest.mark.parametrize(("day", "hour", "words", "num", "look"), [
    (18, 10, "%(num)s working days left", 2, ClockLook.working),
    (19, 17, "%(num)s working days left", 1, ClockLook.working),
    (20, 8, "Due today", None, ClockLook.working),
    (20, 17, "Due today", None, ClockLook.working),
    (21, 9, "%(num)s working days late", 1, ClockLook.late),
    (25, 9, "%(num)s working days late", 2, ClockLook.late)])
def test_how_much_is_left(day: int, hour: int, words: str, num: int | None, look: ClockLook) -> None:
    assert standing(day, hour) == (words, num, look)


def test_a_stopped_clock_says_since_when_and_does_not_move() -> None:
    stopped = datetime(2026, 11, 17, 23, 30, tzinfo=VN)
    for day in (18, 30):
        assert standing(day, 9, stopped) == ("The clock stands still since %(day)s", "17/11/2026", ClockLook.waiting)


def test_what_was_late_at_the_stop_looks_late() -> None:
    assert standing(30, 9, datetime(2026, 11, 23, 9, tzinfo=VN))[2] is ClockLook.late


def test_without_a_due_date_there_are_no_words() -> None:
    assert clocks.words(clocks.read(RECEIVED, None, DUE, None, CALENDAR)) is None


@pytest.mark.parametrize(("timing", "look"), [
    ("early", ClockLook.done), ("on_time", ClockLook.done), ("late", ClockLook.late)])
def test_how_a_decided_dossier_kept_its_date(timing: str, look: ClockLook) -> None:
    words = clocks.finish_words(timing)
    assert (words.message.msgid, words.look) == (FINISH_WORDS[timing], look)
    assert len(set(FINISH_WORDS.values())) == 3


@pytest.mark.parametrize(("limit", "words"), [
    (Limit(3, LimitUnit.working_day), "%(num)s working days"), (Limit(3, LimitUnit.unknown), "%(num)s working days"),
    (Limit(3, LimitUnit.day), "%(num)s days"), (Limit(8, LimitUnit.working_hour), "%(num)s working hours")])
def test_the_words_of_a_limit(limit: Limit, words: str) -> None:
    """A limit of unknown unit counts as working days, and is said so."""
    message = limit_words(limit)
    assert (message.plural, message.values["num"]) == (words, limit.amount)
    assert message.msgid == {"%(num)s working days": "%(num)s working day", "%(num)s days": "%(num)s day",
                             "%(num)s working hours": "%(num)s working hour"}[words]


def test_no_limit_is_another_thing_than_one_that_cannot_be_read() -> None:
    assert limit_words(NO_LIMIT).msgid == "The law sets no time limit"
    assert limit_words(Limit(5, LimitUnit.none)).msgid == "The law sets no time limit"
    assert limit_words(UNREADABLE).msgid == "Not known"
