"""How papers spell moments and sums."""
from datetime import UTC, datetime

import pytest

from portal.kit.clock import VN
from portal.papers import words as spelled


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 22, 2, 30, tzinfo=UTC), "09 giờ 30 phút, ngày 22 tháng 11 năm 2026"),
        (datetime(2026, 2, 4, 18, 5, tzinfo=UTC), "01 giờ 05 phút, ngày 05 tháng 02 năm 2026"),
        (datetime(2026, 3, 9, 17, 0, tzinfo=VN), "17 giờ 00 phút, ngày 09 tháng 3 năm 2026"),
    ],
)
def test_moments_are_written_as_official_papers_write_them(moment: datetime, words: str) -> None:
    assert spelled.moment_in_words(moment) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105, "Một trăm linh năm đồng"),
        (10_000, "Mười nghìn đồng"),
        (75_000, "Bảy mươi lăm nghìn đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (1_050_000, "Một triệu không trăm năm mươi nghìn đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (2_000_000_011, "Hai tỷ không trăm mười một đồng"),
        (1_234_567, "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng"),
    ],
)
def test_sums_are_spelt_as_receipts_spell_them(amount: int, words: str) -> None:
    assert spelled.money_in_words(amount) == words
