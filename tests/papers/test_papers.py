"""Forms 01, 02 and 03 as real PDFs read back, and the code that proves them."""

import io
import json
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jinja2
import pikepdf
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.kit.clock import VN
from portal.papers import drawing
from portal.papers.facts import PAPERS, PaperFacts, from_plain, to_plain
from portal.papers.kinds.extension import ExtensionFacts
from portal.papers.kinds.receipt import HandedIn, ReceiptFacts
from portal.papers.kinds.refusal import RefusalFacts
from portal.papers.kinds.supplement import SupplementFacts

TEMPLATES = Path(__file__).parents[2] / "templates"
JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=True
)
SIDES = {"A5": (148, 210), "A4": (210, 297)}
COMMON: dict[str, Any] = {
    "parent_body": "Ủy ban nhân dân thành phố Đà Nẵng",
    "unit_name": "Trung tâm Phục vụ hành chính công",
    "number": "0123/TTPVHCC",
    "place": "Đà Nẵng",
    "issued_on": date(2026, 11, 22),
    "dossier_code": "H17-261122-0001",
    "applicant_name": "Nguyễn Thị Ánh Nguyệt",
    "holder_name": "Trần Đức Ẩn",
    "address": "Số 12 đường Lê Duẩn, phường Hải Châu, thành phố Đà Nẵng",
    "phone": "0905 123 456",
    "email": "anh.nguyet@example.vn",
    "identity_number": "048190001345",
    "content": "Đăng ký khai sinh có yếu tố nước ngoài",
    "officer_name": "Lê Văn Bình",
    "verification_code": "7Q4M-2ZD9-KX0T-HV5R",
    "verify_url": "https://dichvucong.example.vn/verify",
    "progress_url": "https://dichvucong.example.vn/progress/H17-261122-0001",
}
LABELS = (
    "Tờ khai đăng ký khai sinh theo mẫu",
    "Giấy chứng sinh do cơ sở y tế cấp",
    "Văn bản thỏa thuận của cha mẹ về việc chọn quốc tịch cho con",
    "Giấy tờ tùy thân của người đi đăng ký khai sinh",
    "Giấy chứng nhận kết hôn của cha, mẹ trẻ em",
)


def receipt(count: int = 5, **changes: Any) -> ReceiptFacts:
    handed = tuple(HandedIn(LABELS[i % 5], originals=1, certified=2, copies=3) for i in range(count))
    return ReceiptFacts(
        **{
            **COMMON,
            "papers": handed,
            "limit_text": "05 ngày làm việc",
            "received_at": datetime(2026, 11, 22, 2, 30, tzinfo=UTC),
            "due_at": datetime(2026, 11, 27, 9, tzinfo=UTC),
            "return_place": "Trung tâm Phục vụ hành chính công, số 24 đường Trần Phú",
            "book_number": "01/2026",
            "order_number": "125",
            **changes,
        }
    )


def supplement(**changes: Any) -> SupplementFacts:
    return SupplementFacts(
        **{
            **COMMON,
            "items": ("Giấy chứng nhận kết hôn có chứng thực", "Văn bản thỏa thuận chọn quốc tịch"),
            "reason": "Giấy tờ đã nộp mờ, không đọc được số.",
            "contact_name": "Phạm Thị Ơn",
            "contact_phone": "0236 1022",
            "answer_by": date(2026, 12, 4),
            **changes,
        }
    )


def refusal(**changes: Any) -> RefusalFacts:
    return RefusalFacts(
        **{
            **COMMON,
            "reasons": ("Không thuộc thẩm quyền giải quyết.",),
            "contact_phone": "0236 1022",
            **changes,
        }
    )


def extension(**changes: Any) -> ExtensionFacts:
    return ExtensionFacts(
        **{
            **COMMON,
            "received_at": datetime(2026, 11, 22, 9, 30, tzinfo=VN),
            "old_due_at": datetime(2026, 11, 27, 17, tzinfo=VN),
            "new_due_at": datetime(2026, 12, 3, 17, tzinfo=VN),
            "reason": "Chờ ý kiến của Sở Tư pháp.",
            **changes,
        }
    )


EVERY_PAPER = {"receipt": receipt(), "supplement": supplement(), "refusal": refusal(), "extension": extension()}


def test_every_paper_that_can_be_issued_is_printed_here() -> None:
    assert set(EVERY_PAPER) == set(PAPERS)


