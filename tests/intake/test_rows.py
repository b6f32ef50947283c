"""What a row may say, and what is wrong with it."""
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.intake.rows import Refusal, Row, read, written

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
LEAST = {"code": "H17-261005-0001", "procedure": "1.001193", "status": 2, "at": "2026-11-20T08:30:00+07:00"}
CANARY = "Nguyễn Thị Bí Mật 048090001234"


def ask(**fields: Any) -> Row | Refusal:
    return read({key: value for key, value in (LEAST | fields).items() if value is not ...}, now=NOW)


def test_the_least_that_a_row_says() -> None:
    row = ask()
    assert row == Row("H17-261005-0001", None, "1.001193", 2, datetime(2026, 11, 20, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(("written_as", "meant"), [
    ("1.000948", "1.000948"), ("1.000948.H38", "1.000948"), ("2.001218.000.00.00.H38", "2.001218"),
    ("OWN-7", "OWN-7")])
def test_three_shapes_of_procedure_codes_are_one(written_as: str, meant: str) -> None:
    row = ask(procedure=written_as)
    assert isinstance(row, Row) and row.procedure == meant


@pytest.mark.parametrize(("written_as", "meant"), [("H56", "H56"), ("H56.22.17", "H56"), ("000.17.22.H56", "H56")])
def test_both_shapes_of_agency_ids_name_the_agency(written_as: str, meant: str) -> None:
    row = ask(agency=written_as)
    assert isinstance(row, Row) and row.agency_key == meant


def test_a_status_as_digits_is_a_status_and_a_word_waits_for_its_meaning() -> None:
    assert [getattr(ask(status=s), "status", None) for s in ("9", 10, "CHO_TRA", 11)] == [9, 10, "CHO_TRA", "11"]


@pytest.mark.parametrize(("typed", "kept"), [
    ("Chờ trả", "cho-tra"), ("CHỜ  TRẢ ", "cho-tra"), ("Cho tra", "cho-tra"), ("Chờ UBND ký", "cho-ubnd-ky"),
    ("Đã xong, chờ ký", "da-xong-cho-ky"),
    (unicodedata.normalize("NFD", "Chờ trả"), "cho-tra"),
    ("Yêu cầu thực hiện nghĩa vụ tài chính", "yeu-cau-thuc-hien-nghia-vu-tai-chinh")])
def test_a_status_in_words_is_kept_as_a_short_token(typed: str, kept: str) -> None:
    row = ask(status=typed)
    assert isinstance(row, Row) and row.status == kept
    assert read(written(row), now=NOW) == row


@pytest.mark.parametrize(("fields", "field", "reason"), [
    ({"code": ...}, "code", "missing"), ({"code": 7}, "code", "type"), ({"code": "H17"}, "code", "code"),
    ({"code": "H17-261005-" + "1" * 90}, "code", "too_long"),
    ({"procedure": CANARY}, "procedure", "type"),
    ({"procedure": "1" * 61}, "procedure", "too_long"), ({"procedure": "x" * 41}, "procedure", "too_long"),
    ({"status": ...}, "status", "missing"), ({"status": True}, "status", "type"), ({"status": 2.0}, "status", "type"),
    ({"status": "Hồ sơ của bà Nguyễn Thị An đã được chuyển"}, "status", "type"),
    ({"status": "Chờ 0912345678"}, "status", "type"), ({"status": "?"}, "status", "type"),
    ({"status": "状态"}, "status", "type"),
    ({"status": "a" * 61}, "status", "too_long"),
    ({"status": "Chờ <b>"}, "status", "type"), ({"status": "Nguyễn Thị Bí Mật"}, "status", "type"),
    ({"status": "Nguyễn văn A"}, "status", "type"), ({"status": "048090001234"}, "status", "type"),
    ({"at": ...}, "at", "missing"), ({"at": 1}, "at", "type"), ({"at": "2026-11-20"}, "at", "time"),
    ({"at": "2026-11-20T08:30:00"}, "at", "time"), ({"at": "2026-02-30T08:30:00Z"}, "at", "time"),
    ({"at": "1999-11-20T08:30:00Z"}, "at", "time"), ({"at": "2026-11-22T04:06:00Z"}, "at", "future"),
    ({"at": "0001-01-01T00:00:00+23:00"}, "at", "time"),
    ({"sequence": -1}, "sequence", "type"), ({"sequence": True}, "sequence", "type"),
    ({"agency": "của tôi"}, "agency", "type"),
    ({"submitted_at": "2026-11-20T09:00:00+07:00"}, "submitted_at", "order"),
    ({"submitted_at": "2026-11-19T09:00:00Z", "received_at": "2026-11-18T09:00:00Z"}, "received_at", "order"),
    ({"received_at": "2026-11-18T09:00:00Z", "due_at": "2026-11-17T09:00:00Z"}, "due_at", "order"),
    ({"due_at": "2046-11-17T09:00:00Z"}, "due_at", "future"),
    ({"finished_at": "2026-11-18T09:00:00Z"}, "finished_at", "order"),
    ({"channel": "fax"}, "channel", "channel"), ({"channel": 1}, "channel", "type"),
    ({"level": 5}, "level", "level"), ({"level": "4"}, "level", "type"),
    ({"reason": CANARY}, "reason", "type"), ({"correction": 1}, "correction", "type")])
def test_what_is_wrong_is_said_with_its_field(fields: dict[str, Any], field: str, reason: str) -> None:
    assert ask(**fields) == Refusal(field, reason)


def test_clocks_may_differ_by_minutes() -> None:
    assert isinstance(ask(at="2026-11-22T04:04:59Z"), Row)


def test_other_fields_are_not_even_looked_at() -> None:
    assert ask(holder=CANARY, ChuHoSo=CANARY, note=[CANARY]) == ask()


patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine makes rows slowly
moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))


@patient
@given(st.builds(Row, code=st.just("H17-261005-0001"),
                 agency_key=st.none() | st.just("H17"),
                 procedure=st.sampled_from(["1.001193", "OWN-7", None]), status=st.integers(1, 10) | st.just("CHO"),
                 at=moments, sequence=st.integers(0, 9), due_at=st.none() | moments,
                 channel=st.none() | st.just("post"), level=st.none() | st.integers(1, 4),
                 reason=st.none() | st.just("legal"),
                 new_due_at=st.none() | moments, correction=st.booleans(), apology=st.booleans()))
def test_a_row_that_was_kept_reads_as_it_was(row: Row) -> None:
    assert read(written(row), now=NOW) == row


@patient
@given(st.dictionaries(st.sampled_from([*Row.__slots__, "agency"]), st.none() | st.booleans() | st.integers()
                       | st.text() | st.lists(st.text(), max_size=1)
                       | st.datetimes().map(lambda d: d.isoformat() + "Z")))
def test_nothing_that_comes_breaks_the_reading(raw: dict[str, Any]) -> None:
    for now in (NOW, NOW + timedelta(days=4000)):
        assert isinstance(read(raw, now=now), Row | Refusal)
    assert isinstance(read(LEAST | raw, now=NOW), Row | Refusal)
