"""Tables that are wider than the page: nothing is cut in the middle, and one sees and reaches what follows."""
from collections.abc import Callable

import pytest

from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
PAGE = "/progress/groups/provinces"
FADES = """([selector, side]) => getComputedStyle(document.querySelector(selector), side).opacity"""
REST, GONE_BY = (".scroll", "::after"), (".scroll tbody th", "::after")


def seen(visitor: Visitor, fade: tuple[str, str]) -> float:
    visitor.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return float(visitor.page.evaluate(FADES, list(fade)))


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_figures_fade_where_more_follows_and_where_some_have_gone_by(
        visit: Callable[..., Visitor], motion: str) -> None:
    anybody = visit(viewport={"width": 390, "height": 844}, reduced_motion=motion)
    anybody.go(PAGE)
    table = anybody.page.locator(".scroll").first
    assert (seen(anybody, REST), seen(anybody, GONE_BY)) == (1, 0)
    table.evaluate("box => { box.scrollLeft = 200; }")
    assert (seen(anybody, REST), seen(anybody, GONE_BY)) == (1, 1)
    table.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert (seen(anybody, REST), seen(anybody, GONE_BY)) == (0, 1)


def test_a_table_that_fits_fades_nowhere(visit: Callable[..., Visitor]) -> None:
    anybody = visit(viewport={"width": 1280, "height": 900})
    for path in ("/progress", "/progress/services-by-level", "/progress/publishers"):
        anybody.go(path)
        assert anybody.page.locator(".scroll").evaluate_all("all => all.every(b => b.scrollWidth === b.clientWidth)")
        assert (seen(anybody, REST), seen(anybody, GONE_BY)) == (0, 0), path


def test_the_keyboard_scrolls_a_named_region_and_the_first_column_stays(visit: Callable[..., Visitor]) -> None:
    anybody = visit(viewport={"width": 390, "height": 844})
    anybody.go(PAGE)
    region = anybody.page.get_by_role("region", name="Tỉnh, thành phố", exact=True)
    first = region.locator("tbody th").first
    before = first.bounding_box()
    region.focus()
    for _ in range(5):
        anybody.page.keyboard.press("ArrowRight")
    anybody.page.wait_for_function("() => document.activeElement.scrollLeft > 100")
    after = first.bounding_box()
    assert before and after and before["x"] == after["x"]


@pytest.mark.parametrize("path", ["/progress/services-by-level", PAGE])
def test_no_tall_head_leaves_a_gap_above_the_columns_that_are_seen(
        visit: Callable[..., Visitor], path: str) -> None:
    """Of the heads, those out of sight are at most two lines taller than those in sight."""
    anybody = visit(viewport={"width": 390, "height": 844})
    anybody.go(path)
    lines = anybody.page.locator(".scroll:has(.figures-table)").evaluate_all("""all => all.map(box => {
        const edge = box.getBoundingClientRect().right, range = document.createRange();
        const heads = [...box.querySelectorAll("thead th")];
        const top = th => { range.selectNodeContents(th); return range.getBoundingClientRect().top; };
        const seen = heads.filter(th => th.getBoundingClientRect().right < edge);
        const gap = Math.min(...seen.map(top)) - Math.min(...heads.map(top));
        return gap / parseFloat(getComputedStyle(heads[0]).lineHeight);
    })""")
    assert lines and max(lines) < 2.5, lines
