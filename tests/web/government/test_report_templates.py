"""Templates of reports on their pages: what a version asks, what changed, and a new one that is taken whole or not."""
import json
from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.kit.db import session, transaction
from portal.oversight.models import ReportTemplate
from portal.oversight.reports import versions
from tests import make
from tests.oversight.reporting import DEFINITION

NEW = "/government/oversight/templates/new"
SAID = {"key": "bao_cao", "every": "half", "owes": "provinces", "source": "Thông tư 09/2026/TT-BTP"}


@pytest.fixture
def client(sign_in: Any) -> Any:
    return sign_in(make.staff("overseer"))


def sent(client: Any, content: bytes | Any, **more: str) -> Any:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(NEW, data=SAID | more | {"file": (BytesIO(raw), "bieu.json")})


def count() -> int:
    return session.scalar(select(func.count()).select_from(ReportTemplate)) or 0


def test_a_version_comes_out_of_a_file_and_the_next_says_what_changed(client: Any) -> None:
    assert sent(client, DEFINITION).headers["Location"].endswith("/templates/bao_cao/1")
    assert sent(client, {"definition": DEFINITION}).headers["Location"].endswith("/bao_cao/1"), "it says the same"
    new = deepcopy(DEFINITION)
    new["form"]["steps"][0]["fields"][0]["label"]["vi"] = "Tổng số dịch vụ"
    new["due"] = {"day": 5, "month": "after"}
    assert sent(client, new).headers["Location"].endswith("/bao_cao/2")
    page = client.get("/government/oversight/templates/bao_cao/2").text
    assert "Có gì thay đổi so với phiên bản 1" in page and "Tổng số dịch vụ" in page
    assert "Số dịch vụ công trực tuyến" in page
    assert "ngày 5 của tháng sau kỳ báo cáo" in page and "6 tháng một lần" in page
    assert "Có gì thay đổi" not in client.get("/government/oversight/templates/bao_cao/1").text
    assert "bao_cao" in client.get("/government/oversight/templates").text


def wrong(**parts: Any) -> dict[str, Any]:
    return deepcopy(DEFINITION) | parts


@pytest.mark.parametrize(("content", "says"), [
    (b'{"form": \n {"steps": ]}', "dòng 2"), (b"\xff\xfe{}", "UTF-8"), (b"[1, 2]", "definition"),
    (b'{"due": NaN}', "NaN"), (b"[" * 100_000, "lồng"), ({}, "form"),
    (wrong(due={"day": 99, "month": "last"}), "due.day"),
    (wrong(surprise=1), "surprise"), (wrong(figures=[{"field": "nothing"}]), "figures[1]"),
    (wrong(figures=[{"field": "services", "theme": [], "unit": "services", "words": {"vi": "a", "en": "a"}}]),
     "figures[1].theme"), (wrong(prefill={"words": "connected"}), "prefill.words")])
def test_a_wrong_file_is_explained_by_its_place_and_nothing_is_stored(client: Any, content: Any, says: str) -> None:
    answer = sent(client, content)
    assert answer.status_code == 422 and says in answer.text and SAID["source"] in answer.text
    assert count() == 0


def test_a_key_is_plain(client: Any) -> None:
    assert sent(client, DEFINITION, key="../Báo cáo").status_code == 422 and count() == 0


def test_every_shipped_template_can_be_read_on_its_page(client: Any) -> None:
    with transaction():
        assert versions.load_shipped() >= 4
    for one in session.scalars(select(ReportTemplate)).all():
        page = client.get(f"/government/oversight/templates/{one.key}/{one.version}")
        assert page.status_code == 200 and one.title["vi"] in page.text and one.source[:40] in page.text


def nested(depth: int) -> Any:
    """A definition with a condition that is nested so deep."""
    new = deepcopy(DEFINITION)
    when: Any = {"field": "x", "is": 1}
    for _turn in range(depth):
        when = {"all": [when]}
    new["form"]["steps"][0]["fields"][0]["show_if"] = when
    return new


@pytest.mark.parametrize("content", [
    b'{"form": {"title": {"vi": "\\ud800", "en": "x"}}}', b'{"form": {"title": {"vi": "\\u0000", "en": "x"}}}',
    nested(50), nested(300), nested(450)])
def test_what_could_not_be_stored_or_read_again_is_refused(client: Any, content: Any) -> None:
    answer = sent(client, content)
    assert answer.status_code == 422 and count() == 0
    assert client.get("/government/oversight/templates").status_code == 200


def test_a_title_with_half_a_letter_is_refused_in_words(client: Any) -> None:
    new = deepcopy(DEFINITION)
    new["form"]["title"] = {"vi": "Báo cáo \ud800", "en": "Report"}
    assert "một nửa" in sent(client, new).text and count() == 0
