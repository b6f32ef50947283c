"""Bars of rows that the worker takes: they go on under the eyes of who waits, with a script and without."""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import worker
from portal.intake.models import ProgressQuarantine
from portal.kit.db import session
from portal.kit.jobs import Lane
from tests import make
from tests.intake.test_sheets import HEADER
from tests.journeys.conftest import Portal, Visitor
from tests.web.admin.test_mapping import push

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
ROWS = 600


@contextmanager
def at_work(portal: Portal) -> Iterator[None]:
    """The worker, as operators run it."""
    over = threading.Event()
    thread = threading.Thread(target=worker.run_for_ever, args=(portal.app, Lane.slow, lambda: not over.is_set()))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def says_by_itself(visitor: Visitor, words: str) -> None:
    """Nobody touches the page, and it comes to say this."""
    visitor.page.get_by_text(words).first.wait_for()


def send_a_sheet(officer: Visitor, desk: Any, folder: Path, first: int) -> None:
    officer.sign_in(desk.email)
    officer.go("/officer/progress-upload")
    sheet = folder / "tiến độ.csv"
    sheet.write_text("\n".join([HEADER, *(
        f"H17-261102-{n:04},1.001193,2,20/11/2026 08:30" for n in range(first, first + ROWS))]))
    officer.page.set_input_files("#file", sheet)
    officer.send("main form[method=post]")
    officer.says("Gửi 600 dòng")
    officer.send("main form[method=post]")
    officer.says("Đang nhận tệp", "0 trên 600 dòng", "Trang này tự cập nhật")


def test_the_bar_of_a_sheet_moves_and_ends_without_a_hand(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], tmp_path: Path) -> None:
    officer = visit()
    portal.work_off()
    send_a_sheet(officer, made(make.officer), tmp_path, 1)
    officer.examine("a sheet being taken")
    officer.page.evaluate("() => { window.same = true; }")
    assert worker.run_one(portal.app, [Lane.slow])  # in another lane wait notices of the sign-in
    says_by_itself(officer, "250 trên 600 dòng")
    assert officer.page.evaluate("window.same"), "the page stays while its bar moves"
    assert officer.page.locator("progress").get_attribute("value") == "250"
    with at_work(portal):
        says_by_itself(officer, "Đã nhận xong tệp")
    officer.says("600 trên 600 dòng")
    officer.examine("a sheet that was taken")
    asked: list[str] = []
    officer.page.on("request", lambda request: asked.append(request.url))
    officer.page.wait_for_timeout(2_500)
    assert asked == [], "who has reached the end asks no more"
    assert officer.complaints == []


def test_while_nothing_moves_the_page_asks_ever_less(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], tmp_path: Path) -> None:
    officer = visit()
    portal.work_off()
    send_a_sheet(officer, made(make.officer), tmp_path, 2001)
    asked: list[str] = []
    officer.page.on("request", lambda request: asked.append(request.url))
    officer.page.wait_for_timeout(8_000)
    assert 1 <= len(asked) <= 4, asked
    portal.work_off()
    says_by_itself(officer, "Đã nhận xong tệp")


def test_without_a_script_the_page_comes_anew_until_it_has_ended(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any], tmp_path: Path) -> None:
    officer = visit(scripted=False)
    portal.work_off()
    send_a_sheet(officer, made(make.officer), tmp_path, 4001)
    portal.work_off()
    says_by_itself(officer, "Đã nhận xong tệp")
    assert officer.page.locator("meta[http-equiv=refresh]").count() == 0
    assert officer.complaints == []


def test_the_bar_of_rows_that_waited_for_a_word_ends_without_a_hand(
        portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any]) -> None:
    keeper = visit()
    portal.work_off()
    portal.look_up(lambda: push(ROWS, status="CHO_DUYET"))
    agency_id = portal.look_up(lambda: make.agency("H17").id)
    keeper.sign_in(made(make.administrator).email)
    keeper.go(f"/admin/mapping/{agency_id}/status_unknown?value=CHO_DUYET")
    keeper.page.check("[name=means][value='2']")
    keeper.send("main form[method=post]")
    keeper.at("/admin/mapping/taken/")
    keeper.says("0 trên 600 dòng")
    keeper.examine("rows being taken in")
    with at_work(portal):
        says_by_itself(keeper, "Đã nhận xong các dòng")
    keeper.says("600 trên 600 dòng")
    keeper.examine("rows taken in")
    assert portal.look_up(lambda: session.scalar(select(func.count()).select_from(ProgressQuarantine).where(
        ProgressQuarantine.value == "CHO_DUYET", ProgressQuarantine.replayed_at.is_(None)))) == 0
    assert keeper.complaints == []
