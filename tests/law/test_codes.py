"""Codes: Circular 01/2018/TT-VPCP art. 19 as practised, Decision 20/2020/QĐ-TTg for agencies."""
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law import codes

REAL = ["H17-261122-0001", "H56.14-240823-0001", "G09.20-20260609-0092637", "000.00.01.G03-210915-0001",
        "H17-261122-10000"]
# `^(agency)-(yyMMdd)-(four digits or more)$` after the shapes seen in use
PRACTISED = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,4}-\d{6}-\d{4,8}", re.ASCII)
DAY = date(2026, 11, 22)


@pytest.mark.parametrize("code", REAL)
def test_codes_of_many_systems_are_known_as_they_are(code: str) -> None:
    assert codes.parse(code) == code


@pytest.mark.parametrize("typed", [
    " h17-261122-0001 ", "H17 261122 0001", "h17 - 261122 - 0001", "H17\u2013261122\u20130001",
    "H17_261122_0001", "Ｈ17-261122-0001", "H17-2611 22-0001"])
def test_the_hand_that_typed_is_forgiven(typed: str) -> None:
    assert codes.parse(typed) == "H17-261122-0001"


@pytest.mark.parametrize("typed", [
    "", "H17", "H17-261322-0001", "H17-260230-0001", "H17-261122-1", "H17-261122", "-261122-0001",
    "H17-261122-0001'--", "H17/261122/0001", "H17-261122-0001-0002", "Nguyễn Văn A", "H17-261122-" + "1" * 200])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert codes.parse(typed) is None


@given(st.text(max_size=60))
def test_what_is_read_reads_the_same_again(typed: str) -> None:
    code = codes.parse(typed)
    assert code is None or (codes.parse(code) == code and len(code) <= codes.LONGEST)


@given(st.sampled_from(REAL), st.randoms())
def test_blanks_and_cases_never_change_the_code(code: str, random: object) -> None:
    typed = "".join(c.lower() if random.random() < .5 else c for c in code)  # type: ignore[attr-defined]
    assert codes.parse(f"\t{typed}\u00a0") == code


@pytest.mark.parametrize(("number", "code"), [
    (1, "H17-261122-990001"), (42, "H17-261122-990042"), (9_999, "H17-261122-999999"),
    (10_000, "H17-261122-9910000"), (999_999, "H17-261122-99999999")])
def test_four_digits_after_those_of_the_series_and_wider_past_them(number: int, code: str) -> None:
    assert codes.compose("H17", DAY, number, "99") == code


def test_the_year_has_two_digits_and_the_day_leads_with_zero() -> None:
    assert codes.compose("G01", date(2030, 1, 5), 7, "07") == "G01-300105-070007"


@pytest.mark.parametrize("number", [0, -1])
def test_numbers_start_at_one(number: int) -> None:
    with pytest.raises(ValueError, match="start at 1"):
        codes.compose("H17", DAY, number, "99")


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{1,3}){0,2}", fullmatch=True),
       st.dates(date(2011, 1, 1), date(2099, 12, 31)), st.integers(1, 999_999),
       st.integers(0, 99).map("{:02}".format))
def test_every_code_has_the_shape_in_use_and_is_found_again_as_typed(agency: str, day: date, number: int,
                                                                     owner: str) -> None:
    code = codes.compose(agency, day, number, owner)
    assert codes.is_of_series(code, owner)
    assert PRACTISED.fullmatch(code)
    assert codes.parse(f"  {code.lower()} ") == code


@given(st.lists(st.integers(1, 50_000), min_size=2, max_size=30, unique=True))
def test_two_numbers_never_share_a_code(numbers: list[int]) -> None:
    assert len({codes.compose("H17", DAY, n, "99") for n in numbers}) == len(numbers)


@pytest.mark.parametrize("code", [
    "H17-261122-0001", "H17-261122-9999", "H17-261122-99123", "H17-261122-980001", "G09.20-20260609-0092637",
    "H17-20261122-990001", "000.00.01.G03-210915-0001"])
def test_numbers_of_agencies_own_systems_are_of_no_series(code: str) -> None:
    assert not codes.is_of_series(code, "99")


@pytest.mark.parametrize("code", ["H17-261122-990001", "H56.14-271231-9910000", "000.00.01.G03-210915-990001"])
def test_a_code_of_the_series_is_known_whosever_agency_and_day(code: str) -> None:
    assert codes.is_of_series(code, "99")


@pytest.mark.parametrize("owner", ["", "9", "999", "A1", "²3", "٣٤", "9 "])
def test_a_series_is_two_digits(owner: str) -> None:
    with pytest.raises(ValueError, match="two digits"):
        codes.compose("H17", DAY, 1, owner)


@pytest.mark.parametrize(("typed", "pieces", "is_tail"), [
    ("1.001193", ("1", "001193"), False), ("1001193", ("1001193",), False), ("1.0011", ("1", "0011"), False),
    (" 1. 001193 ", ("1", "001193"), False), ("001193", ("001193",), True),
    ("1.000948.H38", ("1", "000948", "h38"), False),
    ("2.001218.000.00.00.H38", ("2", "001218", "000", "00", "00", "h38"), False)])
def test_a_procedures_code_is_known_while_it_is_typed(typed: str, pieces: tuple[str, ...], is_tail: bool) -> None:
    assert codes.typed_procedure(typed) == (pieces, is_tail)


@pytest.mark.parametrize("typed", ["", "khai sinh", "1.", "12", "1.001193/2", "\u0661.001193"])
def test_what_is_typed_and_is_no_procedures_code(typed: str) -> None:
    assert codes.typed_procedure(typed) is None


@pytest.mark.parametrize("code", REAL)
def test_a_code_names_its_agency_and_its_number(code: str) -> None:
    assert code.startswith(f"{codes.agency_of(code)}-") and code.endswith(f"-{codes.number_of(code)}")
    assert codes.agency_id(codes.agency_of(code)) is not None and codes.number_of(code).isdecimal()


@pytest.mark.parametrize(("written", "key", "path"), [
    ("H56", "H56", ()), ("H56.22.17", "H56", ("22", "17")), ("000.17.22.H56", "H56", ("22", "17")),
    ("000.00.00.H56", "H56", ()), ("H56.00", "H56", ()), (" g09.20 ", "G09", ("20",)),
    ("000.00.17.H56", "H56", ("17",))])
def test_an_agencys_id_names_the_same_unit_from_either_end(written: str, key: str, path: tuple[str, ...]) -> None:
    assert codes.agency_id(written) == (key, path)


@pytest.mark.parametrize("written", ["", "56", "H5", "H56.", "VTV", "H56-22", "1.000948"])
def test_what_has_not_the_form_of_an_agencys_id(written: str) -> None:
    assert codes.agency_id(written) is None


@pytest.mark.parametrize(("written", "code"), [
    ("1.000948", "1.000948"), ("1.000948.H38", "1.000948"), ("1.000948.000.00.00.h38", "1.000948"),
    ("1.00094", None), ("1.000948.38", None), ("1.000948/H38", None), ("", None)])
def test_what_an_agency_made_of_a_procedures_code_is_read_as_the_nations(written: str, code: str | None) -> None:
    assert codes.procedure_code(written) == code
