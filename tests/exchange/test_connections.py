"""Which agencies are connected on a day, against those that there were on it; and how much goes between them."""
import csv
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from portal.exchange import connections, flows
from portal.exchange.connections import Figure, Span, unbroken
from portal.exchange.models import Connection, Traffic, TrafficMonth
from portal.kit import clock
from portal.kit.db import session
from portal.oversight import history
from portal.people.models import Agency
from tests import make
from tests.exchange.documents import participant

DAY = timedelta(days=1)
Q2_2016, Q1_2017 = date(2016, 6, 30), date(2017, 3, 31)


def connect(key: str, since: date, until: date | None = None) -> Connection:
    return make.save(Connection(agency_id=make.agency(key).id, since=since, until=until, source="thử"))


def figures(on: date) -> dict[tuple[str, str, bool], Figure]:
    return {(one.indicator, one.group, one.is_counted): one for one in connections.known().figures(on)}


def said(on: date, group: str) -> tuple[int, int | None, str] | None:
    found = connections.headline(connections.known().figures(on), group)
    return found and (found.value, found.denominator, found.source)


def test_published_counts_stand_for_days_of_which_no_connection_is_known(app: Any) -> None:
    assert said(Q2_2016, "central") == (
        19, 30, "Báo cáo quý II/2016, bản đăng lại tin của Chinhphu.vn (Nghị quyết 59/NQ-CP)")
    assert said(Q1_2017, "central") == (26, 30, "Báo cáo quý I/2017 của Văn phòng Chính phủ")
    assert said(Q2_2016, "provinces")[:2] == said(Q1_2017, "provinces")[:2] == (63, 63)
    assert said(Q2_2016 - DAY, "central") is None, "nothing is known before the first figure"


def test_a_published_figure_names_no_agency(app: Any) -> None:
    assert not any(line.is_connected for line in connections.known().lines(Q1_2017))


def test_the_published_figures_are_those_of_oversight() -> None:
    """Two rooms tell of the same reports: not one of them may say something else."""
    with (Path(history.__file__).parent / "data" / "history.csv").open(encoding="utf-8") as file:
        theirs = [row for row in csv.DictReader(file) if row["indicator"].endswith("_connected")]
    with connections.PUBLISHED.open(encoding="utf-8") as file:
        ours = list(csv.DictReader(file))
    assert len(ours) == 5 and ours == [{name: row[name] for name in ours[0]} for row in theirs]


def test_of_each_indicator_the_newest_figure_up_to_the_day(app: Any) -> None:
    first = figures(date(2016, 3, 1))
    assert [(one.indicator, one.value, one.denominator) for one in first.values()] == [
        ("agencies_not_connected", 6, 30)]
    assert {one.on for one in figures(date(2016, 12, 1)).values()} == {date(2016, 3, 1), Q2_2016}
    for one in connections.published():
        assert all((one.indicator, one.group, one.unit, one.on, one.source, one.as_published))


def test_a_count_is_of_the_agencies_that_there_were_on_the_day(app: Any) -> None:
    """63 provinces until June 2025, 34 since; each day has its own denominator."""
    connect("H17", date(2024, 1, 1))
    before, after = (figures(on)["agencies_connected", "provinces", True]
                     for on in (date(2025, 6, 30), date(2025, 7, 1)))
    assert (before.denominator, after.denominator) == (63, 34)
    assert (before.value, after.value) == (0, 1), "H17 of today is another agency than H17 before the merger"


def test_counted_wins_over_published_and_both_are_kept(app: Any) -> None:
    connect("G01", date(2026, 1, 1))
    found = figures(date(2026, 2, 1))
    assert found["agencies_connected", "central", True].value == 1
    assert found["agencies_connected", "central", False].as_published == "26/30"
    assert said(date(2026, 2, 1), "central")[0] == 1 and said(date(2025, 12, 31), "central")[0] == 26


def test_connected_from_the_first_day_to_the_last(app: Any) -> None:
    connect("G15", date(2026, 1, 1))
    connect("G01", date(2026, 3, 1), date(2026, 3, 31))
    g01 = {on: next(line for line in connections.known().lines(on) if line.key == "G01").is_connected
           for on in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))}
    assert [*g01.values()] == [False, True, True, False]


@pytest.mark.parametrize("spans, since", [
    ([], None),
    ([("2026-01-01", None)], "2026-01-01"),
    ([("2026-01-01", "2026-02-01")], None),
    ([("2026-01-01", "2026-02-28"), ("2026-03-01", None)], "2026-01-01"),  # the one goes over into the other
    ([("2026-01-01", "2026-02-27"), ("2026-03-01", None)], "2026-03-01"),  # a day between
    ([("2026-01-01", None), ("2026-02-01", "2026-02-02")], "2026-01-01"),
    ([("2025-01-01", "2025-12-31"), ("2025-06-01", "2026-02-28"), ("2026-03-01", None)], "2025-01-01"),
    ([("2026-07-01", None)], None)])
def test_since_when_without_a_gap(spans: Sequence[tuple[str, str | None]], since: str | None) -> None:
    made = [Span(1, date.fromisoformat(a), date.fromisoformat(b) if b else None, "") for a, b in spans]
    for order in permutations(made):
        assert unbroken(order, date(2026, 6, 1)) == (since and date.fromisoformat(since))


