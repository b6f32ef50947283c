"""Moments in every shape in which offices' systems write them, and the end of the day on which something is due."""
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit import moments
from portal.kit.clock import VN, day_of
from portal.kit.moments import DUE_DAY_ENDS, end_of_day

pytestmark = pytest.mark.once  # no database

HALF_PAST_EIGHT = datetime(2026, 11, 20, 8, 30, tzinfo=VN)
days = st.dates(date(2001, 1, 1), date(2060, 12, 30))
offsets = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def closing(day: date) -> datetime:
    return datetime.combine(day, DUE_DAY_ENDS, VN)


@given(days)
def test_midnight_and_24_00_and_a_day_alone_are_the_end_of_that_day_in_every_shape(day: date) -> None:
    for text in (f"{day:%Y%m%d}000000", f"{day:%Y%m%d}240000", f"{day:%Y%m%d}", f"{day:%d/%m/%Y}",
                 f"{day:%d/%m/%Y} 24:00", f"{day:%d/%m/%Y} 00:00:00", f"00:00:00 {day:%d/%m/%Y}",
                 f"{day}", f"{day} 00:00:00.0000000",
                 f"{day}T00:00:00+07:00", f"{day}T24:00:00+07:00", f"0 giờ 00 phút, ngày {day:%d/%m/%Y}",
                 f"ngày {day.day} tháng {day.month} năm {day.year}", f"{day:%d-%m-%Y} 12:00:00 SA"):
        found = moments.read(text)
        assert found and moments.due(found) == closing(day), text


@given(days, st.times(), offsets)
def test_only_midnight_moves_and_never_to_another_day(day: date, hour: time, offset: timezone) -> None:
    told = datetime.combine(day, hour, offset)
    meant = end_of_day(told)
    if meant != told:
        assert time.min in (each.time().replace(microsecond=0) for each in (told, told.astimezone(VN)))
        assert day_of(meant) in (day, day_of(told)) and meant.astimezone(VN).time() == DUE_DAY_ENDS
    assert end_of_day(meant) == meant, "said again, it stays"


def test_midnight_written_in_utc_or_carried_over_into_it_is_the_same_day() -> None:
    assert end_of_day(datetime(2026, 11, 30, tzinfo=UTC)) == closing(date(2026, 11, 30))
    assert end_of_day(datetime(2026, 11, 29, 17, tzinfo=UTC)) == closing(date(2026, 11, 30))
    assert end_of_day(datetime(2026, 11, 30, 0, 1, tzinfo=VN)).minute == 1


@pytest.mark.parametrize("text", [
    "20261120083000", "202611200830", "20/11/2026 08:30", "20/11/2026 8:30:00", "08:30:00 20/11/2026",
    "8:30 20-11-2026", "20/11/2026 8:30:00 SA", "20/11/2026 08:30:00 AM", "2026-11-20T08:30:00+07:00",
    "2026-11-20 08:30:00.0000000", "2026-11-20T01:30:00Z", "2026-11-20T01:30:00.000Z", "2026-11-20T08:30:00",
    "2026/11/20 08:30", "20.11.2026, 08:30",
    "8 giờ 30 phút, ngày 20/11/2026", "8h30 ngày 20/11/2026", "08 giờ 30 phút ngày 20 tháng 11 năm 2026",
    "20/11/2026T08:30:00", "Nov 20, 2026 8:30:00 AM", "/Date(1795138200000)/",
    "'20/11/2026 08:30", "2026-11-20T08:30:00+0700"])
def test_one_moment_in_every_shape(text: str) -> None:
    found = moments.read(text)
    assert found and moments.happened(found) == HALF_PAST_EIGHT


@pytest.mark.parametrize(("text", "hour"), [
    ("20/11/2026 2:30:00 CH", 14), ("20/11/2026 12:30 CH", 12), ("20/11/2026 12:30 SA", 0), ("20/11/2026 14:30 CH", 14),
    ("2:30 PM 20/11/2026", 14)])
def test_morning_and_afternoon(text: str, hour: int) -> None:
    found = moments.read(text)
    assert found and found.at == datetime(2026, 11, 20, hour, 30, tzinfo=VN)


@pytest.mark.parametrize("text", [
    "", "hôm qua", "11/20/2026", "20/11/26", "30/02/2026", "20261399000000", "00010101000000", "20/11/2026 25:00",
    "45000",
    "20/11/2026 14:30 SA", "20/11/2026 24:01", "0912345678", "2026-11-20T08:30:00+99:00", "9" * 70,
    "20/11/2026\x0008:30"])
def test_what_is_no_moment(text: str) -> None:
    found = moments.read(text)
    assert found is None or found.at.year < 2000


def test_what_happened_has_no_hour_24() -> None:
    found = moments.read("20/11/2026 24:00")
    assert found and moments.happened(found) is None


@given(st.text(max_size=80))
def test_no_text_stumbles(text: str) -> None:
    found = moments.read(text)
    assert found is None or found.at.tzinfo is not None


def test_months_in_front_are_seen_and_read_where_somebody_said_so() -> None:
    assert moments.is_month_first("11/20/2026 8:30") and not moments.is_month_first("20/11/2026")
    assert not moments.is_month_first("1/2/2026") and not moments.is_month_first("2026-11-20")
    found = moments.read("11/20/2026 08:30", month_first=True)
    assert found and found.at == HALF_PAST_EIGHT
    same = moments.read("2026-11-20 08:30", month_first=True)
    assert same and same.at == HALF_PAST_EIGHT