def test_an_extension_names_both_dates_the_reason_and_an_apology() -> None:
    words = words_of(printed(extension()))
    for said in ("VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", "Mẫu số 04", "xin lỗi",
                 "17 giờ 00 phút, ngày 27 tháng 11 năm 2026", "17 giờ 00 phút, ngày 03 tháng 12 năm 2026",
                 "Chờ ý kiến của Sở Tư pháp."):
        assert said in words


def html_of(facts: PaperFacts, size: str = "A5") -> str:
    return JINJA.get_template(facts.template).render(drawing.context(facts, size))


def printed(facts: PaperFacts, size: str = "A5") -> bytes:
    return drawing.to_pdf(facts, html_of(facts, size))


def words_of(data: bytes) -> str:
    raw = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    return " ".join(raw.split())


def pages_of(data: bytes) -> list[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(data)) as book:
        return [
            (round(float(p.MediaBox[2]) / 72 * 25.4), round(float(p.MediaBox[3]) / 72 * 25.4))
            for p in book.pages
        ]


FORM_01 = {  # every field of form 01 as domain/data/forms.json lists it → what a reader sees
    "chữ ký số của tổ chức (bản điện tử)": "có chữ ký số của UBND thành phố",
    "tên cơ quan cấp trên": "ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG",
    "Trung tâm PVHCC / Bộ phận TN&TKQ": "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
    "quốc hiệu, tiêu ngữ": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
    "Số …/TTPVHCC (BPTNTKQ)": "Số: 0123/TTPVHCC",
    "địa danh, ngày tháng năm": "Đà Nẵng, ngày 22 tháng 11 năm 2026",
    "mã hồ sơ": "Mã hồ sơ: H17-261122-0001",
    "họ tên người nộp / chủ hồ sơ": "Tiếp nhận hồ sơ của: Nguyễn Thị Ánh Nguyệt",
    "địa chỉ": "Địa chỉ: Số 12 đường Lê Duẩn, phường Hải Châu, thành phố Đà Nẵng",
    "số điện thoại": "Số điện thoại: 0905 123 456",
    "email": "Email: anh.nguyet@example.vn",
    "số giấy tờ tuỳ thân (biến thể tỉnh)": "Số giấy tờ tùy thân: *********345",
    "nội dung yêu cầu giải quyết": "Nội dung yêu cầu giải quyết: Đăng ký khai sinh có yếu tố nước ngoài",
    "1. thành phần hồ sơ (biến thể: bảng bản chính/bản chứng thực/bản photo)": (
        "Giấy chứng sinh do cơ sở y tế cấp 1 2 3"
    ),
    "2. số lượng hồ sơ (bộ)": "2. Số lượng hồ sơ: 01 (bộ)",
    "3. thời gian giải quyết theo quy định (ngày)": (
        "3. Thời gian giải quyết hồ sơ theo quy định: 05 ngày làm việc"
    ),
    "4. thời gian nhận hồ sơ: giờ, phút, ngày": (
        "4. Thời gian nhận hồ sơ: 09 giờ 30 phút, ngày 22 tháng 11 năm 2026"
    ),
    "5. thời gian trả kết quả: giờ, phút, ngày": (
        "5. Thời gian trả kết quả: 16 giờ 00 phút, ngày 27 tháng 11 năm 2026"
    ),
    "6. đăng ký nhận kết quả tại": (
        "6. Đăng ký nhận kết quả tại: Trung tâm Phục vụ hành chính công, số 24 đường Trần Phú"
    ),
    "vào Sổ theo dõi hồ sơ: quyển số, số thứ tự": "Vào Sổ theo dõi hồ sơ, Quyển số: 01/2026, Số thứ tự: 125",
    "người nộp ký": "NGƯỜI NỘP HỒ SƠ (Ký và ghi rõ họ tên) Nguyễn Thị Ánh Nguyệt",
    "người tiếp nhận ký": "NGƯỜI TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên) Lê Văn Bình",
    "ghi chú: 2 liên (1 đi kèm Mẫu 05 và lưu, 1 giao người nộp); có thể nhận qua bưu chính": (
        "2 liên: một liên đi kèm Phiếu kiểm soát quá trình giải quyết hồ sơ (Mẫu số 06) và lưu, "
        "một liên giao người nộp hồ sơ. Có thể đăng ký nhận kết quả qua dịch vụ bưu chính"
    ),
}