def test_a_connected_unit_does_not_connect_its_agency(app: Any) -> None:
    participant("H17.05", unit=make.commune(), connected_at=clock.now() - 3 * DAY)
    line = next(one for one in connections.known().lines(clock.today()) if one.key == "H17")
    assert not line.is_connected and line.below == 1
    earlier = connections.known().lines(clock.today() - 4 * DAY)
    assert next(one for one in earlier if one.key == "H17").below == 0


def test_as_many_agencies_as_the_facts_know(app: Any) -> None:
    """The denominators of the published figures are those of the facts: 30 and 63."""
    for on in (Q2_2016, Q1_2017):
        lines = connections.known().lines(on)
        assert [sum(line.group == group for line in lines) for group in connections.GROUPS] == [30, 63]
    assert len(lines) < session.scalar(select(func.count()).select_from(Agency))


# how much goes between them

@pytest.fixture
def traffic(app: Any) -> date:
    """Two days of it: H26 to H17 and to one of its units, H17 to G01, within H17; the last of the days."""
    here, unit = participant("H17"), participant("H17.05", unit=make.commune())
    there, ministry, nobodys = participant("H26"), participant("G01"), participant("X99")
    last = date(2026, 11, 20)
    session.add_all([
        Traffic(day=last, sender_id=there.id, receiver_id=here.id, documents=3, delivered=2, delay_s=121, failures=1),
        Traffic(day=last - DAY, sender_id=there.id, receiver_id=here.id, documents=1, delivered=1, delay_s=59),
        Traffic(day=last, sender_id=there.id, receiver_id=unit.id, documents=2, statuses=1),
        Traffic(day=last - DAY, sender_id=here.id, receiver_id=ministry.id, documents=1, statuses=4),
        Traffic(day=last, sender_id=here.id, receiver_id=unit.id, documents=50),
        Traffic(day=last, sender_id=nobodys.id, receiver_id=here.id, documents=7),
        Traffic(day=date(2026, 10, 31), sender_id=here.id, receiver_id=there.id, documents=11, delivered=11)])
    session.flush()
    return last


def of(key: str, first: date, last: date) -> flows.Tally:
    return flows.by_agency(first, last)[make.agency(key).id]


def test_what_is_sent_counts_for_the_sender_and_the_rest_for_the_receiver(traffic: date) -> None:
    there = of("H26", traffic - DAY, traffic)
    assert (there.documents, there.statuses, there.received, there.last) == (6, 1, 0, traffic)
    here = of("H17", traffic - DAY, traffic)
    assert (here.documents, here.statuses, here.received) == (51, 4, 3 + 1 + 2 + 50 + 7), "its units are its own"
    assert (here.delivered, here.delay_s, here.delay_min, here.failures) == (3, 180, 1, 1)
    assert there.delay_min is None, "nothing was stored there"
    assert flows.by_agency(traffic, traffic, make.agency("H26").id).keys() == {make.agency("H26").id}


def test_a_delay_is_rounded_up() -> None:
    assert [flows.Tally(delivered=2, delay_s=seconds).delay_min for seconds in (0, 1, 120, 121)] == [0, 1, 1, 2]


def test_who_writes_to_whom_the_most_first_and_not_within_an_agency(traffic: date) -> None:
    h17, h26, g01 = (make.agency(key).id for key in ("H17", "H26", "G01"))
    assert flows.pairs(traffic - DAY, traffic) == [(h26, h17, 6), (h17, g01, 1)]
    assert flows.pairs(traffic - DAY, traffic, g01) == [(h17, g01, 1)]
    assert flows.pairs(traffic - DAY, traffic, limit=1) == [(h26, h17, 6)]
    assert flows.between_groups(traffic - DAY, traffic) == {("provinces", "provinces"): 6, ("provinces", "central"): 1}


def test_months_have_all_that_was_sent_up_to_the_day(traffic: date) -> None:
    november, october, september = date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1)
    found = flows.by_month([november, october, september], traffic)
    assert [found[month].documents for month in (november, october, september)] == [64, 11, 0]
    assert flows.by_month([november], traffic - DAY)[november].documents == 2


def test_a_month_that_is_over_is_folded_and_says_the_same(traffic: date) -> None:
    months = [date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1)]
    before = flows.by_month(months, traffic)
    assert flows.fold(traffic) == [date(2026, 10, 1)], "the running month goes on"
    assert flows.by_month(months, traffic) == before
    assert session.get_one(TrafficMonth, date(2026, 10, 1)).documents == 11
    half = date(2026, 10, 30)
    assert flows.by_month([date(2026, 10, 1)], half)[date(2026, 10, 1)].documents == 0, "half a month is counted anew"


def test_what_arrives_late_is_folded_again_for_a_while_and_older_months_once(traffic: date) -> None:
    flows.fold(traffic)
    session.execute(update(Traffic).where(Traffic.day == date(2026, 10, 31)).values(delivered=12))
    assert flows.fold(traffic) == [date(2026, 10, 1)]
    assert session.get_one(TrafficMonth, date(2026, 10, 1)).delivered == 12
    assert flows.fold(date(2027, 6, 1)) == [date(2027, n, 1) for n in (5, 4, 3, 2, 1)] + [
        date(2026, 12, 1), date(2026, 11, 1)], "the last three, and those that nobody folded"


def test_without_traffic_there_is_nothing_to_fold(app: Any) -> None:
    assert flows.fold(date(2026, 11, 20)) == []
