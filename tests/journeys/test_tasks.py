"""A leader's agency and who watches it, in two browsers: what comes next is reported, sent back, confirmed; the public
sees what is claimed apart from what is confirmed."""
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.kit import clock
from portal.oversight import tasks
from tests import make
from tests.journeys.conftest import Portal, Visitor
from tests.oversight.test_tasks import directive

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
NEXT, OTHER, LATER = "Kết nối phần mềm quản lý văn bản", "Bố trí thiết bị số hóa", "Tập huấn cán bộ cấp xã"


@pytest.fixture
def given(portal: Portal) -> dict[str, int]:
    """Three tasks of one agency, by their words: due in three days, in ten, in ninety."""
    def give() -> dict[str, int]:
        agency, found = make.agency("H29"), {}
        for words, days in ((NEXT, 3), (OTHER, 10), (LATER, 90)):
            due = clock.today() + timedelta(days=days)
            [task] = tasks.give(directive(words=words, due_on=due), [agency], by=None)
            found[words] = make.save(task).id
        return found
    return portal.look_up(give)


def test_what_comes_next_is_reported_sent_back_and_confirmed(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], given: dict[str, int]) -> None:
    leader, overseer = made(lambda: make.staff("leader", "H29")), made(lambda: make.staff("overseer"))
    desk, watcher, reader = visit(), visit(), visit()
    desk.sign_in(leader.email)
    desk.go("/government/tasks")
    order = [desk.page.inner_text("main").index(words) for words in (NEXT, OTHER, LATER)]
    assert order == sorted(order), "what is due first stands first"
    desk.examine("what an agency does next")
    _claim(desk, given[NEXT], "Đã kết nối từ 20/11, minh chứng: văn bản 12/UBND-VX")
    desk.says("Báo đã xong, chưa xác nhận")

    later = portal.look_up(lambda: clock.today() + timedelta(days=40))
    desk.go(f"/government/tasks/{given[OTHER]}")
    desk.page.click("summary:has-text('lùi hạn')")
    for part in ("day", "month", "year"):
        desk.page.fill(f"[name=time-until-{part}]", str(getattr(later, part)))
    desk.page.fill("[name=time-reason]", "Chờ bàn giao thiết bị")
    desk.press("form[action$='/more-time'] button[type=submit]:not([aria-hidden])")
    desk.go("/government/tasks")
    desk.says("Đã xin lùi hạn, chờ quyết định", "Đã báo hoàn thành, chờ xác nhận")

    reader.go("/oversight/tasks")
    reader.says("Việc cơ quan báo đã xong chỉ được tính khi cơ quan theo dõi xác nhận", "Báo xong, chưa xác nhận")
    reader.examine("tasks for everybody, one claimed")
    before = reader.fetch("/oversight/tasks.json").decode()

    watcher.sign_in(overseer.email)
    watcher.go("/government/directives")
    watcher.says(NEXT, "Xin lùi hạn đến")
    watcher.go(f"/government/tasks/{given[NEXT]}")
    _act(watcher, "send_back", "Văn bản 12 nói về việc khác")
    watcher.examine("a task that was sent back")
    desk.go("/government/tasks")
    desk.says("Bị trả lại: hoàn thiện và báo cáo lại")
    _claim(desk, given[NEXT], "Minh chứng đúng: văn bản 15/UBND-VX")
    watcher.go(f"/government/tasks/{given[NEXT]}")
    _act(watcher, "verify", "Đã xem văn bản 15")
    watcher.says("Hoàn thành đúng hạn", "Văn bản 12 nói về việc khác", "Minh chứng đúng: văn bản 15/UBND-VX")

    after = reader.fetch("/oversight/tasks.json").decode()
    assert _line(before, "H29")["reported_not_confirmed"] == 1 and _line(before, "H29")["done"] == 0
    assert _line(after, "H29")["reported_not_confirmed"] == 0 and _line(after, "H29")["done"] == 1
    assert not desk.complaints and not watcher.complaints and not reader.complaints


def test_a_task_with_parts_and_a_probe_is_given_without_scripts(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    watcher = visit(scripted=False)
    watcher.sign_in(made(lambda: make.staff("overseer")).email)
    watcher.go("/government/directives/new")
    form = watcher.page
    form.fill("[name=number]", "99/NQ-CP")
    form.fill("[name=issuer]", "Chính phủ")
    form.fill("textarea[name=words]", "Trang dịch vụ công truy cập được")
    form.check("input[name=deadline][value=none]")
    form.select_option("select[name=probe]", "page_answers")
    form.fill("[name=page_answers_address]", "http://10.0.0.1/")
    form.check("input[name=group][value=named]")
    form.fill("textarea[name=named]", "H29")
    watcher.send()
    watcher.says("Chỉ kiểm tra được địa chỉ công khai trên Internet")
    form.fill("[name=page_answers_address]", "https://dichvucong.example.vn/")
    watcher.send()
    watcher.at("/government/directives/")
    watcher.says("https://dichvucong.example.vn/", "Giao nhiệm vụ thành phần")
    watcher.press("a[href*='part_of']")
    watcher.says("Thuộc nhiệm vụ: Trang dịch vụ công truy cập được")


def _claim(at: Visitor, task_id: int, words: str) -> None:
    at.go(f"/government/tasks/{task_id}")
    _act(at, "claim", words)


def _act(at: Visitor, act: str, words: str) -> None:
    form = f"form[action$='/{act}']"
    at.page.locator(f"details:has({form}) summary").click()
    at.page.fill(f"[name={act}-words]", words)
    at.press(f"{form} button[type=submit]:not([aria-hidden])")


def _line(said: str, agency: str) -> dict[str, Any]:
    return {one["agency"]: one for one in json.loads(said)}[agency]
