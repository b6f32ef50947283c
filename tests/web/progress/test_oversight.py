"""The public page of any day, and its files: the same figures, with their sources."""
import csv
from io import StringIO
from typing import Any

import pytest

from portal.kit.db import transaction
from portal.oversight import actions


@pytest.fixture(autouse=True)
def loaded(app: Any) -> None:
    with transaction():
        actions.load_history()


def figures(client: Any, day: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["indicator"], one["group"]): one for one in client.get(f"/oversight.json?on={day}").get_json()
            if "agency" not in one}


def test_the_first_quarter_of_2017_is_said_as_it_was_published(client: Any) -> None:
    shown = figures(client, "2017-03-31")
    assert shown["agencies_connected", "central"] | {"checks": []} == {
        "indicator": "agencies_connected", "group": "central", "value": 26, "as_published": "26/30", "unit": "agencies",
        "denominator": 30, "on": "2017-03-31", "source": "Báo cáo quý I/2017 của Văn phòng Chính phủ",
        "confidence": "H", "names": [], "checks": []}
    assert shown["tasks_done", "nation"]["as_published"] == "34/73 (trên 46%)"
    assert len(shown["agencies_all_tasks_done", "nation"]["names"]) == 7
    wrong = {name for (name, _group), one in shown.items() for check in one["checks"] if not check["ok"]}
    assert wrong == {"services_deployed", "services_level_3", "services_level_4", "provinces_22_to_44_services",
                     "provinces_2_to_20_services", "provinces_without_services"}


def test_the_page_says_what_does_not_close(client: Any) -> None:
    page = client.get("/oversight?on=2017-03-31").get_data(as_text=True)
    assert "64 + 16 = 80, không phải 78" in page and "32 + 27 + 3 = 62, không phải 63" in page
    assert "có chỗ tính trên 63, có chỗ trên 59" in page.replace("tính trên 59", "trên 59")
    assert "Học viện Chính trị quốc gia Hồ Chí Minh" in page, "of Q3/2016: the newest of its indicator"


def test_ranks_of_2016_are_shown_once_the_year_is_over(client: Any) -> None:
    ranks = [one for one in client.get("/oversight.json?on=2017-03-31").get_json() if "agency" in one]
    assert ("Đà Nẵng", 1) in {(one["agency"], one["value"]) for one in ranks} and len(ranks) > 20
    before = client.get("/oversight.json?on=2016-12-30").get_json()
    assert {one["on"] for one in before if "agency" in one} == {"2015-12-31"}


def test_a_day_without_figures_says_so_and_what_is_no_day_too(client: Any) -> None:
    assert client.get("/oversight.json?on=2015-01-01").get_json()[0]["on"] == "2014-12-31"
    assert client.get("/oversight?on=2014-01-01").status_code == 200
    wrong = client.get("/oversight?on=quy-1")
    assert wrong.status_code == 422 and "quy-1 không phải là ngày" in wrong.get_data(as_text=True)


def test_the_table_says_what_the_list_says(client: Any) -> None:
    text = client.get("/oversight.csv?on=2016-03-01").get_data(as_text=True)
    rows = list(csv.DictReader(StringIO(text.lstrip("\ufeff"))))
    assert [(row["indicator"], row["group"], row["value"]) for row in rows] == [
        ("agencies_without_plan", "central", "13"), ("agencies_without_plan", "provinces", "21"),
        ("agencies_not_connected", "central", "6"), ("agencies_not_publishing", "central", "18"),
        ("agencies_not_publishing", "provinces", "38")]


def test_the_united_nations_index_stands_beside_its_rank(client: Any) -> None:
    page = client.get("/oversight/indices/egdi").get_data(as_text=True)
    assert "hạng 71 trên 193, đạt 0,7709 trên 1 điểm" in page
    series = client.get("/oversight/indices/egdi.json").get_json()
    assert [one["year"] for one in series] == sorted(one["year"] for one in series)
    assert {one["year"] for one in series if one["closes"] is False} == set()
    assert {one["year"] for one in series if one["closes"] is None} == {2003, 2004, 2005, 2008, 2010}


def test_readiness_of_one_method_is_never_beside_another(client: Any) -> None:
    page = client.get("/oversight/indices/ict-readiness?year=2016").get_data(as_text=True)
    assert "0,8321" in page and "0,7985" not in page and "thuộc nhóm 3 cuối bảng" in page
    assert client.get("/oversight/indices/ict-readiness?year=2013").status_code == 404
