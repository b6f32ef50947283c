"""The code of verification: new each time, forgiving, and never another paper's by a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.papers import codes


def test_codes_are_new_each_time_and_forgive_the_typist() -> None:
    seen = {codes.new_code() for _ in range(500)}
    assert len(seen) == 500
    for code in seen:
        assert codes.normalise(code) == code
        typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert (
            codes.normalise(f"  {typed} ")
            == codes.normalise(code.replace("1", "I").replace("-", "–"))
            == code
        )


@given(st.integers(0, 15), st.sampled_from(codes.ALPHABET))
def test_one_wrong_letter_is_always_found(place: int, letter: str) -> None:
    letters = codes.new_code().replace("-", "")
    wrong = letters[:place] + letter + letters[place + 1 :]
    assert (codes.normalise(wrong) is None) == (wrong != letters)


@given(st.integers(0, 15), st.integers(0, 15))
def test_two_letters_swapped_are_always_found(one: int, other: int) -> None:
    letters = list(codes.new_code().replace("-", ""))
    letters[one], letters[other] = letters[other], letters[one]
    assert (codes.normalise("".join(letters)) is None) == (letters[one] != letters[other])


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "7Q4M-2ZD9-KX0T-HV5", "UUUU-UUUU-UUUU-UUUU", "đ" * 16, "\0" * 16, "0" * 101, "٠" * 15 + "x"],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.normalise(typed) is None