@pytest.fixture(scope="module")
def signed_receipt() -> str:
    return words_of(printed(receipt(signed_by="UBND thành phố", fee_text="10.000 ₫ (Mười nghìn đồng)")))


@pytest.mark.parametrize("law", FORM_01)
def test_the_receipt_has_every_field_of_form_01(law: str, signed_receipt: str) -> None:
    assert FORM_01[law] in signed_receipt


def test_the_receipt_shows_its_name_form_number_codes_addresses_holder_and_fee(signed_receipt: str) -> None:
    for text in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Mẫu số 01",
        "Chủ hồ sơ: Trần Đức Ẩn",
        "Mã xác thực: 7Q4M-2ZD9-KX0T-HV5R",
        "https://dichvucong.example.vn/verify",
        "https://dichvucong.example.vn/progress/H17-261122-0001",
        "10.000 ₫ (Mười nghìn đồng)",
    ):
        assert text in signed_receipt
    assert "chưa có chữ ký số" not in signed_receipt


def test_a_supplement_request_and_a_refusal_say_what_forms_02_and_03_ask() -> None:
    asked, refused = words_of(printed(supplement())), words_of(printed(refusal()))
    for text in (
        "Mẫu số 02",
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        "Hồ sơ của: Nguyễn Thị Ánh Nguyệt",
        "1. Giấy chứng nhận kết hôn có chứng thực",
        "2. Văn bản thỏa thuận chọn quốc tịch",
        "Lý do: Giấy tờ đã nộp mờ",
        "Phạm Thị Ơn, số điện thoại 0236 1022",
        "ngày 04 tháng 12 năm 2026",
        "NGƯỜI HƯỚNG DẪN (Ký và ghi rõ họ tên) Lê Văn Bình",
        "chưa có chữ ký số",
    ):
        assert text in asked
    for text in (
        "Mẫu số 03",
        "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ",
        "thông báo không tiếp nhận",
        "1. Không thuộc thẩm quyền giải quyết.",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
    ):
        assert text in refused


