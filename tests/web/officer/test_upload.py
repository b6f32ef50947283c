"""Publishing from a spreadsheet: see first, then send; nothing personal stays anywhere; nobody else's upload."""
import logging
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal import worker
from portal.intake import uploads
from portal.intake.models import ProgressBatch, ProgressQuarantine
from portal.kit.db import Base, session
from portal.kit.jobs import Job
from portal.progress.models import ProgressRecord, ProgressStep
from tests import make
from tests.intake.test_sheets import GOOD, HEADER

URL = "/officer/progress-upload"
AT = "20/11/2026 08:30"
CANARIES = ("Chim Yến", "chim.yen@canary.vn", "0987600001", "048090001234", "phố Chim Khuyên")


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def browser(app: Flask, sign_in: Any) -> Any:
    return sign_in(make.officer())


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def row(n: int, procedure: str = "1.001193", status: str = "2", at: str = AT, agency: str = "H17") -> str:
    return f"{agency}-261120-{n:04},{procedure},{status},{at}"


def choose(browser: Any, content: bytes, name: str = "tien-do.csv") -> Any:
    return browser.post(URL, data={"file": (BytesIO(content), name)})


def checked(browser: Any, content: bytes, name: str = "tien-do.csv") -> str:
    """Where the preview of this file is."""
    answer = choose(browser, content, name)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def published() -> list[tuple[str, int]]:
    session.rollback()
    return [(code, status) for code, status in session.execute(
        select(ProgressRecord.code, ProgressRecord.status).order_by(ProgressRecord.code))]


def tally(page: str) -> list[str]:
    """Rows, published, known, kept aside, not taken."""
    return re.findall(r"<dd>([\d.]+)</dd>", page)


