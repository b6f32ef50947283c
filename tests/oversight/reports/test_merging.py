"""Two people at one report: nothing that one of them wrote is lost."""
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.oversight.reports.merging import Clash, merge, same

VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["", "a", "b"]), st.booleans())
FIELDS = st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=4)
ROW = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2), min_size=1)
NAMED = st.lists(st.tuples(st.sampled_from(["một", "hai", "ba", "bốn"]), ROW), max_size=4,
                 unique_by=lambda pair: pair[0]).map(lambda pairs: [{"name": name, **row} for name, row in pairs])


def result(mine: dict[str, Any], base: dict[str, Any], saved: dict[str, Any], **tables: str | None) -> dict[str, Any]:
    merged = merge(mine, base, saved, tables)
    assert not merged.clashes, merged.clashes
    return saved | dict(merged.answers)


def cells(rows: Any) -> dict[tuple[str, str], Any]:
    return {(row["name"], key): value for row in rows or [] for key, value in row.items()}


def test_who_changed_a_field_wins_it_and_both_keep_theirs() -> None:
    base = {"a": 1, "b": 1}
    assert result({"a": 2, "b": 1}, base, {"a": 1, "b": 3}) == {"a": 2, "b": 3}


def test_the_same_answer_twice_is_no_clash() -> None:
    assert result({"a": 2}, {"a": 1}, {"a": 2}) == {"a": 2}


def test_two_other_answers_are_a_clash_and_the_saved_one_stays() -> None:
    merged = merge({"a": 2}, {"a": 1}, {"a": 3})
    assert merged.answers == {} and merged.clashes == (Clash("a", 3, 2),)


def test_an_answer_that_one_deleted_and_the_other_changed_is_a_clash() -> None:
    assert merge({"a": None}, {"a": 1}, {"a": 3}).clashes == (Clash("a", 3, None),)
    assert result({"a": None}, {"a": 1}, {"a": 1}) == {"a": None}


def test_nought_no_and_nothing_are_three_things() -> None:
    assert same(None, "") and same(None, []) and not same(0, None) and not same(False, None) and not same(0, False)
    assert merge({"a": 0}, {"a": None}, {"a": None}).answers == {"a": 0}


def test_two_people_in_one_table_keep_their_cells() -> None:
    base = [{"name": "Hộ tịch", "x": 1, "y": 1}, {"name": "Đất đai", "x": 1}]
    mine = [{"name": "Hộ tịch", "x": 2, "y": 1}, {"name": "Đất đai", "x": 1}, {"name": "Thuế", "x": 7}]
    theirs = [{"name": "Đất đai", "x": 5}, {"name": "Hộ tịch", "x": 1, "y": 9}]
    assert result({"t": mine}, {"t": base}, {"t": theirs}, t="name")["t"] == [
        {"name": "Đất đai", "x": 5}, {"name": "Hộ tịch", "x": 2, "y": 9}, {"name": "Thuế", "x": 7}]


def test_one_cell_that_both_changed_costs_only_that_cell() -> None:
    base = [{"name": "Hộ tịch", "x": 1, "y": 1}]
    [clash] = merge({"t": [{"name": "Hộ tịch", "x": 2, "y": 1}]}, {"t": base},
                    {"t": [{"name": "Hộ tịch", "x": 3, "y": 9}]}, {"t": "name"}).clashes
    assert clash.mine == [{"name": "Hộ tịch", "x": 2, "y": 9}] and clash.theirs == [{"name": "Hộ tịch", "x": 3, "y": 9}]


def test_a_row_that_one_took_away_and_the_other_changed_is_a_clash() -> None:
    [clash] = merge({"t": []}, {"t": [{"name": "a", "x": 1}]}, {"t": [{"name": "a", "x": 2}]}, {"t": "name"}).clashes
    assert (clash.mine, clash.theirs) == ([], [{"name": "a", "x": 2}])
    assert result({"t": []}, {"t": [{"name": "a", "x": 1}]}, {"t": [{"name": "a", "x": 1}]}, t="name")["t"] == []


def test_rows_without_a_name_are_the_same_by_their_place_while_none_is_taken_away() -> None:
    base = [{"x": 1}, {"x": 2}]
    assert result({"t": [{"x": 9}, {"x": 2}, {"x": 3}]}, {"t": base}, {"t": [{"x": 1}, {"x": 8}, {"x": 4}]}, t=None)[
        "t"] == [{"x": 9}, {"x": 8}, {"x": 4}, {"x": 3}]
    assert merge({"t": [{"x": 2}]}, {"t": base}, {"t": [{"x": 1}, {"x": 8}]}, {"t": None}).clashes, "nobody can say"


@given(FIELDS, FIELDS)
def test_who_is_alone_gets_what_was_written(base: dict[str, Any], mine: dict[str, Any]) -> None:
    merged = merge(mine, base, base)
    assert not merged.clashes and all(same((base | dict(merged.answers))[key], mine[key]) for key in mine)
    assert not merge(base, base, mine).answers, "who changed nothing changes nothing"


@given(FIELDS, FIELDS, FIELDS)
def test_no_field_is_ever_lost(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(mine, base, theirs)
    clashing = {one.field: one for one in merged.clashes}
    for key in base:
        after = (theirs | dict(merged.answers))[key]
        if key in clashing:
            assert same(after, theirs[key]) and same(clashing[key].mine, mine[key])
            assert not same(mine[key], base[key]) and not same(theirs[key], base[key])
        elif not same(mine[key], base[key]):
            assert same(after, mine[key])
        else:
            assert same(after, theirs[key])


@given(NAMED, NAMED, NAMED)
def test_no_cell_of_a_table_is_ever_lost(base: list[Any], mine: list[Any], theirs: list[Any]) -> None:
    merged = merge({"t": mine}, {"t": base}, {"t": theirs}, {"t": "name"})
    clash = next(iter(merged.clashes), None)
    saved = cells(({"t": theirs} | dict(merged.answers))["t"])
    was, i, they = cells(base), cells(mine), cells(theirs)
    best = cells(clash.mine) if clash else saved
    gone = {name for name in ("một", "hai", "ba", "bốn") for rows in (best, saved) if (name, "name") not in rows}
    for key in {*was, *i, *they}:
        if key[0] in gone:
            continue  # a row that somebody took away: as a whole, below
        if i.get(key) != was.get(key):
            assert best.get(key) == i.get(key), "what I changed stands in mine"
        if they.get(key) != was.get(key):
            assert saved.get(key) == they.get(key), "what they changed stands in what is saved"
    for name in {one["name"] for one in mine if one not in base}:
        assert (name, "name") in best, "a row that I wrote or changed is in mine"
    for name in {one["name"] for one in theirs if one not in base}:
        assert (name, "name") in saved, "and theirs in what is saved"


@given(NAMED, NAMED)
def test_a_table_that_one_person_wrote_is_as_it_was_written(base: list[Any], mine: list[Any]) -> None:
    merged = merge({"t": mine}, {"t": base}, {"t": base}, {"t": "name"})
    assert not merged.clashes
    assert cells(({"t": base} | dict(merged.answers))["t"]) == cells(mine)
