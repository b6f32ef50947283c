"""Indices at the desk: values come in whole or not at all, what would be published is seen, publishing is an act."""
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.oversight.models import IndexValue, Publication
from tests import make

YEAR = clock.today().year
ONE = f"/government/oversight/rankings/agency-rating/{YEAR}"
HEAD = ["Cơ quan", "time_of_each", "agencies_to_see", "one_stop", "made_public", "attitude"]


@pytest.fixture
def desk(sign_in: Any) -> Any:
    return sign_in(make.staff("overseer"))


def book(*rows: list[Any]) -> BytesIO:
    made, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        made.worksheets[0].append(row)
    made.save(out)
    out.seek(0)
    return out


def upload(desk: Any, *rows: list[Any], name: str = "khao-sat.xlsx") -> Any:
    return desk.post(f"{ONE}/survey", data={
        "survey-file": (book(*rows), name), "survey-source": "Khảo sát giả định"}, content_type="multipart/form-data")


def test_every_index_stands_there_with_its_versions(desk: Any) -> None:
    page = desk.get("/government/oversight/rankings").get_data(as_text=True)
    assert "Xếp loại cơ quan giải quyết thủ tục hành chính" in page and "pca-2014" in page and "chưa dùng" in page
    assert desk.get(f"/government/oversight/rankings/egdi/{YEAR}").status_code == 404, "others publish it"
    assert desk.get(f"/government/oversight/rankings/agency-rating/{YEAR + 1}").status_code == 404


def test_a_survey_comes_in_whole_and_keeps_its_cells(desk: Any) -> None:
    answer = upload(desk, HEAD, ["Đà Nẵng", "1,5", 2, 1, 2, 1], ["H26", 1, 1, 1, 1, 1])
    assert answer.status_code == 303
    rows = session.query(IndexValue).order_by(IndexValue.id).all()
    assert len(rows) == 10 and (rows[0].value, rows[0].record["cell"], rows[0].kind) == ("1.5", "B2", "survey")
    page = desk.get(ONE).get_data(as_text=True)
    assert "7,50/10,00" in page and "khoảng trống" in page


def test_one_wrong_cell_and_nothing_is_taken(desk: Any) -> None:
    answer = upload(desk, HEAD, ["Đà Nẵng", "tốt", 2, 1, 2, 1], ["H26", 1, 1, 1, 1, "3"])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "2 ô sai: không nhận gì cả" in page
    assert "<strong>B2</strong>: “tốt” không phải là số" in page and "<strong>F3</strong>" in page
    assert session.query(IndexValue).count() == 0
    assert "Khảo sát giả định" in page, "what was typed is kept"


def test_a_file_that_is_none_says_the_way_out(desk: Any) -> None:
    answer = desk.post(f"{ONE}/survey", data={"survey-file": (BytesIO(b"\xff\xfe\x00"), "a.csv"), "survey-source": "x"},
                       content_type="multipart/form-data")
    assert answer.status_code == 422 and "Hãy lưu" in answer.get_data(as_text=True)
    assert desk.post(f"{ONE}/survey", data={}).status_code == 422


def test_the_template_is_what_the_portal_takes(desk: Any) -> None:
    text = desk.get(f"{ONE}/template.csv").get_data(as_text=True)
    lines = text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("Cơ quan;") and len(lines[0].split(";")) == 7 and any("Đà Nẵng" in one for one in lines)
    line = next(n for n, one in enumerate(lines) if "Đà Nẵng" in one)
    lines[line] = lines[line].split(";")[0] + ";1;1;1;1;1;1"
    answer = desk.post(f"{ONE}/survey", data={"survey-file": (BytesIO("\n".join(lines).encode()), "a.csv"),
                                              "survey-source": "x"}, content_type="multipart/form-data")
    assert answer.status_code == 303 and session.query(IndexValue).count() == 6


def test_a_word_needs_a_reason_and_a_number_that_fits(desk: Any) -> None:
    word = {"word-agency": "H17", "word-indicator": "attitude", "word-value": "2", "word-reason": "Biên bản 12/10"}
    assert desk.post(f"{ONE}/word", data=word | {"word-reason": ""}).status_code == 422
    wrong = desk.post(f"{ONE}/word", data=word | {"word-value": "3"})
    assert wrong.status_code == 422 and "từ 0 đến 2" in wrong.get_data(as_text=True)
    assert desk.post(f"{ONE}/word", data=word | {"word-indicator": "total_time"}).status_code == 422, "it is measured"
    assert desk.post(f"{ONE}/word", data=word).status_code == 303
    [row] = session.query(IndexValue).all()
    assert (row.kind, row.value, row.record["reason"]) == ("word", "2", "Biên bản 12/10")


