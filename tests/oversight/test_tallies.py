"""Counters of tasks say at any moment what a count of all tasks would say."""
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from alembic import command
from flask import Flask
from sqlalchemy import select, text, update

from portal.cli.database import alembic_config, upgrade_to_head
from portal.kit import clock, jobs
from portal.kit.db import session, transaction
from portal.oversight import lists, recounting, tallies, tasks
from portal.oversight.models import Assignment, TaskTally
from portal.oversight.models.directives import NOW
from portal.oversight.standing import State
from portal.oversight.tasks import NotNow
from portal.people.models import Person
from tests import make
from tests.conftest import Databases, bound, open_house

START = datetime(2026, 8, 20, 2, tzinfo=UTC)
KEYS = ("H17", "H26")
VERBS = ("give", "claim", "verify", "send_back", "reopen", "ask", "decide", "propose", "roll", "wait", "told_later")


def give(n: int = 0, due: date | None = None, *, to: tuple[str, ...] = ("H17",), **kw: Any) -> list[Assignment]:
    made = tasks.new_directive(**{"number": f"{n}/NQ-CP", "issuer": "Chính phủ", "words": "Kết nối", "due_on": due,
                                  "deadline": "fixed" if due else "none"} | kw)
    return tasks.give(made, [make.agency(key) for key in to], by=None)


def by_all_tasks(today: date) -> dict[str, tuple[int, ...]]:
    """Given, in time, late, claimed, late now of each agency: counted from every task."""
    found: dict[str, Counter[str]] = {}
    for one in session.scalars(select(Assignment)):
        if one.lead and one.directive.public:
            said = found.setdefault(one.agency.key, Counter())
            said.update([one.state(today), "given", *(["claimed"] if one.claimed_at and not one.done_on else [])])
    return {key: tuple(said[name] for name in (
        "given", State.done_in_time, State.done_late, "claimed", State.open_late)) for key, said in found.items()}


def by_counters(today: date) -> dict[str, tuple[int, ...]]:
    return {one.key: (one.given, one.done_in_time, one.done_late, one.claimed, one.open_late)
            for one in tallies.by_agency(today)}


def do(verb: str, n: int, overseer: Any, leader: Any) -> None:
    """One act on some task; what does not fit now is left out, as a page would refuse it."""
    if verb == "give":
        due = None if n == 9 else clock.today() + timedelta(days=3 * n - 6)
        give(n, due, to=KEYS if n % 2 else KEYS[:1], public=n != 8)
        return
    if verb == "wait":
        return
    if verb == "roll":
        tallies.roll(clock.today())
        return
    all_ = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    task = all_[n % len(all_)] if all_ else None
    if task is None:
        return
    acts = {"claim": lambda: tasks.claim(task, leader, "Xong"), "verify": lambda: tasks.verify(task, overseer, "Đúng"),
            "send_back": lambda: tasks.send_back(task, overseer, "Chưa"),
            "reopen": lambda: tasks.reopen(task, overseer, "Hỏng"),
            "ask": lambda: tasks.ask_for_time(task, leader, clock.today() + timedelta(days=9 * n + 1), "Chờ"),
            "decide": lambda: tasks.decide_time(task, overseer, give_it=n % 3 > 0, reason="Không"),
            "propose": lambda: tasks.propose(task, {})}
    try:
        acts[verb]()
    except NotNow:
        return


@pytest.mark.parametrize("seed", range(15))
def test_counters_are_what_a_count_of_all_tasks_is_after_any_acts(app: Flask, seed: int) -> None:
    dice, now = random.Random(seed), START
    overseer, leader = make.staff("overseer"), make.staff("leader", "H29")
    for _step in range(30):
        verb, n = dice.choice(VERBS), dice.randrange(10)
        if verb == "wait":
            now += timedelta(days=n * 5)
        told_at = now - timedelta(days=n * 15) if verb == "told_later" else now  # of a day that is over
        with time_machine.travel(told_at, tick=False):
            do(VERBS[n % 8] if verb == "told_later" else verb, n, overseer, leader)
        assert recounting.miscounted() == []
        rolled_to = session.scalar(select(TaskTally.late_as_of).order_by(TaskTally.late_as_of.desc()).limit(1))
        today = max(clock.day_of(now), rolled_to or clock.day_of(now))
        assert by_counters(today) == by_all_tasks(today)


