"""A drafter writes the national report; a journalist reads it, sees what was corrected, takes it along, checks it."""
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from portal.kit.db import transaction
from portal.oversight import actions as oversight
from portal.oversight.national import actions
from tests import make
from tests.journeys.conftest import Portal, Visitor
from tools import recompute

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
Q1 = date(2017, 3, 31)
PAGE = "/oversight/national/2017-03-31"
REASON = "Bổ sung thuyết minh về kế hoạch."


def _published() -> None:
    with transaction():
        oversight.load_history()
    overseer = make.staff("overseer")
    with transaction():
        actions.begin(Q1, by=overseer)
        actions.publish(Q1, by=overseer)
    with transaction():
        actions.save(Q1, {"plans": "Còn năm cơ quan chưa có kế hoạch."}, {"plans": actions.base("")}, by=overseer)
        actions.publish(Q1, by=overseer, reason=REASON)


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_a_journalist_reads_follows_a_figure_and_works_it_out_again(
        portal: Portal, visit: Callable[..., Visitor], tmp_path: Path, scripted: bool) -> None:
    if not portal.look_up(lambda: actions.queries.edition(Q1)):
        portal.look_up(_published)
        portal.work_off()
    journalist = visit(scripted=scripted)
    journalist.go("/oversight?on=2017-03-31")
    journalist.says("64 + 16 = 80, không phải 78")
    journalist.press("main a[href='/oversight/national']")
    journalist.examine("the list of reports")
    journalist.press(f"main a[href='{PAGE}']")
    journalist.says("quý\N{NO-BREAK SPACE}I/2017".replace("\N{NO-BREAK SPACE}", " "), "26/30", "78/83",
                    "1.037 + 65 = 1.102", REASON, "Còn năm cơ quan chưa có kế hoạch.", "không phải văn bản hành chính")
    journalist.examine("the report")
    journalist.press("main a[href*='edition=1']")
    journalist.says("Bản này đã được đính chính")
    assert "Còn năm cơ quan" not in journalist.page.inner_text("main")
    journalist.press(f"main .notice a[href='{PAGE}']")

    with journalist.page.expect_download() as got:
        journalist.page.click(f"main a[href^='{PAGE}.pdf']")
    with pikepdf.open(got.value.path()) as paper:
        [inside] = list(paper.Root.AF)
        carried = inside.EF.F.read_bytes()
    data = journalist.fetch(str(journalist.page.get_attribute(f"main a[href^='{PAGE}.json']", "href")))
    assert carried == data, "the paper carries the very data"
    place = tmp_path / "report.json"
    place.write_bytes(data)
    checked = subprocess.run([sys.executable, "-I", "-S", recompute.__file__, str(place), "--digest",
                              json.loads(data)["digest"]], capture_output=True, check=False)
    assert checked.returncode == 0 and checked.stdout == journalist.fetch(f"{PAGE}.txt"), checked.stderr

    journalist.press("main tr:has-text('Học viện Chính trị quốc gia Hồ Chí Minh') a")
    journalist.at("/oversight?on=2016-09-30")
    journalist.says("Học viện Chính trị quốc gia Hồ Chí Minh", "29/30")
    assert journalist.complaints == []


def test_a_drafter_writes_looks_through_and_publishes(portal: Portal, visit: Callable[..., Visitor],
                                                      made: Callable[..., Any]) -> None:
    portal.look_up(_history)
    drafter = visit()
    drafter.sign_in(made(make.staff, role="overseer").email)
    drafter.go("/government/oversight/national")
    drafter.examine("days of reports")
    drafter.page.fill("#on-day", "30")
    drafter.page.fill("#on-month", "9")
    drafter.page.fill("#on-year", "2016")
    drafter.send("main form:has(#on-day)")
    drafter.at("/government/oversight/national/2016-09-30")
    drafter.examine("the draft")
    drafter.page.fill("#text_publication", "Tỉnh, thành phố đã công khai đủ.")
    drafter.press("main section:has(#text_publication) button[type=submit]")
    drafter.says("Đã lưu.")
    assert drafter.page.input_value("#text_publication") == "Tỉnh, thành phố đã công khai đủ."
    drafter.press("main .spread a")
    drafter.examine("before publishing")
    drafter.says("29/30", "Tỉnh, thành phố đã công khai đủ.")
    drafter.send("main form")
    drafter.at("/oversight/national/2016-09-30")
    drafter.says("Đã công bố", "Tỉnh, thành phố đã công khai đủ.", "đang được tạo")
    assert drafter.complaints == []


def _history() -> None:
    with transaction():
        oversight.load_history()
