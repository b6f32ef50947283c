"""Time limits as the records word them."""

import pytest

from portal.catalogue import limits, reference
from portal.law.limits import Limit, LimitUnit


@pytest.mark.parametrize(
    "amount, unit, limit",
    [
        (7.0, "Ngày làm việc", Limit(7, LimitUnit.working_day)),
        (20.0, "Ngày", Limit(20, LimitUnit.day)),
        (1.0, "Giờ", Limit(1, LimitUnit.working_hour)),
        (None, None, Limit(None, LimitUnit.none)),
        (3.0, "không ghi đơn vị", Limit(3, LimitUnit.unknown, assumed=True)),
        (125.0, "không ghi đơn vị", Limit(1, LimitUnit.unknown, assumed=True)),  # ran into the fee's cell: 25
        (1100.0, "không ghi đơn vị", Limit(1, LimitUnit.unknown, assumed=True)),
        (91.0, "không ghi đơn vị", Limit(None, LimitUnit.unknown)),
        (125.0, "Ngày", Limit(125, LimitUnit.day)),
    ],
)
def test_one_channel(amount: float | None, unit: str | None, limit: Limit) -> None:
    assert limits.parse(amount, unit) == limit


@pytest.mark.parametrize("amount, unit", [(3.0, "Tuần trăng"), (3.0, None), (-1.0, "Ngày"), (0.5, "Ngày")])
def test_what_no_record_may_say(amount: float, unit: str | None) -> None:
    with pytest.raises(ValueError, match="time"):
        limits.parse(amount, unit)


def test_a_bare_number_takes_the_unit_that_the_same_record_states_elsewhere() -> None:
    raw = [{"thoi_han": 3.0, "don_vi": "không ghi đơn vị"}, {"thoi_han": 3.0, "don_vi": "Ngày làm việc"}]
    assert limits.of_record(raw) == [Limit(3, LimitUnit.working_day)] * 2
    raw[1]["thoi_han"] = 5.0
    assert limits.of_record(raw)[0].assumed


def test_the_longest_case_is_promised() -> None:
    days, hour = Limit(7, LimitUnit.working_day), Limit(1, LimitUnit.working_hour)
    assert limits.promised([hour, days, Limit(2, LimitUnit.working_day)]) == days
    assert limits.promised([Limit(8, LimitUnit.day), days]) == days
    assert limits.promised([]) == limits.NO_LIMIT
    assert limits.promised(iter([limits.UNREADABLE])) == limits.UNREADABLE


@pytest.mark.parametrize(
    "code, limit",
    [
        ("1.004222", Limit(7, LimitUnit.working_day)),
        ("1.004194", Limit(3, LimitUnit.working_day)),
        ("1.001193", Limit(1, LimitUnit.unknown, assumed=True)),
        ("2.000635", Limit(None, LimitUnit.none)),
        ("1.001612", Limit(3, LimitUnit.working_day)),
        ("2.002041", Limit(1, LimitUnit.unknown, assumed=True)),
        ("2.002069", Limit(1, LimitUnit.unknown, assumed=True)),
        ("1.010041", Limit(3, LimitUnit.working_day)),
        ("2.001159", Limit(1, LimitUnit.working_hour)),
        ("1.010727", Limit(30, LimitUnit.day)),
    ],
)
def test_real_records(code: str, limit: Limit) -> None:
    assert next(p for p in reference.procedures() if p.code == code).limit == limit


def test_an_assumed_unit_is_always_marked_and_only_then() -> None:
    for row in reference.procedures():
        assert row.limit.assumed == (row.limit.unit is LimitUnit.unknown and row.limit.amount is not None)