def test_measuring_is_asked_for_once(desk: Any) -> None:
    for _again in range(2):
        assert desk.post(f"{ONE}/measure").status_code == 303
    assert session.query(Job).filter_by(name="oversight.rankings.measure").count() == 1


def test_publishing_and_correcting_are_acts_of_a_person(desk: Any) -> None:
    empty = desk.post(f"{ONE}/publish", data={})
    assert empty.status_code == 409 and "không có gì để công bố" in empty.get_data(as_text=True)
    upload(desk, HEAD, ["Đà Nẵng", 1, 1, 1, 1, 1])
    assert desk.post(f"{ONE}/publish", data={}).status_code == 303
    upload(desk, HEAD, ["Đà Nẵng", 2, 1, 1, 1, 1])
    page = desk.get(ONE).get_data(as_text=True)
    assert "So với bản gần nhất, 1 cơ quan sẽ có hạng hoặc điểm khác" in page
    silent = desk.post(f"{ONE}/publish", data={})
    assert silent.status_code == 422 and "Hãy nêu nội dung sai" in silent.get_data(as_text=True)
    assert desk.post(f"{ONE}/publish", data={"publish-reason": "Nhập sai ô B2"}).status_code == 303
    assert [one.edition for one in session.query(Publication).order_by(Publication.id)] == [1, 2]
    assert "Nhập sai ô B2" in desk.get("/oversight/indices/agency-rating").get_data(as_text=True)


def test_everybody_reads_which_office_published_and_said_and_nobody_who(sign_in: Any) -> None:
    person = make.staff("overseer")
    desk = sign_in(person)
    assert desk.post(f"{ONE}/word", data={"word-agency": "H17", "word-indicator": "made_public", "word-value": "2",
                                          "word-reason": "Xem niêm yết"}).status_code == 303
    assert desk.post(f"{ONE}/publish", data={}).status_code == 303
    for address in ("/oversight/indices/agency-rating", "/oversight/indices/agency-rating.json",
                    "/oversight/indices/agency-rating/H17"):
        answer = desk.application.test_client().get(address)
        assert answer.status_code == 200 and person.name not in answer.text
    assert "Cán bộ theo dõi của Văn phòng Chính phủ" in desk.application.test_client().get(
        "/oversight/indices/agency-rating").text
    assert session.query(Publication).one().by_id == session.query(IndexValue).one().by_id == person.id


def test_nobody_publishes_values_that_came_after_the_page(desk: Any) -> None:
    upload(desk, HEAD, ["Đà Nẵng", 1, 1, 1, 1, 1])
    [seen] = re.findall(r'name="publish-seen" type="hidden" value="(\w{64})"', desk.get(ONE).text)
    upload(desk, HEAD, ["Đà Nẵng", 2, 1, 1, 1, 1])
    late = desk.post(f"{ONE}/publish", data={"publish-seen": seen, "publish-reason": "Lần đầu"})
    assert late.status_code == 409 and "đã thay đổi từ khi mở" in late.text and "Lần đầu" in late.text
    assert session.query(Publication).count() == 0
    [now] = re.findall(r'name="publish-seen" type="hidden" value="(\w{64})"', late.text)
    assert now != seen and desk.post(f"{ONE}/publish", data={"publish-seen": now}).status_code == 303


@pytest.mark.parametrize("act", ["survey", "word", "publish"])
def test_what_moves_a_ranking_asks_again_who_one_is(desk: Any, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    monkeypatch.setitem(desk.application.config, "STEP_UP", timedelta(0))
    page = desk.post(f"{ONE}/{act}", data={"word-agency": "H17", "word-indicator": "made_public", "word-value": "2",
                                           "word-reason": "Xem niêm yết"}).text
    assert 'name="proof_' in page and session.query(IndexValue).count() == session.query(Publication).count() == 0


@pytest.mark.parametrize("role", ["leader", "drafter", "clerk", "portal_administrator"])
def test_nobody_else_comes_near(sign_in: Any, role: str) -> None:
    client = sign_in(make.staff(role, None if role == "portal_administrator" else "H17"))
    assert client.get("/government/oversight/rankings").status_code == 403
    assert client.post(f"{ONE}/publish", data={}).status_code == 403
