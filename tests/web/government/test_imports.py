"""Tasks from a spreadsheet, on their pages."""
from io import BytesIO
from typing import Any

import openpyxl
from sqlalchemy import func, select

from portal.kit.db import session
from portal.oversight.models import Directive
from tests import make
from tests.oversight.test_importing import LINE, book

PATH = "/government/oversight/directives/import"


def hand_in(client: Any, content: bytes, name: str = "nhiệm vụ.xlsx") -> Any:
    return client.post(PATH, data={"file": (BytesIO(content), name)}, content_type="multipart/form-data")


def test_a_file_is_shown_as_it_is_understood_and_given_after_a_yes(sign_in: Any) -> None:
    client = sign_in(make.staff("overseer"))
    answer = hand_in(client, book(LINE, LINE | {"mark": 2, "words": "Báo cáo", "deadline": "hằng quý"}))
    assert answer.status_code == 303
    where = answer.headers["Location"]
    page = client.get(where).get_data(as_text=True)
    assert "Báo cáo" in page and "31/01/2027" in page and "Giao cả 2 nhiệm vụ" in page and "Đà Nẵng" in page
    assert session.scalar(select(func.count(Directive.id))) == 0
    for _twice in range(2):
        assert client.post(where).status_code == 303
    page = client.get(where).get_data(as_text=True)
    assert session.scalar(select(func.count(Directive.id))) == 2
    assert page.count("/government/directives/") >= 2 and "2 nhiệm vụ đã được" in page


def test_what_is_wrong_stands_on_the_page_and_in_the_files(sign_in: Any) -> None:
    client = sign_in(make.staff("overseer"))
    content = book(LINE | {"deadline": "sớm", "words": "=1+1"}, LINE | {"leads": "Bộ Xa"})
    where = hand_in(client, content).headers["Location"]
    page = client.get(where).get_data(as_text=True)
    assert "J2" in page and "“sớm” không phải là thời hạn" in page and "hiện không có cơ quan nào" in page
    assert "Giao cả" not in page and client.post(where).status_code == 409
    lines = client.get(f"{where}/errors.csv").get_data(as_text=True)
    assert "J2;" in lines and "H3;" in lines
    sheet = openpyxl.load_workbook(BytesIO(client.get(f"{where}/errors.xlsx").data)).active
    assert "Ô J2" in str(sheet.cell(2, sheet.max_column).value) and sheet.cell(2, sheet.max_column).comment
    assert session.scalar(select(func.count(Directive.id))) == 0


def test_the_template_can_be_handed_in_once_it_is_filled_in(sign_in: Any) -> None:
    client = sign_in(make.staff("overseer"))
    template = openpyxl.load_workbook(BytesIO(client.get(f"{PATH}/template.xlsx").data))
    assert template.sheetnames == ["Nhiệm vụ", "Ví dụ", "Cách điền", "Cơ quan"], template.sheetnames
    empty = BytesIO()
    template.save(empty)
    assert "Không có dòng nào" in hand_in(client, empty.getvalue()).get_data(as_text=True)
    for column, cell in enumerate(template["Ví dụ"][2], 1):
        template["Nhiệm vụ"].cell(2, column, cell.value)
    full = BytesIO()
    template.save(full)
    page = client.get(hand_in(client, full.getvalue()).headers["Location"]).get_data(as_text=True)
    assert "Tệp không có lỗi" in page, page


def test_a_file_that_cannot_be_read_says_why(sign_in: Any) -> None:
    client = sign_in(make.staff("overseer"))
    for content, name, said in ((b"", "a.xlsx", "trống"), ("Số văn bản;Nhiệm vụ".encode(), "a.csv", "Thiếu cột"),
                                (b"%PDF-1.4 x", "a.xlsx", "không đúng như tên tệp")):
        answer = hand_in(client, content, name)
        assert answer.status_code == 422 and said in answer.get_data(as_text=True), name
