"""English names of the hundred most used procedures, and finding by them."""
import csv

import pytest

from portal.catalogue import english, reference
from portal.catalogue.life_events import LIFE_EVENTS

pytestmark = pytest.mark.once


def test_the_hundred_most_used_have_a_name_of_our_own() -> None:
    codes = {row.code for row in reference.procedures()}
    assert len(english.names()) == 100
    assert set(english.names()) <= codes
    assert {code for event in LIFE_EVENTS for code in event.codes} <= set(english.names())
    assert {row.code for row in reference.procedures() if row.detailed} <= set(english.names())
    with english.FILE.open(encoding="utf-8", newline="") as lines:
        assert {row["source"] for row in csv.DictReader(lines)} == {"own translation"}


def test_words_that_are_vietnamese_too_are_not_searched_in_english() -> None:
    assert english.searched("1.004222", set()).split()[:3] == ["permanent", "residence", "registration"]
    assert "permanent" not in english.searched("1.004222", {"permanent"})
    assert not {len(word) for code in english.names() for word in english.searched(code, set()).split()} & {1, 2, 3}
    assert english.searched("9.999999", set()) == ""
