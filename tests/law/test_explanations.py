"""A due date explains itself: rule set, articles, days, stops, and what a corrected calendar changed, in words."""
from datetime import date, datetime

import pytest

from portal.kit.clock import VN
from portal.kit.i18n import translated
from portal.law import rule_sets
from portal.law.calendar import Calendar, CalendarDay
from portal.law.deadlines import Extension, Stop, StopKind
from portal.law.explanations import DayUse, Explanation, explain
from portal.law.limits import NO_LIMIT, Limit, LimitUnit
from portal.law.rule_sets import Rule, SpecialTimes
from portal.law.wording import Part, explained

CULTURE_DAY = CalendarDay(date(2026, 11, 24), "holiday", "Ngày Văn hóa Việt Nam")
SWAPPED = CalendarDay(date(2026, 11, 20), "swapped", "Nghỉ hoán đổi")
WORKED = CalendarDay(date(2026, 11, 21), "make_up", "Làm bù")
EDGES = [CalendarDay(date(2026, 1, 1), "holiday"), CalendarDay(date(2027, 12, 31), "holiday")]
CALENDAR = Calendar.of_days([*EDGES, CULTURE_DAY, SWAPPED, WORKED])
RECEIVED = datetime(2026, 11, 16, 9, tzinfo=VN)  # a Monday
FIVE = Limit(5, LimitUnit.working_day)


def at(day: int, hour: int = 9, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VN)


def explanation(limit: Limit = FIVE, stops: list[Stop] | None = None, **more: object) -> Explanation:
    rules = more.pop("rules", rule_sets.ND_118_2025)
    received = more.pop("received", RECEIVED)
    return explain(rules, limit, received, stops or [], more.pop("calendar", CALENDAR), **more)  # type: ignore[arg-type]


def lines(explained_: Explanation, part: Part | None = None) -> list[str]:
    return [translated(line.message) for line in explained(explained_) if part in (None, line.part)]


def test_each_day_is_counted_or_skipped_for_a_reason() -> None:
    found = {each.day.day: (each.use, each.number, each.off.name if each.off else "") for each in explanation().days}
    assert found == {
        16: (DayUse.receipt, None, ""), 17: (DayUse.counted, 1, ""), 18: (DayUse.counted, 2, ""),
        19: (DayUse.counted, 3, ""), 20: (DayUse.skipped, None, "Nghỉ hoán đổi"), 21: (DayUse.counted, 4, ""),
        22: (DayUse.skipped, None, ""), 23: (DayUse.counted, 5, "")}


def test_the_days_in_words() -> None:
    assert lines(explanation(), Part.day)[4:7] == [
        "Thứ Sáu, 20/11/2026: không tính, nghỉ hoán đổi: Nghỉ hoán đổi",
        "Thứ Bảy, 21/11/2026: ngày thứ 4 (làm bù: Làm bù)",
        "Chủ Nhật, 22/11/2026: không tính, nghỉ cuối tuần"]


def test_the_last_line_says_the_date() -> None:
    assert lines(explanation())[-1] == "Hẹn trả lúc 17:00, 23/11/2026"
    assert lines(explanation(NO_LIMIT))[-1] == "Pháp luật không quy định thời hạn"
    waiting = [Stop(StopKind.supplement, at(18))]
    assert lines(explanation(stops=waiting))[-1] == "Thời hạn đang tạm dừng: chờ người nộp trả lời."


def test_rules_name_their_article_or_say_that_they_are_assumed() -> None:
    stops = [Stop(StopKind.supplement, at(17), at(18)), Stop(StopKind.payment, at(19), at(19, 15))]
    found = explanation(stops=stops, extensions=[Extension(at(23, 8), at(30, 17))])
    assert [(source.rule, source.article, source.assumed) for source in found.sources] == [
        (Rule.counting, "Điều 17 khoản 3", False), (Rule.after_supplement, "Điều 19 khoản 5", False),
        (Rule.payment, "", True), (Rule.extension, "Điều 19 khoản 6", False)]
    words = " ".join(lines(found, Part.rules))
    assert "thời hạn được tính lại từ đầu (Điều 19 khoản 5)" in words
    assert "khi nộp (giả định: chưa đọc được văn bản nào quy định)" in words


