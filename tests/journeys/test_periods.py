"""Who watches opens a period, sees who is late and reminds them; a leader registers a plan; a journalist reads who
delivered."""
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight.periods import before, period_of
from portal.oversight.reporting import ReportState
from portal.oversight.reports import versions
from tests import make
from tests.journeys.conftest import WIDTHS, Portal, Visitor
from tests.oversight import reporting

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
KEY = "nq36a_quarter"


def stage(scripted: bool) -> tuple[str, int]:
    """A quarter that is over, opened for five agencies: one delivered, four are late. (period, its number)"""
    with transaction():
        versions.load_shipped()
        period = before(period_of(clock.today(), "quarter"))
        period = period if scripted else before(period)
        opened = reporting.opened(period, of=versions.newest(KEY), due_on=clock.today() - timedelta(days=9), agencies=[
            make.agency(key) for key in ("H17", "H26", "H29", "G01", "G15")])
        one = reporting.report(opened, "G15")
        one.state, one.submitted_at = ReportState.submitted, clock.now() - timedelta(days=12)
        one.answers = {"services_assigned": 83, "services_deployed": 78}
        number = opened.id
    session.rollback()
    return period, number


def look(visitor: Visitor, name: str) -> None:
    """Examine the page; PICTURES names a folder for whoever wants to see it."""
    visitor.examine(name)
    for width in WIDTHS if (folder := os.environ.get("PICTURES")) else ():
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
def test_who_is_late_is_seen_and_reminded(portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any],
                                          scan: Path, scripted: bool) -> None:
    watcher, leader, journalist = visit(scripted=scripted), visit(scripted=scripted), visit(scripted=scripted)
    contact, at = made(make.staff, role="overseer").email, made(make.staff, role="leader", at="H17").email
    period, number = portal.look_up(lambda: stage(scripted))
    watcher.sign_in(contact)
    watcher.go("/government/oversight/periods")
    watcher.says("Báo cáo quý về thực hiện Nghị quyết 36a/NQ-CP", "Mở kỳ báo cáo")
    look(watcher, "periods")
    watcher.go(f"/government/oversight/periods/{number}")
    watcher.says("Đã gửi 1 trên 5 báo cáo", "4 quá hạn", "Bộ Tư pháp")
    look(watcher, "period")
    watcher.press("form[action$='/remind'] button")
    watcher.says("Đã nhắc 4 cơ quan.")
    watcher.go(f"/government/oversight/periods/{number}/compare?field=services_deployed")
    watcher.says("Một chỉ tiêu ở mọi cơ quan", "78")
    look(watcher, "compare")
    watcher.go(f"/government/oversight/templates/{KEY}/1")
    watcher.says("Biểu mẫu hỏi gì", "Kiểm tra chéo")
    look(watcher, "template")
    watcher.go(f"/government/oversight/periods/new?template={KEY}")
    look(watcher, "open_period")
    watcher.send()
    watcher.says("Đã mở kỳ báo cáo", "Chưa gửi, chưa đến hạn")

    leader.sign_in(at)
    leader.go("/government/oversight/plans/new")
    for name, words in {"programme": "36a/NQ-CP", "number": f"1{int(scripted)}/KH-UBND", "title": "Kế hoạch hành động",
                        "issued_on-day": "2", "issued_on-month": "3", "issued_on-year": "2026"}.items():
        leader.page.fill(f"[name='{name}']", words)
    leader.page.set_input_files("[name=file]", scan)
    look(leader, "register_plan")
    leader.send()
    leader.says("Đã đăng ký kế hoạch.", "Cơ quan và bên theo dõi")
    look(leader, "plan")

    journalist.go("/oversight/reports")
    look(journalist, "public_reports")
    journalist.go(f"/oversight/reports/{KEY}/{period}")
    journalist.says("Đã gửi 1 trên 5 báo cáo", "Quá hạn")
    look(journalist, "public_period")
    assert "78" not in journalist.page.inner_text("table")
    journalist.go("/oversight/plans")
    journalist.says("/KH-UBND", "Chưa có")
    look(journalist, "public_plans")
