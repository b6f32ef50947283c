"""What real people type, judged against the names of the 2,642 procedures before any engine ran over it.

`data/judged_queries.csv`: query, the right codes (any of them), the place that is named (agency key), held_out.
Batch 0 was before the eyes when synonyms and weights were made. Every later batch was written and judged first, then
measured once, and only after that shown which classes of query fail: first figures 92 % of 50, 59 % of 112, 83 % of
87 (batches 1 to 3); 81 % and 79 % of 103 (4 and 5, two halves of one list), 91 % of 70, 86 % of 93, 93 % of 70
(6 to 8; 6 from what people ask in public). Batches 9 and 10 are stories in whole
sentences: 86 % of the second at first. Decisions 14 and 82 say what was learnt. The directory comes from files alone,
and `test_load` proves that every database gives the same one.
"""
import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.search.judging import whole_directory

pytestmark = pytest.mark.once

QUERIES = Path(__file__).parent / "data" / "judged_queries.csv"
GOAL = 0.95
FLOORS = {"0": 0.99, "1": 0.95, "2": 0.95, "3": 0.95, "4": 0.95, "5": 0.95, "6": 0.95, "7": 0.95, "8": 0.95, "9": 0.95,
          "10": 0.9}


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
    sizes = Counter(row["held_out"] for row in rows)
    assert sizes["0"] >= 150 and all(sizes[batch] >= 50 for batch in FLOORS) and sizes.keys() == FLOORS.keys()
    assert max(Counter(row["query"].lower() for row in rows).values()) == 1  # no doubles, in no list
    d = whole_directory()
    assert all(code in d.by_code for row in rows for code in row["codes"].split())
    assert all(row["place"] in d.agencies for row in rows if row["place"])


def test_the_right_service_is_among_the_first_three():
    rows = judged()
    missed = wrong(rows)
    assert 1 - len(missed) / len(rows) >= GOAL, missed


@pytest.mark.parametrize("batch", sorted(FLOORS))
def test_each_batch_of_queries_keeps_what_it_reached(batch):
    rows = [row for row in judged() if row["held_out"] == batch]
    missed = wrong(rows)
    assert 1 - len(missed) / len(rows) >= FLOORS[batch], missed


def test_the_order_is_total_and_popular_services_come_first_among_equals():
    d = whole_directory()
    for query in ("đăng ký", "xe", "cấp lại", "giấy phép"):
        hits = d.index.search(query, limit=50).hits
        assert hits == d.index.search(query, limit=50).hits
        for one, two in pairwise(hits):
            assert (-one.score, d.index.position(one.id)) < (-two.score, d.index.position(two.id))
    assert d.index.position(d.by_code["1.001193"].id) < d.index.position(d.by_code["2.000522"].id)
