"""What becomes of a fact when another release comes: nobody's edit is lost, and nobody's neglect is kept."""
import pytest

from portal.catalogue.digests import digest
from portal.catalogue.reconcile import Plan, plan


@pytest.mark.parametrize(("shipped", "held", "known", "becomes"), [
    ("new", None, None, Plan(missing=["k"])),
    ("same", "same", "same", Plan()),
    ("new", "old", "old", Plan(outdated=["k"])),
    ("new", "ours", "old", Plan(edited=["k"])),
    ("new", "ours", None, Plan(edited=["k"])),  # a row of our own under the key of a fact that comes now
    ("new", "new", "old", Plan()),  # corrected here as the release does it
    ("new", None, "old", Plan(edited=["k"])),  # taken away here
    (None, "old", "old", Plan(gone=["k"])),
    (None, "ours", "old", Plan(edited=["k"])),
    (None, "ours", None, Plan()),
    (None, None, "old", Plan()),
])
def test_a_row_that_may_be_taken_away(shipped, held, known, becomes):
    said = [{"k": one} if one else {} for one in (shipped, held, known)]
    assert plan(*said, deletable=True) == becomes


def test_what_cannot_be_taken_away_is_missing_until_it_is_loaded_and_then_stays():
    assert plan({"k": "new"}, {}, {"k": "old"}, deletable=False) == Plan(missing=["k"])
    assert plan({}, {"k": "old"}, {"k": "old"}, deletable=False) == Plan()


def test_an_empty_column_says_as_much_as_one_that_was_not_there():
    assert digest({"a": 1, "b": None, "c": False, "d": [], "e": ""}) == digest({"a": 1})
    assert digest({"a": 0}) != digest({})
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 2, "b": 1})
