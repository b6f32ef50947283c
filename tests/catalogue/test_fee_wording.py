"""What a case costs in words: one way for lists, sheets, the page before handing in and the receipt."""
from datetime import date

import pytest

from portal.catalogue import fee_wording, rates, reference
from portal.kit.i18n import translated
from portal.law.fees import FeeKind, Rate
from portal.law.texts import Confidence

TODAY = date(2026, 11, 30)
ROWS = {row.code: row for row in reference.procedures()}


def short(code: str, channel: str = "online", day: date = TODAY, case: str = "") -> str:
    row = ROWS[code]
    return translated(fee_wording.short(row.rates, row.cases, day=day, channel=channel, case=case)).replace("\xa0", " ")


def notes(code: str, channel: str = "online", day: date = TODAY, case: str = "") -> list[str]:
    row = ROWS[code]
    told = fee_wording.lines(row.rates, row.cases, day=day, channel=channel, case=case)
    return [translated(note).replace("\xa0", " ") for line in told for note in line.notes]


@pytest.mark.parametrize(("code", "words"), [
    ("1.004222", "10.000 ₫"),
    ("3.000348", "115.000 ₫"),
    ("1.004873", "Do Hội đồng nhân dân cấp tỉnh quy định"),
    ("1.001193", "Miễn phí (theo bản ghi quốc gia, chưa kiểm chứng)"),
    ("1.003197", "Chưa rõ mức phí"),
    ("1.013079", "35.000 ₫ đến 105.000 ₫"),
    ("1.001456", "Cấp mới: 100.000 ₫; Cấp lại do hỏng, mất: 200.000 ₫"),
    ("1.004194", "Cá nhân, hộ gia đình: 7.000 ₫; Theo danh sách, tính cho mỗi người: 5.000 ₫"),
])
def test_the_fee_in_one_line(code: str, words: str) -> None:
    assert short(code) == words


def test_by_case_day_and_channel() -> None:
    assert short("1.001456", case="new") == "Cấp mới: 100.000 ₫"
    assert short("1.001456", case="new", day=date(2027, 1, 1)) == "Cấp mới: 200.000 ₫"
    assert short("1.004222", channel="counter") == "20.000 ₫"
    assert short("1.004194", channel="counter", case="single") == "Cá nhân, hộ gia đình: 15.000 ₫"


def test_what_must_stand_beside_it() -> None:
    passport = notes("1.001456", case="new")
    assert passport[0] == "Mức giảm áp dụng đến hết 31/12/2026; mức đầy đủ là 200.000 ₫."
    assert any("không phải nộp nếu là người nộp trực tuyến bằng định danh điện tử mức độ 2" in note
               and "15/08/2026" in note and "28/02/2027" in note for note in passport)
    assert passport[-1].startswith("Căn cứ: TT 64/2025/TT-BTC")
    assert not any("không phải nộp" in note for note in notes("1.001456", channel="counter"))
    assert "Học sinh, sinh viên, người có công và các đối tượng được giảm khác: 100.000 ₫." in notes("3.000333")


def test_how_sure_it_is_stands_beside_it_too() -> None:
    assert notes("1.001193") == [
        "Theo bản ghi của Cổng Dịch vụ công quốc gia, khoảng tháng 7/2026; chưa kiểm chứng."]
    assert notes("3.000346")[-1] == "Theo một nguồn, chưa kiểm chứng: TT 154/2025/TT-BTC."
    assert notes("1.007277")[-1].startswith("Đọc từ phần diễn giải của văn bản: ")
    assert notes("1.003197") == []


def test_a_later_rate_is_announced() -> None:
    told = [Rate(FeeKind.known, 50_000, valid_to=date(2026, 12, 31), source="TT 1", confidence=Confidence.high),
            Rate(FeeKind.free, valid_from=date(2027, 1, 1), source="TT 2", confidence=Confidence.high)]
    line = fee_wording.lines(told, (), day=TODAY, channel="online")[0]
    assert [translated(note) for note in line.notes] == ["Từ 01/01/2027: Miễn phí.", "Căn cứ: TT 1."]


def test_it_is_never_free_for_want_of_knowing() -> None:
    for row in ROWS.values():
        for channel in ("online", "counter", "post"):
            for line in fee_wording.lines(row.rates, row.cases, day=TODAY, channel=channel):
                assert translated(line.amount) != "Miễn phí", row.code
    assert rates.RECORD in {rate.source for row in ROWS.values() for rate in row.rates}
