"""Two who act on a task, or on its parts, at once: each on a connection of its own. Commits for good."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import parts, queries, recounting, reminding, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.tasks import NotNow
from portal.people.models import Person
from tests import make
from tests.oversight.test_tasks import directive
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROUNDS = times(4, 40)


@pytest.fixture
def hub(town: Flask) -> Flask:
    with town.app_context():
        make.staff("overseer")
    return town


def at_once(hub: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """All begin in the same moment; what each gave, or the reason why it could not."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with hub.app_context():
            together.wait()
            try:
                with transaction():
                    return act()
            except (NotNow, parts.NotAPart) as refused:
                return refused.why
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def give(*keys: str, of: int | None = None, **kw: Any) -> list[int]:
    with transaction():
        made = tasks.give(directive(parent_id=of, **kw), [make.agency(key) for key in keys], by=None)
        return [one.id for one in made]


def task(task_id: int) -> Assignment:
    return session.get_one(Assignment, task_id)


def person(person_id: int) -> Person:
    return session.get_one(Person, person_id)


def codes(task_id: int) -> list[str]:
    session.expire_all()
    return [one.code for one in queries.events(task_id)]


def test_a_claim_and_a_return_at_once_are_one_after_the_other(hub: Flask) -> None:
    with hub.app_context():
        leader, overseer = make.staff("leader", "H17").id, make.staff("overseer").id
        for _ in range(ROUNDS):
            [task_id] = give("H17")
            with transaction():
                tasks.claim(task(task_id), person(leader), "Xong")
            said = at_once(hub, lambda n=task_id: tasks.claim(task(n), person(leader), "Xong lần nữa"),
                           lambda n=task_id: tasks.send_back(task(n), person(overseer), "Chưa đạt"))
            happened = codes(task_id)
            # the claim came first and was refused, or came after the return and counts
            assert (said[0], happened) in ((
                "claimed", ["assigned", "claimed", "returned"]), (
                None, ["assigned", "claimed", "returned", "claimed"]))
            assert bool(task(task_id).claimed_at) is (said[0] is None)
        assert recounting.miscounted() == []


def test_of_two_who_confirm_at_once_one_is_told_that_it_is_done(hub: Flask) -> None:
    with hub.app_context():
        overseer = make.staff("overseer").id
        [task_id] = give("H17")
        said = at_once(hub, *[lambda: tasks.verify(task(task_id), person(overseer), "Đúng")] * 2)
        assert sorted(map(str, said)) == ["None", "done"] and codes(task_id) == ["assigned", "verified"]


def test_two_last_parts_that_are_confirmed_at_once_propose_the_whole_once(hub: Flask) -> None:
    with hub.app_context():
        overseer = make.staff("overseer").id
        for _ in range(ROUNDS):
            [whole] = give("H17")
            directive_id = task(whole).directive_id
            pair = [give(key, of=directive_id)[0] for key in ("H17", "H26")]
            at_once(hub, *[lambda n=one: tasks.verify(task(n), person(overseer), "Đúng") for one in pair])
            assert codes(whole) == ["assigned", "proposed"]
        assert recounting.miscounted() == []


def test_parts_the_whole_and_the_clock_never_wait_for_each_other_for_ever(hub: Flask) -> None:
    with hub.app_context():
        overseer = make.staff("overseer").id
        agency_id = make.agency("H17").id
        for _ in range(ROUNDS):
            wholes = give("H17", "H26", deadline="condition", due_on=None, condition="Khi có hướng dẫn")
            directive_id = task(wholes[0]).directive_id
            made = give("H17", "H26", of=directive_id, due_on=date(2026, 1, 2))
            at_once(hub, *[lambda n=one: tasks.verify(task(n), person(overseer), "Đúng") for one in made],
                    lambda n=directive_id: tasks.condition_met(
                        session.get_one(Directive, n), person(overseer), date(2026, 1, 1), date(2026, 2, 1), "Văn bản"),
                    lambda: reminding.remind_agency(agency_id, clock.today(), (7, 1)))
            for one in wholes:
                assert {"proposed", "condition_met"} <= set(codes(one))
        assert recounting.miscounted() == []


def test_two_that_would_be_parts_of_each_other_at_once(hub: Flask) -> None:
    with hub.app_context():
        first, second = (task(give("H17")[0]).directive_id for _ in range(2))

        def join(parent: int, child: int) -> Callable[[], None]:
            return lambda: tasks.make_part(session.get_one(Directive, parent), session.get_one(Directive, child))

        said = at_once(hub, join(first, second), join(second, first))
        assert sorted(map(str, said)) == ["None", "circle"]


def test_the_clock_and_a_person_remind_once(hub: Flask) -> None:
    with hub.app_context():
        [task_id] = give("H17", due_on=date(2026, 1, 2))
        said = at_once(hub, *[lambda: tasks.remind(task(task_id), None)] * 3)
        assert sorted(said) == [False, False, True]
