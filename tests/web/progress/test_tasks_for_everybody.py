"""What agencies were asked and have done, for everybody: by agency, page by page, in files."""
import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.kit import clock
from portal.kit.db import transaction
from portal.oversight import lists, tasks
from portal.oversight.models import Directive
from tests import make


def give(n: int, *, to: tuple[str, ...] = ("H17", "H26"), others: tuple[str, ...] = (), **kw: Any) -> Directive:
    facts = {"number": f"{n}/NQ-CP", "issuer": "Chính phủ", "words": f"Việc số {n} về kết nối", "deadline": "fixed",
             "due_on": clock.today() + timedelta(days=n - 5)} | kw
    with transaction():
        made = tasks.new_directive(**facts)
        tasks.give(made, [make.agency(key) for key in to], [make.agency(key) for key in others], by=None)
    return made


@pytest.fixture
def ten(app: Any) -> list[Directive]:
    """Five that are late today, five that are not; one of H17 is confirmed, one is only reported."""
    made = [give(n) for n in range(10)]
    overseer, leader = make.staff("overseer"), make.staff("leader", "H17")
    with transaction():
        tasks.verify(made[0].assignments[0], overseer, "Đúng")
        tasks.claim(made[1].assignments[0], leader, "Xong")
    return made


def test_agencies_are_sorted_and_chosen(client: FlaskClient, ten: list[Directive]) -> None:
    page = client.get("/oversight/tasks").get_data(as_text=True)
    assert "1/20 nhiệm vụ" in page or "1 trong số 20 nhiệm vụ" in page or "1 trên 20" in page
    h17, h26 = make.agency("H17").name, make.agency("H26").name
    by_late, by_share = page, client.get("/oversight/tasks?sort=share").get_data(as_text=True)
    assert by_late.rindex(f">{h26}</a>") < by_late.rindex(f">{h17}</a>")
    assert by_share.rindex(f">{h17}</a>") < by_share.rindex(f">{h26}</a>")
    none = client.get("/oversight/tasks?show=none").get_data(as_text=True)
    assert f">{h26}</a>" in none and f">{h17}</a>" not in none
    assert "Không có cơ quan nào như vậy" in client.get("/oversight/tasks?show=done").get_data(as_text=True)


def test_how_late_they_are_is_told_in_days(client: FlaskClient, ten: list[Directive]) -> None:
    rows = {one["agency"]: one for one in client.get("/oversight/tasks.json").get_json()}
    assert (rows["H26"]["late"], rows["H26"]["most_days_late"]) == (5, 5)
    assert (rows["H17"]["late"], rows["H17"]["most_days_late"], rows["H17"]["reported_not_confirmed"]) == (4, 4, 1)
    table = list(csv.DictReader(StringIO(client.get("/oversight/tasks.csv").data.decode("utf-8-sig"))))
    assert {one["agency"]: one["late"] for one in table} == {"H17": "4", "H26": "5"}


def test_an_agency_s_tasks_come_page_by_page(client: FlaskClient, ten: list[Directive], monkeypatch: Any) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    page = client.get("/oversight/tasks/H17").get_data(as_text=True)
    assert "Việc số 1 " in page and "Việc số 4 " in page and "Việc số 5 " not in page
    assert "4 ngày" in page and "chưa xác nhận" in page
    address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    further = client.get(address).get_data(as_text=True)
    assert "Việc số 5 " in further and "Việc số 4 " not in further
    done = client.get("/oversight/tasks/H17?part=done").get_data(as_text=True)
    assert "Việc số 0 " in done and "Việc số 1 " not in done


