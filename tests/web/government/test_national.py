"""Drafting and publishing the national report at the desk."""
import re
from datetime import date
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import actions as oversight
from portal.oversight.models import PublishedFigure
from portal.oversight.national import queries
from portal.people.models import SignIn
from tests import make

PAGE = "/government/oversight/national"
Q1 = f"{PAGE}/2017-03-31"
DAY = {"on-day": "31", "on-month": "3", "on-year": "2017"}


@pytest.fixture(autouse=True)
def loaded(app: Any) -> None:
    with transaction():
        oversight.load_history()


def fields(page: str) -> dict[str, str]:
    """The hidden values of a page."""
    return dict(re.findall(r'name="(base_\w+|seen)"[^>]*value="([^"]*)"', page))


def begun(client: Any) -> Any:
    answer = client.post(PAGE, data=DAY)
    assert answer.headers["Location"].endswith(Q1)
    return client


def test_a_report_goes_from_its_day_to_everybody_and_is_corrected(sign_in: Any, client: Any) -> None:
    desk = begun(sign_in(make.staff("overseer")))
    page = desk.get(Q1).text
    assert "64 + 16 = 80, không phải 78" in page and "26/30" in page and "Đoạn thuyết minh: Kế hoạch hành động" in page
    assert desk.post(Q1, data={**fields(page), "text_plans": "Hầu hết đã có kế hoạch."}).status_code == 303
    preview = desk.get(f"{Q1}/publish").text
    assert "Hầu hết đã có kế hoạch." in preview and "Nội dung đính chính" not in preview
    assert client.get("/oversight/national/2017-03-31").status_code == 404, "nothing is out yet"
    answer = desk.post(f"{Q1}/publish", data=fields(preview))
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/oversight/national/2017-03-31")
    assert "Hầu hết đã có kế hoạch." in client.get("/oversight/national/2017-03-31").text
    again = desk.get(f"{Q1}/publish").text
    assert "Nội dung đính chính" in again
    same = desk.post(f"{Q1}/publish", data={**fields(again), "reason": "Sai"})
    assert same.status_code == 409 and "không có gì để đính chính" in same.text and "Sai</textarea>" in same.text
    desk.post(Q1, data={**fields(desk.get(Q1).text), "text_plans": "29/30 đã có kế hoạch."})
    again = desk.get(f"{Q1}/publish").text
    silent = desk.post(f"{Q1}/publish", data={**fields(again), "reason": " "})
    assert silent.status_code == 422
    assert desk.post(f"{Q1}/publish", data={**fields(again), "reason": "Nêu rõ con số."}).status_code == 303
    assert [one.edition for one in queries.editions(date(2017, 3, 31))] == [2, 1]


def test_two_who_write_see_each_others_words(sign_in: Any) -> None:
    lan = begun(sign_in(make.staff("overseer", name="Lan")))
    minh = sign_in(make.staff("overseer", name="Minh"))
    seen = fields(lan.get(Q1).text)
    assert lan.post(Q1, data={**seen, "text_plans": "Của Lan"}).status_code == 303
    clash = minh.post(Q1, data={**seen, "text_plans": "Của Minh", "text_tasks": "Mục khác"})
    assert clash.status_code == 409 and "Lan vừa viết" in clash.text
    assert "Của Lan" in clash.text and "Của Minh" in clash.text
    mended = minh.post(Q1, data={**fields(clash.text), "text_plans": "Của Lan và Minh", "text_tasks": "Mục khác"})
    assert mended.status_code == 303
    session.expire_all()
    draft = queries.draft(date(2017, 3, 31))
    assert draft is not None and draft.paragraphs == {"plans": "Của Lan và Minh", "tasks": "Mục khác"}


def test_what_changed_under_the_eyes_is_looked_at_again(sign_in: Any) -> None:
    desk = begun(sign_in(make.staff("overseer")))
    seen = fields(desk.get(f"{Q1}/publish").text)
    make.save(PublishedFigure(indicator="agencies_connected", group="central", on=date(2017, 3, 31), value="25",
                              as_published="25/30", denominator=30, source="Báo cáo khác", confidence="H"))
    answer = desk.post(f"{Q1}/publish", data=seen)
    assert answer.status_code == 409 and "đã thay đổi" in answer.text and "25/30" in answer.text
    assert desk.post(f"{Q1}/publish", data=fields(answer.text)).status_code == 303


def test_a_day_to_come_and_no_day_are_said_in_words(sign_in: Any) -> None:
    desk = sign_in(make.staff("overseer"))
    year = str(clock.today().year + 1)
    later = desk.post(PAGE, data=DAY | {"on-year": year})
    assert later.status_code == 422 and "Ngày này chưa tới" in later.text and f'value="{year}"' in later.text
    assert desk.post(PAGE, data={}).status_code == 422
    assert desk.get(f"{PAGE}/2017-03-30").status_code == 404 and desk.get(f"{PAGE}/quy-1").status_code == 404


def test_ends_of_quarters_and_days_of_history_are_offered(sign_in: Any) -> None:
    page = sign_in(make.staff("overseer")).get(PAGE).text
    for day in ("31/03/2017", "01/03/2016", "30/09/2016"):
        assert day in page


def test_publishing_asks_again_who_sits_there(app: Any, sign_in: Any) -> None:
    person = make.staff("overseer")
    desk = begun(sign_in(person))
    seen = fields(desk.get(f"{Q1}/publish").text)
    for one in session.query(SignIn).filter_by(person_id=person.id):
        one.proven_at = make.LONG_AGO
    session.commit()
    answer = desk.post(f"{Q1}/publish", data=seen)
    assert answer.status_code == 403 and queries.edition(date(2017, 3, 31)) is None
