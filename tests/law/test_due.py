"""Due dates of whole lives: what stops, starts anew and puts off, each rule set by its own rule."""
from datetime import date, datetime

import pytest

from portal.kit.clock import VN
from portal.law import rule_sets
from portal.law.calendar import Calendar
from portal.law.deadlines import (
    DueState,
    Extension,
    Stop,
    StopKind,
    due,
    extension_told_by,
    hand_on_by,
    index_due,
    may_ask_until,
    silence_ends,
)
from portal.law.limits import NO_LIMIT, Limit, LimitUnit

CALENDAR = Calendar.of_days([(day, "holiday") for day in (
    date(2026, 1, 1), date(2026, 11, 24), *(date(2027, 2, n) for n in range(4, 11)), date(2027, 12, 31))])
FIVE = Limit(5, LimitUnit.working_day)
ND_118, ND_61, QD_09 = rule_sets.ND_118_2025, rule_sets.ND_61_2018, rule_sets.QD_09_2015


def vn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def shown(moment: datetime | None) -> str | None:
    return moment.astimezone(VN).strftime("%Y-%m-%d %H:%M") if moment else None


def asked(from_: str, to: str | None, kind: StopKind = StopKind.supplement) -> Stop:
    return Stop(kind, vn(from_), vn(to) if to else None)


RECEIVED = vn("2026-11-16 09:00")  # a Monday: due on 23 November
ONE_WEEK = asked("2026-11-18 09:00", "2026-11-25 09:00")


def test_without_a_stop_the_first_date_holds() -> None:
    now = due(ND_118, FIVE, RECEIVED, [], CALENDAR)
    assert (now.state, shown(now.at), now.counted_from) == (DueState.running, "2026-11-23 17:00", RECEIVED)


@pytest.mark.parametrize(("rules", "at"), [
    (ND_118, "2026-12-02 17:00"),  # counted again from the 25th: 26, 27, 30, 1, 2
    (ND_61, "2026-12-02 17:00"),
    (QD_09, "2026-11-30 17:00"),  # four working days were waited (18, 19, 20, 23; the 24th is off): 25, 26, 27, 30
])
def test_what_the_full_papers_do(rules: rule_sets.RuleSet, at: str) -> None:
    assert shown(due(rules, FIVE, RECEIVED, [ONE_WEEK], CALENDAR).at) == at


def test_the_index_subtracts_the_waiting_and_the_law_does_not() -> None:
    assert shown(index_due(ND_118, FIVE, RECEIVED, [ONE_WEEK], CALENDAR).at) == "2026-11-30 17:00"


@pytest.mark.parametrize("rules", rule_sets.RULE_SETS)
def test_a_payment_only_stops_the_clock(rules: rule_sets.RuleSet) -> None:
    paid = asked("2026-11-18 09:00", "2026-11-19 09:00", StopKind.payment)
    assert shown(due(rules, FIVE, RECEIVED, [paid], CALENDAR).at) == "2026-11-25 17:00"


def test_while_an_answer_is_awaited_there_is_no_date() -> None:
    now = due(ND_118, FIVE, RECEIVED, [asked("2026-11-18 09:00", None)], CALENDAR)
    assert (now.state, now.at, shown(now.last)) == (DueState.stopped, None, "2026-11-23 17:00")


def test_without_a_limit_there_is_none() -> None:
    assert due(ND_118, NO_LIMIT, RECEIVED, [ONE_WEEK], CALENDAR).state is DueState.none
    assert due(ND_118, NO_LIMIT, RECEIVED, [asked("2026-11-18 09:00", None)], CALENDAR).state is DueState.stopped


def test_payment_and_papers_awaited_together_are_one_stop() -> None:
    papers = asked("2026-11-17 09:00", "2026-11-18 09:00")
    money = asked("2026-11-17 15:00", "2026-11-19 09:00", StopKind.payment)
    # counted again from the 18th, 19, 20, 23, 25, 26; then a working day was waited
    assert shown(due(ND_118, FIVE, RECEIVED, [money, papers], CALENDAR).at) == "2026-11-27 17:00"
    # two working days were waited in all
    assert shown(due(QD_09, FIVE, RECEIVED, [papers, money], CALENDAR).at) == "2026-11-26 17:00"


