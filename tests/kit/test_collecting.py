"""Cycles are looked for seldom until the last of the batches is over, and as before after it."""
import gc

import pytest

from portal.kit import collecting


def test_it_is_seldom_until_the_last_is_over() -> None:
    before = gc.get_threshold()
    with collecting.seldom():
        with collecting.seldom():
            assert gc.get_threshold()[0] == collecting.SELDOM
        assert gc.get_threshold()[0] == collecting.SELDOM and gc.isenabled()
    assert gc.get_threshold() == before


def test_it_is_as_before_after_a_failure() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="so"), collecting.seldom():
        raise ValueError("so")
    assert gc.get_threshold() == before
