"""The paper and the workbook of a published report, read back."""
import io
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import openpyxl
import pikepdf
import pytest
import time_machine
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from portal.kit import clock, files
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.oversight.national import actions, drawing, queries, workbook
from tests import make
from tests.oversight.national.test_building import FINISHED, Q1, given, history  # noqa: F401  a fixture
from tests.oversight.national.test_recompute import file
from tests.papers.test_structure import elements, kids, of

PARAGRAPH = "Quý I/2017, các bộ, ngành tiếp tục triển khai Nghị quyết 36a."


@pytest.fixture
def plain(history: None) -> dict[str, Any]:  # noqa: F811
    return file(Q1, services=PARAGRAPH)


def paper(plain: dict[str, Any], language: str = "vi") -> bytes:
    return drawing.paper(plain, json.dumps(plain, ensure_ascii=False).encode(), language)


def words_of(data: bytes) -> str:
    printed = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return " ".join(printed.stdout.decode().split())


def test_the_paper_says_every_number_with_what_it_is(plain: dict[str, Any]) -> None:
    said = words_of(paper(plain))
    assert not re.search(r"\d\d/\d\d/\d{1,3} \d", said), "no day is broken in two"
    for words in ("Báo cáo quốc gia",  "26/30 cơ quan; 86,67 %",
                  "78/83 dịch vụ; 93,98 %", "64 + 16 = 80, không phải 78", "32 + 27 + 3 = 62", "1.037 + 65 = 1.102",
                  "6.622 + 483 = 7.105", "34/73 nhiệm vụ; 46,58 %", *FINISHED, PARAGRAPH, "0,8321", plain["digest"],
                  "không phải văn bản hành chính"):
        assert words in said, words
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA" not in said, "it is no document of an authority"


def test_the_paper_of_the_other_language_is_english(plain: dict[str, Any]) -> None:
    said = words_of(paper(plain, "en"))
    assert "26/30 agencies; 86.67 %" in said and "1,037 + 65 = 1,102" in said and "Contents" in said


@pytest.fixture
def book(plain: dict[str, Any]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(paper(plain))) as opened:
        yield opened


def test_the_paper_is_archival_accessible_and_carries_its_data(plain: dict[str, Any], book: pikepdf.Pdf) -> None:
    with book.open_metadata() as about:
        assert (about["pdfuaid:part"], about["pdfaid:part"], about["pdfaid:conformance"]) == ("1", "3", "A")
    assert len(book.pages) > 2 and str(book.Root.Lang) == "vi"
    [spec] = list(book.Root.AF)
    assert str(spec.F) == "national-report-2017-03-31-1.json"
    assert json.loads(spec.EF.F.read_bytes()) == plain
    assert len(of(book, "/H1")) == 1 and len(of(book, "/H2")) == 11
    figures = of(book, "/Figure")
    assert len(figures) > 10 and all(str(figure.Alt) for figure, _parent in figures), "a bar says what it shows"
    for element, parent in elements(book):
        assert element.S != "/P" or parent.S in ("/Document", "/Div", "/TD", "/TH", "/LBody", "/LI"), parent.S
        assert kids(element) or element.S in ("/TD", "/TH"), f"an empty {element.S}"


def test_contents_lead_to_their_sections_with_page_numbers(book: pikepdf.Pdf, plain: dict[str, Any]) -> None:
    notes = [note for page in book.pages for note in page.get("/Annots", [])]
    assert len({str(note.Dest) for note in notes}) == 11 and all(str(note.Contents) for note in notes)
    first = subprocess.run(["pdftotext", "-raw", "-l", "1", "-", "-"], input=paper(plain), capture_output=True,
                           check=True).stdout.decode()
    contents = " ".join(first.replace(".", " ").split())
    assert re.search(r"IV Dịch vụ công trực tuyến \d V Hồ sơ \d VI Văn bản giữa các cơ quan \d", contents), contents


def test_headers_are_repeated_on_every_page_of_a_table(plain: dict[str, Any]) -> None:
    printed = subprocess.run(["pdftotext", "-raw", "-", "-"], input=paper(plain), capture_output=True, check=True)
    pages = printed.stdout.decode().split("\f")
    services = [page for page in pages if "mức độ 3" in page and "Nguồn" in page]
    assert services and all("Chỉ tiêu" in page for page in services)


def test_the_paper_is_the_same_file_each_time(plain: dict[str, Any]) -> None:
    assert paper(plain) == paper(plain)


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_has_numbers_as_numbers_with_unit_denominator_day_and_source(plain: dict[str, Any]) -> None:
    found = sheets(workbook.workbook(plain, "vi"))
    [head, *rows] = found["Số liệu"]
    by = [dict(zip(head, row, strict=True)) for row in rows]
    assert len(by) == len(plain["content"]["figures"])
    connected = next(one for one in by if one["Như công bố"] == "26/30")
    assert (connected["Giá trị"], connected["Trên tổng số"], connected["Đơn vị"]) == (26, 30, "cơ quan")
    assert connected["Ngày"] == date(2017, 3, 31) and connected["Nguồn"].startswith("Báo cáo quý I/2017")
    assert connected["Tỷ lệ phần trăm"] == pytest.approx(86.67)
    assert all(isinstance(one["Giá trị"], float) and one["Nguồn"] for one in by)
    worked = found["Số liệu dẫn xuất"]
    assert any(row[3] == "sum" and row[5] == 80 and row[7] == "không" for row in worked)
    assert any("0.8321" in str(row) for name, of_one in found.items() if "ICT" in name for row in of_one)


def test_the_workbook_of_today_has_each_agency_and_no_formula(history: None) -> None:  # noqa: F811
    given(done=True)
    data = workbook.workbook(file(clock.today(), plans='=HYPERLINK("http://x")'), "en")
    tasks = next(rows for name, rows in sheets(data).items() if name.startswith("Tasks by agency"))
    line = next(row for row in tasks if row[0] == "Thành phố Đà Nẵng")
    assert 100 in line and any(row[0] == "All" for row in tasks)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_worker_draws_both_files_in_both_languages_once(plain: dict[str, Any]) -> None:
    publication = queries.edition(Q1)
    assert publication is not None and queries.files(publication.id) == {}, "being made"
    make.done("oversight.national.draw", publication_id=publication.id)
    found = queries.files(publication.id)
    assert set(found) == {("pdf", "vi"), ("pdf", "en"), ("xlsx", "vi"), ("xlsx", "en")}
    assert files.where(found["pdf", "vi"].blob).read_bytes() == drawing.paper(
        plain, queries.file_of(publication), "vi")
    make.done("oversight.national.draw", publication_id=publication.id)
    session.expire_all()
    assert queries.files(publication.id).keys() == found.keys()
    actions.seal(publication.id, [])


def test_what_could_not_be_drawn_is_drawn_another_night_and_the_page_says_so(
        client: FlaskClient, plain: dict[str, Any]) -> None:
    publication = queries.edition(Q1)
    assert publication is not None
    session.execute(update(Job).where(Job.name == "oversight.national.draw").values(dead_at=clock.now(), failures=6))
    session.commit()
    page = f"/oversight/national/{Q1}"
    assert "đang được tạo" in client.get(page).text
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        said = client.get(page).text
        assert "chưa tạo được" in said and "đang được tạo" not in said
        make.done("oversight.national.draw_again")
        [waits] = [one for one in session.scalars(select(Job).where(Job.name == "oversight.national.draw"))
                   if not one.dead_at]
        assert waits.args == {"publication_id": publication.id}
        make.done("oversight.national.draw", **waits.args)
    assert "chưa tạo được" not in client.get(page).text and queries.undrawn() == []
