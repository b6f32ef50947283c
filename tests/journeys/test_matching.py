"""A clerk says what a message means that nobody understood, compares two documents of one id, and reminds who is late.
"""
import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from portal.exchange import recognising
from portal.exchange.models import Document, Message
from portal.kit.db import session
from portal.people import queries as people
from tests import make
from tests.exchange import made as exchange
from tests.journeys.conftest import WIDTHS, Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]


def stage(contact: str) -> tuple[int, int, int]:
    """(a document that is late, a status that matches nothing, a conflict), by number."""
    clerk = people.person_by_contact(contact)
    assert clerk
    office = exchange.participant("H17.98", way="pages", agency_id=make.agency().id, name="Văn phòng Ủy ban nhân dân")
    system = exchange.participant("H98.01", name="Sở Nông nghiệp và Môi trường tỉnh Thử Nghiệm")
    other = exchange.participant("H98.02", name="Sở Tài chính tỉnh Thử Nghiệm")
    late = exchange.document(
        office, (system, other), number="1207", notation="UBND-NC", due_on=date(2026, 11, 6), created_by_id=clerk.id,
        subject="Về việc báo cáo tình hình thực hiện Nghị quyết về Chính phủ điện tử", day=date(2026, 11, 2))
    exchange.document(office, (system,), number="1270", notation="UBND-NC", day=date(2026, 11, 3),
                      subject="Về việc cung cấp số liệu hộ nghèo năm 2026")
    about = {"organ": office.code, "number": "1207", "notation": "UBND/NC", "day": "2026-11-02", "document_id": None,
             "key": f"{office.code},2026-11-02,1207/UBND/NC"}
    status = exchange.message(system, status_code="03", said_at=exchange.later(90), about_key=about["key"], facts={
        "response_for": [about | {"organ": "UBND-TN"}], "description": "Đã vào sổ số 45"})
    status.about_key = f"{office.code},x"
    recognising.from_status(status)
    status.about_key = f"{office.code},x"
    facts = {"number": "88", "notation": "UBND-VX", "subject": "Về việc nghỉ Tết", "to": [{"name": system.name}],
             "attachments": [{"name": "cong-van.pdf", "sha256": "a1" * 32}], "signer": {"name": "Trần Văn Bình"}}
    exchange.message(office, "document", business="new", document_key=f"{office.code},88", facts=facts)
    other_facts = facts | {"subject": "Về việc nghỉ Tết Nguyên đán", "attachments": []}
    conflict = exchange.message(office, "document", business="new", document_key=f"{office.code},88",
                                verdict="conflict", facts=other_facts)
    session.commit()
    return late.id, status.id, conflict.id


def look(visitor: Visitor, name: str) -> None:
    """Examine the page; PICTURES names a folder for whoever wants to see it."""
    visitor.examine(name)
    for width in WIDTHS if (folder := os.environ.get("PICTURES")) else ():
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_clerk_matches_compares_and_reminds(portal: Portal, visit: Callable[..., Visitor],
                                              made: Callable[..., Any]) -> None:
    clerk, contact = visit(), made(make.staff, role="clerk", at="H17").email
    late, status, conflict = portal.look_up(lambda: stage(contact))
    clerk.sign_in(contact)
    clerk.go("/government/exchange/unmatched")
    clerk.says("Sở Nông nghiệp và Môi trường", "So sánh")
    look(clerk, "unmatched")
    clerk.go(f"/government/exchange/unmatched/{status}")
    clerk.says("cùng số", "ký hiệu", "%")
    look(clerk, "unmatched_one")
    clerk.page.check("main input[name=document] >> nth=0")
    clerk.press("main form[method=post]:not([action]) button.button:visible")
    clerk.at("/government/exchange/unmatched")
    clerk.says("hệ thống tự hiểu")
    assert portal.look_up(lambda: session.get_one(Message, status).verdict) == "accepted"
    assert portal.look_up(lambda: session.get_one(Document, late).copies[0].state) == "registered"
    clerk.go(f"/government/exchange/unmatched/{conflict}")
    clerk.says("khác nhau", "Về việc nghỉ Tết Nguyên đán")
    look(clerk, "conflict")
    clerk.page.fill("#why", "Bản gửi nhầm")
    clerk.press(f"form[action$='{conflict}/dismiss'] button.button:visible")
    clerk.says("Đã để riêng")
    clerk.go(f"/government/documents/{late}/remind")
    clerk.says("2 nơi nhận chưa trả lời", "Đôn đốc trả lời")
    look(clerk, "remind")
    clerk.press("main form[action$='/remind'] button")
    clerk.at(f"/government/documents/{late}")
    clerk.says("Đã gửi văn bản đôn đốc")
    clerk.go(f"/government/documents/{late}/remind")
    clerk.says("24 giờ")
    look(clerk, "remind_again")
    assert clerk.complaints == []
    administrator = visit()
    administrator.sign_in(made(make.administrator).email)
    administrator.go("/government/exchange/learned")
    administrator.says("UBND-TN", "UBND/NC")
    look(administrator, "learned")
    administrator.page.click("main tbody tr:first-child button")
    administrator.press("dialog button[value=yes]")
    administrator.says("Đã bỏ")
    assert administrator.complaints == []
