"""What a browser shows that a test client does not: keyboard, focus, weight, the other language, no complaint."""
from collections.abc import Callable
from typing import Any

import pytest

from tests import make
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
FIRST_VISIT, NEXT_PAGE = 100_000, 25_000
PUBLIC = ("/", "/services", "/services?q=khai+sinh&level=4", "/services?q=khongcogi", "/agencies", "/sectors", "/about",
          "/procedures/1.001193", "/services/H17/1.001193", "/services/H17/1.001456", "/services/H17/1.001193/form",
          "/services/H17/9.999999",
          "/progress", "/progress/H17", "/progress/H17-261122-9999", "/verify", "/verify/AAAA", "/sign-in", "/register",
          "/password-reset", "/no-such-page", "/en/", "/en/services", "/en/services/H17/1.001193", "/en/progress")


def test_the_examiner_sees_a_barrier_where_there_is_one(visit: Callable[..., Visitor]) -> None:
    anybody = visit()
    anybody.go("/about")
    anybody.page.evaluate("""() => {
        const picture = document.createElement("img");
        picture.src = "/static/img/mark.svg";
        document.querySelector("main").append(picture);
    }""")
    with pytest.raises(AssertionError, match="image-alt"):
        anybody.examine("a page with a picture that says nothing")


def test_the_listener_hears_a_browser_that_complains(visit: Callable[..., Visitor]) -> None:
    """What was put in by an attacker's parser, not by a trusted script: that is what the policy stops."""
    anybody = visit()
    anybody.go("/about")
    anybody.page.evaluate("""() => {
        document.querySelector("main").insertAdjacentHTML("beforeend", "<p style='color: red'>x</p>");
    }""")
    anybody.page.wait_for_timeout(200)
    assert any("Content Security Policy" in complaint for complaint in anybody.complaints)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_has_no_barrier_and_the_browser_complains_of_nothing(
        visit: Callable[..., Visitor], path: str) -> None:
    anybody = visit()
    anybody.go(path)
    anybody.examine(path)
    assert [c for c in anybody.complaints if "status of 404" not in c] == []
    assert anybody.page.locator("h1").count() == 1
    assert anybody.page.locator("html").get_attribute("lang") == ("en" if path.startswith("/en") else "vi")


@pytest.mark.parametrize("path", ["/", "/services/H17/1.001193", "/sign-in", "/progress"])
def test_it_has_no_barrier_in_the_dark_either(visit: Callable[..., Visitor], path: str) -> None:
    anybody = visit(color_scheme="dark")
    anybody.go(path)
    anybody.examine(f"{path} in the dark")


def test_the_keeper_of_the_house_meets_no_barrier(visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    keeper = visit()
    keeper.sign_in(made(make.administrator).email)
    for path in ("/admin/people", "/admin/people/new", "/admin/agencies", "/admin/jobs", "/admin/mapping",
                 "/admin/mapping/known", "/admin/code-clashes", "/account", "/account/password",
                 "/demo/messages"):
        keeper.go(path)
        keeper.examine(path)
    assert keeper.complaints == []


def test_signing_in_needs_nothing_but_a_keyboard(visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    citizen, person = visit(), made(make.citizen)
    keyboard = citizen.page.keyboard
    citizen.go("/sign-in")
    keyboard.press("Tab")
    assert citizen.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Enter")
    for _ in range(4):
        if citizen.page.evaluate("document.activeElement.id") == "contact":
            break
        keyboard.press("Tab")
    assert citizen.page.evaluate("document.activeElement.id") == "contact"
    keyboard.type(person.email)
    keyboard.press("Tab")
    keyboard.type(make.PASSWORD)
    with citizen.page.expect_navigation():
        keyboard.press("Enter")
    citizen.at("/my/dossiers")


def test_what_has_the_focus_is_seen(visit: Callable[..., Visitor]) -> None:
    anybody = visit()
    anybody.go("/sign-in")
    for _ in range(12):
        anybody.page.keyboard.press("Tab")
        shown = anybody.page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            return outline || style.boxShadow !== "none";
        }""")
        assert shown, anybody.page.evaluate("document.activeElement.outerHTML")[:200]


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(visit: Callable[..., Visitor]) -> None:
    anybody = visit()
    anybody.go("/sign-in")
    anybody.send()
    assert anybody.page.evaluate("document.activeElement.hasAttribute('data-problems')")
    assert anybody.page.title().startswith("Lỗi")
    anybody.page.click("[data-problems] a")
    assert anybody.page.evaluate("document.activeElement.id") == "contact"
    anybody.examine("sign-in with errors")


@pytest.mark.parametrize("path", [
    "/services/H17/1.001193", "/services?q=khai+sinh&level=4", "/progress/H17", "/sign-in"])
def test_the_other_language_is_the_same_page_and_back_again(visit: Callable[..., Visitor], path: str) -> None:
    anybody = visit()
    anybody.go(path)
    before = anybody.page.locator("h1").inner_text()
    anybody.press("header a[hreflang=en]")
    anybody.at("/en" + path)
    assert anybody.page.locator("html").get_attribute("lang") == "en"
    anybody.press("header a[hreflang=vi]")
    anybody.at(path)
    assert anybody.page.locator("h1").inner_text() == before


def test_the_first_visit_weighs_no_more_than_100_kb_and_the_next_page_25(visit: Callable[..., Visitor]) -> None:
    anybody = visit(viewport={"width": 390, "height": 844})
    network = anybody.context.new_cdp_session(anybody.page)
    network.send("Network.enable")
    weights: list[float] = []
    network.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    anybody.page.goto(anybody.portal.url, wait_until="networkidle")
    first = sum(weights)
    weights.clear()
    anybody.page.goto(anybody.portal.url + "/services/H17/1.001193", wait_until="networkidle")
    assert first <= FIRST_VISIT, f"{first:,.0f} bytes at the first visit"
    assert sum(weights) <= NEXT_PAGE, f"{sum(weights):,.0f} bytes for the next page"


def test_nothing_comes_from_elsewhere(visit: Callable[..., Visitor]) -> None:
    anybody = visit()
    asked: list[str] = []
    anybody.page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/services", "/services/H17/1.001193", "/progress"):
        anybody.page.goto(anybody.portal.url + path, wait_until="networkidle")
    assert asked and [url for url in asked if not url.startswith((anybody.portal.url, "data:"))] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_sticks_out_at_the_side(visit: Callable[..., Visitor], width: int) -> None:
    anybody = visit(viewport={"width": width, "height": 800})
    for path in ("/", "/services?q=khai", "/services/H17/1.001193", "/progress", "/verify", "/register", "/agencies"):
        anybody.go(path)
        over = anybody.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{path} at {width}: {over} px"


def test_signing_out_leaves_nothing_to_go_back_to(visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    citizen = visit()
    citizen.sign_in(made(make.citizen).email)
    citizen.press("header form button")
    citizen.page.go_back()
    citizen.go("/my/dossiers")
    citizen.at("/sign-in")
