"""Other and older engines: functions are taken away one by one and the form still goes in; on paper nothing is lost."""
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError

from tests import make
from tests.journeys.conftest import Portal, Visitor
from tests.journeys.test_failed_jobs import fail
from tests.journeys.test_rows import begun, person

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
# what some browser that is served has not, or has not without HTTPS
WANTING = {
    "nothing": "",
    "requestSubmit": "delete HTMLFormElement.prototype.requestSubmit",
    "randomUUID": "delete Crypto.prototype.randomUUID",
    "crypto": "delete globalThis.crypto",
    "showModal": "delete HTMLDialogElement.prototype.showModal",
    "a dialog that refuses": "HTMLDialogElement.prototype.showModal = () => { throw new Error('no') }",
    "a dialog": "delete HTMLDialogElement.prototype.showModal; delete globalThis.HTMLDialogElement",
    "structuredClone": "delete globalThis.structuredClone",
    "at": "delete Array.prototype.at; delete String.prototype.at",
    "submitter": "delete SubmitEvent.prototype.submitter",
}
UNASKED = {"showModal", "a dialog that refuses", "a dialog"}
# FormData takes no button, there is no requestSubmit: Safari 15
OLD_FORMS = """
    delete HTMLFormElement.prototype.requestSubmit;
    const Whole = FormData;
    globalThis.FormData = class extends Whole { constructor(form) { super(form); } };
"""
STICKS_OUT = """() => [...document.querySelectorAll("main table")].filter(table => table.offsetParent
    && Math.max(table.getBoundingClientRect().right, table.scrollWidth) > document.documentElement.clientWidth)
    .map(table => table.getBoundingClientRect().right)"""
A4_PORTRAIT = 700  # CSS pixels between the margins


def ready(page: Page, module: str) -> None:
    """A module comes after its page."""
    page.wait_for_function("name => performance.getEntriesByType('resource').some(one => one.name.includes(name))",
                           arg=f"/{module}")
    page.wait_for_timeout(100)


def test_whatever_function_is_wanting_the_form_goes_in(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    keeper = visit()
    keeper.sign_in(made(make.administrator).email)
    open_jobs = [job for _ in WANTING for job in fail(portal)]
    for (name, script), job in zip(WANTING.items(), open_jobs, strict=False):
        page = keeper.context.new_page()
        page.add_init_script(script)
        page.goto(f"{portal.url}/admin/jobs")
        button = page.locator(f"form[action='/admin/jobs/{job}/give-up'] button")
        assert page.locator("form[data-confirm]").count(), name
        ready(page, "confirm")
        button.click()
        if name not in UNASKED:
            page.locator("dialog button[value=yes]").click(timeout=5_000)
        try:
            page.get_by_text("Đã bỏ tác vụ").first.wait_for(timeout=5_000)
        except TimeoutError as stuck:
            raise AssertionError(f"without {name} the form does not go in") from stuck
        page.close()


@pytest.mark.parametrize("network", [True, False], ids=["with a network", "without"])
def test_rows_are_added_where_the_button_is_no_part_of_the_forms_data(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], network: bool) -> None:
    me, citizen = made(make.citizen), visit()
    dossier_id = begun(portal, me, "1.004222", with_members=False, members=None)
    citizen.sign_in(me.email)
    cut = "" if network else "globalThis.fetch = async () => { throw new Error(); };"
    citizen.page.add_init_script(OLD_FORMS + cut)
    citizen.go(f"/my/dossiers/{dossier_id}/fill/members?then=check")
    citizen.page.check("[name=with_members][value=yes]")
    person(citizen, 0, "Trần Thị Lan", "048190000001")
    ready(citizen.page, "rows")
    citizen.page.click("button[name=_again][value='members:add']")
    citizen.page.wait_for_selector("input[name=members-rows][value='2']", state="attached")
    assert citizen.page.input_value("[name=members-0-name]") == "Trần Thị Lan"
    assert citizen.page.locator("[name=members-1-name]").is_visible()


def test_j_and_k_show_where_one_is_even_after_a_click(visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    keeper = visit()
    made(make.officer)
    keeper.sign_in(made(make.administrator).email)
    keeper.go("/admin/people")
    keeper.page.click("h1")
    keeper.page.keyboard.press("j")
    shown = keeper.page.evaluate("""() => {
        const at = document.activeElement, style = getComputedStyle(at);
        return [Boolean(at.closest("[data-row]")), at.matches(".is-walked"), style.outlineStyle, style.outlineWidth];
    }""")
    assert shown == [True, True, "solid", "3px"]
    keeper.page.keyboard.press("k")
    assert keeper.page.locator(".is-walked").count() == 1


def test_all_suggestions_are_seen_by_an_engine_without_has(visit: Callable[..., Visitor]) -> None:
    """Rules with `:has` are dropped, as Firefox 115 drops them."""
    anybody = visit()

    def older(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(":has(", ":unknown-here("))
    anybody.page.route("**/*.css*", older)
    anybody.go("/")
    anybody.page.fill("main [data-suggest] input", "đăng ký")
    anybody.page.locator("[role=option]").first.wait_for()
    seen = anybody.page.locator("[role=option]").evaluate_all("""all => all.map(option => {
        const box = option.getBoundingClientRect(), list = option.parentElement.getBoundingClientRect();
        if (box.top > list.bottom - 8) return true; // further down in the list itself, which scrolls
        return option.contains(document.elementFromPoint(box.left + 20, Math.min(box.top + 8, innerHeight - 1)));
    })""")
    assert len(seen) >= 4 and all(seen), seen


def test_wide_tables_and_the_dots_of_levels_are_printed_whole(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    anybody = visit(viewport={"width": A4_PORTRAIT, "height": 990})
    anybody.page.emulate_media(media="print")
    keeper = visit(viewport={"width": A4_PORTRAIT, "height": 990})
    keeper.sign_in(made(make.administrator).email)
    keeper.page.emulate_media(media="print")
    pages = [(anybody, path) for path in (
        "/progress", "/progress/groups/provinces", "/progress/services-by-level", "/progress/H17",
        "/progress/publishers", "/progress/open-data", "/api", "/services/H17/1.001193", "/about")]
    pages += [(keeper, path) for path in ("/admin/people", "/admin/agencies", "/admin/security", "/admin/jobs")]
    for visitor, path in pages:
        visitor.go(path)
        assert visitor.page.evaluate(STICKS_OUT) == [], path
    anybody.go("/services?q=khai+sinh")
    dot = anybody.page.locator(".dots .on").first.evaluate("""dot => { const style = getComputedStyle(dot);
        return [dot.offsetWidth - dot.clientWidth, dot.offsetWidth, style.borderTopColor]; }""")
    assert dot[0] >= dot[1] > 0, "what is full is all border: a background is not printed"