def test_an_older_dossier_is_explained_by_the_rules_of_its_day() -> None:
    stops = [Stop(StopKind.supplement, at(17), at(18))]
    assert "phần còn lại được giữ nguyên" in " ".join(lines(explanation(stops=stops, rules=rule_sets.QD_09_2015)))
    assert "Điều 19; giả định" in " ".join(lines(explanation(stops=stops, rules=rule_sets.ND_61_2018)))


def test_a_special_law_is_named_for_its_own_times() -> None:
    special = SpecialTimes("Điều 7 Luật riêng", after_supplement=rule_sets.AfterSupplement.resume)
    found = explanation(stops=[Stop(StopKind.supplement, at(17), at(18))], rules=rule_sets.ND_118_2025.under(special))
    assert "phần còn lại được giữ nguyên (Điều 7 Luật riêng)" in " ".join(lines(found, Part.rules))


def test_each_stop_names_who_caused_it() -> None:
    stops = [Stop(StopKind.supplement, at(17), at(18), "Sở Tư pháp"), Stop(StopKind.payment, at(19), at(20))]
    assert lines(explanation(stops=stops), Part.turn) == [
        "09:00, 17/11/2026: Sở Tư pháp yêu cầu bổ sung hồ sơ; thời hạn tạm dừng",
        "09:00, 18/11/2026: đã bổ sung đủ; thời hạn được tính lại từ đầu",
        "09:00, 19/11/2026: yêu cầu nộp phí, lệ phí; thời hạn tạm dừng", "09:00, 20/11/2026: đã nộp"]


def test_what_had_passed_before_it_was_asked_stays_late() -> None:
    found = explanation(stops=[Stop(StopKind.supplement, at(25), at(26))])
    assert "Khi đó đã quá hạn 17:00, 23/11/2026: hồ sơ vẫn tính là trễ hạn" in lines(found, Part.turn)
    assert not any("trễ hạn" in line for line in lines(explanation(stops=[Stop(StopKind.supplement, at(18), at(26))])))


def test_a_request_that_came_late_or_again_is_flagged() -> None:
    """Within 3 working days of receipt, and once: until Thursday the 19th at closing."""
    in_time, late = Stop(StopKind.supplement, at(19, 17), at(23)), Stop(StopKind.supplement, at(23, 10), at(25))
    flagged = [line for line in lines(explanation(stops=[in_time, late]), Part.turn) if "Điều" in line]
    assert flagged == [
        "Chỉ được yêu cầu bổ sung đến 17:00, 19/11/2026 (Điều 19 khoản 5): yêu cầu này muộn hơn",
        "Chỉ yêu cầu bổ sung một lần sau khi tiếp nhận (Điều 11 khoản 2 điểm c, Điều 16 khoản 3): đây là lần thứ 2"]
    assert not [line for line in lines(explanation(stops=[in_time]), Part.turn) if "Điều" in line]
    paid = Stop(StopKind.payment, at(25), at(25, 15))
    assert not [line for line in lines(explanation(stops=[in_time, paid]), Part.turn) if "Điều" in line]


def test_that_it_stays_late_is_said_once() -> None:
    stops = [Stop(StopKind.payment, at(25), at(26)), Stop(StopKind.payment, at(30), at(1, month=12))]
    assert sum("trễ hạn" in line for line in lines(explanation(stops=stops))) == 1
    put_off = explanation(extensions=[Extension(at(25), at(4, 17, month=12))])
    assert sum("trễ hạn" in line for line in lines(put_off)) == 1


def test_a_stopped_day_and_a_part_of_one() -> None:
    paid = explanation(stops=[Stop(StopKind.payment, at(17, 13), at(19, 10))])
    assert [(each.day.day, each.use) for each in paid.days[1:4]] == [
        (17, DayUse.counted), (18, DayUse.stopped), (19, DayUse.counted)]
    words = lines(paid, Part.day)
    assert words[1] == "Thứ Ba, 17/11/2026: ngày thứ 1, trong đó tạm dừng 210 phút làm việc"
    assert words[2] == "Thứ Tư, 18/11/2026: thời hạn tạm dừng"


