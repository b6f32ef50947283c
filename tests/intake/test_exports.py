"""Tables as they come out of deployed systems: other kinds of files, headers in two lines, totals, old fonts."""
import json
import struct
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from portal.catalogue import queries as catalogue
from portal.intake import html_table, legacy_fonts, old_workbook, sheets, workbook
from portal.intake.sheets import Sheet
from portal.intake.workbook import Unreadable
from tests.intake.test_sheets import HEADER, ROW, UNDERSTOOD, book, refused, with_member

HEADERS = HEADER.split(",")
CELLS = ROW.split(",")


def saved(made: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def old_excel(*rows: list[Any]) -> bytes:
    """An .xls (BIFF8) with one sheet of texts and numbers, in a compound file as small as there can be."""
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            place = struct.pack("<HHH", y, x, 0)
            if isinstance(cell, (int, float)):
                sheet += record(0x0203, place + struct.pack("<d", cell))
            else:
                sheet += record(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    sheet += record(0x000A, b"")
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = struct.pack("<BB", 2, 0) + b"DS"
    before = len(begin) + 4 + 6 + len(name) + 4
    stream = begin + record(0x0085, struct.pack("<IH", before, 0) + name) + record(0x000A, b"") + sheet
    stream += b"\0" * (max(4096, -(-len(stream) // 512) * 512) - len(stream))
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        named = title.encode("utf-16-le") + b"\0\0"
        return (named.ljust(64, b"\0") + struct.pack("<HBBIII", len(named), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
                + b"\0" * 36 + struct.pack("<IQ", start, size))

    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
              + b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
              + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108))
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    return header + struct.pack("<128I", *fat) + directory.ljust(512, b"\0") + stream


def open_document(*rows: list[str]) -> bytes:
    """An .ods with one sheet of texts."""
    cells = "".join("<table:table-row>" + "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>" for row in rows)
    content = ('<?xml version="1.0"?><office:document-content '
               'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
               'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
               'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
               f'<table:table table:name="DS">{cells}</table:table></office:spreadsheet></office:body>'
               '</office:document-content>')
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest:manifest '
                        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return out.getvalue()


PAGE = ("<html><head><meta charset='utf-8'></head><body><table><tr><td colspan=4>DANH SÁCH</td></tr><tr>"
        + "".join(f"<th>{each}</th>" for each in HEADERS) + "</tr><tr>" + "".join(f"<td>{each}</td>" for each in CELLS)
        + "</table></body></html>")


@pytest.mark.parametrize(("content", "ending"), [
    (old_excel(HEADERS, CELLS), ".xls"), (old_excel(HEADERS, CELLS), ".xlsx"),
    (old_excel(HEADERS, [*CELLS[:3], 46346.3541666667]), ".xls"), (open_document(HEADERS, CELLS), ".ods"),
    (book(HEADERS, CELLS), ".xls"), (PAGE.encode(), ".xls"), (PAGE.encode("utf-16"), ".xls")],
    ids=["xls", "xls-named-xlsx", "xls-serial", "ods", "xlsx-named-xls", "html", "html-utf-16"])
def test_other_kinds_of_files(content: bytes, ending: str) -> None:
    assert sheets.read(content, ending).rows == [UNDERSTOOD]


def test_a_strict_workbook_is_read() -> None:
    good = book(HEADERS, CELLS)
    with zipfile.ZipFile(BytesIO(good)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist() if name.endswith((".xml", ".rels"))}
    strict = good
    for name, data in parts.items():
        said = data.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                            b"http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        strict = with_member(strict, name, said)
    assert sheets.read(strict, ".xlsx").rows == [UNDERSTOOD]


def test_the_table_is_found_in_any_sheet_that_is_seen_and_under_any_title() -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["Đọc kỹ hướng dẫn"])
    hidden = made.create_sheet("cũ")
    hidden.append([*HEADERS, "Ngày nộp"])
    hidden.append(["H17-200101-0001", "1.001193", "2", "01/01/2020"])
    hidden.sheet_state = "hidden"
    sheet = made.create_sheet("DS")
    for _ in range(14):
        sheet.append(["ỦY BAN NHÂN DÂN"])
    sheet.append(HEADERS)
    sheet.append(CELLS)
    found = sheets.read(saved(made), ".xlsx")
    assert (found.rows, found.lines) == ([UNDERSTOOD], [16])


def test_headers_in_two_lines_with_merged_cells() -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append(["STT", "Mã hồ sơ", "Mã thủ tục", "Trạng thái", "Ngày", None, "Thời gian", None])
    sheet.append([None, None, None, None, "tiếp nhận", "hẹn trả", "tiếp nhận", "cập nhật"])
    sheet.append(["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"])
    sheet.append([1, "H17-261120-0001", "1.001193", "Đang xử lý", "19/11/2026", "30/11/2026", None, "20/11/2026 08:30"])
    for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1", "G1:H1"):
        sheet.merge_cells(cells)
    sheet["G2"] = "khác"
    found = sheets.read(saved(made), ".xlsx")
    assert found.rows == [{"code": "H17-261120-0001", "procedure": "1.001193", "status": 4,
                           "received_at": "2026-11-19T00:00:00+07:00", "due_at": "2026-11-30T23:59:59+07:00",
                           "at": "2026-11-20T08:30:00+07:00"}]
    assert found.left_out == 1
    assert (found.headers["received_at"], found.headers["code"]) == ("Ngày tiếp nhận", "Mã hồ sơ")


def test_totals_and_signatures_are_passed_over_and_counted() -> None:
    found = sheets.read(book(HEADERS, CELLS, ["Tổng cộng: 1 hồ sơ"], [], [None, None, None, "NGƯỜI LẬP BIỂU"],
                             ["Tổng số", 1, 2, 3], ["Hà Nội, ngày 20/11/2026"]), ".xlsx")
    assert (found.rows, found.left_out) == ([UNDERSTOOD], 4)


def test_a_row_whose_code_is_wrong_is_no_total() -> None:
    found = sheets.read(book(HEADERS, CELLS, ["H17/0002", *CELLS[1:]]), ".xlsx")
    assert [row["code"] for row in found.rows] == ["H17-261120-0001", sheets.ILLFORMED]


ONE_STOP = ["STT", "Đơn vị tiếp nhận", "Tên thủ tục hành chính", "Mã hồ sơ", "Trạng thái", "Chủ hồ sơ",
            "Ngày nộp hồ sơ", "Ngày nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Ngày trả kết quả"]


def one_stop(status: str, *dates: str | None, name: str = "Đăng ký khai sinh") -> dict[str, Any]:
    row = ["1", "Phường A", name, "H17-261120-0904", status, "Trần B", *dates]
    found = sheets.read(book(ONE_STOP, row), ".xlsx", {"Đăng ký khai sinh": "1.001193"}.get)
    assert "Trần" not in repr(found.rows)
    return found.rows[0]


def test_the_export_of_a_one_stop_system_is_understood_as_it_is() -> None:
    row = one_stop("Đang xử lý", "20/11/2026 08:30:00", "20/11/2026 09:00:00", "30/11/2026 17:00:00")
    assert row == {"code": "H17-261120-0904", "procedure": "1.001193", "status": 4,
                   "submitted_at": "2026-11-20T08:30:00+07:00", "received_at": "2026-11-20T09:00:00+07:00",
                   "due_at": "2026-11-30T17:00:00+07:00", "at": "2026-11-20T09:00:00+07:00"}
    dates = ("20/11/2026", "21/11/2026", "30/11/2026", "25/11/2026", "26/11/2026")
    assert [one_stop(status, *dates)["at"][8:10] for status in (
        "Mới đăng ký", "Được tiếp nhận", "Đã xử lý xong", "Đã trả kết quả")] == ["20", "21", "25", "26"]
    assert one_stop("Đã trả kết quả", *dates[:3])["at"][8:10] == "21", "the last that is told"


@pytest.mark.parametrize(("name", "code"), [
    ("1.001193 - Đăng ký khai sinh", "1.001193"), ("2.000635.000.00.00.H17", "2.000635"), ("Việc khác", "?")])
def test_a_procedure_by_the_code_in_its_name(name: str, code: str) -> None:
    assert one_stop("Đang xử lý", "20/11/2026", name=name)["procedure"] == code


def test_names_are_those_of_the_catalogue(app: Any) -> None:
    named = catalogue.procedure_named("H17")
    assert named("Đăng ký khai sinh") == named("THỦ TỤC ĐĂNG KÝ KHAI SINH") == "1.001193"
    assert named("Nguyễn Văn A") is None


def test_dates_with_the_month_in_front_are_asked_back() -> None:
    error = refused(f"{HEADER},Ngày nộp\n{ROW},11/19/2026".encode(), ".csv")
    assert (error.reason, error.line, error.fields) == ("month_first", 2, ("submitted_at",))


@pytest.mark.parametrize(("headers", "font"), [
    (["M· hå s¬", "Tr¹ng th¸i", "Ngµy tiÕp nhËn"], "TCVN3"),
    (["Maõ hoà sô", "Traïng thaùi", "Ngaøy tieáp nhaän"], "VNI")])
def test_a_font_of_before_unicode_is_called_by_its_name(headers: list[str], font: str) -> None:
    for content, ending in ((book(headers, ["x"]), ".xlsx"), (",".join(headers).encode(), ".csv")):
        error = refused(content, ending)
        assert (error.reason, error.fields) == ("font", (font,))
    assert legacy_fonts.readings("Mã hồ sơ") == {}


@pytest.mark.parametrize(("content", "ending", "reason"), [
    (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), ".xlsx", "password"),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls", "broken"), (b"<html><script>", ".xlsx", "mismatch"),
    (b"<html><p>x</p></html>", ".xls", "headers"), (HEADER.encode(), ".xls", "mismatch"),
    (with_member(open_document(HEADERS, CELLS), "content.xml", b"<a"), ".ods", "broken")])
def test_what_cannot_be_read_says_why(content: bytes, ending: str, reason: str) -> None:
    assert refused(content, ending).reason == reason


def test_a_sheet_that_is_too_large_for_the_process_is_a_bomb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The library makes one block of a sheet; two cells at its ends are enough."""
    place = struct.pack("<HHH", 65535, 255, 0)
    far = struct.pack("<HH", 0x0204, 11) + place + struct.pack("<HB", 1, 1) + "x".encode("utf-16-le")
    content = old_excel(HEADERS, CELLS)
    end = content.rindex(struct.pack("<HH", 0x000A, 0))
    bomb = content[:end] + far + struct.pack("<HH", 0x000A, 0) + content[end + 4 + len(far):]
    found: Sheet | None = None
    try:
        found = sheets.read(bomb, ".xls")
    except Unreadable as error:
        assert error.reason == "bomb"
    assert found is None or found.rows == [UNDERSTOOD]
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(workbook, "READ_WITHIN_S", 0.3)
    monkeypatch.setattr(old_workbook, "__file__", str(slow))
    assert refused(content, ".xls").reason == "bomb"


def test_a_page_of_endless_rows_ends() -> None:
    text = "<table>" + "<tr><td colspan=999>x</td>" * (html_table.MOST_LINES + 5)
    lines = list(html_table.lines(text, 100))
    assert len(lines) == html_table.MOST_LINES and len(lines[0][1]) == 100


def test_a_date_of_a_spreadsheet_survives_the_process() -> None:
    out = [json.dumps(old_workbook._plain(each)) for each in (datetime(2026, 11, 20, 8, 30), 1.5, "x")]
    assert out == ['{"d": "2026-11-20T08:30:00"}', "1.5", '"x"']
