"""Published lines: small counts coarse, shares hidden with them, sums as another page has them."""
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.progress import coarse
from portal.progress.disclosure import Shown
from portal.progress.figures import Figures

FIGURES = st.builds(Figures, *(st.integers(0, 30) for _ in range(7)))


def test_large_counts_are_shown_with_their_share() -> None:
    lines, total = coarse.published({"a": Figures(early=60, on_time=20, late=20), "b": Figures(early=50, late=50)})
    assert lines["a"]["share"] == 80 and total["done"] == 200 and total["share"] == 65


def test_the_share_would_tell_a_count_that_is_coarse() -> None:
    lines, _total = coarse.published({"a": Figures(early=90, late=3), "b": Figures(early=50, late=50)})
    assert lines["a"]["late"] is Shown.small and lines["a"]["share"] is Shown.hidden


def test_what_another_page_leaves_out_of_a_sum_is_left_out_here() -> None:
    _lines, total = coarse.published({"a": Figures(received=9), "b": Figures(received=20)},
                                     sums={"received": Shown.hidden})
    assert total["received"] is Shown.hidden


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 9), FIGURES, max_size=8))
def test_no_published_number_is_one_to_four(figures: dict[int, Figures]) -> None:
    lines, total = coarse.published(figures)
    numbers = [n for line in [*lines.values(), total] for key, n in line.items() if key != "share"]
    assert all(n == 0 or n >= 5 for n in numbers if isinstance(n, int))