@pytest.mark.parametrize(("day", "slip", "refused"), [
    (date(2025, 9, 14), "05", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"),  # Circular 01/2018/TT-VPCP
    (date(2025, 9, 15), "06", "Phiếu từ chối tiếp nhận, giải quyết hồ sơ"),  # Circular 03/2025/TT-VPCP
])
def test_numbers_and_titles_are_those_of_the_day_of_the_paper(day: date, slip: str, refused: str) -> None:
    assert f"(Mẫu số {slip}) và lưu" in html_of(receipt(issued_on=day))
    assert refusal(issued_on=day).name == refused


@pytest.mark.parametrize("size", drawing.SIZES)
@pytest.mark.parametrize("kind", EVERY_PAPER)
def test_a_usual_paper_is_one_page_of_its_size(kind: str, size: str) -> None:
    facts = replace(EVERY_PAPER[kind], demonstration=True)
    assert pages_of(printed(facts, size)) == [SIDES[size]]


@pytest.mark.parametrize("size", drawing.SIZES)
def test_thirty_papers_and_long_names_flow_to_a_second_page_with_nothing_lost(size: str) -> None:
    name = "Nguyễn " * 27 + "Cuối Cùng"
    handed = tuple(HandedIn(f"Giấy tờ thứ {i} của hồ sơ này") for i in range(1, 31))
    data = printed(receipt(papers=handed, applicant_name=name, holder_name=name), size)
    assert pages_of(data) == [SIDES[size]] * 2
    words = words_of(data)
    assert all(f"{i} Giấy tờ thứ {i} của hồ sơ này" in words for i in range(1, 31))
    assert words.count("Tên giấy tờ") == 2 and "H17-261122-0001 - trang 2/2" in words


@pytest.mark.parametrize("size", drawing.SIZES)
@pytest.mark.parametrize("kind", EVERY_PAPER)
def test_the_qr_code_leads_to_the_public_page_and_stands_bottom_left(kind: str, size: str) -> None:
    png = subprocess.run(
        ["pdftoppm", "-r", "150", "-png"],
        input=printed(EVERY_PAPER[kind], size),
        capture_output=True,
        check=True,
    ).stdout
    sheet = Image.open(io.BytesIO(png))
    found = zxingcpp.read_barcode(sheet)
    assert found is not None and found.text == COMMON["progress_url"]
    assert found.position.bottom_right.x < sheet.width / 3


@pytest.mark.parametrize("kind", EVERY_PAPER)
def test_the_attached_facts_are_the_facts(kind: str) -> None:
    facts = EVERY_PAPER[kind]
    with pikepdf.open(io.BytesIO(printed(facts))) as book:
        inside = json.loads(book.attachments["facts.json"].get_file().read_bytes())
        assert str(book.docinfo["/Title"]) == f"{facts.name} H17-261122-0001"
    assert inside == to_plain(facts)
    assert from_plain(inside) == facts


def texts(plain: Any) -> list[str]:
    if isinstance(plain, dict):
        return [each for key, value in plain.items() if key != "paper" for each in texts(value)]
    if isinstance(plain, list | tuple):
        return [each for value in plain for each in texts(value)]
    return [plain] if isinstance(plain, str) else []


@pytest.mark.parametrize("kind", EVERY_PAPER)
def test_the_attached_facts_hold_no_more_than_the_page_shows(kind: str) -> None:
    facts = EVERY_PAPER[kind]
    dates = {v for k, v in to_plain(facts).items() if k.endswith(("_at", "_on", "_by")) and v}
    seen = words_of(printed(facts)).casefold()
    for text in texts(to_plain(facts)):
        assert text in dates or text.casefold() in seen
    assert "048190001345" not in drawing.facts_json(facts).decode() + seen


@pytest.mark.parametrize("kind", EVERY_PAPER)
def test_a_paper_printed_twice_is_the_same_file(kind: str) -> None:
    assert printed(EVERY_PAPER[kind]) == printed(from_plain(to_plain(EVERY_PAPER[kind])))


def test_a_demonstration_paper_says_that_it_is_worth_nothing() -> None:
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in words_of(printed(receipt(demonstration=True)))
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" not in words_of(printed(receipt()))


HOSTILE = [
    "<script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "</b><link rel=attachment href=file:///etc/passwd>",
    '"><img src=http://127.0.0.1/>',
    "&lt;b&gt; &amp; “’",
    "ẮẰẲẴẶ ứừửữự Đđ ₫",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    words = words_of(printed(receipt(applicant_name=name, holder_name=name, address=name, content=name)))
    assert f"Tiếp nhận hồ sơ của: {name}" in words and f"Chủ hồ sơ: {name}" in words


@pytest.mark.parametrize("name", ["W" * 10_000, "Nguyễn " * 1_429])
def test_ten_thousand_letters_are_printed_within_the_margins(name: str) -> None:
    data = printed(refusal(applicant_name=name, holder_name="x", officer_name="y"))
    assert len(pages_of(data)) < 40
    assert "".join(words_of(data).split()).count("W" * 500 if name[0] == "W" else "NguyễnNguyễn") > 0


@given(st.text(max_size=80))
def test_unprintable_letters_never_reach_a_paper(name: str) -> None:
    kept = receipt(applicant_name=name).applicant_name
    assert kept.isprintable() and kept == kept.strip()
    assert receipt(applicant_name=kept).applicant_name == kept


def test_missing_contacts_are_said_to_be_missing() -> None:
    words = words_of(printed(receipt(email="", identity_number="", due_at=None,
                                       limit_text="pháp luật không quy định thời hạn")))
    assert "Email: không khai" in words and "Số giấy tờ tùy thân: không khai" in words
    assert "5. Thời gian trả kết quả: pháp luật không quy định thời hạn" in words


def test_whom_to_ask_is_named_without_a_number_where_there_is_none() -> None:
    assert "liên hệ Phạm Thị Ơn để được hướng dẫn" in words_of(printed(supplement(contact_phone="")))


def test_a_limit_that_is_not_known_is_not_said_to_be_none() -> None:
    assert receipt(due_at=None, limit_text="chưa rõ").due == "chưa rõ"


def test_addresses_that_are_not_of_the_web_and_odd_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="web addresses"):
        receipt(progress_url="javascript:alert(1)")
    with pytest.raises(ValueError, match="A5 or A4"):
        drawing.context(receipt(), "A3")


def test_facts_of_an_earlier_release_are_still_read() -> None:
    plain = to_plain(receipt()) | {"fee": None}
    assert from_plain(plain) == receipt()
