"""The dossier code: Circular 01/2018/TT-VPCP art. 19 as practised."""
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dossiers.codes import compose
from portal.progress import codes as typed

# `^(agency)-(yyMMdd)-(four digits or more)$` after the shapes seen in use
PRACTISED = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,4}-\d{6}-\d{4,7}", re.ASCII)
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(("number", "code"), [
    (1, "H17-261122-0001"), (42, "H17-261122-0042"), (9_999, "H17-261122-9999"), (10_000, "H17-261122-10000"),
    (1_000_000, "H17-261122-1000000")])
def test_four_digits_and_wider_past_them(number: int, code: str) -> None:
    assert compose("H17", DAY, number) == code


def test_the_year_has_two_digits_and_the_day_leads_with_zero() -> None:
    assert compose("G01", date(2030, 1, 5), 7) == "G01-300105-0007"


@pytest.mark.parametrize("number", [0, -1])
def test_numbers_start_at_one(number: int) -> None:
    with pytest.raises(ValueError, match="start at 1"):
        compose("H17", DAY, number)


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{1,3}){0,2}", fullmatch=True),
       st.dates(date(2011, 1, 1), date(2099, 12, 31)), st.integers(1, 9_999_999))
def test_every_code_has_the_shape_in_use_and_is_found_again_as_typed(agency: str, day: date, number: int) -> None:
    code = compose(agency, day, number)
    assert PRACTISED.fullmatch(code)
    assert typed.parse(f"  {code.lower()} ") == code


@given(st.lists(st.integers(1, 50_000), min_size=2, max_size=30, unique=True))
def test_two_numbers_never_share_a_code(numbers: list[int]) -> None:
    assert len({compose("H17", DAY, n) for n in numbers}) == len(numbers)