def test_what_falls_due_is_late_without_anybody_doing_anything(app: Flask) -> None:
    with time_machine.travel(START, tick=False):
        give(1, date(2026, 8, 31))
        give(2, date(2026, 9, 10))
    for day, late in ((date(2026, 8, 31), 0), (date(2026, 9, 1), 1), (date(2026, 9, 11), 2)):
        assert [one.open_late for one in tallies.by_agency(day)] == [late]
    with time_machine.travel(datetime(2026, 9, 4, 18, tzinfo=UTC), tick=False):
        tallies.roll(clock.today())
    rolled = session.scalars(select(TaskTally).where(TaskTally.day == NOW)).one()
    assert (rolled.late, rolled.late_as_of) == (1, date(2026, 9, 5))
    assert [one.open_late for one in tallies.by_agency(date(2026, 9, 11))] == [2]


def test_late_is_told_in_days_of_the_latest_and_of_the_one_in_the_middle(app: Flask) -> None:
    with time_machine.travel(START, tick=False):
        for n, day in enumerate((21, 22, 30)):
            give(n, date(2026, 8, day))
    with time_machine.travel(datetime(2026, 9, 1, 2, tzinfo=UTC), tick=False):
        tallies.roll(clock.today())
        assert [(one.most_late, one.half_late) for one in tallies.by_agency(clock.today())] == [(11, 10)]


def test_a_task_that_is_not_public_or_only_co_operated_in_is_not_counted(app: Flask) -> None:
    give(1, public=False)
    made = tasks.new_directive(number="2/NQ-CP", issuer="Chính phủ", words="Kết nối", deadline="none")
    tasks.give(made, [make.agency("H17")], [make.agency("H26")], by=None)
    assert {one.key: one.given for one in tallies.by_agency(clock.today())} == {"H17": 1}


def test_what_is_told_later_of_a_quarter_that_is_over_is_counted_in_it(app: Flask) -> None:
    with time_machine.travel(START, tick=False):
        [first], [second] = give(1), give(2)
    with time_machine.travel(datetime(2026, 11, 3, 2, tzinfo=UTC), tick=False):
        tasks.verify(first, make.staff("overseer"), "Đúng")
    with time_machine.travel(datetime(2026, 9, 3, 2, tzinfo=UTC), tick=False):
        tasks.verify(second, make.staff("overseer"), "Đúng")
    [found] = tallies.by_agency(date(2026, 11, 3))
    assert (found.done_before, found.done, found.change) == (1, 2, 50)
    assert [tuple(one) for one in tallies.quarters(make.agency("H17").id, date(2026, 11, 3))] == [
        (date(2026, 7, 1), 0, 0), (date(2026, 10, 1), 2, 1), (date(2026, 11, 3), 2, 2)]


def test_a_quarter_in_which_nothing_moved_began_as_it_stands(app: Flask) -> None:
    with time_machine.travel(START, tick=False):
        [task], _other = give(1), give(2)
        tasks.verify(task, make.staff("overseer"), "Đúng")
    for day, change in ((date(2026, 9, 30), None), (date(2026, 10, 1), 0), (date(2027, 5, 1), 0)):
        assert [one.change for one in tallies.by_agency(day)] == [change]


def test_a_wrong_counter_is_said_and_repaired(app: Flask) -> None:
    with time_machine.travel(START, tick=False):
        give(1, date(2026, 8, 1), to=KEYS)
        h17 = make.agency("H17").id
        session.execute(update(TaskTally).where(TaskTally.agency_id == h17).values(given=5, late=0))
        session.commit()
        assert [one.lacks for one in recounting.miscounted()] == [
            {"given": -4, "done_in_time": 0, "done_late": 0, "claimed": 0, "late": 1}]
        answer = app.test_cli_runner().invoke(args=["oversight", "recount"])
        assert f"agency {h17}: given -4, late +1" in answer.output and "1 agencies" in answer.output
        assert by_counters(clock.today()) == by_all_tasks(clock.today())
        assert "0 agencies" in app.test_cli_runner().invoke(args=["oversight", "recount"]).output


@pytest.fixture
def given_twenty(town: Flask) -> Iterator[list[int]]:
    with town.app_context(), transaction():
        ids = [give(n, to=KEYS if n % 2 else KEYS[::-1])[0].directive_id for n in range(20)]
        made = [one for of in ids for one in session.scalars(select(Assignment.id).where(
            Assignment.directive_id == of).order_by(Assignment.id))]
    yield made


