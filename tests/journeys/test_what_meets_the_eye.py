"""What people saw first, and said: on a phone, with a script running."""
from collections.abc import Callable
from typing import Any

import pytest

from tests import make
from tests.journeys.conftest import Visitor
from tests.journeys.test_rows import begun

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
#: Numbers, days, codes and amounts of which a part stands on another line.
BROKEN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, around = text.parentElement;
    if (!around.checkVisibility() || around.closest(".vh, script, style, pre, .broken")) continue;
    for (const number of text.data.matchAll(/(?:[A-Z]+\\d*-)?\\d[\\d.,:\\/-]*\\d(?:\\u00a0(?:₫|%))?/g)) {
      const range = document.createRange();
      range.setStart(text, number.index);
      range.setEnd(text, number.index + number[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(number[0]);
    }
  }
  return found;
}"""


def test_no_number_is_broken_and_home_stands_still_while_suggestions_are_open(visit: Callable[..., Visitor]) -> None:
    anybody = visit(**PHONE)
    for path in ("/progress", "/services/H17/1.004194", "/api", "/"):
        anybody.go(path)
        assert anybody.page.evaluate(BROKEN) == [], path
    anybody.page.locator(".figures .figure").first.evaluate("one => { one.textContent = '12.345.678'; }")
    assert anybody.page.evaluate(BROKEN) == []
    anybody.page.fill("#q", "khai sinh")
    anybody.page.wait_for_selector(".suggestions li")
    assert anybody.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_password_is_shown_by_a_button_that_comes_with_the_script(visit: Callable[..., Visitor]) -> None:
    anybody = visit(**PHONE)
    anybody.go("/sign-in")
    anybody.page.fill("#password", "mật khẩu của tôi")
    anybody.page.click("text=Hiện mật khẩu")
    assert anybody.page.get_attribute("#password", "type") == "text"
    assert anybody.page.input_value("#password") == "mật khẩu của tôi"
    anybody.page.click("text=Ẩn mật khẩu")
    assert anybody.page.get_attribute("#password", "type") == "password"
    without = visit(scripted=False)
    without.go("/sign-in")
    assert "Hiện mật khẩu" not in without.page.inner_text("main")
    assert anybody.complaints == []


def test_the_account_is_reached_on_a_phone_and_an_error_is_said_once(
        portal: Any, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    me, visitor = made(make.citizen), visit(**PHONE)
    dossier_id = begun(portal, me, "1.001193")
    visitor.sign_in(me.email)
    visitor.go(f"/my/dossiers/{dossier_id}/fill/applicant")
    visitor.page.fill("#applicant_name", "")
    visitor.send()
    title = visitor.page.title()
    assert title.startswith("Lỗi: ") and title.count("Lỗi") == 1
    visitor.press(".mine >> text=Tài khoản")
    visitor.at("/account")
