"""The people of the agencies: added with a role, given others, ended; agencies' administrators keep to their own."""
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import worker
from portal.kit import clock
from portal.kit.db import session
from portal.notices import queries as notices
from portal.people import queries, roles
from portal.people.models import Person
from portal.people.permissions import Place, Role
from tests import make

SignIn = Callable[[Any], FlaskClient]
NEW = {"name": "Lê Văn Ẩn", "contact": "an.le@example.vn", "role": "clerk", "agency": "H17"}


@pytest.fixture
def local(app: Flask, sign_in: SignIn) -> FlaskClient:
    """The browser of the administrator of agency H17."""
    return sign_in(make.staff(Role.agency_administrator, "H17"))


def held(person: Person) -> set[tuple[str, int | None, int | None]]:
    session.expire_all()
    return {(one.role, one.agency_id, one.unit_id) for one in person.roles}


def test_the_list_has_who_works_here_or_worked_here_last_and_nobody_who_went_to_another_agency(
        local: FlaskClient) -> None:
    here, gone, left = (make.officer("H17", name=name) for name in ("Bùi Văn Ở", "Cao Văn Đi", "Đỗ Văn Nghỉ"))
    for person in (gone, left):
        roles.end(person.roles[0], by=None)
    roles.give(gone, Role.case_officer, Place(make.agency("H26").id), by=None)
    session.commit()
    page = local.get("/admin/people").text
    assert here.name in page and left.name in page
    assert gone.name not in page and (gone.email or gone.phone) not in page


def test_somebody_is_added_with_a_role_at_a_unit_that_is_named(local: FlaskClient) -> None:
    page = local.post("/admin/people/new", data=NEW | {"unit": "hai chau"})
    assert page.status_code == 200 and "Phường Hải Châu" in page.text
    person = queries.person_by_contact(NEW["contact"])
    assert person and held(person) == {("clerk", make.agency().id, make.commune().id)}


@pytest.mark.parametrize(("given", "said"), [
    ({"unit": "hòa"}, "Có nhiều đơn vị phù hợp"), ({"unit": "không có"}, "không có đơn vị nào tên như vậy"),
    ({"agency": ""}, "agency-error"), ({"agency": "H26"}, "agency-error"), ({"role": ""}, "role-error"),
    ({"role": "portal_administrator", "agency": ""}, "role-error"),
    ({"role": "agency_administrator", "unit": "hải châu"}, "thuộc toàn cơ quan"),
    ({"until-day": "1", "until-month": "1", "until-year": "2020"}, "until")])
def test_what_cannot_be_given_is_refused_where_it_stands(local: FlaskClient, given: dict[str, str], said: str) -> None:
    answer = local.post("/admin/people/new", data=NEW | given)
    assert answer.status_code == 422 and said in answer.text
    assert queries.person_by_contact(NEW["contact"]) is None


def test_the_list_of_an_agencys_administrator_is_its_own(local: FlaskClient) -> None:
    make.officer(name="Đặng Văn Ẩn")
    make.officer("H26", name="Trần Thị Bình")
    page = local.get("/admin/people").text
    assert "Đặng Văn Ẩn" in page and "Trần Thị Bình" not in page
    assert "Trần Thị Bình" not in local.post("/admin/people", data={"q": "binh"}).text


def test_another_agencys_people_and_units_are_not_there(local: FlaskClient) -> None:
    elsewhere = make.officer("H26")
    both = make.officer()
    roles.give(both, Role.clerk, Place(make.agency("H26").id), by=None)
    session.commit()
    for person in (elsewhere, both):
        assert local.get(f"/admin/people/{person.id}").status_code == 404
        assert local.post(f"/admin/people/{person.id}/deactivate").status_code == 404
    foreign = both.roles[1]
    assert local.post(f"/admin/people/{both.id}/roles/{foreign.id}/end").status_code == 404
    assert local.post(f"/admin/people/{both.id}/roles/{both.roles[0].id}/end").status_code == 303, "that one is its own"
    assert local.get(f"/admin/units/{queries.central_unit(make.agency('H26').id).id}").status_code == 404
    assert local.post("/admin/units/H26/new", data={"kind": "department", "name": "Sở Y tế"}).status_code == 404


def test_a_role_is_given_and_the_person_is_told(app: Flask, local: FlaskClient) -> None:
    person = make.officer()
    year = str(clock.today().year + 1)
    answer = local.post(f"/admin/people/{person.id}", data={
        "role": "head_of_unit", "agency": "H17", "unit": "Phường Hải Châu", "until-day": "31", "until-month": "12",
        "until-year": year})
    assert answer.location == f"/admin/people/{person.id}"
    page = local.get(answer.location).text
    assert "Trưởng đơn vị" in page and f"31/12/{year}" in page
    worker.run_all(app)
    session.expire_all()
    assert "Trưởng đơn vị" in notices.newest(person)[0].message.subject
    ends = next(one.ends_at for one in person.roles if one.role == "head_of_unit")
    assert ends and f"{ends.astimezone(clock.VN):%H:%M %d/%m}" == "00:00 01/01", "the last day is whole"


