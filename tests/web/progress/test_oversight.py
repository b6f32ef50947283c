"""The public page of any day, and its files: the same figures, with their sources."""
import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import transaction
from portal.oversight import actions, live
from portal.oversight.figures import LIVE
from portal.oversight.models import PublishedFigure, ReportIndicator
from portal.oversight.tallies import quarter_of
from tests import make


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
    first = page.partition("64 + 16 = 80, không phải 78")[2].partition("</li>")[0]
    assert "/oversight/indicators/services_deployed" in first and "Bộ và cơ quan trung ương" in first, "of what"
    assert page.index("/oversight/national") < page.index("64 + 16"), "the other pages come before the many figures"


def test_days_within_the_words_are_written_as_the_country_writes_them(client: Any) -> None:
    page = client.get("/oversight?on=2016-06-30").get_data(as_text=True)
    assert "Ngày 01/03/2016 đã là 24 theo số công bố lúc đó" in page


def test_every_page_leads_to_who_delivers(client: Any) -> None:
    foot = client.get("/").get_data(as_text=True).partition('<footer class="foot">')[2]
    assert 'href="/oversight"' in foot and "Giám sát thực hiện" in foot


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
    told = client.get("/oversight.json?on=quy-1").get_json()["error"]
    assert "quy-1 không phải là ngày" in told and "Trang" not in told, "a machine is shown nothing instead"


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


@pytest.fixture
def live_today(loaded: None) -> None:
    with transaction():
        live.measure()


@pytest.mark.usefixtures("live_today")
def test_from_then_on_the_same_pages_run_on_live_data(client: Any) -> None:
    today = clock.today().isoformat()
    shown = figures(client, today)
    connected = shown["agencies_connected", "provinces"]
    assert (connected["on"], connected["source"]) == (today, LIVE) and connected["value"] <= connected["denominator"]
    assert {one["source"] for one in figures(client, "2017-03-31").values()}.isdisjoint({LIVE})
    assert figures(client, "")["agencies_connected", "provinces"] == connected
    page = client.get("/oversight").get_data(as_text=True)
    assert LIVE in page and "1.102" in page, "what nobody counted since is shown as it was published"


@pytest.mark.usefixtures("live_today")
def test_an_agency_has_a_page_with_its_change_since_the_quarter_before(client: Any) -> None:
    before = quarter_of(clock.today()) - timedelta(days=1)
    for on, value, of in ((before, 10, 40), (clock.today(), 25, 50)):
        make.save(PublishedFigure(indicator="bao_cao.ho_so", group="H17", on=on, value=str(value),
                                  as_published=f"{value}/{of}", denominator=of, source="Báo cáo thử", confidence="H"))
    make.save(ReportIndicator(key="bao_cao.ho_so", theme="dossiers", unit="dossiers",
                              words={"vi": "Hồ sơ số hóa", "en": "Dossiers digitised"}))
    page = client.get("/oversight/agencies/H17").get_data(as_text=True)
    assert "Hồ sơ số hóa" in page and "25/50" in page
    assert f"+25 điểm phần trăm so với ngày {before:%d/%m/%Y}" in page
    assert "Dossiers digitised" in client.get("/en/oversight/agencies/H17").get_data(as_text=True)
    told = {one["indicator"]: one for one in client.get("/oversight.json?agency=H17").get_json()}
    assert told["bao_cao.ho_so"]["value"] == 25 and told["connected"]["unit"] == "yes_no"
    assert {one["group"] for one in told.values()} == {"H17"}
    assert client.get("/oversight/agencies/H99").status_code == 404
    assert client.get("/oversight.json?agency=H99").status_code == 404
    assert client.get("/oversight?agency=H17").location.startswith("/oversight/agencies/H17?on=")


@pytest.mark.usefixtures("live_today")
def test_an_indicator_ranks_agencies_and_names_those_without_a_figure(client: Any) -> None:
    for key, value, of in (("H17", 30, 40), ("G01", 75, 100), ("H26", 9, 10)):
        make.save(PublishedFigure(indicator="reports_on_time", group=key, on=clock.today(), value=str(value),
                                  as_published=f"{value}/{of}", denominator=of, source="Báo cáo thử", confidence="H"))
    page = client.get("/oversight/indicators/reports_on_time").get_data(as_text=True)
    table = page.partition('id="agencies"')[2]
    assert table.index("9/10") < table.index("30/40") and table.index("9/10") < table.index("75/100")
    assert table.count("đồng hạng") == 2, "three quarters are three quarters"
    assert "cơ quan chưa có số liệu" in page and make.agency("G15").name in page
    rows = client.get("/oversight/indicators/reports_on_time.json").get_json()
    assert {one["group"]: one["value"] for one in rows} == {"H17": 30, "G01": 75, "H26": 9}
    assert client.get("/oversight/indicators/reports_on_time.csv").get_data(as_text=True).count("Báo cáo thử") == 3
    assert client.get("/oversight/indicators/nothing").status_code == 404


def test_an_indicator_goes_over_the_quarters(client: Any) -> None:
    page = client.get("/oversight/indicators/agencies_connected?on=2017-06-01").get_data(as_text=True)
    assert 'id="course"' in page and "19/30" in page and "26/30" in page
    early = client.get("/oversight/indicators/agencies_connected?on=2016-06-30").get_data(as_text=True)
    assert "26/30" not in early


@pytest.mark.parametrize("path", ["/oversight", "/oversight/agencies/H17", "/oversight/indicators/connected"])
def test_a_day_that_cannot_be_is_said(client: Any, path: str) -> None:
    assert client.get(f"{path}?on=31/03/2017").status_code == 422
    ahead = client.get(f"{path}?on=2999-12-31")
    assert ahead.status_code == 200 and "chưa tới nên chưa có số liệu" in ahead.get_data(as_text=True)
    long_ago = client.get(f"{path}?on=0001-01-01")
    assert long_ago.status_code == 200 and "trước năm 2000" in long_ago.get_data(as_text=True)


def test_machines_are_told_what_was_wrong_with_a_day(client: Any) -> None:
    for path in ("/oversight.json", "/oversight.csv", "/oversight/indicators/connected.json"):
        wrong = client.get(f"{path}?on=quy-1")
        assert wrong.status_code == 422 and "quy-1" in wrong.get_json()["error"]
