"""A clerk tries a message in the laboratory, with and without a script; who watches reads how a system conforms."""
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.exchange import conformance
from portal.exchange.models import Message, Participant
from portal.kit.db import session
from tests import make
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
SAMPLES = Path(__file__).parents[1] / "exchange" / "edxml" / "samples"
PAGE = "/government/exchange/laboratory"


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_a_clerk_tries_a_message_mends_it_and_takes_a_peers_version(
        visit: Callable[..., Visitor], made: Callable[..., Any], scripted: bool) -> None:
    clerk = visit(scripted=scripted)
    clerk.sign_in(made(make.staff, role="clerk", at="H17").email)
    clerk.go(PAGE)
    clerk.examine("empty")
    said = (SAMPLES / "06_reply_with_dossier_code.edxml").read_text(encoding="utf-8")
    clerk.page.fill("#pasted", said[:-20])
    clerk.send("#laboratory")
    clerk.says("Bản tin này sẽ không được nhận")
    clerk.examine("refused")
    assert clerk.page.input_value("#pasted") == said[:-20]
    clerk.page.fill("#pasted", said)
    clerk.send("#laboratory")
    clerk.says("H99-261101-0007", "Không kiểm tra được", "mọi hệ thống đều nhận nguyên văn")
    clerk.examine("signed")
    clerk.page.set_input_files("#file", SAMPLES / "02_orderB_xlink_plain.edxml")
    clerk.send("#laboratory")
    clerk.says("Báo cáo tháng 10 (thử)", "Gần nhất với cách viết: Hệ thống viết bằng C#", "Không mất gì")
    clerk.page.locator("details summary", has_text="Xem (").first.click()
    clerk.examine("understood")
    with clerk.page.expect_download() as got:
        clerk.page.click("button[value=vnpt]")
    assert "<edXML:AttachmentEncoded>" in Path(got.value.path()).read_text(encoding="utf-8")
    assert [one for one in clerk.complaints if "422" not in one] == []


def test_who_watches_reads_how_a_system_conforms(portal: Portal, visit: Callable[..., Visitor],
                                                 made: Callable[..., Any]) -> None:
    portal.look_up(_a_system_that_sent)
    watcher = visit()
    watcher.sign_in(made(make.staff, role="overseer").email)
    watcher.go("/government/exchange/conformance")
    watcher.says("Hệ thống văn bản thử")
    watcher.examine("list")
    watcher.press("text=Hệ thống văn bản thử")
    watcher.says("Đã đếm 12 bản tin", "organ_old")
    watcher.examine("system")
    assert watcher.complaints == []


def _a_system_that_sent() -> None:
    system = make.save(Participant(code="H98.77", name="Hệ thống văn bản thử", way="api", profile="csharp",
                                   state="connected"))
    ways = ("organ_old", "content_id_plain", "content_id_missing", "order_other", "letter_case", "date_form")
    for nth in range(12):
        message = make.save(Message(
            kind="document", way="api", sender_id=system.id, from_code="H98.77", size=1, payload_sha256=f"{nth:064}",
            sha256=f"{nth:064}", dialect="csharp", signature="none", verdict="accepted",
            document_key=f"H98.77,2026-11-02,{nth}/BC-STN"))
        conformance.count(system.id, message.id, ways[:1 + nth % 6], datetime(2026, 11, 2, nth, tzinfo=UTC))
    session.commit()
