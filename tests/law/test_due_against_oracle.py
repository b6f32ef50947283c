"""The due rule against the oracle, which walks through time minute by minute: any receipt, limit, stops, calendar."""
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.kit.clock import VN
from portal.law import rule_sets
from portal.law.calendar import Calendar
from portal.law.deadlines import DueState, Extension, Stop, StopKind, due, index_due
from portal.law.explanations import DayUse, explain
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import AfterSupplement, RuleSet
from tests.law import oracle

pytestmark = pytest.mark.once
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
TET = [date(2027, 2, day) for day in range(4, 11)]
SOON = st.dates(date(2027, 1, 4), date(2027, 3, 31))
offs = st.sets(SOON, max_size=8).map(lambda days: days | set(TET))
saturdays = st.sets(SOON.filter(lambda day: day.isoweekday() == 6), max_size=2)
receipts = st.builds(lambda day, minute: datetime(day.year, day.month, day.day) + timedelta(minutes=minute),
                     st.dates(date(2027, 1, 4), date(2027, 2, 12)), st.integers(0, 24 * 60 - 1))
limits = st.builds(Limit, st.integers(0, 10), st.sampled_from([
    LimitUnit.working_day, LimitUnit.day, LimitUnit.working_hour, LimitUnit.unknown]))
waits = st.integers(0, 12 * 24 * 60)
stops = st.lists(st.tuples(st.sampled_from(StopKind), waits, waits), max_size=3)
rules = st.sampled_from(rule_sets.RULE_SETS)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Told = list[tuple[StopKind, int, int]]


def world(off: set[date], worked: set[date]) -> tuple[Calendar, oracle.Office]:
    off = off - worked
    rows = [*((day, "holiday") for day in off), *((day, "make_up") for day in worked),
            (FIRST, "holiday"), (LAST, "holiday")]
    return Calendar.of_days(rows), oracle.Office(off | {FIRST, LAST}, worked)


def moments(received: datetime, told: Told) -> list[tuple[StopKind, datetime, datetime]]:
    return [(kind, asked := received + timedelta(minutes=after), asked + timedelta(minutes=waited))
            for kind, after, waited in told]


def aware(naive: datetime) -> datetime:
    return naive.replace(tzinfo=VN)


def naive(moment: datetime) -> datetime:
    return moment.astimezone(VN).replace(tzinfo=None)


def as_stops(told: list[tuple[StopKind, datetime, datetime]]) -> list[Stop]:
    return [Stop(kind, aware(asked), aware(answered)) for kind, asked, answered in told]


@slow
@given(offs, saturdays, receipts, limits, stops, rules)
@example(set(), set(), datetime(2027, 2, 3, 17), Limit(0, LimitUnit.day), [], rule_sets.ND_118_2025)
@example(set(), set(), datetime(2027, 1, 8, 16, 59), Limit(8, LimitUnit.working_hour),
         [(StopKind.payment, 0, 1)], rule_sets.ND_118_2025)
def test_the_rule_says_what_the_minutes_say(off: set[date], worked: set[date], received: datetime, limit: Limit,
                                            told: Told, rule_set: RuleSet) -> None:
    calendar, office = world(off, worked)
    happened = moments(received, told)
    unit = "working_day" if limit.unit is LimitUnit.unknown else str(limit.unit)
    for rule, restarts in ((due, rule_set.after_supplement is AfterSupplement.restart), (index_due, False)):
        found = rule(rule_set, limit, aware(received), as_stops(happened), calendar)
        says = oracle.due(office, received, limit.amount or 0, unit,
                          [(str(kind), asked, answered) for kind, asked, answered in happened], restarts)
        assert found.at is not None and naive(found.at) == says


@slow
@given(receipts, limits, stops, rules, st.randoms())
def test_the_order_in_which_stops_are_told_does_not_matter(received: datetime, limit: Limit, told: Told,
                                                           rule_set: RuleSet, random: object) -> None:
    calendar, _office = world(set(), set())
    happened = as_stops(moments(received, told))
    mixed = sorted(happened, key=lambda _stop: random.random())  # type: ignore[attr-defined]
    assert due(rule_set, limit, aware(received), happened, calendar) == \
        due(rule_set, limit, aware(received), mixed, calendar)


