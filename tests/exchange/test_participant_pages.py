"""The pages of who takes part: asked for by agencies, decided on by the portal's administrators."""
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.exchange import participants, secrets
from portal.exchange.models import Participant, Way
from portal.kit.db import session
from tests import make as people
from tests.exchange import make

BASE = "/government/participants"


@pytest.fixture
def admin(sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(people.administrator())


@pytest.fixture
def agency(sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """Who administers H17's people, and may ask for it to take part."""
    return sign_in(people.staff("agency_administrator", "H17"))


def asked(code: str = "H17", **kw: Any) -> Participant:
    made = participants.ask(code, "Sở Thử nghiệm", "vanthu@mau.example", **kw)
    session.commit()
    return made


def at(one: Participant, *more: str) -> str:
    return "/".join([BASE, str(one.id), *more])


def again(one: Participant) -> Participant:
    session.expire_all()
    return session.get_one(Participant, one.id)


def test_who_asked_stands_before_who_takes_part(admin: FlaskClient) -> None:
    make.participant("H26")
    asked("H17")
    page = admin.get(BASE).text
    assert page.index("Sở Thử nghiệm") < page.index(people.agency("H26").name)


def test_an_agencys_administrator_sees_and_asks_for_the_own_agency_alone(agency: FlaskClient) -> None:
    other, own = make.participant("H26"), make.participant("H17.05")
    page = agency.get(BASE).text
    assert own.name in page and other.name not in page
    assert agency.get(at(own)).status_code == 200 and agency.get(at(other)).status_code == 404
    assert agency.post(f"{BASE}/ask", data={"agency": "H26", "way": "pages"}).status_code == 422
    made = agency.post(f"{BASE}/ask", data={"agency": "H17", "way": "pages"})
    assert made.status_code == 303
    found = participants.live("H17")
    assert found and (found.state, found.way, found.agency_id) == ("asked", "pages", people.agency("H17").id)


def test_a_unit_takes_part_under_an_id_of_its_own(agency: FlaskClient) -> None:
    unit = people.department("Sở Tư pháp")
    said = {"agency": "H17", "unit": "Sở Tư pháp", "way": "pages"}
    assert "cần mã riêng" in agency.post(f"{BASE}/ask", data=said).text
    assert "bắt đầu bằng mã của cơ quan" in agency.post(f"{BASE}/ask", data=said | {"code": "H26.05"}).text
    assert agency.post(f"{BASE}/ask", data=said | {"code": "000.00.05.H17"}).status_code == 303
    found = participants.live("H17.05")
    assert found and (found.unit_id, found.name, found.parent_code) == (unit.id, "Sở Tư pháp", "H17")


def test_the_same_id_twice_and_a_system_without_its_id_are_said_in_words(agency: FlaskClient) -> None:
    asked("H17")
    answer = agency.post(f"{BASE}/ask", data={"agency": "H17", "way": "pages"})
    assert answer.status_code == 422 and "đã tham gia hoặc đã đề nghị" in answer.text
    assert "Mã hệ thống (systemid)" in agency.post(f"{BASE}/ask", data={"agency": "H17", "way": "axis"}).text
    told = agency.post(f"{BASE}/ask", data={"agency": "H17", "code": "H17.9", "way": "pages", "mail": "0912345678"})
    assert "vanthu@tinh.gov.vn" in told.text


def test_a_system_is_let_in_and_its_secret_shown_once(admin: FlaskClient) -> None:
    one = asked(system_id="thu-01")
    assert "thu-01" in admin.get(at(one, "decide")).text
    answer = admin.post(at(one, "decide"), data={"way": "axis", "profile": "csharp"})
    [secret] = secrets.of(again(one))
    assert answer.status_code == 200 and secret in answer.text and "/api/exchange/axis" in answer.text
    assert (again(one).state, again(one).profile) == ("connected", "csharp")
    assert secret not in admin.get(at(one)).text and secret not in admin.get(BASE).text
    assert admin.post(at(one, "decide"), data={"way": "axis", "profile": "vnpt"}).status_code == 303  # decided already


def test_a_system_may_keep_the_secret_that_it_has(admin: FlaskClient) -> None:
    one = asked(system_id="thu-01")
    data = {"way": "axis", "profile": "vnpt", "secret": "ngắn"}
    assert "chữ cái, chữ số" in admin.post(at(one, "decide"), data=data).text
    answer = admin.post(at(one, "decide"), data=data | {"secret": make.SECRET})
    assert answer.status_code == 303 and secrets.of(again(one)) == (make.SECRET,)


@pytest.mark.parametrize("address", ["", "cong.bo.gov.vn", "ftp://cong.bo.gov.vn", "https://a:b@cong.bo.gov.vn",
                                     "https://cong.bo.gov.vn/?x=1", "https://[", "javascript:alert(1)"])
def test_another_portal_needs_an_address_that_is_one(admin: FlaskClient, address: str) -> None:
    one = asked()
    answer = admin.post(at(one, "decide"), data={"way": "push", "profile": "vnpt", "address": address})
    assert answer.status_code == 422 and again(one).state == "asked"


def test_another_portal_is_let_in_with_its_address_and_key(admin: FlaskClient) -> None:
    one = asked()
    said = {"way": "push", "profile": "vnpt", "address": "https://cong.bo.gov.vn/api/exchange/v1", "upstream": "1",
            "push_key": "dvc_khoa-thu-nghiem"}
    assert admin.post(at(one, "decide"), data=said).status_code == 303
    found = again(one)
    assert (found.state, found.address, found.upstream) == ("connected", said["address"], True)
    assert secrets.push_key(found) == said["push_key"] and said["push_key"] not in admin.get(at(one)).text
    assert admin.post(at(one, "change"), data=said | {"push_key": "", "upstream": ""}).status_code == 303
    assert secrets.push_key(again(one)) == said["push_key"] and not again(one).upstream


def test_who_is_not_let_in_is_told_why(admin: FlaskClient) -> None:
    one = asked()
    assert admin.post(at(one, "refuse"), data={}).status_code == 422 and again(one).state == "asked"
    assert admin.post(at(one, "refuse"), data={"reason": "Không có văn bản đề nghị"}).status_code == 303
    assert again(one).state == "refused" and "Không có văn bản đề nghị" in admin.get(at(one)).text
    assert "Sở Thử nghiệm" in admin.get(f"{BASE}?over=1").text


def test_a_new_secret_is_shown_once_beside_the_old_one_or_at_once(admin: FlaskClient) -> None:
    one = make.participant("H17", Way.axis)
    answer = admin.post(at(one, "secret"), data={})
    new = secrets.of(again(one))
    assert len(new) == 2 and new[1] == make.SECRET and new[0] in answer.text
    admin.post(at(one, "secret"), data={"at_once": "1"})
    assert len(secrets.of(again(one))) == 1
    assert admin.get(at(make.participant("H26"), "secret")).status_code == 404  # no system of the axis


def test_a_certificate_is_pinned_by_its_text_and_its_fingerprint_shown(admin: FlaskClient) -> None:
    one, (pem, _key) = make.participant("H17"), make.certificate()
    assert "không phải chứng thư số" in admin.post(at(one, "certificates"), data={"pem": "xin chào"}).text
    assert admin.post(at(one, "certificates"), data={"pem": pem}).status_code == 303
    [pinned] = participants.certificates(again(one))
    page = admin.get(at(one)).text
    assert re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", page)[0].replace(":", "").lower() == pinned.sha256  # type: ignore[index]
    assert admin.post(at(one, "certificates", str(pinned.id), "end")).status_code == 303
    assert participants.pinned(again(one)) == []
    other = make.participant("H26")
    assert admin.post(at(other, "certificates", str(pinned.id), "end")).status_code == 404


def test_one_that_is_ended_takes_part_no_longer(admin: FlaskClient) -> None:
    one = make.participant("H17", Way.axis)
    assert admin.post(at(one, "end"), data={"reason": "Sáp nhập"}).status_code == 303
    assert again(one).state == "ended" and again(one).secret is None
    assert "Sáp nhập" in admin.get(at(one)).text
    assert admin.post(at(one, "end"), data={"reason": "Sáp nhập"}).status_code == 303  # was ended: told, not done again


@pytest.mark.parametrize("act", ["decide", "refuse", "change", "secret", "certificates", "certificates/1/end", "end"])
def test_who_only_asks_decides_on_nothing(agency: FlaskClient, act: str) -> None:
    assert agency.post(at(make.participant("H17", Way.axis), act), data={"reason": "x"}).status_code == 403


def test_before_it_is_decided_one_proves_again_who_one_is(app: Flask, admin: FlaskClient,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked()
    monkeypatch.setitem(app.config, "STEP_UP", app.config["STEP_UP"] * 0)
    answer = admin.post(at(one, "decide"), data={"way": "pages", "profile": "vnpt"})
    assert again(one).state == "asked" and (answer.status_code, "Xác nhận" in answer.text) != (303, False)


def test_the_list_goes_on_where_it_ended(admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.government.participants.PAGE", 2)
    for n in range(1, 6):
        make.participant(f"H17.{n:02}")
    seen, url = [], BASE
    while url:
        page = admin.get(url).text
        seen += re.findall(r'<th scope="row">(H17\.\d\d)</th>', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"H17.{n:02}" for n in range(1, 6)]
