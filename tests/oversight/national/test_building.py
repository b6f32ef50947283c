"""The national report of each day of history and of today, built from what the portal holds."""
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import actions as oversight
from portal.oversight import publishing, tasks
from portal.oversight.models import (
    ActionPlan,
    PublishedFigure,
    Report,
    ReportEvent,
    ReportIndicator,
    ReportPeriod,
    ReportTemplate,
)
from portal.oversight.national import building
from portal.oversight.national.reading import Reading
from portal.oversight.national.text import text
from portal.oversight.periods import before, days_of, period_of
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


def test_a_published_index_is_repeated_as_it_was_frozen(history: None) -> None:
    overseer = make.staff("overseer")
    place = {"key": "H17", "name": "Thành phố Đà Nẵng", "rank": 1, "least": "83.21", "most": "83.21"}
    made = publishing.publish("index", "ict-readiness", date(2016, 12, 31), {"vi": "Chỉ số 2016", "en": "Index 2016"},
                              {"groups": [{"group": "provinces", "places": [place]}]}, by=overseer)
    tables = {one["key"]: one for one in building.build(Q1)["tables"]}
    assert tables["indices"]["rows"][0]["digest"] == made.digest
    assert tables["index_ict-readiness"]["rows"][0]["least"] == "83.21"
    assert "index_ict-readiness" not in {one["key"] for one in building.build(DAYS[0])["tables"]}, "not out that day"


def opened(day: date) -> ReportPeriod:
    """A period of reports of that quarter: one came in time and is approved, one came late, one is missing."""
    template = make.save(ReportTemplate(
        key="test36a", version=1, title={"vi": "Báo cáo 36a", "en": "Report 36a"}, every="quarter", owes="all",
        definition={}, digest="0" * 64))
    period = make.save(ReportPeriod(template_id=template.id, template_key="test36a", period=period_of(day, "quarter"),
                                    first_day=days_of(period_of(day, "quarter"))[0], last_day=day,
                                    due_on=day + timedelta(days=5), owes="all"))
    indicator = ReportIndicator(key="test36a.online", theme="services", unit="services", template_id=template.id,
                                words={"vi": "Dịch vụ nộp trực tuyến", "en": "Services online"})
    make.save(indicator)
    for key, days, value in (("H17", 4, 30), ("H26", 6, 12), ("G01", None, None)):
        agency = make.agency(key)
        at = datetime.combine(day, time(3), UTC) + timedelta(days=days) if days else None
        report = make.save(Report(period_id=period.id, agency_id=agency.id, state="approved" if days else "owed",
                                  submitted_at=at, approved_at=at))
        if at and value:
            make.save(ReportEvent(report_id=report.id, code="approved", at=at, facts={"answers": {"online": value}}))
            make.save(PublishedFigure(indicator="test36a.online", group=key, on=day, value=str(value), denominator=40,
                                      as_published=f"{value}/40", source=f"Báo cáo 36a, {agency.name}", confidence="H"))
    return period


def test_reports_of_agencies_are_counted_added_up_and_named_by_their_digest(app: Any) -> None:
    day = days_of(before(period_of(clock.today(), "quarter")))[1]
    period = opened(day)
    tables = {one["key"]: one for one in building.build(day)["tables"]}
    told = tables[f"reports_test36a_{period.period}"]
    rows = {one["name"]: one for one in told["rows"]}
    assert {one["delivery"] for one in rows.values()} == {"in_time", "late", "missing"}
    assert [len(pick["names"]) for pick in told["picks"]] == [1, 1, 1, 0]
    assert rows["Thành phố Đà Nẵng"]["answers"] == publishing.digest({"answers": {"online": 30}})
    [total] = tables[f"sums_test36a_{period.period}"]["rows"]
    assert (total["agencies"], total["value"], total["denominator"], total["share"]) == (2, 42, 80, "52.50")
    report = said(day)
    assert "Dịch vụ nộp trực tuyến" in report and "Chưa gửi (1): Bộ Công an" in report
    assert "answers" not in {column["key"] for column in tables[f"sums_test36a_{period.period}"]["columns"]}


def test_plans_of_agencies_of_that_day_are_told_with_who_has_none(app: Any) -> None:
    agency = make.agency("H17")
    make.save(ActionPlan(agency_id=agency.id, programme="36a/NQ-CP", number="1/KH-UBND", title="Kế hoạch",
                         issued_on=clock.today() - timedelta(days=10)))
    [plans] = [one for one in building.build(clock.today())["tables"] if one["key"].startswith("plans_")]
    names = {pick["key"]: pick["names"] for pick in plans["picks"]}
    assert names["plans_36a/NQ-CP_with"] == ["Thành phố Đà Nẵng"] and len(names["plans_36a/NQ-CP_without"]) > 30
    earlier = building.build(clock.today() - timedelta(days=11))
    assert not [one for one in earlier["tables"] if one["key"].startswith("plans_")]