def text(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_the_queue_leads_here(browser: Any) -> None:
    assert f'href="{URL}"' in browser.get("/officer/queue").text


def test_the_unicode_text_that_excel_saves_is_read(browser: Any) -> None:
    content = csv(row(1), row(2)).decode().replace(",", "\t").encode("utf-16")
    for name in ("tien-do.txt", "tien-do.csv"):
        assert tally(browser.get(checked(browser, content, name)).text)[0] == "2"


def test_shows_first_what_would_become_of_it_and_publishes_nothing(browser: Any) -> None:
    page = browser.get(checked(browser, csv(row(1), row(1), row(2, at="30/02/2026"), row(3, "9.999999"))))
    assert tally(page.text) == ["4", "1", "1", "1", "1"]
    assert "Được tiếp nhận" in page.text and "20/11/2026 08:30" in page.text
    assert published() == []
    for table in (ProgressBatch, ProgressQuarantine, ProgressStep, Job):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_row_that_is_not_taken_is_told_with_its_line_its_column_and_what_to_do(browser: Any) -> None:
    where = checked(browser, csv(row(1), row(2, at="30/02/2026"), row(3, agency="H26")))
    page = text(browser.get(where))
    assert "3 H17-261120-0002 Thời điểm cập nhật Không nhận Không phải ngày tháng" in page
    assert "4 H26-261120-0003 Mã hồ sơ Không nhận Hồ sơ thuộc cơ quan khác" in page
    listed = browser.get(f"{where}/errors.csv")
    assert listed.mimetype == "text/csv" and listed.headers["Cache-Control"] == "no-store"
    assert listed.text.startswith("\ufeffDòng,Mã hồ sơ,") and listed.text.count("\r\n") == 3


def test_a_row_with_a_code_of_the_portals_own_series_is_not_taken(browser: Any) -> None:
    page = text(browser.get(checked(browser, csv(row(1), row(990001)))))
    assert "3 H17-261120-990001 Mã hồ sơ Không nhận Mã thuộc dãy số của cổng này" in page


def test_sent_it_is_taken_piece_by_piece_and_the_bar_says_how_far(app: Flask, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "PIECE", 2)
    where = checked(browser, csv(*[row(n) for n in range(1, 6)]))
    answer = browser.post(where)
    assert (answer.status_code, answer.location) == (303, f"{where}/progress")
    bars = []
    for _piece in range(4):
        bars += re.findall(r'<progress max="5" value="(\d)"', browser.get(f"{where}/progress").text)
        worker.run_one(app)
    assert bars == ["0", "2", "4", "5"]
    assert published() == [(f"H17-261120-{n:04}", 2) for n in range(1, 6)]
    assert tally(browser.get(f"{where}/progress").text) == ["5", "5", "0", "0", "0"]
    assert browser.get(where).location == f"{where}/progress"
    assert set(session.scalars(select(ProgressBatch.channel))) == {"upload"}


def test_pressed_twice_it_is_taken_once(app: Flask, browser: Any) -> None:
    where = checked(browser, csv(row(1), row(2)))
    browser.post(where)
    browser.post(where)
    worker.run_all(app)
    assert session.scalar(select(func.count()).select_from(ProgressBatch)) == 1
    assert tally(browser.get(f"{where}/progress").text) == ["2", "2", "0", "0", "0"]
    assert session.scalars(select(Job.id).where(Job.done_at.is_(None))).all() == []


def test_the_same_file_again_changes_nothing(app: Flask, browser: Any) -> None:
    for expected in (["1", "1", "0", "0", "0"], ["1", "0", "1", "0", "0"]):
        where = checked(browser, GOOD, "tien-do.xlsx")
        assert tally(browser.get(where).text) == expected
        browser.post(where)
        worker.run_all(app)
        assert tally(browser.get(f"{where}/progress").text) == expected


def test_where_no_row_can_be_taken_there_is_nothing_to_send(browser: Any) -> None:
    page = browser.get(checked(browser, csv(row(1, at="hôm qua"))))
    assert "Không có dòng nào nhận được" in page.text
    assert '<button class="button" type="submit">Gửi' not in page.text


@pytest.mark.parametrize(("content", "name", "says"), [
    (b"", "a.csv", "trống"), (b"%PDF-1.4", "a.pdf", "không thuộc loại"), (GOOD, "a.csv", "không đúng như tên"),
    (csv(row(1)), "a.xlsx", "không đúng như tên"), (b"Ho ten,CCCD\na,b", "a.csv", "Thiếu cột: “Mã hồ sơ”"),
    (b"\xff\xfe\x00", "a.csv", "UTF-8"), (csv(), "a.csv", "Không có dòng nào dưới tiêu đề"),
    (csv('"x"y,1,2,3'), "a.csv", "dòng 2")])
def test_a_file_that_cannot_be_read_is_answered_with_what_to_do(
        app: Flask, browser: Any, content: bytes, name: str, says: str) -> None:
    before = files(app)
    answer = choose(browser, content, name)
    assert answer.status_code == 422
    assert says in answer.text
    assert files(app) == before


def files(app: Flask) -> set[Path]:
    return {place for place in Path(app.config["FILES_FOLDER"]).rglob("*") if place.is_file()}


def test_nothing_personal_is_kept_anywhere(app: Flask, browser: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    before = files(app)
    name, mail, phone, card, street = CANARIES
    header = f"Chủ hồ sơ,Email,{HEADER},Số điện thoại,Số CCCD,Địa chỉ,Mã lý do,Mã cơ quan,Hình thức nộp"
    rows = [f"{name},{mail},{row(n)},{phone},{card},12 {street},{reason},{unit},{name}"
            for n, (reason, unit) in enumerate([("", ""), (f"{name} chưa nộp", ""), ("", card), (phone, "")], 1)]
    rows += [f"{name},{mail},{code},{procedure},{status},{at},,,,,," for code, procedure, status, at in
             ((name, "1.001193", "2", AT), ("H17-261120-0009", card, "2", AT),
              ("H17-261120-0008", "1.001193", name, AT),
              ("H17-261120-0007", "1.001193", "2", phone), ("H17-261120-0006", "1.001193", phone, AT))]
    where = checked(browser, csv(*rows, header=header))
    page = browser.get(where)
    assert "“Chủ hồ sơ”" in page.text and "“Số CCCD”" in page.text  # named as not kept
    browser.post(where)
    worker.run_all(app)
    seen = [page.text, browser.get(f"{where}/progress").text, browser.get(f"{where}/errors.csv").text, caplog.text]
    session.rollback()
    seen += [str(list(session.execute(select(table)))) for table in Base.metadata.sorted_tables]
    kept = files(app) - before
    assert kept
    seen += [place.read_text() for place in kept]
    heard = [word for word in CANARIES for text in seen if word in text]
    assert heard == []


def test_another_agencys_upload_looks_like_none(browser: Any, sign_in: Any) -> None:
    where = checked(browser, csv(row(1)))
    colleague, elsewhere = sign_in(make.officer()), sign_in(make.officer("H26"))
    for method, url in (("GET", where), ("GET", f"{where}/progress"), ("GET", f"{where}/errors.csv"), ("POST", where)):
        assert elsewhere.open(url, method=method).status_code == 404
        assert colleague.open(url, method=method).status_code < 400


@pytest.mark.parametrize("upload_id", ["..", "ab-" + "0" * 32, "ab-..%2f..%2fetc", "x" * 300])
def test_no_other_file_can_be_asked_for(browser: Any, upload_id: str) -> None:
    assert browser.get(f"{URL}/{upload_id}/progress").status_code == 404


@pytest.mark.parametrize(("prefix", "form", "name"), [
    ("", "xlsx", "mau-tien-do.xlsx"), ("", "csv", "mau-tien-do.csv"), ("/en", "xlsx", "progress-template.xlsx")])
def test_the_template_goes_out_and_comes_back(browser: Any, prefix: str, form: str, name: str) -> None:
    template = browser.get(f"{prefix}{URL}/template.{form}")
    assert name in template.headers["Content-Disposition"]
    answer = choose(browser, template.data, name)
    assert answer.status_code == 422 and "Không có dòng nào dưới tiêu đề" in answer.text


def test_the_number_of_rows_is_written_as_everywhere(browser: Any) -> None:
    where = checked(browser, csv(*(row(n) for n in range(1, 1002))))
    assert "Gửi 1.001 dòng" in text(browser.get(where))
