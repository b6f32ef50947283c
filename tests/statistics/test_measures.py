"""Counters are moved by differences: they can only ever equal a full recount."""
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.statistics import measures
from portal.statistics.measures import NO_DUE, Line, Measure, Monthly, Open

DAYS = st.dates(date(2025, 11, 1), date(2027, 2, 28))
lines = st.builds(
    Line, agency_id=st.integers(1, 3), status=st.integers(1, 10), submitted_on=DAYS,
    received_on=st.none() | DAYS, due_on=st.none() | DAYS, paused=st.booleans(),
    finished_on=st.none() | DAYS, timing=st.none() | st.sampled_from(["early", "on_time", "late"]))
JULY = date(2026, 7, 1)


@given(st.lists(st.tuples(st.integers(0, 4), lines), max_size=40))
def test_any_interleaving_of_changes_gives_what_a_recount_gives(changes: list[tuple[int, Line]]) -> None:
    now: dict[int, Line] = {}
    counters: Counter[measures.Key] = Counter()
    for dossier, line in changes:
        counters.update(measures.moved([(now.get(dossier), line)]))
        now[dossier] = line
    true = Counter(key for line in now.values() for key in measures.tally(line))
    assert {key: n for key, n in counters.items() if n} == true


@given(lines)
def test_a_line_that_stays_moves_nothing(line: Line) -> None:
    assert measures.moved([(line, line)]) == {}


@given(lines, lines)
def test_a_change_and_its_return_cancel_out(before: Line, after: Line) -> None:
    there, back = measures.moved([(before, after)]), measures.moved([(after, before)])
    assert there == {key: -n for key, n in back.items()}


@given(lines)
def test_a_line_counts_at_most_once_as_open_and_once_as_ended(line: Line) -> None:
    keys = measures.tally(line)
    endings = [k for k in keys if isinstance(k, Monthly)
               and k.measure not in (Measure.submitted, Measure.received)]
    assert len([k for k in keys if isinstance(k, Open)]) + len(endings) <= 1 or not line.received_on \
        or line.status in measures.ENDED
    assert len(keys) == len(set(keys))


def test_handed_in_counts_as_submitted_only() -> None:
    assert measures.tally(Line(1, 1, date(2026, 7, 30))) == [Monthly(1, JULY, Measure.submitted)]


def test_acceptance_opens_under_the_due_day() -> None:
    accepted = Line(1, 2, date(2026, 7, 30), date(2026, 8, 3), date(2026, 8, 10))
    assert measures.moved([(Line(1, 1, date(2026, 7, 30)), accepted)]) == {
        Monthly(1, date(2026, 8, 1), Measure.received): 1, Open(1, date(2026, 8, 10), False): 1}


def test_a_stop_moves_the_dossier_to_the_paused() -> None:
    day = date(2026, 7, 30)
    running, waiting = Line(1, 4, day, day, day), Line(1, 5, day, day, day, paused=True)
    assert measures.moved([(running, waiting)]) == {Open(1, day, False): -1, Open(1, day, True): 1}


def test_no_limit_is_open_without_a_day() -> None:
    assert Open(1, NO_DUE, False) in measures.tally(Line(1, 2, JULY, JULY))


def test_a_decision_counts_in_its_own_month_and_closes() -> None:
    running = Line(1, 4, JULY, JULY, date(2026, 7, 20))
    decided = Line(1, 9, JULY, JULY, date(2026, 7, 20), finished_on=date(2026, 8, 2), timing="late")
    assert measures.moved([(running, decided)]) == {
        Open(1, date(2026, 7, 20), False): -1, Monthly(1, date(2026, 8, 1), Measure.done_late): 1}


def test_handing_over_a_decided_dossier_counts_nothing_new() -> None:
    decided = Line(1, 9, JULY, JULY, JULY, finished_on=JULY, timing="early")
    returned = Line(1, 10, JULY, JULY, JULY, finished_on=JULY, timing="early")
    assert measures.moved([(decided, returned)]) == {}


def test_refused_and_withdrawn_count_as_such() -> None:
    assert Monthly(1, JULY, Measure.refused) in measures.tally(Line(1, 3, JULY, finished_on=JULY))
    assert Monthly(1, JULY, Measure.withdrawn) in measures.tally(Line(1, 7, JULY, JULY, finished_on=JULY))


@given(DAYS, st.integers(1, 40))
def test_months_go_back_one_by_one(day: date, n: int) -> None:
    months = measures.months_back(day, n)
    assert len(months) == n and months[0] == day.replace(day=1)
    assert all((later - timedelta(days=1)).replace(day=1) == earlier
               for later, earlier in pairwise(months))
