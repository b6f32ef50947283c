"""The laboratory: paste or choose, understand, download; what was pasted stays in its box."""
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests import make
from tests.exchange.edxml import signing

PAGE = "/government/exchange/laboratory"
SAMPLES = Path(__file__).parents[2] / "exchange" / "edxml" / "samples"
Sign = Callable[[Any], FlaskClient]


def sample(name: str) -> str:
    return next(SAMPLES.glob(f"{name}*.edxml")).read_text(encoding="utf-8")


@pytest.fixture
def clerk(sign_in: Sign) -> FlaskClient:
    return sign_in(make.staff("clerk", "H17"))


def test_a_pasted_document_is_understood_field_by_field(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": sample("02"), "as": ""})
    assert page.status_code == 200
    for said in ("Báo cáo tháng 10 (thử)", "35/BC-STN", "bc.pdf", "Gần nhất với cách viết: Hệ thống viết bằng C#",
                 "cơ quan 000.00.01.H99, ngày 03/11/2026, số 35/BC-STN", "Bản tin không ký số.", "organ_old"):
        assert said in page.text, said
    assert page.text.count("<pre") == 3
    assert "&lt;edXML xmlns=" in page.text.partition('name="pasted"')[2], "what was pasted stays"


def test_a_status_is_understood_and_none_of_the_samples_is_called_valid(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": sample("03")}).text
    assert "Một bản tin trạng thái" in page and "03 " in page and "H99.01,2026/11/02,120/CV-STN" in page
    signed = clerk.post(PAGE, data={"pasted": sample("01")}).text
    assert "Không kiểm tra được" in signed and "Hợp lệ:" not in signed
    assert "mọi hệ thống đều nhận nguyên văn" in signed and "<pre" not in signed


def test_each_peers_version_is_downloaded_and_what_it_loses_is_said(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": sample("02")}).text
    assert "Loại văn bản <code" in page and "Không mất gì" in page
    with clerk.post(PAGE, data={"pasted": sample("02"), "as": "gateway"}) as got:
        assert got.status_code == 200 and b"<edXML:Business>" in got.data
    assert got.headers["Content-Disposition"] == "attachment; filename=gateway.edxml"
    assert got.headers["Cache-Control"] == "no-store"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_chosen_file_is_read_and_stands_in_the_box(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"file": (BytesIO(sample("06").encode()), "tra-loi.edxml")},
                      content_type="multipart/form-data")
    assert "H99-261101-0007" in page.text and "G99,2026/10/30,77/BM-VP" in page.text
    assert "&lt;edXML:ReferenceCodes" in page.text.partition('name="pasted"')[2]


@pytest.mark.parametrize("pasted, why", [
    ("<!DOCTYPE edXML><edXML/>", "Lý do: doctype"), ("<edXML><a>", "Lý do: cut"), ("<a>x</b>", "Lý do: malformed")])
def test_what_is_refused_is_said_kindly_and_stays_in_the_box(clerk: FlaskClient, pasted: str, why: str) -> None:
    page = clerk.post(PAGE, data={"pasted": pasted})
    assert page.status_code == 422
    assert "Bản tin này sẽ không được nhận" in page.text
    assert escape(pasted) in page.text.partition('name="pasted"')[2]
    assert why in page.text


def test_a_deviation_of_the_whole_message_is_said_so(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": "\n" + sample("02")}).text
    assert "leading_space" in page and "Toàn bản tin" in page


def test_nothing_given_is_asked_for(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": "  "})
    assert page.status_code == 422 and "Dán bản tin hoặc chọn tệp" in page.text


def test_a_wrapped_signature_says_what_is_wrong(clerk: FlaskClient) -> None:
    doubled = signing.signed().decode().replace("</edXML:edXMLHeader>", "<edXML:Signature><a/></edXML:Signature>"
                                                                        "</edXML:edXMLHeader>")
    page = clerk.post(PAGE, data={"pasted": doubled})
    assert page.status_code == 422 and "signature_repeated" in page.text
    changed = clerk.post(PAGE, data={"pasted": signing.signed().decode().replace("YQ==", "Yg==")})
    assert "Không hợp lệ. Bản tin không còn như lúc ký" in changed.text


def test_a_text_that_is_too_long_leads_to_the_file(clerk: FlaskClient) -> None:
    page = clerk.post(PAGE, data={"pasted": "<" * 400_001})
    assert page.status_code == 422 and "Hãy chọn tệp thay cho dán" in page.text


def test_a_citizen_has_nothing_to_do_there(sign_in: Sign) -> None:
    assert sign_in(make.citizen()).get(PAGE).status_code == 403
