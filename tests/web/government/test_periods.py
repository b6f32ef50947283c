"""Periods of reports on their pages: opened by who watches, who is late reminded, everybody sees who delivers."""
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.kit.db import session, transaction
from portal.oversight.models import ReportEvent, ReportPeriod
from portal.oversight.reports import deliveries
from tests import make
from tests.oversight.reporting import opened, report, template

NEW = "/government/oversight/periods/new?template=test36a"


def period(**kw: Any) -> ReportPeriod:
    with transaction():
        return opened("2026-Q3", **{"due_on": date(2026, 9, 24)} | kw)


@pytest.fixture
def client(sign_in: Any) -> Any:
    return sign_in(make.staff("overseer"))


def test_a_period_opens_for_whom_the_template_asks_with_its_day(client: Any) -> None:
    with transaction():
        template(owes="provinces")
    page = client.get(NEW).text
    assert "Tất cả các tỉnh, thành phố" in page or "tỉnh, thành phố" in page
    answer = client.post(NEW, data={"period": "2026-Q4", "group": "group", "goes_on": "1"})
    assert answer.status_code == 303
    [one] = session.scalars(select(ReportPeriod))
    assert (one.due_on, one.goes_on, one.owes) == (date(2026, 12, 23), True, "provinces")
    shown = client.get(answer.headers["Location"]).text
    assert "quý IV năm 2026" in shown and "Thành phố Đà Nẵng" in shown and "Bộ Tư pháp" not in shown


def test_a_day_may_be_given_and_agencies_named(client: Any) -> None:
    with transaction():
        template()
    data = {"period": "2026-Q3", "group": "named", "named": "da nang\nG15", "due_on-day": "24", "due_on-month": "9",
            "due_on-year": "2026"}
    assert client.post(NEW, data=data).status_code == 303
    [one] = session.scalars(select(ReportPeriod))
    assert one.due_on == date(2026, 9, 24)
    assert {each.key for each in deliveries.of_period(one, date(2026, 9, 1))} == {"H17", "G15"}


@pytest.mark.parametrize(("data", "says"), [
    ({"named": "Bộ Không Có"}, "không có cơ quan nào tên là: Bộ Không Có"), ({"named": " "}, "Điền “Tên cơ quan"),
    ({"period": "2011-Q1", "named": "G15"}, "Kỳ"), ({"named": "G15", "due_on-day": "31", "due_on-month": "9",
                                                     "due_on-year": "2026"}, "31")])
def test_what_is_wrong_is_named_and_what_was_typed_is_kept(client: Any, data: dict[str, str], says: str) -> None:
    with transaction():
        template()
    answer = client.post(NEW, data={"period": "2026-Q3", "group": "named"} | data)
    assert answer.status_code == 422 and says in answer.text and data["named"].strip() in answer.text
    assert session.scalar(select(ReportPeriod.id)) is None


def test_who_is_late_stands_first_and_is_reminded_in_one_act(client: Any) -> None:
    one = period(agencies=[make.agency(key) for key in ("H17", "H26", "G15")])
    with transaction():
        found = report(one, "H26")
        found.state, found.submitted_at = "approved", datetime(2026, 9, 26, 3, tzinfo=UTC)
    address = f"/government/oversight/periods/{one.id}"
    page = client.get(address).text
    assert "Đã gửi 1 trên 3 báo cáo, trong đó 1 đã duyệt; 2 quá hạn." in page and "1 báo cáo gửi muộn." in page
    assert page.index("Bộ Tư pháp") < page.rindex("Thành phố Hà Nội")
    assert "Thành phố Hà Nội" not in client.get(f"{address}?show=late").text
    assert "Thành phố Đà Nẵng" not in client.get(f"{address}?show=approved").text
    said = client.post(f"{address}/remind", follow_redirects=True).text
    assert "Đã nhắc 2 cơ quan." in said
    assert "Không nhắc ai" in client.post(f"{address}/remind", follow_redirects=True).text
    assert len(session.scalars(select(ReportEvent).where(ReportEvent.code == "reminded")).all()) == 2


def test_an_agency_comes_to_it_later_and_the_next_period_opens_by_itself(client: Any) -> None:
    one = period(agencies=[make.agency("H17")])
    address = f"/government/oversight/periods/{one.id}"
    assert client.post(f"{address}/add", data={"named": "Hà Nội\nH17"}, follow_redirects=True).text.count(
        "Đã thêm 1 cơ quan.")
    wrong = client.post(f"{address}/add", data={"named": "Hà Nộii"})
    assert wrong.status_code == 422 and "Hà Nộii" in wrong.text
    for act, goes_on in (("goes_on", True), ("stays", False)):
        assert client.post(f"{address}/{act}").status_code == 303
        session.expire_all()
        assert one.goes_on is goes_on


def test_the_list_goes_on_page_by_page(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "PAGE", 2)
    monkeypatch.setattr(deliveries.periods, "__defaults__", (None, 2))
    monkeypatch.setattr(deliveries.further, "__defaults__", (2,))
    with transaction():
        made = template()
        for name in ("2026-Q1", "2026-Q2", "2026-Q3"):
            opened(name, of=made, agencies=[make.agency("H17")])
    first = client.get("/government/oversight/periods").text
    assert "quý III năm 2026" in first and "quý I năm 2026" not in first
    further = deliveries.further(deliveries.periods(size=2), 2)
    assert "quý I năm 2026" in client.get(f"/government/oversight/periods?after={further}").text


def test_everybody_sees_who_delivered_and_nothing_of_what_it_says(client: Any, app: Any) -> None:
    one = period(agencies=[make.agency("H17"), make.agency("H26")])
    with transaction():
        found = report(one, "H26")
        found.state, found.answers = "submitted", {"services": 4711, "words": "Chuyện riêng"}
        found.submitted_at = datetime(2026, 9, 20, 3, tzinfo=UTC)
    anybody = app.test_client()
    page = anybody.get("/oversight/reports/test36a/2026-Q3").text
    assert "Đã gửi 1 trên 2 báo cáo" in page and "20/09/2026" in page and "4711" not in page and "riêng" not in page
    found = anybody.get("/oversight/reports/test36a/2026-Q3.json").get_json()
    assert [(each["agency"], each["delivered_on"]) for each in found["agencies"]] == [
        ("H17", None), ("H26", "2026-09-20")]
    assert found["agencies"][0]["days_late"] > 60 and "4711" not in str(found)
    [listed] = anybody.get("/oversight/reports.json").get_json()
    assert (listed["owed"], listed["delivered"], listed["late"], listed["due_on"]) == (2, 1, 1, "2026-09-24")
    assert "quý III năm 2026" in anybody.get("/oversight/reports").text
    assert anybody.get("/oversight/reports/test36a/2026-Q9").status_code == 404
