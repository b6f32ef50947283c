"""Fees: the amount, and never without what must stand beside it."""

import pytest

from portal.catalogue import fees, reference


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
    fee = fees.parse("100 VNĐ")
    assert (fee.amount, fee.text) == (None, "")
    assert "100 VNĐ" in fee.beside


def test_words_behind_the_amount_are_kept() -> None:
    fee = fees.parse("20.000 đồng/lần (miễn cho trẻ em, người cao tuổi; tính theo người)")
    assert fee.amount == 20_000
    assert any("trẻ em" in words for words in fee.exemptions)
    assert any("tính theo người" in words for words in fee.conditions)


@pytest.mark.parametrize(
    "words", ["miễn lệ phí cho hộ nghèo", "giảm 50% cho người khuyết tật", "Đối tượng không phải nộp: trẻ em"]
)
def test_who_pays_less_is_an_exemption(words: str) -> None:
    assert fees.parse("10,000 VNĐ", words).exemptions == (words,)


def test_free_gives_way_to_notes_that_name_the_fee() -> None:
    fee = fees.parse("Miễn phí", "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần.")
    assert fee.amount == 135_000 and not fee.free
    assert fee.text == "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần"


def test_an_amount_inside_an_exemption_is_no_fee() -> None:
    assert fees.parse("Miễn phí", "Hộ nghèo được miễn lệ phí 50.000 đồng.").amount == 0


def fee_of(code: str) -> fees.Fee:
    fee = next(p for p in reference.procedures() if p.code == code).fee
    assert fee is not None
    return fee


@pytest.mark.parametrize(
    "code, amount",
    [
        ("1.004222", 10_000),
        ("1.004194", 7_000),
        ("2.000635", 8_000),
        ("2.000815", 2_000),
        ("1.001193", 0),
        ("1.001456", 160_000),
        ("3.000347", 135_000),
        ("1.001612", 150_000),
        ("2.001610", None),
        ("1.003197", None),
    ],
)
def test_real_records(code: str, amount: int | None) -> None:
    assert fee_of(code).amount == amount


def test_conditions_of_real_records_stand_beside_the_fee() -> None:
    assert "tối đa 200.000 đồng/bản" in fee_of("2.000815").beside
    assert any("Điều 4 Thông tư 75/2022/TT-BTC" in words for words in fee_of("1.004222").exemptions)
    assert "Hội đồng nhân dân tỉnh" in fee_of("1.001612").beside


def test_channels_carry_what_must_stand_beside() -> None:
    copies = next(p for p in reference.procedures() if p.code == "2.000815")
    assert [(c["fee_text"], c["fee_amount"]) for c in copies.channels] == [
        ("2,000 Việt Nam Đồng", 2_000),
        ("10 USD", None),
    ]
    assert all(c["fee_notes"] for c in copies.channels)
