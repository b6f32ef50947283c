"""Conformance: all systems for the nation's roles, the own agency's for its administrator; counted, with a chart."""
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.exchange import conformance
from portal.exchange.models import Message, Participant
from portal.kit.db import session
from tests import make

PAGE = "/government/exchange/conformance"
MORNING = datetime(2026, 11, 2, 1, tzinfo=UTC)
Sign = Callable[[Any], FlaskClient]


def system(code: str, **kw: Any) -> Participant:
    facts = {"code": code, "name": f"Hệ thống {code}", "way": "api", "profile": "csharp", "state": "connected"}
    return make.save(Participant(**facts | kw))


@pytest.fixture
def here(app: Any) -> Participant:
    """A system of H17 that sent four messages; one of H26 that sent none."""
    made = system("H17", agency_id=make.agency("H17").id)
    system("H26", agency_id=make.agency("H26").id)
    for nth in range(4):
        message = make.save(Message(
            kind="document", way="api", sender_id=made.id, from_code="H17", size=1, payload_sha256=f"{nth:064}",
            sha256=f"{nth:064}", dialect="gateway", signature="none", verdict="accepted",
            document_key=f"H17,2026-11-02,{nth}/CV"))
        conformance.count(made.id, message.id, ("organ_old", "date_form")[:1 + (nth == 0)], MORNING)
    session.commit()
    return made


def test_the_list_and_one_system_with_its_deviations(sign_in: Sign, here: Participant) -> None:
    client = sign_in(make.staff("overseer"))
    listed = client.get(PAGE).text
    assert "Hệ thống H17" in listed and "Hệ thống H26" in listed and ">4<" in listed
    page = client.get(f"{PAGE}/{here.id}").text
    assert "Đã đếm 4 bản tin của H17" in page and "Cổng kết nối đóng gói tệp thành edXML" in page
    assert "Hệ thống viết bằng C#" in page
    assert page.index("organ_old") < page.index("date_form") and "100&nbsp;%" in page and "25&nbsp;%" in page
    assert "H17,2026-11-02,3/CV" in page and "H17,2026-11-02,0/CV" in page
    assert '<svg role="img"' in page


def test_an_agencys_administrator_sees_its_own_systems_alone(sign_in: Sign, here: Participant) -> None:
    own, other = sign_in(make.staff("agency_administrator", "H17")), sign_in(make.staff("agency_administrator", "H26"))
    assert "Hệ thống H26" not in own.get(PAGE).text
    assert own.get(f"{PAGE}/{here.id}").status_code == 200
    assert other.get(f"{PAGE}/{here.id}").status_code == 404
    [its_own] = [one.id for one in conformance.systems() if one.code == "H26"]
    assert "chưa gửi bản tin nào" in other.get(f"{PAGE}/{its_own}").text
    assert own.get(f"{PAGE}/999999").status_code == 404


def test_a_long_list_goes_on(sign_in: Sign, here: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "PAGE", 1)
    client = sign_in(make.staff("overseer"))
    first = client.get(PAGE).text
    assert "Hệ thống H17" in first and "Hệ thống H26" not in first
    assert "after=H17" in first
    assert "Hệ thống H26" in client.get(f"{PAGE}?after=H17").text


def test_a_clerk_has_no_such_page(sign_in: Sign) -> None:
    assert sign_in(make.staff("clerk", "H17")).get(PAGE).status_code == 403
