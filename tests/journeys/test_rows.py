"""Rows of a form in a browser: added, taken away, checked and read, with a script running and without."""
import re
from collections.abc import Callable
from typing import Any

import pytest

from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.forms import examples
from portal.kit.db import session
from portal.people.models import Person
from tests import make
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]


def begun(portal: Portal, citizen: Any, code: str, **answers: Any) -> int:
    """A draft of this person for the service, with sensible answers and these on top."""
    def make_draft() -> int:
        service = make.service(code)
        dossier = actions.begin(service, by=session.get_one(Person, citizen.id), key=f"rows-{next(make.n)}-{code}")
        given = examples.answers(service.version.form.definition)
        actions.save(dossier, {**given, **answers}, by=session.get_one(Person, citizen.id))
        session.commit()
        return dossier.id
    return int(portal.look_up(make_draft))


def answers_of(portal: Portal, dossier_id: int) -> Any:
    return portal.look_up(lambda: session.get_one(Dossier, dossier_id).answers)


def person(visitor: Visitor, n: int, name: str, number: str) -> None:
    page, own = visitor.page, f"members-{n}"
    page.fill(f"[name={own}-name]", name)
    for part, value in (("day", "3"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name={own}-birth-{part}]", value)
    page.check(f"[name={own}-sex][value=female]")
    page.fill(f"[name={own}-id]", number)
    page.fill(f"[name={own}-relationship]", "Con")


def press_row_button(visitor: Visitor, value: str, rows: int) -> None:
    """A row more or less; without a script the page comes back, with one it stays."""
    button = f"button[name=_again][value='{value}']"
    if visitor.scripted:
        visitor.page.click(button)
    else:
        visitor.press(button)
    visitor.page.wait_for_selector(f"input[name='{value.partition(':')[0]}-rows'][value='{rows}']", state="attached")


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without scripts"])
def test_people_are_added_and_taken_away_and_read_on_the_check_page(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], scripted: bool) -> None:
    me, visitor = made(make.citizen), visit(scripted)
    dossier_id = begun(portal, me, "1.004222", with_members=False, members=None)
    visitor.sign_in(me.email)
    visitor.go(f"/my/dossiers/{dossier_id}/fill/members?then=check")
    visitor.page.check("[name=with_members][value=yes]")
    visitor.examine("rows: opened")
    person(visitor, 0, "Trần Thị Lan", "048190000001")
    press_row_button(visitor, "members:add", 2)
    if scripted:
        assert visitor.page.evaluate("document.activeElement.name") == "members-1-name"
    person(visitor, 1, "Trần Thị Mai", "048190000002")
    press_row_button(visitor, "members:add", 3)
    person(visitor, 2, "Trần Thị Cúc", "048190000003")
    press_row_button(visitor, "members:remove:1", 2)
    assert visitor.page.input_value("[name=members-1-name]") == "Trần Thị Cúc"
    visitor.page.fill("[name=members-1-birth-month]", "13")
    visitor.send("main form[method=post]")
    visitor.says("Người 2: “Ngày sinh”: Không có tháng 13")
    visitor.examine("rows: a mistake")
    assert [row["name"] for row in answers_of(portal, dossier_id)["members"]] == ["Trần Thị Lan", "Trần Thị Cúc"]
    visitor.page.fill("[name=members-1-birth-month]", "12")
    visitor.send("main form[method=post]")
    visitor.at(f"/my/dossiers/{dossier_id}/check")
    visitor.says("Trần Thị Lan", "03/12/1990")
    visitor.examine("rows: check page")
    assert len(answers_of(portal, dossier_id)["members"]) == 2
    assert [c for c in visitor.complaints if "422" not in c] == []


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without scripts"])
def test_a_table_whose_sum_is_too_much_says_so_where_it_can_be_mended(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], scripted: bool) -> None:
    me, visitor = made(make.citizen), visit(scripted)
    dossier_id = begun(portal, me, "1.001612", founded_by="family", family_members=[
        {"name": "Lan", "birth": "1990-02-03", "id": "048190000001", "share": 400_000},
        {"name": "Tuấn", "birth": "1991-02-03", "id": "048090000002", "share": 700_000}])
    visitor.sign_in(me.email)
    visitor.go(f"/my/dossiers/{dossier_id}/fill/applicant")
    visitor.examine("table: opened")
    visitor.go(f"/my/dossiers/{dossier_id}/fill/capital")
    visitor.page.fill("[name=capital]", "1.000.000")
    visitor.send("main form[method=post]")
    visitor.says("là 1.100.000 ₫, không được nhiều hơn vốn kinh doanh 1.000.000 ₫")
    visitor.examine("table: a rule is broken")
    assert answers_of(portal, dossier_id)["capital"] == 1_000_000
    visitor.go(f"/my/dossiers/{dossier_id}/check")
    visitor.says("Còn thiếu hoặc chưa đúng", "1.100.000 ₫")
    visitor.examine("table: check page")
    visitor.page.click("main a[href*='/fill/capital']:has-text('1.100.000')")
    visitor.page.fill("[name=capital]", "1.100.000")
    visitor.send("main form[method=post]")
    visitor.at(f"/my/dossiers/{dossier_id}/check")
    assert not re.search("không được nhiều hơn", visitor.page.inner_text("main"))
    assert [c for c in visitor.complaints if "422" not in c] == []


def test_on_paper_there_is_room_for_rows(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    for code in ("1.001612", "1.004222"):
        visitor.go(f"/services/H17/{code}/form")
        visitor.says("STT" if code == "1.001612" else "Người 2", "Tôi xác nhận điều này")
        visitor.examine(f"blank form {code}")
