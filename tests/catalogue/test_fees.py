"""Fees: the amount, and never without what must stand beside it."""

from datetime import date

import pytest

from portal.catalogue import cases, fee_wording, fees, rates, reference
from portal.law.fees import FeeKind, Rate, fee
from portal.law.texts import Confidence

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    "raw, amount",
    [
        ("Miễn phí", 0),
        ("8,000 VNĐ", 8_000),
        ("160,000 Việt Nam Đồng", 160_000),
        ("1,500,000 Việt Nam Đồng", 1_500_000),
        ("20.000 đồng", 20_000),
        ("10 USD", None),
        ("Không có thông tin", None),
        ("", None),
        ("90 VNĐ", None),
        ("100 VNĐ", None),
    ],
)
def test_the_amounts_of_the_records(raw: str, amount: int | None) -> None:
    assert fees.parse(raw).amount == amount


def test_a_misprint_is_told_and_not_charged() -> None:
    read = fees.parse("100 VNĐ")
    assert (read.amount, read.text) == (None, "")
    assert "100 VNĐ" in read.beside


def test_words_behind_the_amount_are_kept() -> None:
    read = fees.parse("20.000 đồng/lần (miễn cho trẻ em, người cao tuổi; tính theo người)")
    assert read.amount == 20_000
    assert any("trẻ em" in words for words in read.exemptions)
    assert any("tính theo người" in words for words in read.conditions)


@pytest.mark.parametrize(
    "words", ["miễn lệ phí cho hộ nghèo", "giảm 50% cho người khuyết tật", "Đối tượng không phải nộp: trẻ em"]
)
def test_who_pays_less_is_an_exemption(words: str) -> None:
    assert fees.parse("10,000 VNĐ", words).exemptions == (words,)


def test_free_gives_way_to_notes_that_name_the_fee() -> None:
    read = fees.parse("Miễn phí", "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần.")
    assert read.amount == 135_000 and not read.free
    assert read.text == "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần"


def test_an_amount_inside_an_exemption_is_no_fee() -> None:
    assert fees.parse("Miễn phí", "Hộ nghèo được miễn lệ phí 50.000 đồng.").amount == 0


def rates_of(code: str) -> tuple[Rate, ...]:
    return next(p for p in reference.procedures() if p.code == code).rates


def test_free_in_a_record_was_never_checked() -> None:
    birth = fee(rates_of("1.001193"), day=TODAY, channel="online")
    assert birth.kind is FeeKind.free and birth.rate and birth.rate.confidence is Confidence.low
    assert rates.known_amount(rates_of("1.001193"), day=TODAY, channel="online") is None


def test_a_record_whose_notes_leave_it_to_the_province_names_no_amount() -> None:
    household = fee(rates_of("1.001612"), day=TODAY, channel="online")
    assert household.kind is FeeKind.by_province and household.amount is None
    assert household.rate and "150,000 Việt Nam Đồng" in household.rate.text


def test_cells_that_ran_together_give_no_fee() -> None:
    change = fee(rates_of("2.002041"), day=TODAY, channel="counter")
    assert change.kind is FeeKind.unknown and change.rate and "bị dính" in change.rate.text


def test_an_amount_out_of_the_notes_says_so() -> None:
    assert fees.rate(fees.parse("Miễn phí", "Lệ phí: 50.000 đồng/lần."), "online", "s").from_prose
    assert not fees.rate(fees.parse("50.000 đồng"), "online", "s").from_prose


@pytest.mark.parametrize(
    "code, channel, day, amount",
    [
        ("1.004222", "online", TODAY, 10_000),
        ("1.004222", "counter", TODAY, 20_000),
        ("3.000347", "counter", TODAY, 115_000),
        ("3.000348", "online", TODAY, 115_000),
        ("3.000346", "online", TODAY, 115_000),
        ("3.000348", "online", date(2025, 12, 31), None),
        ("3.000333", "online", TODAY, 200_000),
        ("2.000635", "post", TODAY, 8_000),
        ("2.001610", "post", TODAY, 100_000),
        ("2.001610", "online", TODAY, None),
        ("1.003197", "online", TODAY, None),
    ],
)
def test_what_is_paid_on_a_day(code: str, channel: str, day: date, amount: int | None) -> None:
    assert rates.known_amount(rates_of(code), day=day, channel=channel) == amount


@pytest.mark.parametrize(
    "code, case, day, amount",
    [
        ("1.001456", "new", date(2026, 12, 31), 100_000),
        ("1.001456", "new", date(2027, 1, 1), 200_000),
        ("1.001456", "replaced", date(2026, 12, 31), 200_000),
        ("1.001456", "replaced", date(2027, 1, 1), 400_000),
        ("1.004194", "single", TODAY, 7_000),
        ("1.004194", "list", TODAY, 5_000),
    ],
)
def test_a_fee_by_case(code: str, case: str, day: date, amount: int) -> None:
    assert fee(rates_of(code), day=day, channel="online", case=case).amount == amount


@pytest.mark.parametrize("code", ["1.004873", "1.004746", "1.004884", "1.012783", "1.012784", "1.012786", "1.012790",
                                  "1.013833", "1.004772"])
def test_what_the_province_sets_is_not_free(code: str) -> None:
    assert fee(rates_of(code), day=TODAY, channel="online").kind is FeeKind.by_province


def test_who_pays_less_must_say_who_they_are() -> None:
    record = rates_of("3.000333")
    assert fee(record, day=TODAY, channel="online", person="pupil_student_merit").amount == 100_000


@pytest.mark.parametrize("day, offered", [(date(2026, 8, 14), False), (date(2026, 8, 15), True),
                                          (date(2027, 2, 28), True), (date(2027, 3, 1), False)])
def test_nothing_to_pay_for_digital_citizens_is_told_and_never_granted(day: date, offered: bool) -> None:
    for code in ("1.004222", "1.004873", "3.000348"):
        due = fee(rates_of(code), day=day, channel="online")
        assert [offer.condition for offer in due.offers] == ["digital_citizen"] * offered
        assert due.kind is not FeeKind.free
        assert not fee(rates_of(code), day=day, channel="counter").offers


def test_every_rate_names_a_procedure_and_where_it_stands() -> None:
    known = {p.code for p in reference.procedures()}
    assert set(rates.listed()) <= known
    for code, listed in rates.listed().items():
        for rate in listed:
            assert rate.source and rates.rate_of(rates.plain(rate)) == rate, code
            assert rate.condition in ("", *fee_wording.CONDITIONS) and rate.person in ("", *fee_wording.PERSONS)
            assert rate.case in ("", *(case.key for case in cases.listed().get(code, ()))), code