def test_working_hours_are_told_by_the_day() -> None:
    words = lines(explanation(Limit(8, LimitUnit.working_hour)), Part.day)
    assert words == ["Thứ Hai, 16/11/2026: tính 6 giờ làm việc", "Thứ Ba, 17/11/2026: tính 2 giờ làm việc"]


def test_a_calendar_limit_counts_days_off_and_ends_on_a_working_day() -> None:
    found = explanation(Limit(6, LimitUnit.day))
    assert [(each.day.day, each.number, each.use) for each in found.days[-3:]] == [
        (21, 5, DayUse.counted), (22, 6, DayUse.counted), (23, None, DayUse.beyond)]


def test_what_came_outside_office_hours_says_when_it_counts() -> None:
    words = lines(explanation(received=at(16, 20)))
    assert "Ngoài giờ làm việc: được tính là tiếp nhận lúc 07:00, 17/11/2026" in words
    assert "Thứ Hai, 16/11/2026: nộp ngoài giờ làm việc" in words
    assert "Thứ Ba, 17/11/2026: ngày tiếp nhận, không tính" in words


def test_a_limit_of_unknown_unit_is_said_to_count_as_working_days() -> None:
    assert any("ngày làm việc" in line and "không" in line.lower()
               for line in lines(explanation(Limit(5, LimitUnit.unknown, assumed=True)), Part.rules)[3:])
    assert len(lines(explanation(), Part.rules)) == 3


def test_both_figures_stand_there_where_they_differ() -> None:
    stops = [Stop(StopKind.supplement, at(17), at(19))]
    index = [line for line in lines(explanation(stops=stops), Part.note) if "766" in line]
    assert index == ["Theo Bộ chỉ số tại Quyết định 766/QĐ-TTg (trừ thời gian chờ): 17:00, 26/11/2026"]
    assert not any("766" in line for line in lines(explanation()))


def test_a_provisional_day_is_named() -> None:
    unsure = Calendar.of_days([*EDGES, CULTURE_DAY, CalendarDay(date(2026, 11, 18), "in_lieu", "Nghỉ bù", True)])
    found = explanation(calendar=unsure)
    assert [day.day.day for day in found.provisional] == [18]
    assert any("18/11/2026" in line and "chưa có thông báo" in line for line in lines(found, Part.note))


def test_what_a_corrected_calendar_changed() -> None:
    old = Calendar.of_days([*EDGES, CULTURE_DAY, CalendarDay(date(2026, 11, 18), "holiday", "Nhầm")])
    found = explanation(before=old)
    assert found.corrected is not None and found.corrected.edition == old.edition != found.edition
    assert lines(found, Part.corrected) == [
        "Lịch làm việc đã được sửa: Thứ Tư, 18/11/2026 là ngày làm việc",
        "Lịch làm việc đã được sửa: Thứ Sáu, 20/11/2026 là ngày nghỉ (nghỉ hoán đổi: Nghỉ hoán đổi)",
        "Lịch làm việc đã được sửa: Thứ Bảy, 21/11/2026 là ngày làm việc",
        "Theo lịch trước khi sửa, ngày hẹn là 17:00, 25/11/2026"]


def test_a_corrected_day_after_the_end_changed_nothing_here() -> None:
    old = Calendar.of_days([*EDGES, CULTURE_DAY, SWAPPED, WORKED, CalendarDay(date(2026, 11, 23), "holiday", "Nhầm"),
                            CalendarDay(date(2026, 11, 26), "holiday", "Nhầm")])
    found = explanation(before=old)
    assert found.corrected is not None and [day for day, *_why in found.corrected.days] == [date(2026, 11, 23)]


@pytest.mark.parametrize("before", [None, CALENDAR, Calendar.of_days([*EDGES, CULTURE_DAY, SWAPPED, WORKED])])
def test_the_same_days_changed_nothing(before: Calendar | None) -> None:
    found = explanation(before=before)
    assert found.corrected is None


def test_editions_are_named_by_their_days() -> None:
    mixed = Calendar.of_days([WORKED, CULTURE_DAY, *reversed(EDGES), SWAPPED])
    assert mixed.edition == CALENDAR.edition != Calendar.of_days([*EDGES, CULTURE_DAY]).edition
    assert Calendar.of_days(EDGES, edition="2026-11").edition == "2026-11"
