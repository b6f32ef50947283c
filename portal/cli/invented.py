"""Invented names and answers for the demonstration set. Nobody's: put together by dice."""
import random
import re
from collections.abc import Mapping
from datetime import date, timedelta
from textwrap import wrap
from typing import Any

from portal.catalogue import queries as catalogue
from portal.forms import examples
from portal.forms.types import TYPES
from portal.kit import clock
from portal.kit.text import fold, words
from portal.people.models import Person

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ",
          "Ngô", "Dương")
MIDDLE = ("Thị", "Văn", "Minh", "Ngọc", "Thanh", "Hữu", "Đức", "Quốc", "Thu", "Xuân")
GIVEN = ("Anh", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hương", "Khánh", "Lan", "Linh", "Mai", "Nam", "Oanh",
         "Phúc", "Quân", "Sơn", "Thảo", "Trang", "Tuấn", "Uyên", "Việt", "Yến", "Đạt", "Ánh")
PROCEDURES = ("1.001193", "1.004873", "1.004222", "1.004194", "2.000635", "1.001612", "3.000347", "2.000815",
              "1.000894", "1.000656")
#: What people write where a form asks for words, by how the question's key ends.
TEXTS = (("ethnic", ("Kinh", "Kinh", "Kinh", "Tày", "Thái", "Mường", "Khmer")), ("nationality", ("Việt Nam",)),
         ("clinic", ("Bệnh viện Phụ sản", "Bệnh viện Đa khoa tỉnh", "Trung tâm Y tế khu vực")),
         ("death_cause", ("Tuổi già", "Bệnh tim mạch", "Tai biến mạch máu não")),
         ("home_place", ("Xã Hòa Vang, thành phố Đà Nẵng", "Phường Hội An, thành phố Đà Nẵng")),
         ("business_name", ("Tạp hóa Minh Anh", "Quán cà phê Sông Hàn", "Tiệm may Thu Hà")),
         ("document_name", ("Bằng tốt nghiệp đại học", "Giấy khai sinh", "Sổ hộ khẩu cũ")))
_YEAR = 365
#: How long ago what a question asks for was, in days, by a part of its key; the first that fits.
AGO = (("child_birth", (2, 55)), ("deceased_birth", (60 * _YEAR, 92 * _YEAR)), ("birth", (24 * _YEAR, 55 * _YEAR)),
       ("death_date", (1, 14)), ("notice_date", (1, 10)), ("stay_from", (1, 20)), ("start_date", (1, 25)),
       ("period_from", (3 * _YEAR, 8 * _YEAR)), ("period_to", (1, 30)))
USUALLY = (_YEAR, 12 * _YEAR)
_UNSAID = re.compile(r"[^ -~]|[()\\]")  # what a plain text of a PDF cannot hold


def paper(label: str) -> bytes:
    """A page that says which paper it stands for, and that it is none."""
    lines = [*wrap(fold(label).capitalize(), 34), "", "Giay to mau - khong co gia tri"]
    shown = " T* ".join(f"({_UNSAID.sub(' ', line)}) Tj" for line in lines)
    stream = f"BT /F 18 Tf 24 TL 40 500 Td {shown} ET".encode("ascii")
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
               b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer\n<</Root 1 0 R/Size 6>>\n%%EOF\n"


def file_name(label: str) -> str:
    """What somebody calls the scan of a paper."""
    return "-".join(words(label.partition("(")[0])[:6]) + ".pdf"


def name(dice: random.Random) -> str:
    """A Vietnamese name in its own order: family, middle, given."""
    return f"{dice.choice(FAMILY)} {dice.choice(MIDDLE)} {dice.choice(GIVEN)}"


def _value(field: Mapping[str, Any], citizen: Person, dice: random.Random, here: str | None = None,
           n: int = 0) -> Any:
    """An answer. `here`: the province of the agency, where an address must lie in it."""
    kind = field["kind"]
    if kind in ("group", "table"):
        return [{inner["key"]: _value(inner, citizen, dice) for inner in field["fields"]}
                for _row in range(max(2, field.get("min", 0)))]
    if kind == "text":
        return _text(field, dice)
    if kind == "address":
        codes = [p.gso_code for p in catalogue.provinces() if p.gso_code]
        province = here if here and field.get("in_agency") else dice.choice(
            [code for code in codes if catalogue.wards(code)])
        return {"province": province, "ward": dice.choice(catalogue.wards(province)).code,
                "line": f"Số {dice.randint(1, 200)}"}
    if kind in ("choice", "choices"):
        value = dice.choice(field["options"])["value"]
        return [value] if kind == "choices" else value
    if kind == "date":
        return _day(field, dice).isoformat()
    if kind == "citizen_id":
        return f"0480{dice.randint(10**7, 10**8 - 1)}"
    if kind in ("phone", "email"):
        return citizen.phone if kind == "phone" else citizen.email
    if kind == "name":
        return name(dice)
    if kind == "yes_no":
        return dice.random() < 0.5
    return "Theo giấy tờ kèm theo." if kind == "long_text" else TYPES[kind].example(field, n)


def _text(field: Mapping[str, Any], dice: random.Random) -> str:
    if "digits" in field:
        return str(dice.randint(10 ** (field["digits"] - 1), 10 ** field["digits"] - 1))
    written = next((some for ends, some in TEXTS if field["key"].endswith(ends)), None)
    text = dice.choice(written) if written else name(dice) if "name" in field["key"] else "Theo giấy tờ kèm theo"
    return f"{field['begins']} {text}" if "begins" in field else text


def _day(field: Mapping[str, Any], dice: random.Random) -> date:
    """A day as it would be on the day of the application: a newborn's is some weeks ago, not some decades."""
    if field.get("future"):
        return clock.today() + timedelta(days=dice.randint(10, 200))
    least, most = next((days for part, days in AGO if part in field["key"]), USUALLY)
    return clock.today() - timedelta(days=dice.randint(least, most))


def answers(definition: dict[str, Any], citizen: Person, dice: random.Random,
            here: str | None = None) -> dict[str, Any]:
    """Answers to every question that applies, which go together by the form's rules."""
    return examples.answers(definition, lambda q, n: _value(q, citizen, dice, here, n))
