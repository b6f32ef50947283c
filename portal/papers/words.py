"""Days, moments and sums in the words that papers spell them in. Papers are always in Vietnamese. Pure."""
from datetime import date, datetime

from portal.kit.clock import VN

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def day_in_words(day: date) -> str:
    """ngày 05 tháng 02 năm 2026: a zero before days below 10 and months 1 and 2 (NĐ 30/2020, phụ lục I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def moment_in_words(moment: datetime) -> str:
    """09 giờ 30 phút, ngày 22 tháng 11 năm 2026, Vietnam's time. ValueError without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment on a paper needs its time zone")
    local = moment.astimezone(VN)
    return f"{local:%H} giờ {local:%M} phút, {day_in_words(local.date())}"


def _three_digits(number: int, *, whole: bool) -> list[str]:
    """The words for 0–999; `whole` when nothing stands before them, so that hundreds may be left unsaid."""
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    words = [] if whole and not hundreds else [DIGITS[hundreds], "trăm"]
    if tens == 0:
        return words + (["linh"] if words and units else []) + ([DIGITS[units]] if units else [])
    words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 5:
        return [*words, "lăm"]
    if units == 1 and tens > 1:
        return [*words, "mốt"]
    return words + ([DIGITS[units]] if units else [])


def _number(number: int, *, whole: bool = True) -> list[str]:
    if number >= 10**9:
        billions, rest = divmod(number, 10**9)
        return [*_number(billions), "tỷ", *(_number(rest, whole=False) if rest else [])]
    words: list[str] = []
    for size, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        part, number = divmod(number, size)
        if part:
            words += [*_three_digits(part, whole=whole and not words), *([name] if name else [])]
    return words


def money_in_words(amount: int) -> str:
    """Mười nghìn đồng: as receipts spell sums. ValueError below zero."""
    if amount < 0:
        raise ValueError("a sum on a paper cannot be negative")
    return f"{' '.join(_number(amount) or ['không'])} đồng".capitalize()