def test_files_of_an_agency_name_the_next_part(client: FlaskClient, ten: list[Directive], monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.web.progress.oversight.tasks.IN_A_FILE", 6)
    first = client.get("/oversight/tasks/H17.json")
    body = first.get_json()
    assert len(body["tasks"]) == 6 and body["next"] in first.headers["Link"]
    second = client.get("/oversight" + body["next"].partition("/oversight")[2]).get_json()
    assert len(second["tasks"]) == 3 and second["next"] is None
    assert body["tasks"][0]["reported_on"] == clock.today().isoformat() and body["tasks"][0]["done_on"] is None
    assert "Việc số 2 " in client.get("/oversight/tasks/H26.csv?part=open").get_data(as_text=True)


def test_what_is_not_public_is_nowhere(client: FlaskClient) -> None:
    hidden = give(1, public=False, words="Việc mật")
    for address in ("/oversight/tasks/H17", "/oversight/directives", "/oversight/directives?q=mat",
                    "/oversight/directives.json", "/oversight/tasks/H17.json", "/oversight/tasks"):
        assert "Việc mật" not in client.get(address).get_data(as_text=True), address
    assert client.get(f"/oversight/directives/{hidden.id}").status_code == 404
    assert client.get(f"/oversight/directives/{hidden.id}.json").status_code == 404


def test_a_directive_shows_how_every_agency_stands(client: FlaskClient, ten: list[Directive]) -> None:
    page = client.get(f"/oversight/directives/{ten[0].id}").get_data(as_text=True)
    assert "Hoàn thành" in page and "5 ngày" in page and make.agency("H26").name in page
    body = client.get(f"/oversight/directives/{ten[0].id}.json").get_json()
    assert {one["agency"]: bool(one["done_on"]) for one in body["tasks"]} == {"H17": True, "H26": False}


def test_what_the_portal_looks_at_is_said(client: FlaskClient) -> None:
    made = give(1, probe="services_at_level", wanted={"level": 4, "share": 90})
    page = client.get(f"/oversight/directives/{made.id}").get_data(as_text=True)
    assert "90" in page and "Cổng" in page


def test_a_task_that_comes_again_is_shown_period_by_period(client: FlaskClient) -> None:
    made = give(1, deadline="recurring", due_on=None, every="quarter")
    for n, period in enumerate(("2026-Q2", "2026-Q3")):
        with transaction():
            tasks.give(made, [make.agency("H17")], by=None, period=period, due_on=date(2026, 6 + 3 * n, 30))
    page = client.get(f"/oversight/directives/{made.id}").get_data(as_text=True)
    assert "2026-Q3" in page and "period=2026-Q2" in page and "30/09/2026" in page
    assert "30/06/2026" in client.get(f"/oversight/directives/{made.id}?period=2026-Q2").get_data(as_text=True)


@pytest.mark.parametrize(("said", "found"), [
    ("7/NQ-CP", ["Việc số 7"]), ("viec so 3", ["Việc số 3"]), ("ket noi 9", ["Việc số 9"]), ("không có đâu", []),
    ("100%", []), ("_", [])])
def test_directives_are_found_by_number_or_words(client: FlaskClient, ten: list[Directive], said: str,
                                                 found: list[str]) -> None:
    page = client.get("/oversight/directives", query_string={"q": said}).get_data(as_text=True)
    assert [f"Việc số {n}" for n in range(10) if f"Việc số {n} về" in page] == found


def test_a_search_looks_so_far_and_goes_on(client: FlaskClient, ten: list[Directive], monkeypatch: Any) -> None:
    monkeypatch.setattr(lists, "LOOKED_THROUGH", 4)
    page = lists.directives("viec so 2", public=True)
    assert page.rows == [] and page.until == ten[6].id
    page = lists.directives("viec so 2", page.until, public=True)
    assert [one.words for one in page.rows] == ["Việc số 2 về kết nối"]


def test_the_desk_finds_all_of_them(sign_in: Any, ten: list[Directive]) -> None:
    give(11, public=False, words="Việc mật")
    client = sign_in(make.staff("overseer"))
    page = client.get("/government/oversight/directives?q=mat").get_data(as_text=True)
    assert "Việc mật" in page and "Không công khai" in page
    assert sign_in(make.staff("leader", "H17")).get("/government/oversight/directives").status_code == 403
