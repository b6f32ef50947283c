"""Two people at one report in the same moment, each on a connection of their own."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from portal.kit.db import session, transaction
from portal.oversight.reporting import ReportState
from portal.oversight.reports import actions, queries
from portal.oversight.reports.actions import NotNow
from portal.people.models import Person
from tests import make
from tests.oversight import made
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROUNDS = times(10, 60)


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """What becomes of acts that begin in the same moment: what each returned, or raised."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                with transaction():
                    return act()
            except NotNow as error:
                return error
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def person(person_id: int) -> Person:
    found = session.get(Person, person_id)
    assert found is not None
    return found


@pytest.fixture
def cast(town: Flask) -> tuple[int, int, int, int]:
    """(report, drafter, leader, overseer) by their numbers."""
    with town.app_context():
        people_ = [make.staff("drafter", "H17"), make.staff("leader", "H17"), make.staff("overseer")]
        report = made.report()
        with transaction():
            actions.begin(report, people_[0])
        return report.id, people_[0].id, people_[1].id, people_[2].id


def saving(report_id: int, by: int, fields: dict[str, Any], shown: dict[str, Any]) -> Callable[[], Any]:
    def act() -> Any:
        report = queries.report(report_id)
        assert report is not None
        return actions.save(report, fields, shown, person(by))
    return act


def test_two_who_save_other_fields_at_once_both_keep_theirs(town: Flask, cast: tuple[int, int, int, int]) -> None:
    report_id, drafter, leader, _overseer = cast
    for n in range(ROUNDS):
        with town.app_context():
            report = queries.report(report_id)
            assert report is not None
            shown = {key: report.answers.get(key) for key in ("total_settled", "total_pending")}
        answers = at_once(town, saving(report_id, drafter, shown | {"total_settled": n + 1}, shown),
                          saving(report_id, leader, shown | {"total_pending": n + 1}, shown))
        assert answers == [(), ()]
        with town.app_context():
            report = queries.report(report_id)
            assert report is not None
            assert (report.answers["total_settled"], report.answers["total_pending"]) == (n + 1, n + 1)


def test_of_two_who_save_the_same_field_at_once_one_is_asked(town: Flask, cast: tuple[int, int, int, int]) -> None:
    report_id, drafter, leader, _overseer = cast
    shown: dict[str, Any] = {"total_settled": None}
    answers = at_once(town, saving(report_id, drafter, {"total_settled": 1}, shown),
                      saving(report_id, leader, {"total_settled": 2}, shown))
    assert sorted(len(one) for one in answers) == [0, 1]
    [clash] = next(one for one in answers if one)
    with town.app_context():
        report = queries.report(report_id)
        assert report is not None and report.answers["total_settled"] == clash.theirs
        assert {clash.theirs, clash.mine} == {1, 2}, "and nobody's number is lost"


def test_what_is_saved_while_the_leader_submits_is_in_it_or_refused(town: Flask,
                                                                    cast: tuple[int, int, int, int]) -> None:
    report_id, drafter, leader, overseer = cast
    with town.app_context():
        report = queries.report(report_id)
        assert report is not None
        with transaction():
            actions.save(report, made.answers_07a(), dict(report.answers), person(drafter))

    def submit() -> None:
        found = queries.report(report_id)
        assert found is not None
        actions.submit(found, person(leader))
    for _n in range(ROUNDS):
        said = at_once(town, submit, saving(report_id, drafter, {"difficulties": f"lần {_n}"}, {
            "difficulties": f"lần {_n - 1}" if _n else None}))
        with town.app_context():
            report = queries.report(report_id)
            assert report is not None and report.state == ReportState.submitted
            frozen = queries.events(report_id)
            [newest] = [one for one in frozen if one.code == "submitted"][-1:]
            assert newest.facts["answers"] == report.answers
            late = isinstance(said[1], NotNow)
            assert late or report.answers["difficulties"] == f"lần {_n}"
            with transaction():
                actions.send_back(report, person(overseer), "Xem lại")
                if late:
                    actions.save(report, {"difficulties": f"lần {_n}"}, dict(report.answers), person(drafter))
