"""What is to be paid, by person, channel, case and day."""
from datetime import date

import pytest

from portal.law.fees import Fee, FeeKind, Rate, cases, fee, next_change

NOW = date(2026, 11, 30)
COUNTER = Rate(FeeKind.known, 15_000, channel="counter", case="single")
ONLINE = Rate(FeeKind.known, 7_000, channel="online", case="single")
LISTED = Rate(FeeKind.known, 5_000, channel="online", case="list")
DIGITAL = Rate(FeeKind.free, channel="online", valid_from=date(2026, 8, 15), valid_to=date(2027, 2, 28),
               condition="định danh mức độ 2, đủ 5 giấy tờ")
RESIDENCE = [COUNTER, ONLINE, LISTED, DIGITAL]


@pytest.mark.parametrize(("channel", "case", "amount"), [
    ("counter", "single", 15_000), ("online", "single", 7_000), ("online", "list", 5_000)])
def test_by_channel_and_case(channel: str, case: str, amount: int) -> None:
    found = fee(RESIDENCE, day=NOW, channel=channel, case=case)
    assert (found.kind, found.amount) == (FeeKind.known, amount)


def test_what_the_portal_cannot_know_is_offered_and_never_granted() -> None:
    assert fee(RESIDENCE, day=NOW, channel="online", case="single").offers == (DIGITAL,)
    assert fee(RESIDENCE, day=NOW, channel="counter", case="single").offers == ()
    assert fee(RESIDENCE, day=date(2027, 3, 1), channel="online", case="single").offers == ()
    assert fee([DIGITAL], day=NOW, channel="online") == Fee(FeeKind.unknown, None, (DIGITAL,))


@pytest.mark.parametrize("rates", [[], [LISTED], [Rate(FeeKind.known, 1_000, valid_to=date(2026, 11, 29))]])
def test_nothing_is_free_for_want_of_knowing(rates: list[Rate]) -> None:
    found = fee(rates, day=NOW, channel="online")
    assert (found.kind, found.amount) == (FeeKind.unknown, None)


def test_free_is_what_a_text_says() -> None:
    assert fee([Rate(FeeKind.free)], day=NOW, channel="online").amount == 0


def test_set_by_the_province_is_no_amount() -> None:
    found = fee([Rate(FeeKind.by_province, text="HĐND tỉnh")], day=NOW, channel="online")
    assert (found.kind, found.amount) == (FeeKind.by_province, None)


def test_a_half_fee_ends_and_the_whole_one_comes_back() -> None:
    half = Rate(FeeKind.known, 100_000, valid_to=date(2026, 12, 31), base=200_000)
    whole = Rate(FeeKind.known, 200_000, valid_from=date(2027, 1, 1))
    assert fee([half, whole], day=date(2026, 12, 31), channel="online").amount == 100_000
    assert fee([half, whole], day=date(2027, 1, 1), channel="online").amount == 200_000
    assert next_change([half, whole], day=NOW, channel="online") == (date(2027, 1, 1), Fee(FeeKind.known, whole))
    assert next_change([half, whole], day=date(2027, 1, 1), channel="online") is None


def test_the_end_of_an_offer_is_a_change() -> None:
    change = next_change(RESIDENCE, day=NOW, channel="online", case="single")
    assert change == (date(2027, 3, 1), Fee(FeeKind.known, ONLINE))


def test_who_somebody_is_comes_before_what_the_case_is() -> None:
    everyone, pupils = Rate(FeeKind.known, 200_000), Rate(FeeKind.known, 100_000, person="pupil")
    special = Rate(FeeKind.known, 300_000, case="abroad")
    assert fee([everyone, pupils, special], day=NOW, channel="post", case="abroad", person="pupil").amount == 100_000
    assert fee([everyone, pupils, special], day=NOW, channel="post", case="abroad").amount == 300_000
    assert fee([everyone, pupils, special], day=NOW, channel="post", person="soldier").amount == 200_000


def test_of_two_alike_the_newer_holds() -> None:
    old, new = Rate(FeeKind.known, 1_000), Rate(FeeKind.known, 2_000, valid_from=date(2026, 1, 1))
    assert fee([new, old], day=NOW, channel="online").amount == 2_000
    assert fee([new, old], day=date(2025, 12, 31), channel="online").amount == 1_000


def test_the_cases_in_their_order() -> None:
    assert cases(RESIDENCE, NOW) == ["single", "list", ""]


@pytest.mark.parametrize(("kind", "amount"), [
    (FeeKind.known, None), (FeeKind.free, 0), (FeeKind.by_province, 5), (FeeKind.unknown, 0)])
def test_only_a_known_fee_has_an_amount(kind: FeeKind, amount: int | None) -> None:
    with pytest.raises(ValueError, match="amount"):
        Rate(kind, amount)
