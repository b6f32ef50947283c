"""A province's quarterly report: filled in with what the portal knows, mended, submitted, returned, approved; and two
tabs that are open at once."""
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.kit.db import session
from portal.oversight.models import PublishedFigure, Report
from tests import make
from tests.journeys.conftest import Portal, Visitor
from tests.oversight import made as reports

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]

BEFORE = {"has_plan": False, "services_assigned": 83, "services_deployed": 70, "services_level_3": 60,
          "services_level_4": 10, "tasks_assigned": 5, "tasks_done": 2, "tasks_open_in_time": 3, "tasks_open_late": 0}
CONNECTION = {"units_total": 20, "units_connected": 18, "documents_sent": 900, "documents_electronic": 850}
PUBLICATION = {"units_publishing": 12, "units_publishing_of": 20, "procedures_total": 10, "procedures_published": 8,
               "dossiers_received": 300, "dossiers_online": 200}
SERVICES = {"services_assigned": 83, "services_deployed": 78, "services_level_3": 64, "services_level_4": 16,
            "services_share": "94", "own_services": 34, "own_level_3": 30, "own_level_4": 4, "services_online_all": 112}
TASKS = {"tasks_assigned": 6, "tasks_done": 3, "tasks_open_in_time": 2, "tasks_open_late": 1, "tasks_share": "50"}


def _owed() -> int:
    """A quarter of which the one before was approved."""
    reports.report("nq36a_quarter", "2026-Q3", state="approved", answers=BEFORE)
    return reports.report("nq36a_quarter", "2026-Q4").id


def _fill(at: Visitor, answers: dict[str, Any]) -> None:
    """Answer, and say why where the portal says something else."""
    for key, value in answers.items():
        at.page.fill(f"[name={key}]", str(value))
        why = at.page.locator(f"[name=reason-{key}]")
        if why.count():
            if not why.is_visible():
                at.page.locator("details", has=why).locator("> summary").last.click()
            why.fill("Số của cơ quan, tính cả hệ thống chưa kết nối")


def _choose(at: Visitor, key: str, value: str, why: str = "") -> None:
    at.page.check(f"[name={key}][value={value}]")
    if why and at.page.locator(f"[name=reason-{key}]").count():
        at.page.locator("details", has=at.page.locator(f"[name=reason-{key}]")).locator("> summary").last.click()
        at.page.fill(f"[name=reason-{key}]", why)


def _all_steps(drafter: Visitor, place: str) -> None:
    drafter.at(f"{place}/fill/plan")
    _choose(drafter, "has_plan", "no", "Kế hoạch là của sở, chưa phải của tỉnh")
    drafter.page.fill("[name=plan_why_not]", "Đang lấy ý kiến các sở, dự kiến ban hành ngày 20/12/2026")
    drafter.send("#step")
    drafter.at(f"{place}/fill/connection")
    drafter.says("Cổng ghi nhận Không")
    drafter.examine("a step of a report")
    _choose(drafter, "connected", "yes", "Kết nối qua trục của Bộ, Cổng chưa ghi nhận")
    _fill(drafter, CONNECTION)
    drafter.send("#step")
    drafter.at(f"{place}/fill/publication")
    _choose(drafter, "publishing", "yes", "Công khai trên trang của tỉnh")
    _fill(drafter, PUBLICATION)
    drafter.send("#step")


