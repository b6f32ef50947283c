"""A dossier's life by any steps, beside the table of moves."""
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from portal.catalogue import queries as catalogue
from portal.dossiers import actions, deadlines
from portal.dossiers.deadlines import NotLawful
from portal.dossiers.states import (
    CLOCK_STOPPED,
    FINAL,
    HOLDER_STEPS,
    STATUS,
    STEPS,
    NotNow,
    Side,
    State,
    Step,
    possible,
)
from portal.kit import clock
from portal.kit.clock import VN
from portal.kit.db import session
from portal.people import queries as people
from portal.progress.models import ProgressRecord
from tests import make

pytestmark = pytest.mark.usefixtures("app")


class Life(RuleBasedStateMachine):
    """A life beside a model that knows the table and the rules: state, clock, events and public line agree."""

    @initialize()
    def begin(self) -> None:
        self.travel = time_machine.travel(datetime(2026, 11, 2, 8, tzinfo=VN), tick=False)
        self.now = self.travel.start()
        self.dossier = make.draft()
        self.officer, self.colleague = make.officer(), make.officer()
        self.held = False
        self.state = State.draft
        self.steps: list[str] = []

    @rule(step=st.sampled_from([s for s in Step if s not in (Step.begin, Step.recount, Step.take_out)]),
          hours=st.integers(1, 60))
    def try_step(self, step: Step, hours: int) -> None:
        self.now.shift(timedelta(hours=hours))
        by = self.dossier.applicant if STEPS[step].side is Side.applicant else self.officer
        who = {} if STEPS[step].side is Side.time else {"by": by}
        arguments = make.ARGUMENTS.get(step, {}) | self.hands(step)
        savepoint = session.begin_nested()
        if step in possible(self.state):
            if step is Step.lapse:
                self.dossier.requests[-1].answer_until = clock.now()
            lawful = self.lawful(step)
            if lawful:
                getattr(actions, step)(self.dossier, **who, **arguments)
                self.state = STEPS[step].moves[self.state]
                self.steps.append(str(step))
                if step is Step.assign:
                    self.officer, self.colleague = self.colleague, self.officer
                if step in (Step.claim, Step.assign, Step.release, Step.transfer):
                    self.held = step in (Step.claim, Step.assign)
            else:
                with pytest.raises((NotLawful, NotNow)):
                    getattr(actions, step)(self.dossier, **who, **arguments)
            savepoint.commit() if lawful else savepoint.rollback()
        else:
            if not (step is Step.submit and self.state is not State.draft):  # submitting twice is harmless
                with pytest.raises(NotNow):
                    getattr(actions, step)(self.dossier, **who, **arguments)
            savepoint.rollback()
        session.flush()

    def hands(self, step: Step) -> dict[str, Any]:
        """Into whose it goes."""
        if step is Step.assign:
            return {"to": self.colleague}
        units = (make.commune(), people.central_unit(self.dossier.agency_id))
        return {"to": units[self.dossier.unit_id == units[0].id], "reason": "Thuộc thẩm quyền của đơn vị khác"} \
            if step is Step.transfer else {}

    def lawful(self, step: Step) -> bool:
        """What the rules say beside the table."""
        calendar = catalogue.calendar()
        if (step is Step.claim or step in HOLDER_STEPS) and self.held == (step is Step.claim):
            return False
        if step in (Step.ask, Step.ask_again):
            return (deadlines.not_to_ask(self.dossier, clock.now(), calendar) is None) == (step is Step.ask)
        return step is not Step.extend or deadlines.not_to_extend(self.dossier, clock.now(), calendar) is None

    @invariant()
    def row_and_model_agree(self) -> None:
        if not hasattr(self, "dossier"):
            return
        dossier = self.dossier
        assert dossier.state == self.state
        assert self.state in FINAL or (dossier.officer_id == self.officer.id) == self.held
        assert (dossier.code is None) == (self.state is State.draft)
        assert (dossier.stopped_at is not None) == (self.state in CLOCK_STOPPED)
        assert [str(e.step) for e in dossier.events] == self.steps
        assert (dossier.received_at is not None) == ("accept" in self.steps)
        assert dossier.asked_again == ("ask_again" in self.steps)
        assert self.steps.count("extend") <= 1

    @precondition(lambda self: getattr(self, "state", State.draft) is not State.draft)
    @rule()
    def the_public_line_agrees(self) -> None:
        record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == self.dossier.code)).one()
        assert record.status == STATUS[self.state]
        assert len(record.steps) == len(self.steps)
        assert (record.finished_at is not None) == (self.state in FINAL | {State.decided})

    def teardown(self) -> None:
        if hasattr(self, "travel"):
            self.travel.stop()
        session.rollback()


def test_a_life_of_any_steps_agrees_with_the_table() -> None:
    run_state_machine_as_test(Life, settings=settings(  # type: ignore[no-untyped-call]
        max_examples=12, stateful_step_count=14, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]))
