"""Facets: which procedures pass a combination of filters, and how many each level has."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from portal.search.facets import Facets, ServiceRow

POSITIONS = {10: 0, 20: 1, 30: 2}
ROWS = [
    ServiceRow(10, "H17", 4, "ho-tich", True, False),
    ServiceRow(10, "H01", 3, "ho-tich", True, False),
    ServiceRow(20, "H17", 3, "dat-dai", True, True),
    ServiceRow(30, "G09", 4, "thue", False, True),
]
FACETS = Facets.build(ROWS, POSITIONS.__getitem__)


def test_no_filter_lets_all_pass() -> None:
    assert FACETS.allowed() == FACETS.everything == 0b111


def test_level_and_agency_are_of_one_service() -> None:
    assert FACETS.allowed(levels=[4]) == 0b101
    assert FACETS.allowed(levels=[4], agency="H17") == 0b001
    assert FACETS.allowed(levels=[4], agency="H01") == 0  # level 4 elsewhere, offered here at level 3
    assert FACETS.allowed(levels=[3, 4], agency="H17") == 0b011


def test_sector_and_audience_narrow() -> None:
    assert FACETS.allowed(audience="business") == 0b110
    assert FACETS.allowed(audience="citizen", levels=[4]) == 0b001
    assert FACETS.allowed(sector="dat-dai", agency="H17") == 0b010


def test_unknown_values_let_nothing_pass() -> None:
    assert FACETS.allowed(agency="H99") == FACETS.allowed(sector="x") == FACETS.allowed(levels=[9]) == 0
    assert FACETS.allowed(audience="nobody") == 0


def test_counts() -> None:
    assert FACETS.by_level() == {1: 0, 2: 0, 3: 2, 4: 2}
    assert FACETS.by_level(agency="H17") == {1: 0, 2: 0, 3: 1, 4: 1}
    assert FACETS.by_level(within=0b100) == {1: 0, 2: 0, 3: 0, 4: 1}
    assert FACETS.by_agency() == {"H17": 2, "H01": 1, "G09": 1}
    assert FACETS.by_agency(within=0b001, levels=[3]) == {"H17": 0, "H01": 1, "G09": 0}
    assert FACETS.by_sector(0b011) == {"ho-tich": 1, "dat-dai": 1, "thue": 0}
    assert FACETS.by_audience() == {"citizen": 2, "business": 2}
    assert FACETS.levels_by_agency()["G09"] == {1: 0, 2: 0, 3: 0, 4: 1}


def service_rows() -> st.SearchStrategy[list[ServiceRow]]:
    row = st.builds(
        ServiceRow,
        st.integers(0, 9),
        st.sampled_from("ABC"),
        st.integers(1, 4),
        st.sampled_from("xy"),
        st.booleans(),
        st.booleans(),
    )
    # One service for each procedure and agency; sector and audience belong to the procedure.
    return st.lists(row, max_size=30, unique_by=lambda r: (r.procedure_id, r.agency)).map(
        lambda rows: [
            ServiceRow(r.procedure_id, r.agency, r.level, "xy"[r.procedure_id % 2], r.procedure_id > 3, True)
            for r in rows
        ]
    )


@given(service_rows())
def test_sets_agree_with_looking_at_every_row(rows: list[ServiceRow]) -> None:
    facets = Facets.build(rows, int)
    for level, agency, sector, audience in product(
        [None, 1, 4], [None, "A"], [None, "x"], [None, "citizen", "business"]
    ):
        passing = {
            r.procedure_id
            for r in rows
            if level in (None, r.level)
            and agency in (None, r.agency)
            and sector in (None, r.sector)
            and (audience is None or (r.for_citizens if audience == "citizen" else r.for_businesses))
        }
        bits = facets.allowed(
            levels=[level] if level else [], agency=agency, sector=sector, audience=audience
        )
        assert bits == sum(1 << at for at in passing)
