"""The national report of each day of history and of today, built from what the portal holds."""
import json
from datetime import date, timedelta
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import actions as oversight
from portal.oversight import publishing, tasks
from portal.oversight.models import PublishedFigure
from portal.oversight.national import building
from portal.oversight.national.reading import Reading
from portal.oversight.national.text import text
from tests import make

DAYS = (date(2016, 3, 1), date(2016, 6, 30), date(2016, 9, 30), date(2017, 3, 31))
Q1 = DAYS[-1]
FINISHED = ("Bộ Kế hoạch và Đầu tư", "Bộ Lao động - Thương binh và Xã hội", "Bộ Văn hóa, Thể thao và Du lịch",
            "Bộ Nông nghiệp và Phát triển nông thôn", "Bộ Công an", "Bộ Ngoại giao", "Ngân hàng Nhà nước Việt Nam")


@pytest.fixture
def history(app: Any) -> None:
    with transaction():
        oversight.load_history()


def said(day: date, language: str = "vi") -> str:
    return text({"content": building.build(day)}, language)


@pytest.mark.parametrize(("day", "words"), [
    (DAYS[0], ("13/30 cơ quan", "21/63 cơ quan", "6/30 cơ quan", "18/30 cơ quan", "38/63 cơ quan")),
    (DAYS[1], ("19/30 cơ quan (63,33\xa0%)", "63/63 cơ quan", "Từ ngày 01/03/2016: -5")),
    (DAYS[2], ("29/30", "59/63", "19/30", "Học viện Chính trị quốc gia Hồ Chí Minh", "Hòa Bình; Đắk Lắk")),
    (Q1, ("26/30", "63/63", "100%", "19/30", "83 dịch vụ", "20/30 cơ quan", "78/83 dịch vụ (93,98\xa0%)",
          "78/83 (94%)", "64 dịch vụ", "16 dịch vụ", "34 dịch vụ", "64 + 16 = 80", "32/63", "27/63", "3/63",
          "32 + 27 + 3 = 62", "1.037 + 65 = 1.102", "6.622 + 483 = 7.105", "34/73 nhiệm vụ (46,58\xa0%)",
          "34/73 (trên 46%)", "tăng 5%", "7/23", "3/23", *FINISHED, "Thanh tra Chính phủ", "Đà Nẵng"))])
def test_a_day_of_history_is_said_with_every_number(history: None, day: date, words: tuple[str, ...]) -> None:
    report = said(day)
    assert [one for one in words if one not in report] == []


def test_no_number_goes_without_what_it_is(history: None) -> None:
    for day in DAYS:
        for one in building.build(day)["figures"]:
            assert all(one[key] for key in ("indicator", "group", "value", "unit", "on", "source", "confidence")), one
            assert "denominator" in one


def test_what_does_not_close_stands_at_the_head_and_beside_its_figure(history: None) -> None:
    report = Reading(building.build(Q1), "vi")
    assert {words for words, _about in report.open} == {
        "64 + 16 = 80, không phải 78.", "32 + 27 + 3 = 62, không phải 63.",
        "Nguồn có chỗ tính trên 63, có chỗ tính trên 59."}
    failed = {line.indicator for section in report.sections for line in section.lines if line.failed}
    assert len(failed) == 6


def test_an_older_figure_is_said_with_its_own_day_and_after_a_year_no_more(history: None) -> None:
    plans = {one["on"] for one in building.build(Q1)["figures"] if one["theme"] == "plans" and one["shown"]}
    assert plans == {"2016-09-30"}
    later = building.build(date(2018, 3, 31))
    assert not [one for one in later["figures"] if one["shown"] and one["on"] < "2017-03-30"]
    assert building.build(date(2026, 10, 1))["figures"] == []


def test_what_was_told_the_other_way_round_later_is_not_said_again(history: None) -> None:
    shown = {one["indicator"] for one in building.build(DAYS[2])["figures"] if one["shown"]}
    assert "agencies_publishing" in shown and "agencies_not_publishing" not in shown
    assert "Từ ngày 01/03/2016: +7" in said(DAYS[2]), "12 of 30 published by what March leaves"


