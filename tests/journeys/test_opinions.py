"""An officer asks another agency for its opinion in a browser; its answer comes back to the dossier."""
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.dossiers.models import Dossier
from portal.exchange import opinions
from portal.files import queries as stored
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person
from tests import make
from tests.exchange import documents
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits, pytest.mark.once]
QUESTION = "Đề nghị cho ý kiến về nơi thường trú của người mẹ."


def test_an_opinion_is_asked_and_its_answer_comes_back(portal: Portal, visit: Callable[..., Visitor],
                                                       made: Callable[..., Any], scan: Any) -> None:
    officer = made(lambda: make.officer(make.commune()))

    def a_dossier() -> tuple[int, int, str]:
        documents.participant("H17")
        one = make.dossier("processing", officer=session.get_one(Person, officer.id))
        one.due_at = clock.now() + timedelta(days=10)
        asked_of = documents.participant("H26")
        make.save(one)
        return one.id, asked_of.id, str(one.applicant.email)

    dossier_id, asked_of, applicant = portal.look_up(a_dossier)
    desk, own = visit(), visit()
    desk.sign_in(officer.email)
    desk.go(f"/officer/dossiers/{dossier_id}")
    desk.press("a[href$='/opinions/ask']")
    desk.says("Thời hạn giải quyết hồ sơ vẫn tính tiếp", "không thấy nội dung hỏi và trả lời")
    desk.examine("an opinion is asked")
    desk.page.select_option("select[name=receiver]", str(asked_of))
    desk.page.fill("textarea[name=question]", QUESTION)
    day = portal.look_up(lambda: documents.day(3))
    for part in ("day", "month", "year"):
        desk.page.fill(f"[name=due-{part}]", str(getattr(day, part)))
    desk.page.check("input[name=papers] >> nth=0")
    desk.page.set_input_files("input[type=file]", scan)
    desk.send()
    desk.at(f"/officer/dossiers/{dossier_id}")
    desk.says("Đã gửi lấy ý kiến", QUESTION, scan.name)
    desk.examine("a dossier with an opinion asked")

    def sent() -> list[str]:
        [opinion] = opinions.of(session.get_one(Dossier, dossier_id))
        return [one.name for one in stored.attachments_of(opinion.document.owner)]

    assert portal.look_up(sent).count(scan.name) == 1

    def answer() -> None:
        [opinion] = opinions.of(session.get_one(Dossier, dossier_id))
        document = documents.document(documents.participant("H26"), (documents.participant("H17"),),
                                      answers_id=opinion.document_id, content="Người mẹ thường trú tại Hà Nội.")
        make.done("exchange.close_opinion", document_id=document.id)

    portal.look_up(answer)
    desk.go(f"/officer/dossiers/{dossier_id}")
    desk.says("Người mẹ thường trú tại Hà Nội.", "Đã trả lời ngày")
    desk.examine("a dossier with an opinion answered")
    own.sign_in(applicant)
    own.go(f"/my/dossiers/{dossier_id}")
    own.says("Lấy ý kiến", "Đã có ý kiến của")
    own.examine("the applicant reads that an opinion was asked")
    assert QUESTION not in own.page.inner_text("body")
    assert desk.complaints == own.complaints == []