@slow
@given(receipts, limits, stops, waits, rules)
def test_one_open_request_stops_everything(received: datetime, limit: Limit, told: Told, after: int,
                                           rule_set: RuleSet) -> None:
    calendar, _office = world(set(), set())
    waiting = Stop(StopKind.supplement, aware(received) + timedelta(minutes=after))
    found = due(rule_set, limit, aware(received), [*as_stops(moments(received, told)), waiting], calendar)
    assert (found.state, found.at) == (DueState.stopped, None)


@slow
@given(receipts, limits, stops, rules)
def test_waiting_never_brings_a_date_nearer(received: datetime, limit: Limit, told: Told, rule_set: RuleSet) -> None:
    calendar, _office = world(set(), set())
    first = due(rule_set, limit, aware(received), [], calendar).at
    later = due(rule_set, limit, aware(received), as_stops(moments(received, told)), calendar).at
    index = index_due(rule_set, limit, aware(received), as_stops(moments(received, told)), calendar).at
    assert first is not None and later is not None and index is not None
    assert first <= later and first <= index


@slow
@given(receipts, limits, stops, rules)
def test_a_date_that_passed_while_the_clock_ran_is_missed(received: datetime, limit: Limit, told: Told,
                                                          rule_set: RuleSet) -> None:
    """Seen from the first stop: by then it had passed or not."""
    calendar, _office = world(set(), set())
    happened = as_stops(moments(received, told))
    first = due(rule_set, limit, aware(received), [], calendar).at
    asked = min((stop.asked_at for stop in happened), default=aware(received))
    found = due(rule_set, limit, aware(received), happened, calendar)
    if first is not None and first < asked:
        assert found.missed_at == first
    if found.missed_at is not None and len(happened) == 1:
        assert found.missed_at == first and first < asked


@slow
@given(offs, saturdays, receipts, limits, stops, rules)
def test_an_explanation_accounts_for_every_day(off: set[date], worked: set[date], received: datetime, limit: Limit,
                                               told: Told, rule_set: RuleSet) -> None:
    calendar, office = world(off, worked)
    happened = as_stops(moments(received, told))
    explained = explain(rule_set, limit, aware(received), happened, calendar)
    assert explained.due == due(rule_set, limit, aware(received), happened, calendar)
    days = [each.day for each in explained.days]
    assert explained.due.last is not None
    first, last = calendar.local_day(explained.due.counted_from), calendar.local_day(explained.due.last)
    assert days == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for each in explained.days:
        assert (each.off is None) == office.works_on(each.day)
        if each.use is DayUse.skipped:
            assert each.off is not None
        if limit.unit is not LimitUnit.day:
            assert each.off is None or each.use is DayUse.skipped
    numbers = [each.number for each in explained.days if each.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    if not happened and limit.unit is not LimitUnit.working_hour:
        assert len(numbers) == limit.amount
    if limit.unit is LimitUnit.working_hour and explained.due.missed_at is None:
        ran = sum((each.ran for each in explained.days), timedelta())
        assert ran == timedelta(hours=limit.amount or 0)


def test_an_extension_is_a_date_of_its_own() -> None:
    calendar, _office = world(set(), set())
    received = aware(datetime(2027, 1, 4, 9))
    told = Extension(aware(datetime(2027, 1, 6, 9)), aware(datetime(2027, 1, 20, 17)))
    no_limit = due(rule_sets.ND_118_2025, Limit(None, LimitUnit.none), received, [], calendar, [told])
    assert (no_limit.state, no_limit.at, no_limit.last) == (DueState.none, None, None)
    paid = Stop(StopKind.payment, told.told_at + timedelta(days=1), told.told_at + timedelta(days=2))
    moved = due(rule_sets.ND_118_2025, Limit(5, LimitUnit.working_day), received, [paid], calendar, [told]).at
    assert moved == datetime(2027, 1, 21, 10, tzinfo=UTC)
