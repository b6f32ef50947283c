"""Invented names and answers for the demonstration set. Nobody's: put together by dice."""
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.catalogue import queries as catalogue
from portal.forms import examples
from portal.forms.types import TYPES
from portal.people.models import Person

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ",
          "Ngô", "Dương")
MIDDLE = ("Thị", "Văn", "Minh", "Ngọc", "Thanh", "Hữu", "Đức", "Quốc", "Thu", "Xuân")
GIVEN = ("Anh", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hương", "Khánh", "Lan", "Linh", "Mai", "Nam", "Oanh",
         "Phúc", "Quân", "Sơn", "Thảo", "Trang", "Tuấn", "Uyên", "Việt", "Yến", "Đạt", "Ánh")
PROCEDURES = ("1.001193", "1.004873", "1.004222", "1.004194", "2.000635", "1.001612", "3.000347", "2.000815",
              "1.000894", "1.000656")
PDF = (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
       b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
       b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>\n"
       b"endobj\n4 0 obj\n<</Length 62>>\nstream\nBT /F 18 Tf 60 500 Td (Giay to mau - khong co gia tri) Tj ET     \n"
       b"endstream\nendobj\n5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
       b"trailer\n<</Root 1 0 R/Size 6>>\n%%EOF\n")


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
        ahead = bool(field.get("future"))
        start = date(2026, 12, 1) if ahead else date(1975, 1, 1)
        return (start + timedelta(days=dice.randint(0, 200 if ahead else 14000))).isoformat()
    if kind == "citizen_id":
        return f"0480{dice.randint(10**7, 10**8 - 1)}"
    if kind in ("phone", "email"):
        return citizen.phone if kind == "phone" else citizen.email
    if kind == "yes_no":
        return dice.random() < 0.5
    return "Theo giấy tờ kèm theo." if kind == "long_text" else TYPES[kind].example(field, n)


def _text(field: Mapping[str, Any], dice: random.Random) -> str:
    if "digits" in field:
        return str(dice.randint(10 ** (field["digits"] - 1), 10 ** field["digits"] - 1))
    words = name(dice) if "name" in field["key"] else "Theo giấy tờ kèm theo"
    return f"{field['begins']} {words}" if "begins" in field else words


def answers(definition: dict[str, Any], citizen: Person, dice: random.Random,
            here: str | None = None) -> dict[str, Any]:
    """Answers to every question that applies, which go together by the form's rules."""
    return examples.answers(definition, lambda q, n: _value(q, citizen, dice, here, n))