def test_a_stop_of_no_time_stops_nothing() -> None:
    at_once = asked("2026-11-18 09:00", "2026-11-18 09:00", StopKind.payment)
    assert due(ND_118, FIVE, RECEIVED, [at_once], CALENDAR) == due(ND_118, FIVE, RECEIVED, [], CALENDAR)


def test_who_was_late_stays_late() -> None:
    late = asked("2026-11-25 09:00", "2026-11-26 09:00")
    now = due(ND_118, FIVE, RECEIVED, [late], CALENDAR)
    assert (shown(now.at), shown(now.missed_at)) == ("2026-12-03 17:00", "2026-11-23 17:00")


def test_what_is_asked_at_the_due_moment_was_not_missed() -> None:
    at_due = asked("2026-11-23 17:00", "2026-11-26 09:00", StopKind.payment)
    assert due(ND_118, FIVE, RECEIVED, [at_due], CALENDAR).missed_at is None
    after = asked("2026-11-23 17:01", "2026-11-26 09:00", StopKind.payment)
    assert shown(due(ND_118, FIVE, RECEIVED, [after], CALENDAR).missed_at) == "2026-11-23 17:00"


def test_a_new_date_holds_until_the_limit_begins_anew() -> None:
    put_off = Extension(vn("2026-11-17 09:00"), vn("2026-12-10 17:00"))
    assert shown(due(ND_118, FIVE, RECEIVED, [], CALENDAR, [put_off]).at) == "2026-12-10 17:00"
    assert shown(due(ND_118, FIVE, RECEIVED, [ONE_WEEK], CALENDAR, [put_off]).at) == "2026-12-02 17:00"


@pytest.mark.parametrize("stop", [
    asked("2026-11-16 08:59", None), asked("2026-11-18 09:00", "2026-11-18 08:59")])
def test_a_stop_that_cannot_be_is_refused(stop: Stop) -> None:
    with pytest.raises(ValueError, match="before"):
        due(ND_118, FIVE, RECEIVED, [stop], CALENDAR)


def test_after_fifteen_calendar_days_of_silence_the_dossier_ends() -> None:
    """Over Tết too: they are no working days."""
    assert shown(silence_ends(ND_118, vn("2027-01-28 10:00"), CALENDAR)) == "2027-02-13 00:00"
    assert silence_ends(ND_61, vn("2024-01-28 10:00"), CALENDAR) is None


def test_papers_may_be_asked_for_within_three_working_days() -> None:
    assert shown(may_ask_until(ND_118, vn("2026-11-20 09:00"), CALENDAR)) == "2026-11-26 17:00"
    assert may_ask_until(QD_09, RECEIVED, CALENDAR) is None


def test_a_new_date_is_told_a_day_before() -> None:
    assert shown(extension_told_by(ND_118, vn("2026-11-23 17:00"), CALENDAR)) == "2026-11-23 00:00"
    assert extension_told_by(QD_09, vn("2026-11-23 17:00"), CALENDAR) == vn("2026-11-23 17:00")


@pytest.mark.parametrize(("received", "by"), [
    ("2026-11-20 15:00", "2026-11-20 17:00"), ("2026-11-20 15:01", "2026-11-23 07:00"),
    ("2026-11-21 09:00", "2026-11-23 17:00"), ("2026-11-16 16:00", "2026-11-17 07:00")])
def test_after_three_in_the_afternoon_it_is_handed_on_the_next_working_day(received: str, by: str) -> None:
    assert shown(hand_on_by(ND_118, vn(received), CALENDAR)) == by
    assert shown(due(ND_118, FIVE, vn("2026-11-16 15:30"), [], CALENDAR).at) == "2026-11-23 17:00"
