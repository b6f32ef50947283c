"""What real people type, judged against the names of the 2,642 procedures before any engine ran over it.

`data/judged_queries.csv`: query, the right codes (any of them), the place that is named (agency key), held_out.
Sayings and weights were made with the others before the eyes; the fifty held-out ones only ever gave one figure.
The directory comes from files alone, and `test_load` proves that every database gives the same one.
"""
import csv
import statistics
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest

from tests.catalogue.judging import whole_directory

pytestmark = pytest.mark.once

QUERIES = Path(__file__).parent / "data" / "judged_queries.csv"
GOAL, HELD_OUT_GOAL = 0.95, 0.90


def judged():
    with QUERIES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def answer(query):
    """The first three codes and the key of the place that was understood, as the page gives them."""
    d = whole_directory()
    meant = d.understand(query)
    within = d.facets.allowed(agency=meant.agency.key) if meant.agency else None
    place = meant.agency or meant.elsewhere
    return [d.by_id[hit.id].code for hit in d.index.search(meant.words, within, limit=3)], place.key if place else ""


def wrong(rows):
    found = {row["query"]: answer(row["query"]) for row in rows}
    return [row["query"] for row in rows
            if not set(found[row["query"]][0]) & set(row["codes"].split()) or found[row["query"]][1] != row["place"]]


def test_the_list_is_long_enough_and_its_codes_exist():
    rows = judged()
    assert len(rows) >= 150 and sum(row["held_out"] == "1" for row in rows) == 50
    assert len({row["query"] for row in rows}) == len(rows)
    d = whole_directory()
    assert all(code in d.by_code for row in rows for code in row["codes"].split())
    assert all(row["place"] in d.agencies for row in rows if row["place"])


def test_the_right_service_is_among_the_first_three():
    rows = judged()
    missed = wrong(rows)
    assert 1 - len(missed) / len(rows) >= GOAL, missed


def test_queries_that_nobody_tuned_for_fare_nearly_as_well():
    rows = [row for row in judged() if row["held_out"] == "1"]
    assert 1 - len(wrong(rows)) / len(rows) >= HELD_OUT_GOAL


def test_the_whole_of_understanding_and_finding_takes_under_a_millisecond():
    d = whole_directory()
    times = []
    for query in (row["query"] for row in judged()):
        for end in range(1, len(query) + 1, 3):
            best = 1.0
            for _ in range(3):  # the best of three: the machine's own pauses are not the search
                start = perf_counter()
                d.index.search(d.understand(query[:end]).words)
                best = min(best, perf_counter() - start)
            times.append(best)
    assert statistics.quantiles(times, n=100)[98] < 0.001


def test_the_order_is_total_and_popular_services_come_first_among_equals():
    d = whole_directory()
    for query in ("đăng ký", "xe", "cấp lại", "giấy phép"):
        hits = d.index.search(query, limit=50).hits
        assert hits == d.index.search(query, limit=50).hits
        for one, two in pairwise(hits):
            assert (-one.score, d.index.position(one.id)) < (-two.score, d.index.position(two.id))
    assert d.index.position(d.by_code["1.001193"].id) < d.index.position(d.by_code["2.000522"].id)
