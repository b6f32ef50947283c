"""Steps that come before their dossier wait for it; then all is as if they had come after."""
import random
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.intake import feed, mapping
from portal.intake.models import ProgressQuarantine
from portal.kit import clock
from portal.kit.db import session
from portal.progress import actions, queries
from tests.intake.test_feed import CODE, at, learn, push, results, row, state

WAITS = ("quarantined", "code", "dossier_unknown")


def a_step(hours: float = 5, status: Any = 4, code: str = CODE, **kw: Any) -> dict[str, Any]:
    """A row that names no procedure."""
    return {"code": code, "status": status, "at": at(hours)} | kw


def waiting() -> set[tuple[str, str, str]]:
    session.expire_all()
    return {(q.code, q.reason, str(sorted(q.row.items()))) for q in session.scalars(select(ProgressQuarantine).where(
        ProgressQuarantine.replayed_at.is_(None)))}


def test_a_step_waits_and_is_taken_with_its_dossier(app: Flask) -> None:
    assert results(push(a_step())) == [WAITS]
    assert results(push(a_step())) == [WAITS] and len(waiting()) == 1, "it waits once"
    assert queries.by_code(CODE) is None
    answer = push(row(2))
    assert (answer.accepted, len(answer.rows)) == (1, 1), "the batch answers for its own rows"
    found = queries.by_code(CODE)
    assert found is not None and found.status == 4 and [s.status for s in found.steps] == [2, 4]
    assert waiting() == set() and push(a_step()).unchanged == 1
    assert actions.recount() == {}


def test_in_one_batch_the_order_does_not_matter(app: Flask) -> None:
    assert push(a_step(), row(2)).accepted == 2
    assert push(row(2, code="H17-261005-0002"), a_step(code="H17-261005-0002")).accepted == 2
    assert waiting() == set()


def test_a_step_of_a_known_dossier_needs_no_procedure_and_leaves_it_as_it_is(app: Flask) -> None:
    push(row(2, procedure="1.004873", level=2))
    assert push(a_step(level=4)).accepted == 1
    found = queries.by_code(CODE)
    assert found is not None and (found.procedure_code, found.level, found.status) == ("1.004873", 2, 4)


def test_a_dossier_that_waits_itself_keeps_its_steps_waiting(app: Flask) -> None:
    push(a_step(status="XONG"), a_step(6))
    assert results(push(row(2, procedure="OWN-7"))) == [("quarantined", "procedure", "procedure_unknown")]
    learn("procedure_unknown", "OWN-7", "1.001193")
    found = queries.by_code(CODE)
    assert found is not None and [s.status for s in found.steps] == [2, 4]
    assert learn("status_unknown", "XONG", "9") == {"accepted": 1}
    assert [step[1] for step in state()[CODE][1]] == ["accept", "decide", "process"]
    assert actions.recount() == {}


def test_a_step_with_an_unknown_word_waits_for_both(app: Flask) -> None:
    push(a_step(status="XONG"))
    assert learn("status_unknown", "XONG", "9") == {"quarantined": 1}
    assert {reason for _code, reason, _row in waiting()} == {"dossier_unknown"}
    push(row(2))
    assert waiting() == set() and queries.by_code(CODE).status == 9  # type: ignore[union-attr]


def test_another_agencys_dossier_takes_nothing_in(app: Flask) -> None:
    code = "H99-261005-0001"
    push(a_step(code=code))
    assert push(row(2, code=code), agency="H26").accepted == 1
    assert results(push(a_step(code=code))) == [("rejected", "code", "agency_foreign")]
    assert len(waiting()) == 1 and len(state()[code][1]) == 1


def test_nobody_is_asked_what_such_a_row_means(app: Flask) -> None:
    push(a_step(), a_step(6, "CHO", code="H17-261005-0002"))
    assert [(each.reason, each.value) for each in mapping.waiting()] == [("status_unknown", "CHO")]
    with pytest.raises(ValueError, match="mapped"):
        learn("dossier_unknown", CODE, "1.001193")


def test_what_waited_too_long_is_forgotten(app: Flask) -> None:
    push(a_step(), a_step(6, "CHO"), a_step(code="H17-261005-0002"))
    push(row(2))
    assert feed.forget_early(clock.now() - timedelta(days=1)) == 0
    assert feed.forget_early(clock.now() + timedelta(days=1)) == 1
    assert {reason for _code, reason, _row in waiting()} == {"status_unknown"}
    assert push(row(2, code="H17-261005-0002")).accepted == 1


dossiers = st.builds(lambda n, hours, status, kw: row(hours, status, code=f"H17-261005-{n:04}", **kw),
                     st.integers(0, 2), st.integers(0, 8), st.integers(1, 10), st.fixed_dictionaries({}, optional={
                         "submitted_at": st.integers(-30, -20).map(at), "channel": st.sampled_from(["online", "post"]),
                         "due_at": st.integers(0, 90).map(at), "level": st.integers(1, 4),
                         "procedure": st.sampled_from(["1.001193", "1.004873"])}))
early = st.builds(lambda n, hours, status, kw: a_step(hours, status, code=f"H17-261005-{n:04}", **kw),
                  st.integers(0, 2), st.integers(0, 8), st.integers(1, 10), st.fixed_dictionaries({}, optional={
                      "due_at": st.integers(0, 90).map(at), "received_at": st.integers(-20, -10).map(at),
                      "correction": st.booleans(), "level": st.integers(1, 4)}))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(early, min_size=1, max_size=6), st.lists(dossiers, max_size=3), st.randoms(use_true_random=False))
def test_any_order_and_any_batches_give_the_same_state(app: Flask, steps: list[Any], whole: list[Any],
                                                       dice: random.Random) -> None:
    found = []
    for turn in range(3):
        saved = session.begin_nested()
        todo = [whole + steps, steps + whole, [*steps, *whole, dice.choice(steps)]][turn]
        if turn == 2:
            dice.shuffle(todo)
        while todo:
            size = dice.randint(1, len(todo))
            push(*todo[:size])
            todo = todo[size:]
        assert actions.recount() == {}
        found.append((state(), waiting()))
        saved.rollback()
    assert found[0] == found[1] == found[2]
