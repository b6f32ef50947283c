"""Indices on their public pages: what is published, how it came about, what would move it, and what is not compared."""
from decimal import Decimal
from typing import Any

import pytest

from portal.kit.db import transaction
from portal.oversight import actions as oversight
from portal.oversight.publishing import digest
from portal.oversight.rankings import actions, queries
from portal.oversight.rankings.actions import Told
from portal.oversight.rankings.queries import YearOf
from portal.web.progress.oversight.rank_lines import lines
from tests import make

D = Decimal
YEAR = 2025
KEYS = ("time_of_each", "agencies_to_see", "one_stop", "made_public", "attitude")


@pytest.fixture(autouse=True)
def loaded(app: Any) -> None:
    with transaction():
        oversight.load_history()


def publish(reason: str = "", **points: str) -> None:
    by, version = make.staff("overseer"), queries.of_year("agency-rating", YEAR)
    assert version is not None
    with transaction():
        actions.measure(version.definition, YEAR)
        actions.take(version.definition, YEAR, [
            Told(make.agency(key), name, D(value), {"cell": "B2"}) for key, value in points.items() for name in KEYS],
            source="Khảo sát thử", by=by)
        actions.publish(version.definition, YEAR, by=by, reason=reason)


def test_the_list_has_every_index_with_its_years(client: Any) -> None:
    page = client.get("/oversight/indices").get_data(as_text=True)
    assert "ICT Index" in page and "/oversight/indices/it-application?year=2017" in page and "Cổng này" in page
    listed = client.get("/oversight/indices.json").get_json()
    assert {one["index"]: one["years"] for one in listed}["egdi"][-1] == 2024


def test_nothing_is_public_before_it_is_published(client: Any) -> None:
    page = client.get("/oversight/indices/agency-rating")
    assert page.status_code == 200 and "chưa có kết quả nào được công bố" in page.get_data(as_text=True)
    assert client.get("/oversight/indices/agency-rating?year=2025").status_code == 404
    assert client.get("/oversight/indices/none").status_code == 404


def test_a_published_ranking_shows_points_known_ties_and_gaps(client: Any) -> None:
    publish(H17="2", H26="2", H29="1")
    page = client.get("/oversight/indices/agency-rating").get_data(as_text=True)
    assert "10,00/10,00" in page and "5,00/10,00" in page and "Khảo sát thử (15)" in page
    assert "Chưa đơn vị nào có số liệu về: Tổng thời gian so với quy định; Số lần phải liên hệ" in page
    assert "Đồng hạng" in page and "từ Khá đến Xuất sắc" in page and "trí nhớ" in page
    assert "Chỉ 3 đơn vị có hạng" in page
    told = client.get("/oversight/indices/agency-rating.json").get_json()["published"]
    assert digest(told["content"]) == told["digest"]
    provinces = next(one for one in told["content"]["groups"] if one["group"] == "provinces")
    assert [one["rank"] for one in provinces["places"][:3]] == [1, 1, 3]


def test_a_score_opens_down_to_what_made_it_and_says_what_would_win_most(client: Any) -> None:
    publish(H17="2", H26="1")
    page = client.get("/oversight/indices/agency-rating/H26").get_data(as_text=True)
    assert "Hạng 2 trên 2" in page and "Khảo sát thử" in page and "Cổng đo" in page
    assert "Trong năm không có hồ sơ nào" in page and "/progress/H26" in page, "what is measured leads to its figures"
    assert "Cải thiện gì thì tăng hạng nhiều nhất" in page and "Điểm tăng thêm" in page
    best = client.get("/oversight/indices/agency-rating/H17").get_data(as_text=True)
    assert "Đã đạt điểm tối đa ở mọi chỉ tiêu biết được" in best
    unknown = client.get("/oversight/indices/agency-rating/H29").get_data(as_text=True)
    assert "Chưa xếp hạng" in unknown and "trước hết phải có số liệu còn thiếu" in unknown
    assert client.get("/oversight/indices/agency-rating/none").status_code == 404


def test_a_correction_is_seen_beside_what_it_corrects(client: Any) -> None:
    publish(H17="2", H26="1")
    publish("Đếm lại phiếu", H26="2")
    page = client.get("/oversight/indices/agency-rating").get_data(as_text=True)
    assert "Đếm lại phiếu" in page and "trước đó: hạng 2, 5,00 điểm" in page and "Bản thứ 2" in page
    old = client.get("/oversight/indices/agency-rating?edition=1").get_data(as_text=True)
    assert "Bản này đã được đính chính" in old and "5,00/10,00" in old
    assert client.get("/oversight/indices/agency-rating?edition=3").status_code == 404
    assert client.get("/oversight/indices/agency-rating?edition=x").status_code == 404


def test_an_index_of_others_is_repeated_with_its_source_and_checked(client: Any) -> None:
    page = client.get("/oversight/indices/ict-readiness?year=2016").get_data(as_text=True)
    assert "0,8300: Khớp" in page and "0,7985" not in page
    before = client.get("/oversight/indices/ict-readiness?year=2014").get_data(as_text=True)
    assert "Không tính lại được" in before and "thành phần chính" in before
    later = client.get("/oversight/indices/it-application").get_data(as_text=True)
    assert "bị cắt sau hạng 53" in later and "Điện Biên" not in later


def test_an_agencys_places_over_years_are_never_joined_across_methods(client: Any) -> None:
    page = client.get("/oversight/indices/ict-readiness/da-nang").get_data(as_text=True)
    assert page.count('class="rank-line') == 1 and page.count('class="break"') == 5, "2014 to 2015 alone"
    assert "không bao giờ so với nhau" in page


def test_the_united_nations_index_says_when_others_moved_more(client: Any) -> None:
    page = client.get("/oversight/indices/egdi").get_data(as_text=True)
    assert "2020–2022: điểm tăng từ 0,6667 lên 0,6787 mà hạng vẫn là 86" in page
    assert "Theo mức phân loại: Rất cao" in page and "năm 2016, theo một bản chép" in page


def test_lines_break_where_methods_do_and_leave_gaps_open() -> None:
    def year(n: int, method: str, comparable: bool = True, **ranks: int | None) -> YearOf:
        return YearOf(n, method, comparable, False, {key: (key.upper(), rank) for key, rank in ranks.items()})

    found = lines([year(2014, "a", x=1, y=2), year(2015, "a", x=3, y=None), year(2016, "b", x=1, y=5),
                   year(2017, "b", x=2), year(2018, "c", False, x=2), year(2019, "c", False, x=1)])
    assert found is not None and [line.key for line in found.lines] == ["x", "y"]
    x, y = found.lines
    assert [(one.year, other.year) for one, other in x.strokes] == [(2014, 2015), (2016, 2017)] and y.strokes == []
    assert y.ranks == [2, None, 5, None, None, None] and len(found.breaks) == 3
    assert lines([year(2014, "a", x=1)]) is None and lines([year(2014, "a", x=1)], ["z"]) is None
