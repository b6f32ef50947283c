"""What is kept of agencies' counters is never older than the last commit, and nothing uncommitted is kept."""
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.people.models import Agency
from portal.progress import actions
from portal.statistics import queries, versions
from portal.statistics.measures import Line
from portal.statistics.models import ProgressOpen, ProgressVersion

TODAY = datetime(2026, 6, 10, 3, tzinfo=UTC).date()
DUE = TODAY + timedelta(days=2)
Asked = list[list[int] | None]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The ids of the agencies that were read, each time that any were; None: all."""
    found: Asked = []
    read = queries._open_lines

    def listened(today: Any, agencies: Sequence[int] | None) -> Any:
        found.append(None if agencies is None else sorted(agencies))
        return read(today, agencies)
    monkeypatch.setattr(queries, "_open_lines", listened)
    return found


def ids() -> list[int]:
    found = [each.id for each in session.query(Agency).filter(Agency.valid_to.is_(None)).order_by(Agency.id).limit(5)]
    session.rollback()
    return found


def open_one(agency_id: int, times: int = 1) -> None:
    actions.count([(None, Line(agency_id, 4, TODAY, TODAY, DUE))] * times)


def now(agency_id: int) -> Any:
    line = queries.open_everywhere(TODAY).by_agency.get(agency_id)
    return line and line["open_in_time"]


@pytest.mark.real_commits
def test_only_agencies_whose_counters_moved_are_read_again(town: Flask, asked: Asked) -> None:
    with town.app_context():
        agencies = ids()
        with transaction():
            for agency_id in agencies:
                open_one(agency_id, 10)
        assert [now(each) for each in agencies] == [10] * 5
        assert asked == [None], "read once, then kept"
        with transaction():
            open_one(agencies[1])
        assert [now(each) for each in agencies] == [10, 11, 10, 10, 10]
        assert asked == [None, [agencies[1]]]


@pytest.mark.real_commits
def test_an_agency_that_has_nothing_open_any_more_is_gone(town: Flask) -> None:
    with town.app_context():
        one, other, *_ = ids()
        line = Line(one, 4, TODAY, TODAY, DUE)
        with transaction():
            actions.count([(None, line)] * 6)
            open_one(other, 7)
        assert (now(one), now(other)) == (6, 7)
        with transaction():
            actions.count([(line, line._replace(status=7, finished_on=TODAY))] * 6)
        assert (now(one), now(other)) == (None, 7)


@pytest.mark.real_commits
def test_what_a_transaction_takes_back_leaves_nothing_behind(town: Flask) -> None:
    with town.app_context():
        one = ids()[0]
        with transaction():
            open_one(one, 5)
        assert now(one) == 5
        with pytest.raises(ZeroDivisionError), transaction():
            open_one(one, 5)
            assert now(one) == 10, "one's own is seen"
            raise ZeroDivisionError
        assert now(one) == 5
        with transaction():
            open_one(one, 20)  # raises the number to what it was in the one taken back
        assert now(one) == 25


@pytest.mark.real_commits
def test_a_day_later_what_is_late_is_read_anew(town: Flask) -> None:
    with town.app_context():
        one = ids()[0]
        with transaction():
            open_one(one, 8)
        assert now(one) == 8
        line = queries.open_everywhere(DUE + timedelta(days=1)).by_agency[one]
        assert (line["open_in_time"], line["open_late"]) == (0, 8)


@pytest.mark.real_commits
def test_what_is_counted_without_raising_the_number_shows_ten_minutes_later(
        town: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with town.app_context():
        one = ids()[0]
        with transaction():
            open_one(one, 9)
        assert now(one) == 9
        with transaction():  # as a process of the release before does
            session.execute(update(ProgressOpen).where(ProgressOpen.agency_id == one).values(n=90))
            session.query(ProgressVersion).delete()  # nor for an agency that it was the first to count
        later = clock.now() + timedelta(seconds=versions.LONGEST_S)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert now(one) == 90


def test_inside_a_transaction_nothing_is_kept(app: Flask, asked: Asked) -> None:
    one = ids()[0]
    session.execute(insert(ProgressOpen).values(agency_id=one, due_on=DUE, paused=False, n=6))
    for _ in range(2):
        assert now(one) == 6
    assert asked == [None, None]
    assert not app.extensions.get("versions")
