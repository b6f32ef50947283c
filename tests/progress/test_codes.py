import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.progress import codes

REAL = ["H17-261122-0001", "H56.14-240823-0001", "G09.20-20260609-0092637", "000.00.01.G03-210915-0001",
        "H17-261122-10000"]


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