def test_both_languages_say_the_same_numbers(history: None) -> None:
    english = said(Q1, "en")
    assert "1,037 + 65 = 1,102" in english and "26/30 agencies (86.67\xa0%)" in english
    assert "does not" in english.lower() and "Báo cáo quý I/2017" in english, "a source keeps its name"


def test_a_report_is_plain_data_without_fractions_that_machines_write_apart(history: None) -> None:
    frozen = json.loads(publishing.canonical(building.build(Q1)))
    assert publishing.digest(frozen) == publishing.digest(building.build(Q1))

    def floats(thing: Any) -> list[float]:
        if isinstance(thing, dict):
            return [each for one in thing.values() for each in floats(one)]
        if isinstance(thing, list):
            return [each for one in thing for each in floats(one)]
        return [thing] if isinstance(thing, float) else []
    assert floats(frozen) == []


def test_two_reports_that_disagree_stand_side_by_side(history: None) -> None:
    make.save(PublishedFigure(indicator="agencies_connected", group="central", on=Q1, value="25", as_published="25/30",
                              denominator=30, source="Báo cáo khác", confidence="H"))
    lines = [line for section in Reading(building.build(Q1), "vi").sections for line in section.lines
             if line.value in ("26/30", "25/30")]
    assert len(lines) == 2 and all(line.failed for line in lines)


def test_nobody_reports_on_tomorrow(app: Any) -> None:
    with pytest.raises(building.NotYet):
        building.build(clock.today() + timedelta(days=1))


def given(*, done: bool = False) -> Any:
    overseer = make.staff("overseer")
    directive = tasks.new_directive(number="36a/NQ-CP", issuer="Chính phủ", words="Kết nối", deadline="fixed",
                                    due_on=clock.today() + timedelta(days=30))
    made = tasks.give(directive, [make.agency("H17"), make.agency("H26")], by=overseer)
    if done:
        tasks.claim(made[0], make.staff("leader", "H17"), "Đã xong")
        tasks.verify(made[0], overseer, "Xem trên hệ thống")
    session.commit()
    return made


def test_today_is_told_by_the_tasks_that_are_followed_here(app: Any) -> None:
    given(done=True)
    [tasks_] = [one for one in building.build(clock.today())["tables"] if one["key"] == "tasks"]
    rows = {one["name"]: one for one in tasks_["rows"]}
    assert rows["Thành phố Đà Nẵng"]["share"] == 100 and rows["Thành phố Đà Nẵng"]["rank"] == 1
    assert tasks_["totals"]["given"] == 2 and tasks_["totals"]["share"] == 50
    picks = {one["key"]: one["names"] for one in tasks_["picks"]}
    assert picks["tasks_all"] == ["Thành phố Đà Nẵng"] and len(picks["tasks_none"]) == 1


def test_a_past_day_is_told_by_what_had_happened_until_then(app: Any) -> None:
    long_ago = clock.now() - timedelta(days=400)
    with clock.pretend(long_ago):
        made = given()
    with clock.pretend(long_ago + timedelta(days=200)):
        tasks.claim(made[0], make.staff("leader", "H17"), "Đã xong")
        tasks.verify(made[0], make.staff("overseer"), "Xem")
    session.commit()
    for days, done, late in ((10, 0, 0), (100, 0, 2), (201, 1, 1)):
        day = clock.day_of(long_ago) + timedelta(days=days)
        [found] = [one for one in building.build(day)["tables"] if one["key"] == "tasks"]
        totals = found["totals"]
        assert (totals["given"], totals["done"], totals["done_late"], totals["late"]) == (2, done, done, late), days


def test_a_day_before_any_task_says_so(history: None) -> None:
    given()
    assert "Cổng chưa theo dõi nhiệm vụ" in said(Q1)