@pytest.mark.real_commits
def test_of_two_who_decide_at_once_no_count_is_lost(town: Flask, given_twenty: list[int]) -> None:
    """Two connections: one confirms, the other reports, and a third gives and brings the rows to the day."""
    ready = Barrier(3, timeout=20)
    with town.app_context():
        people = {"overseer": make.staff("overseer").id, "leader": make.staff("leader", "H29").id}

    def work(who: int) -> None:
        with town.app_context():
            ready.wait()
            for n, id_ in enumerate(given_twenty):
                with transaction():
                    if who == 2:
                        give(100 + n, to=KEYS if n % 2 else KEYS[::-1])
                        tallies.roll(clock.today())
                    elif n % 2 == who:
                        task, act = session.get_one(Assignment, id_), tasks.verify if who else tasks.claim
                        act(task, session.get_one(Person, people["overseer" if who else "leader"]), "Xong")

    with ThreadPoolExecutor(3) as both:
        for done in [both.submit(work, who) for who in range(3)]:
            done.result()
    with town.app_context():
        assert recounting.miscounted() == []
        assert by_counters(clock.today()) == by_all_tasks(clock.today())
        assert sum(one.given for one in tallies.by_agency(clock.today())) == len(given_twenty) * 3


def test_tasks_of_before_are_counted_when_the_database_is_upgraded(databases: Databases, tmp_path: Any) -> None:
    house = open_house(databases.empty("tallies"), tmp_path)
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0040")
        with house.extensions["engine"].begin() as connection:
            connection.execute(text(
                "INSERT INTO agency (id, key, name, kind) VALUES (1, 'H17', 'Đà Nẵng', 'province')"))
            connection.execute(text(
                "INSERT INTO oversight_directive (id, number, issuer, article, words, product, deadline, condition,"
                " wanted, public, source, created_at)"
                " VALUES (:id, '1', 'x', '', 'x', '', 'none', '', '{}', :public, '', '2020-01-01')"), [
                {"id": 1, "public": True}, {"id": 2, "public": False}])
            connection.execute(text(
                "INSERT INTO oversight_assignment (directive_id, agency_id, lead, period, due_on, done_on, assigned_at,"
                " version) VALUES (:of, 1, :lead, :period, :due, :done, '2020-01-01', 1)"), [
                {"period": str(n), "of": of, "due": due, "done": done, "lead": lead}
                for n, (of, due, done, lead) in enumerate((
                    (1, "2020-02-01", "2020-01-20", True), (1, "2020-02-01", "2020-02-20", True),
                    (1, "2020-02-01", None, True), (1, None, None, True), (1, None, None, False),
                    (2, None, None, True)))])
            connection.execute(text(
                "INSERT INTO oversight_event (assignment_id, code, at, machine, facts) VALUES (:task, :code, :at, :no,"
                " '{}')"), [{"task": task, "code": code, "at": f"2020-01-0{n}", "no": False} for n, (task, code) in
                            enumerate(((3, "claimed"), (3, "returned"), (4, "reminded"), (4, "reminded"),
                                       (5, "claimed"), (5, "returned"), (5, "claimed")), start=1)])
        upgrade_to_head(house)
        assert recounting.miscounted() == []
        assert [(one.id, one.returned_at and one.returned_at.day, one.reminded_at and one.reminded_at.day)
                for one in session.scalars(select(Assignment).order_by(Assignment.id)) if one.id in (3, 4, 5)] == [
            (3, 2, None), (4, None, 4), (5, None, None)]
        [found] = tallies.by_agency(clock.today())
        assert (found.given, found.done_in_time, found.done_late, found.open_late, found.change) == (4, 1, 1, 1, 0)
    house.extensions["engine"].dispose()


def test_what_a_release_of_before_gives_is_shown_to_nobody_until_it_is_caught_up_with(app: Flask) -> None:
    """On this database it writes what it knows: neither counters, nor what everybody may read, nor words to find."""
    for n, public in ((1, True), (2, False)):
        one = tasks.new_directive(number=f"{n}/NQ-CP", issuer="Chính phủ", words="Kết nối", deadline="none",
                                  public=public)
        session.add(one)
        session.flush()
        session.execute(text("UPDATE oversight_directive SET folded = '' WHERE id = :id"), {"id": one.id})
        session.execute(text(
            "INSERT INTO oversight_assignment (directive_id, agency_id, assigned_at, version) VALUES (:of, :at, :now,"
            " 1)"), {"of": one.id, "at": make.agency("H17").id, "now": "2026-08-20 02:00:00+00:00"})
    assert lists.undated_tasks(make.agency("H17").id).rows == [] and by_counters(clock.today()) == {}
    jobs.KINDS["oversight.recount"].read()
    session.expire_all()
    shown = [one.directive.number for one in lists.undated_tasks(make.agency("H17").id).rows]
    assert (shown, by_counters(clock.today())) == (["1/NQ-CP"], {"H17": (1, 0, 0, 0, 0)})
    assert [one.number for one in lists.directives("ket noi", public=True).rows] == ["1/NQ-CP"]
    assert recounting.mend(clock.today()) == [], "the second time there is nothing to do"
