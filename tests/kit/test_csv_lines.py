import csv
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from portal.kit.csv_lines import BOM, FORMULA, csv_lines, tame


@given(st.one_of(st.text(max_size=20), st.sampled_from(FORMULA).flatmap(lambda mark: st.just(f"{mark}1+1"))))
def test_no_cell_is_a_formula_and_nothing_is_lost(text: str) -> None:
    assert not str(tame(text)).startswith(FORMULA) and str(tame(text)).removeprefix("'") == text.removeprefix("'")


def test_one_mark_stands_before_the_first_line_and_numbers_stay_numbers() -> None:
    written = [*csv_lines([["Tên", "n"], ["=1+1", -7], ["a,b", 3]])]
    assert written == [f"{BOM}Tên,n\r\n", "'=1+1,-7\r\n", '"a,b",3\r\n']
    assert [*csv.reader(StringIO("".join(written).removeprefix(BOM)))][2] == ["a,b", "3"]
