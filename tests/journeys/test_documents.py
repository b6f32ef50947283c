"""A ministry asks thirty-four provinces. One answers by the connector, one by the client of the national axis, one on
the pages; a reminder goes to the others, and one is asked to give the document back."""
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.exchange import queries, secrets
from portal.exchange.edxml.message import Code, ResponseFor
from portal.exchange.models import Copy, Document, Participant
from portal.kit.db import session, transaction
from portal.people import keys
from tests import make
from tests.exchange import axis_client, documents, messages
from tests.exchange.make import SECRET
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
CONNECTOR = Path(__file__).parents[2] / "tools" / "connector.py"
OTHERS, ALL = 31, 34
SUBJECT = "Về việc báo cáo kết quả giải quyết thủ tục hành chính"


def _furnish() -> str:
    """The ministry and one province on the pages, one with a connector's key, one with a system of the axis, and more
    that nobody hears of. The connector's key."""
    ours = {code: documents.participant(code) for code in ("G01", "H17", "H26", "H29")}
    ours["H17"].way, ours["H26"].way, ours["H26"].system_id = "api", "axis", "truc-h26"
    secrets.keep(ours["H26"], SECRET)
    for n in range(OTHERS):
        documents.participant(f"H{60 + n}", name=f"Tỉnh Thử nghiệm {n + 1:02}", way="api")
    session.commit()
    with transaction():
        return keys.issue(make.agency("H17"), ["exchange"])[1]


def _connect(portal: Portal, folder: Path, key: str) -> None:
    """One round of the connector, a process of its own."""
    done = subprocess.run([sys.executable, CONNECTOR, folder, "--settled", "0", "--once"], text=True, timeout=120,
                          capture_output=True, check=False,
                          env={"PATH": os.environ["PATH"], "EXCHANGE_KEY": key, "EXCHANGE_URL": portal.url})
    assert done.returncode == 0, done.stdout + done.stderr


def _answer(to: dict[str, Any], sender: str) -> bytes:
    """A document that answers the ministry's."""
    return messages.xml(messages.document("G01", sender=sender, subject=f"{sender} báo cáo", response_for=(
        ResponseFor("G01", Code(to["number"], to["notation"]), None, to["day"]),)))


def _sent() -> dict[str, Any]:
    document = session.scalars(select(Document).where(Document.subject == SUBJECT)).one()
    copies = {one.receiver.code: one.id for one in queries.copies_of(document.id)}
    return {"id": document.id, "number": document.number, "notation": document.notation, "day": document.day,
            "copies": copies}


def _write(at: Visitor, day: Any) -> None:
    """Fill in what a document says."""
    at.page.fill("[name=subject]", SUBJECT)
    at.page.fill("[name=content]", "Đề nghị các tỉnh, thành phố báo cáo số liệu đến hết tháng.")
    at.page.fill("[name=notation]", "BTP-KSTT")
    at.page.fill("[name=signer_name]", "Trần Văn Bình")
    at.page.fill("[name=place]", "Hà Nội")
    for part in ("day", "month", "year"):
        at.page.fill(f"[name=due_on-{part}]", str(getattr(day, part)))


def test_a_ministry_asks_every_province(portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any],
                                        tmp_path: Path) -> None:
    key = portal.look_up(_furnish)
    clerks = {code: made(make.staff, role="clerk", at=code) for code in ("G01", "H29")}
    ministry, province = visit(), visit(viewport={"width": 390, "height": 844})
    ministry.sign_in(clerks["G01"].email)
    ministry.go("/government/documents/new")
    ministry.send()
    _write(ministry, portal.look_up(lambda: documents.day(2)))
    ministry.page.check("[name=groups][value=provinces]")
    for words in ("Tỉnh Thử nghiệm", f"Thử nghiệm {OTHERS}"):  # one search finds thirty
        ministry.page.fill("[name=find]", words)
        ministry.press("button[name=_again]")
        for box in ministry.page.locator("[name=receivers]").all():
            box.check()
    ministry.examine("a document is written")
    ministry.press("button[name=then]")
    ministry.examine("a last look before it goes")
    ministry.send()
    ministry.says(SUBJECT, f"{ALL} nơi nhận")
    ministry.examine("a document with its receivers")
    sent = portal.look_up(_sent)
    assert len(sent["copies"]) == ALL

    folder = tmp_path / "h17"
    (folder / "outbox").mkdir(parents=True)
    _connect(portal, folder, key)
    [came] = (folder / "inbox").glob("*.edxml")
    assert SUBJECT in came.read_text()
    (folder / "outbox" / "tra-loi.edxml").write_bytes(_answer(sent, "H17"))
    _connect(portal, folder, key)
    assert len(list((folder / "sent").glob("*.edxml"))) == 1

    client = axis_client.Client(axis_client.over_http(portal.url), "truc-h26", SECRET)
    [waiting] = client.received()
    assert SUBJECT in str(client.document(waiting["docId"])) or client.answers[-1]["status"] == "OK"
    client.update(waiting["docId"], "done")
    assert client.send(_answer(sent, "H26"), "H26", "G01")["status"] == "OK"

    province.sign_in(clerks["H29"].email)
    copy = sent["copies"]["H29"]
    province.go("/government/incoming")
    province.says(SUBJECT)
    province.go(f"/government/incoming/{copy}")
    province.press("form[action$='/register'] button")
    province.says("vào sổ")
    province.press("form[action$='/answer'] button")
    province.page.fill("[name=subject]", "H29 báo cáo")
    province.page.fill("[name=notation]", "UBND-KSTT")
    province.page.fill("[name=signer_name]", "Lê Thị Hoa")
    province.press("button[name=then]")
    province.send()
    province.says("H29 báo cáo")
    portal.work_off()

    at = f"/government/documents/{sent['id']}"
    ministry.go(at)
    ministry.says(f"3/{ALL} đã trả lời")
    ministry.examine("a document that three have answered")
    ministry.go(f"{at}/remind")
    ministry.examine("a reminder")
    ministry.send()
    ministry.says(f"{OTHERS} nơi nhận")

    ministry.go(f"{at}/recall")
    for box in ministry.page.locator("[name=receivers]").all():
        box.uncheck()
    asked_back = portal.look_up(lambda: session.get_one(Copy, copy).receiver_id)
    ministry.page.check(f"[name=receivers][value='{asked_back}']")
    ministry.page.fill("[name=reason]", "Gửi nhầm bản dự thảo")
    ministry.examine("a recall")
    ministry.send()
    portal.work_off()
    province.go(f"/government/incoming/{copy}")
    province.says("Gửi nhầm bản dự thảo")
    province.press("a[href$='/recall']")
    province.page.check("[name=agree][value=yes]")
    province.examine("a recall is answered")
    province.send()
    portal.work_off()
    ministry.go(f"{at}/receivers/{copy}")
    ministry.says("Đã thu hồi")
    states = portal.look_up(lambda: {one.receiver.code: (one.state, one.recall, one.answered_at is not None)
                                     for one in queries.copies_of(sent["id"])})
    assert states["H29"] == ("registered", "agreed", True)
    assert [states[code][2] for code in ("H17", "H26")] == [True, True]
    assert sum(answered for _state, _recall, answered in states.values()) == 3
    assert ministry.complaints == province.complaints == []
    assert portal.look_up(lambda: session.scalar(select(Participant.way).where(Participant.code == "H17"))) == "api"