def test_a_role_that_is_held_already_is_not_given_twice(local: FlaskClient) -> None:
    person = make.officer()
    answer = local.post(f"/admin/people/{person.id}", data={"role": "case_officer", "agency": "H17"})
    assert answer.status_code == 422 and "đang giữ vai trò này" in answer.text


def test_a_role_that_was_ended_is_shown_as_ended_and_opens_nothing(local: FlaskClient, sign_in: SignIn) -> None:
    person = make.officer()
    browser = sign_in(person)
    assert local.post(f"/admin/people/{person.id}/roles/{person.roles[0].id}/end").status_code == 303
    assert browser.get("/officer/queue").status_code == 403
    page = local.get(f"/admin/people/{person.id}").text
    assert "Đã kết thúc" in page and '/end"' not in page


def test_a_role_of_somebody_else_is_not_ended_through_this_person(local: FlaskClient) -> None:
    one, other = make.officer(), make.officer()
    assert local.post(f"/admin/people/{one.id}/roles/{other.roles[0].id}/end").status_code == 404
    assert held(other)


def test_nobody_ends_the_own_role_or_gives_what_they_may_not(app: Flask, sign_in: SignIn) -> None:
    me = make.staff(Role.agency_administrator, "H17")
    client = sign_in(me)
    assert client.post(f"/admin/people/{me.id}/roles/{me.roles[0].id}/end").status_code == 404
    assert held(me)
    answer = client.post(f"/admin/people/{me.id}", data={"role": "portal_administrator"})
    assert answer.status_code == 422


def test_who_administers_an_agency_sees_no_part_of_the_house_but_people_and_units(local: FlaskClient) -> None:
    page = local.get("/admin/people").text
    links = set(re.findall(r'href="(/admin/[a-z]+)"', page))
    assert links == {"/admin/people", "/admin/units", "/admin/stranded", "/admin/security"}
    for path in ("/admin/agencies", "/admin/jobs", "/admin/mapping"):
        assert local.get(path).status_code == 403


def test_a_department_is_added_and_deals_with_a_sector(local: FlaskClient) -> None:
    assert local.post("/admin/units/H17/new", data={"kind": "department", "name": "Sở Tư pháp"}).status_code == 303
    unit = next(one for one in queries.units_of(make.agency().id) if one.name == "Sở Tư pháp")
    url = f"/admin/units/{unit.id}"
    assert local.post(url, data={"sector": "ho-tich"}).location == url
    page = local.get(url).text
    assert "Lĩnh vực: Hộ tịch" in page
    assert "Đã có đơn vị của cơ quan này giải quyết" in local.post(url, data={"sector": "ho-tich"}).text
    assert "Không có thủ tục nào mang mã" in local.post(url, data={"procedure": "9.999999"}).text
    assert local.post(url, data={}).status_code == 422
    [remove] = re.findall(r'action="(/admin/units/\d+/competence/\d+/remove)"', page)
    local.post(remove)
    assert "Lĩnh vực: Hộ tịch" not in local.get(url).text
    assert local.post(remove).status_code == 303, "pressed twice, it is gone once"


def test_a_counter_stands_in_a_unit_that_is_there(local: FlaskClient) -> None:
    data = {"kind": "counter", "name": "Quầy số 1", "parent": "Phường Hải Châu"}
    assert local.post("/admin/units/H17/new", data=data | {"parent": "không có"}).status_code == 422
    assert local.post("/admin/units/H17/new", data=data).status_code == 303
    counter = next(one for one in queries.units_of(make.agency().id) if one.kind == "counter")
    assert counter.parent_id == make.commune().id
    assert "Phường Hải Châu" in local.get(f"/admin/units/{counter.id}").text


def test_the_units_of_a_province_are_its_communes(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make.administrator())
    page = client.get("/admin/units?agency=H17").text
    assert page.count("<tr data-row>") == 94 + 1 and "Phường Hải Châu" in page  # 94 communes of Đà Nẵng and its centre
    assert "Phường Ba Đình" in client.get("/admin/units?agency=H26").text


def test_who_works_at_a_unit_stands_on_its_page(local: FlaskClient) -> None:
    person = make.officer(make.commune(), name="Đặng Văn Ẩn")
    page = local.get(f"/admin/units/{make.commune().id}").text
    assert "Đặng Văn Ẩn" in page and f"/admin/people/{person.id}" in page


def test_a_counter_is_called_a_counter_and_not_the_way_of_handing_in(local: FlaskClient) -> None:
    page = local.get("/admin/units/H17/new").text
    assert ">Quầy</option>" in page and "Trực tiếp" not in page
