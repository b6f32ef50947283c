"""From hand to hand in a browser: a head hands a dossier on; an administrator closes an account, on a phone."""
from collections.abc import Callable
from typing import Any

import pytest

from portal.dossiers.models import Dossier
from portal.kit.db import session
from portal.people.models import Person
from tests import make
from tests.journeys.conftest import Portal, Visitor, person

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
OUTSIDE = """all => all.filter(one => one.getBoundingClientRect().right > innerWidth + 1).length"""


def test_it_is_handed_on_and_what_an_account_holds_is_asked_about(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    leaving, colleague = made(make.officer), made(make.officer, name="Trần Thị Bình")
    head = person(portal, lambda: make.staff("head_of_unit", "H17"))
    keeper = person(portal, lambda: make.staff("agency_administrator", "H17"))

    def dossier_of_leaving() -> tuple[int, str]:
        one = make.dossier("received", officer=session.get_one(Person, leaving.id))
        return one.id, str(one.code)

    dossier_id, code = portal.look_up(dossier_of_leaving)
    at_desk, phone = visit(), visit(viewport={"width": 390, "height": 844})
    at_desk.sign_in(head.email)
    at_desk.go(f"/officer/dossiers/{dossier_id}/assign")
    at_desk.examine("desk: hand to a colleague")
    at_desk.page.select_option("select[name=to]", str(head.id))
    at_desk.send()
    at_desk.says("đang giữ hồ sơ", code)
    at_desk.go(f"/officer/dossiers/{dossier_id}/assign")
    at_desk.page.select_option("select[name=to]", str(leaving.id))
    at_desk.send()
    phone.sign_in(keeper.email)
    for path in ("/admin/people", f"/admin/people/{leaving.id}"):
        phone.go(path)
        assert phone.page.locator("main :is(a, button).danger").count() and not phone.page.locator(
            "main :is(a, button)").evaluate_all(OUTSIDE), path
    phone.go("/admin/people")
    phone.press(f"main a[href='/admin/people/{leaving.id}/deactivate']")
    phone.says(code, "Các hồ sơ này chuyển đi đâu")
    phone.examine("an account is closed")
    phone.page.select_option("select[name=to]", str(colleague.id))
    phone.send()
    phone.says("không đăng nhập được nữa", "Đã giao 1 hồ sơ")
    assert portal.look_up(lambda: session.get_one(Dossier, dossier_id).officer_id) == colleague.id
    assert at_desk.complaints == phone.complaints == []
