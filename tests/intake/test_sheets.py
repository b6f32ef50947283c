"""Reading a table that nobody vouches for: what is understood, what is dropped, what is refused."""
import struct
import zipfile
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake import sheets, workbook
from portal.intake.sheets import COLUMNS, ILLFORMED, Sheet
from portal.intake.workbook import Unreadable
from portal.kit.i18n import _l
from portal.web.officer.upload_words import CHANNEL_WORDS, REASON_CODES
from portal.web.words import STATUS_WORDS

HEADER = "Mã hồ sơ,Mã thủ tục,Trạng thái,Thời điểm cập nhật"
ROW = "H17-261120-0001,1.001193,2,20/11/2026 08:30"
UNDERSTOOD = {"code": "H17-261120-0001", "procedure": "1.001193", "status": "2",
              "at": "2026-11-20T08:30:00+07:00"}
BY_NAME = {column.name: column for column in COLUMNS}


def of_csv(*lines: str, encoding: str = "utf-8") -> Sheet:
    return sheets.read("\r\n".join(lines).encode(encoding), ".csv")


def book(*rows: Any, **parts: bytes) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    """The workbook with a member replaced or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return out.getvalue()


def refused(content: bytes, ending: str = ".xlsx") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        sheets.read(content, ending)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_with_any_usual_delimiter(delimiter: str, encoding: str) -> None:
    assert of_csv(HEADER.replace(",", delimiter), ROW.replace(",", delimiter), encoding=encoding).rows == [UNDERSTOOD]


@pytest.mark.parametrize("header", [
    "code,procedure,status,at", "Dossier code,Procedure code,Status,Status since",
    "MÃ HỒ SƠ,mã tthc,Trạng thái hồ sơ,Ngày cập nhật", "MaHoSo,MaTTHC,TrangThaiHoSo,Thời điểm",
    "Ma ho so, Ma thu tuc ,trang_thai,thoi diem cap nhat"])
def test_headers_in_both_languages_without_marks_and_by_the_names_of_v1(header: str) -> None:
    assert of_csv(header, ROW).rows == [UNDERSTOOD]


def test_headers_may_stand_under_a_title_and_lines_keep_their_numbers() -> None:
    sheet = of_csv("SỞ TƯ PHÁP,,,", "", HEADER, "", ROW, '"H17-261120-0002\n",1.001193,2,20/11/2026', ROW)
    assert sheet.lines == [5, 6, 8]
    assert sheet.rows[1]["code"] == "H17-261120-0002"


def test_a_workbook_is_read_like_a_csv_with_true_dates_and_numbers() -> None:
    sheet = sheets.read(book(HEADER.split(","), ["H17-261120-0001", "1.001193", 2, datetime(2026, 11, 20, 8, 30)],
                             ["H17-261120-0001", 1.000948, "Đã trả kết quả", "20/11/2026"],
                             ["H17-261120-0001", 1001193, 2.0, datetime(2026, 11, 20)]), ".xlsx")
    assert sheet.rows[0] == UNDERSTOOD
    assert [row["procedure"] for row in sheet.rows] == ["1.001193", "1.000948", "1.001193"]
    assert [row["status"] for row in sheet.rows] == ["2", 10, "2"]
    assert sheet.lines == [2, 3, 4]


@pytest.mark.parametrize(("name", "cell", "means"), [
    ("at", "1/2/2026", "2026-02-01T00:00:00+07:00"), ("at", "2026-02-01", "2026-02-01T00:00:00+07:00"),
    ("at", "2026-02-01T08:00:00Z", "2026-02-01T08:00:00+00:00"), ("at", "01-02-2026 8:05", "2026-02-01T08:05:00+07:00"),
    ("due_at", "1/2/2026", "2026-02-01T23:59:59+07:00"), ("due_at", "1/2/2026 09:00", "2026-02-01T09:00:00+07:00"),
    ("at", "30/2/2026", ILLFORMED), ("at", "2/13/2026", ILLFORMED), ("at", "20/11/26", ILLFORMED),
    ("at", "hôm qua", ILLFORMED), ("at", "01/01/1900", ILLFORMED), ("at", 450000, ILLFORMED),
    ("at", 45000, "2023-03-15T00:00:00+07:00"), ("at", 46346.354166666664, "2026-11-20T08:30:00+07:00"),
    ("due_at", 46356, "2026-11-30T23:59:59+07:00"), ("at", "46346,3541666667", "2026-11-20T08:30:00+07:00"),
    ("at", float("nan"), ILLFORMED), ("at", True, ILLFORMED),
    ("due_at", "30/11/2026 24:00", "2026-11-30T23:59:59+07:00"),
    ("status", "Đã trả kết quả (đúng hạn)", 10), ("status", "Chờ bổ sung", 5), ("status", "Từ chối tiếp nhận", 3),
    ("status", "Đang giải quyết - quá hạn", 4), ("status", "Hoàn thành", 9),
    ("at", "20/11/2026 24:00", ILLFORMED),
    ("code", "h17 – 261120 – 0001", "H17-261120-0001"), ("code", "Nguyễn Văn A", ILLFORMED),
    ("status", "Yêu cầu bổ sung giấy tờ", 5), ("status", "DA-XONG", "DA-XONG"), ("status", "Chờ trả", "cho-tra"),
    ("status", "Chờ trả kết quả (bưu điện)", "cho-tra-ket-qua-buu-dien"), ("status", "048190123456", ILLFORMED),
    ("status", "bà An ở 12 Ngõ Kín chưa nộp", ILLFORMED),
    ("procedure", "048090001234", ILLFORMED), ("procedure", "2.001218.000.00.00.H38", "2.001218.000.00.00.H38"),
    ("channel", "Trực tuyến", "online"), ("channel", "post", "post"), ("reason", "Thiếu giấy tờ", "missing_papers"),
    ("reason", "bà An chưa nộp", ILLFORMED), ("level", "Mức độ 4", 4), ("level", 3.0, 3), ("level", "5", ILLFORMED),
    ("apology", "Có", True), ("correction", False, False), ("correction", "chưa", ILLFORMED),
    ("sequence", "3", 3), ("sequence", "-1", ILLFORMED), ("sequence", "٣", ILLFORMED)])
def test_what_a_cell_means(name: str, cell: Any, means: Any) -> None:
    assert sheets.value(BY_NAME[name], cell) == means


def test_columns_that_are_not_published_are_dropped_and_named() -> None:
    sheet = of_csv(f"STT,Chủ hồ sơ,{HEADER},Số CCCD,", f"1,Nguyễn Chim Yến,{ROW},048090001234,ghi chú")
    assert sheet.rows == [UNDERSTOOD]
    assert sheet.not_kept == [(1, "STT"), (2, "Chủ hồ sơ"), (7, "Số CCCD"), (8, "H")], "by its letter"
    assert "Chim" not in repr(sheet) and "048090001234" not in repr(sheet)


@given(st.sampled_from(COLUMNS), st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes()))
def test_no_cell_stumbles_and_nothing_free_gets_through(column: sheets.Column, cell: Any) -> None:
    found = sheets.value(column, cell)
    assert isinstance(found, (int, bool)) or found.isascii()
    assert not isinstance(found, str) or (len(found) <= 60 and " " not in found)


@pytest.mark.parametrize(("content", "ending", "reason"), [
    (b"", ".csv", "empty"), (b"x" * (workbook.MOST_BYTES + 1), ".csv", "too_large"),
    ("Mã hồ sơ".encode("cp1258", "replace") + b"\xff\xfe", ".csv", "encoding"), (b"a,b\0", ".csv", "mismatch"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xlsx", "old"), (HEADER.encode(), ".xlsx", "mismatch"),
    (b"PK\x03\x04", ".csv", "mismatch"), (b"PK\x03\x04 and no more", ".xlsx", "broken"),
    (b"%PDF-1.4", ".csv", "headers"), (HEADER.encode(), ".csv", "no_rows")])
def test_what_is_refused(content: bytes, ending: str, reason: str) -> None:
    assert refused(content, ending).reason == reason


def test_says_which_columns_are_missing_and_which_stand_there_twice() -> None:
    missing = refused("Mã hồ sơ,Họ tên,Trạng thái\nx,y,z".encode(), ".csv")
    assert (missing.reason, missing.fields) == ("headers", ("procedure", "at"))
    twice = refused(f"{HEADER},Status\n{ROW},2".encode(), ".csv")
    assert (twice.reason, twice.fields) == ("twice", ("status",))


def test_a_quotation_mark_in_the_wrong_place_is_told_with_its_line() -> None:
    error = refused(f'{HEADER}\n{ROW}\n"H17"x,1,2,3'.encode(), ".csv")
    assert (error.reason, error.line) == ("broken", 3)


def test_five_thousand_rows_and_not_one_more() -> None:
    assert len(of_csv(HEADER, *[ROW] * sheets.MOST_ROWS).rows) == sheets.MOST_ROWS
    assert refused("\n".join([HEADER, *[ROW] * (sheets.MOST_ROWS + 1)]).encode(), ".csv").reason == "too_many_rows"


GOOD = book(HEADER.split(","), ROW.split(","))


def test_the_good_workbook_is_good() -> None:
    assert sheets.read(GOOD, ".xlsx").rows == [UNDERSTOOD]


@pytest.mark.parametrize(("name", "data", "reason"), [
    ("xl/media/bomb.bin", b"\0" * (workbook.MOST_UNPACKED + 1), "bomb"),
    ("xl/media/bomb.bin", b"\0" * (workbook.RATIO_COUNTS_FROM + 1), "bomb"),
    ("xl/sharedStrings.xml", b"<a/>" * (workbook.MOST_TAGS + 1), "bomb"),
    ("xl/vbaProject.bin", b"x", "active"),
    ("xl/sharedStrings.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sst/>', "active"),
    ("xl/sharedStrings.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><sst/>'.encode("utf-16"), "active"),
    ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>", "broken"),
    ("xl/workbook.xml", b"<workbook/>", "broken")])
def test_workbooks_that_would_harm(name: str, data: bytes, reason: str) -> None:
    assert refused(with_member(GOOD, name, data)).reason == reason


def test_a_thousand_and_one_members_are_too_many() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for n in range(workbook.MOST_MEMBERS + 1):
            packed.writestr(f"{n}.xml", "")
    assert refused(out.getvalue()).reason == "bomb"


def test_a_member_that_lies_about_its_size_is_not_unpacked_beyond_it() -> None:
    content = with_member(GOOD, "xl/big.xml", b" " * 1_000_000)
    said = struct.pack("<I", 1_000_000)
    assert content.count(said) == 2
    assert refused(content.replace(said, struct.pack("<I", 10))).reason == "broken"


def test_another_office_file_under_the_name_of_a_workbook() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
    assert refused(out.getvalue()).reason == "mismatch"


def test_a_sheet_that_says_it_is_endless_is_read_as_far_as_it_goes() -> None:
    with zipfile.ZipFile(BytesIO(GOOD)) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml")
    far = xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>')
    assert far != xml
    assert sheets.read(with_member(GOOD, "xl/worksheets/sheet1.xml", far), ".xlsx").rows == [UNDERSTOOD]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_templates_are_understood(language: str) -> None:
    headers = [column.header[language] for column in COLUMNS]
    made = workbook.as_workbook("=1+1"[1:], headers, ["@"] * len(headers), [("=a", "b", "c")], "Notes")
    assert refused(made).reason == "no_rows"
    assert refused(workbook.as_csv([headers], ";").encode(), ".csv").reason == "no_rows"
    cell = openpyxl.load_workbook(BytesIO(made)).worksheets[1]["A1"]
    assert (cell.value, cell.data_type) == ("=a", "s")


def test_no_header_stands_for_two_columns() -> None:
    called = [word for column in COLUMNS for word in column.called]
    assert len(called) == len(set(called))


@pytest.mark.parametrize("form", ["channel", "reason", "apology", "status", "level"])
def test_what_the_page_offers_is_understood(app: Any, form: str) -> None:
    offered: dict[str, Any] = {"channel": CHANNEL_WORDS, "reason": REASON_CODES, "status": STATUS_WORDS,
                               "apology": {True: _l("Yes"), False: _l("No")}, "level": {4: "4"}}
    for prefix in ("/", "/en/"):
        with app.test_request_context(prefix, environ_overrides={"SCRIPT_NAME": prefix.rstrip("/")}):
            for means, words in offered[form].items():
                assert sheets.value(BY_NAME[form], str(words)) == means