def test_a_report_from_begun_to_approved(portal: Portal, visit: Callable[..., Visitor],
                                         made: Callable[..., Any]) -> None:
    report_id = portal.look_up(_owed)
    place = f"/government/oversight/reports/{report_id}"
    staff = {role: made(make.staff, role=role, at=None if role == "overseer" else "H17")
             for role in ("drafter", "leader", "overseer")}
    drafter, leader, overseer = visit(), visit(), visit(viewport={"width": 390, "height": 844})
    drafter.sign_in(staff["drafter"].email)
    drafter.go("/government/oversight/reports")
    drafter.examine("reports of an agency")
    drafter.press(f"a[href='{place}']")
    drafter.send()
    _all_steps(drafter, place)

    drafter.at(f"{place}/fill/services")
    _fill(drafter, SERVICES)
    drafter.send("#step")
    drafter.at(f"{place}/fill/services")
    drafter.says("Lỗi", "ghi 78, trong khi các phần là 64 + 16 = 80", "Kỳ trước (quý III năm 2026): 70 (+8)")
    drafter.examine("a step with what was found")
    _fill(drafter, {"services_level_3": 62})
    drafter.send("#step")
    drafter.at(f"{place}/fill/tasks")
    _fill(drafter, TASKS)
    drafter.send("#step")
    drafter.says("Cảnh báo", "quý III năm 2026 là 5, nay là 6")
    drafter.send("#step")
    drafter.at(f"{place}/fill/words")
    drafter.page.fill("[name=results_text]", "Đã hoàn thành 3 nhiệm vụ; 80 dịch vụ công đã triển khai.")
    drafter.send("#step")
    drafter.says("Phần lời ghi “80 dịch vụ công đã triển khai”")
    drafter.page.fill("[name=results_text]", "Đã hoàn thành 3 nhiệm vụ; 78 dịch vụ công đã triển khai.")
    drafter.send("#step")
    drafter.send("#step")

    drafter.at(f"{place}/check")
    drafter.says("Lãnh đạo cơ quan nộp báo cáo")
    drafter.examine("the check of a report")
    for box in drafter.page.locator("textarea[name^=note-]").all():
        box.fill("Chính phủ giao thêm một nhiệm vụ trong tháng 10")
    drafter.send("main form")
    drafter.says("Đã lưu giải trình", "Cảnh báo, đã giải trình")

    leader.sign_in(staff["leader"].email)
    leader.go(f"{place}/check")
    leader.press("button[formaction$='/submit']")
    leader.says("Đã nộp báo cáo")

    overseer.sign_in(staff["overseer"].email)
    overseer.go(f"{place}/review")
    overseer.says("Kết nối qua trục của Bộ, Cổng chưa ghi nhận")
    overseer.examine("the review of a report")
    overseer.page.locator("details", has=overseer.page.locator("[name=comment-tasks_open_late]")).last.locator(
        "> summary").click()
    overseer.page.fill("[name=comment-tasks_open_late]", "Nêu rõ nhiệm vụ nào quá hạn")
    overseer.press("button.danger")
    overseer.says("Trả lại kèm ý kiến")

    drafter.go(f"{place}/fill/words")
    drafter.page.fill("[name=difficulties]", "Nhiệm vụ quá hạn: kết nối cơ sở dữ liệu đất đai")
    drafter.send("#step")
    drafter.go(place)
    drafter.says("Nêu rõ nhiệm vụ nào quá hạn")
    drafter.examine("a report that was returned")
    leader.go(f"{place}/check")
    leader.press("button[formaction$='/submit']")
    overseer.go(f"{place}/review")
    overseer.press("button[formaction$='/approve']")
    overseer.says("số liệu của báo cáo được công bố")

    def figure() -> PublishedFigure:
        return session.scalars(select(PublishedFigure).where(
            PublishedFigure.indicator == "nq36a_quarter.services_deployed", PublishedFigure.group == "H17")).one()
    published = portal.look_up(figure)
    assert (published.as_published, str(published.on)) == ("78/83", "2026-12-31")
    assert "quý IV năm 2026" in published.source
    assert [each.complaints for each in (drafter, leader, overseer)] == [[], [], []]


def test_two_tabs_at_once_lose_nothing(portal: Portal, visit: Callable[..., Visitor],
                                       made: Callable[..., Any]) -> None:
    """Without a script in the second one."""
    report_id = portal.look_up(lambda: reports.report("tt09_07a", "2027-Q1", state="open").id)
    place = f"/government/oversight/reports/{report_id}/fill/totals"
    one, two = visit(), visit(scripted=False)
    one.sign_in(made(make.staff, role="drafter", at="H17").email)
    two.sign_in(made(make.staff, role="leader", at="H17").email)
    one.go(place)
    two.go(place)
    one.page.fill("[name=total_settled]", "80")
    one.page.fill("[name=total_pending]", "20")
    one.send("#step")
    two.page.fill("[name=total_received]", "90")
    two.page.fill("[name=total_settled]", "81")
    two.send("#step")
    two.says("Có người đã sửa cùng nội dung", "80", "81")
    one.go(place)
    one.examine("a step of form 07a")
    assert [one.page.input_value(f"[name={key}]") for key in ("total_received", "total_settled", "total_pending")] == [
        "90", "80", "20"], "what did not clash is saved"
    two.page.check("#choose-total_settled-mine")
    two.send("#step")

    def answers() -> dict[str, Any]:
        return session.get_one(Report, report_id).answers
    assert {key: portal.look_up(answers)[key] for key in ("total_received", "total_settled", "total_pending")} == {
        "total_received": 90, "total_settled": 81, "total_pending": 20}
    assert all("422" in words for words in one.complaints), "of the answers that are still empty"
