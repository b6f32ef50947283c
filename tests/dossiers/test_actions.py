"""What the verbs do to the database: states, the clock, events, papers, the public line."""
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm.exc import StaleDataError

from portal.dossiers import actions
from portal.dossiers.models import Dossier, Event, EventsNeverChange
from portal.dossiers.states import FINAL, STATUS, NotNow, State
from portal.files import queries as documents
from portal.files.models import Owner
from portal.kit.clock import VN
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices import queries as notices
from portal.notices.models import Message
from portal.people import roles
from portal.progress import queries as progress
from portal.progress.models import ProgressRecord
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def vn(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VN)


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def jobs_of(name: str) -> list[dict[str, Any]]:
    return [job.args for job in session.scalars(select(Job).where(Job.name == name).order_by(Job.id))]


def test_submitting_gives_a_code_the_holder_and_a_place_in_the_queue() -> None:
    with at(vn(23, 9)):
        dossier = make.draft()
        assert (dossier.code, dossier.state) == (None, "draft")
        actions.submit(dossier, by=dossier.applicant)
    assert dossier.code == "H17-261123-990001"
    assert dossier.state == "submitted"
    assert dossier.holder_name == make.VALUES["text"]
    assert dossier.holder_folded == "nguyen van an"
    assert dossier.submitted_at == vn(23, 9)
    # eight working hours from 9 on Monday: six that day, and 24 November is a holiday
    assert dossier.queue_at == vn(25, 9)


def test_submitting_again_changes_nothing_at_all() -> None:
    dossier = make.dossier()
    before = (dossier.code, dossier.version, len(dossier.events))
    assert actions.submit(dossier, by=dossier.applicant) is dossier
    assert (dossier.code, dossier.version, len(dossier.events)) == before


def test_an_incomplete_draft_is_not_submitted_and_says_what_it_lacks() -> None:
    dossier = actions.begin(make.service(), by=make.citizen(), key="k")
    with pytest.raises(actions.Incomplete) as refused:
        actions.submit(dossier, by=dossier.applicant)
    assert "child_name" in [gap.key for gap in refused.value.gaps]
    assert dossier.state == "draft" and dossier.code is None
    assert progress_count() == 0


def progress_count() -> int:
    return len(session.scalars(select(ProgressRecord)).all())


def test_numbers_follow_each_other_for_each_agency_and_day() -> None:
    with at(vn(23, 9)):
        codes = [submitted().code for _ in range(3)] + [submitted("H26").code]
    with at(vn(25, 9)):
        codes.append(submitted().code)
    assert codes == ["H17-261123-990001", "H17-261123-990002", "H17-261123-990003", "H26-261123-990001",
                     "H17-261125-990001"]


def submitted(at_agency: str = "H17") -> Dossier:
    dossier = make.draft(service=make.service(at=at_agency))
    return actions.submit(dossier, by=dossier.applicant)


def test_the_day_of_a_code_is_the_day_in_vietnam() -> None:
    with at(datetime(2026, 11, 22, 17, 1, tzinfo=UTC)):  # one minute past midnight of the 23rd in Vietnam
        assert submitted().code == "H17-261123-990001"


def test_a_number_that_was_rolled_back_is_given_again() -> None:
    with at(vn(23, 9)):
        draft = make.draft()
        savepoint = session.begin_nested()
        actions.submit(draft, by=draft.applicant)
        assert draft.code == "H17-261123-990001"
        savepoint.rollback()
        assert submitted().code == "H17-261123-990001"


def test_past_9999_the_number_widens() -> None:
    with at(vn(23, 9)):
        submitted()
        session.execute(text("UPDATE dossier_number SET n = 9998 WHERE agency_code = 'H17'"))
        assert [submitted().code for _ in range(3)] == ["H17-261123-999999", "H17-261123-9910000", "H17-261123-9910001"]


def test_a_code_that_is_published_already_is_passed_over() -> None:
    """Whoever has it: the series was another's, or was chosen anew."""
    with at(vn(23, 9)):
        make.published("H17-261123-990001")
        make.published("H17-261123-990003", agency="H26")
        assert [submitted().code for _ in range(2)] == ["H17-261123-990002", "H17-261123-990004"]


def test_the_operators_choose_the_series(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with at(vn(23, 9)):
        first = submitted().code
        monkeypatch.setitem(app.config, "CODE_SERIES", "07")
        assert (first, submitted().code) == ("H17-261123-990001", "H17-261123-070002")


def test_an_agency_without_a_confirmed_code_cannot_number_dossiers() -> None:
    draft = make.draft()
    make.agency().code = None
    with pytest.raises(actions.NotOpen):  # such an agency's services take nothing online
        actions.submit(draft, by=draft.applicant)


def test_claiming_takes_it_and_releasing_gives_it_back() -> None:
    dossier, officer = make.dossier(), make.officer()
    actions.claim(dossier, by=officer)
    assert (dossier.state, dossier.officer_id) == ("checking", officer.id)
    with pytest.raises(NotNow):
        actions.claim(dossier, by=make.officer())
    actions.release(dossier, by=officer)
    assert (dossier.state, dossier.officer_id) == ("submitted", None)


def terms(amount: int | None, unit: str = "working_day") -> Dossier:
    """A dossier that is being checked, under a service version with this limit."""
    dossier = make.dossier("checking")
    dossier.terms.limit_amount, dossier.terms.limit_unit = amount, unit
    session.commit()
    return dossier


@pytest.mark.parametrize(("received", "amount", "unit", "due"), [
    # the day of receipt is not counted; 24 November 2026 (Tuesday) is a paid holiday since 2026
    (vn(23, 9), 1, "working_day", vn(25, 17)),
    (vn(23, 9), 3, "working_day", vn(27, 17)),
    (vn(20, 16, 59), 2, "working_day", vn(25, 17)),
    (vn(24, 10), 1, "working_day", vn(26, 17)),  # received on the holiday counts as on the next opening
    (vn(22, 3), 5, "working_day", vn(1, 17, month=12)),  # a Sunday night
    (vn(23, 9), 1, "day", vn(25, 17)),  # a calendar limit that ends on a day off moves to the next working day
    (vn(23, 9), 5, "day", vn(30, 17)),
    (vn(23, 15), 4, "working_hour", vn(25, 9)),
    (vn(23, 9), None, "none", None),
])
def test_the_clock_starts_at_acceptance_and_knows_the_holiday(
        received: datetime, amount: int | None, unit: str, due: datetime | None) -> None:
    with at(received - timedelta(hours=1)):
        dossier = terms(amount, unit)
        assert dossier.due_at is None
    with at(received):
        actions.accept(dossier, by=dossier.officer)
    assert dossier.received_at == received
    assert dossier.due_at == due
    assert dossier.queue_at == (due or actions.NO_DUE)


def test_a_supplement_before_acceptance_stops_nothing_and_starts_the_first_look_anew() -> None:
    with at(vn(18, 9)):
        dossier = make.dossier("asked")
        assert (dossier.stopped_at, dossier.due_at) == (None, None)
    with at(vn(25, 8)):
        actions.answer(dossier, by=dossier.applicant)
    assert (dossier.state, dossier.stopped_at, dossier.due_at) == ("checking", None, None)
    assert dossier.queue_at == vn(26, 8)  # seven working hours that day, one the next


def test_each_round_of_asking_is_kept() -> None:
    dossier = make.dossier("asked")
    actions.answer(dossier, by=dossier.applicant)
    actions.accept(dossier, by=dossier.officer)
    actions.ask(dossier, by=dossier.officer, items=[("other", "Ảnh", "Sai cỡ")])
    assert [(r.round, r.items[0].label) for r in dossier.requests] == [(1, "Giấy chứng sinh"), (2, "Ảnh")]


@pytest.mark.parametrize(("state", "act"), [
    ("checking", lambda d: actions.ask(d, by=d.officer, items=[])),
    ("checking", lambda d: actions.ask(d, by=d.officer, items=[("a", "Giấy", "  ")])),
    ("checking", lambda d: actions.refuse(d, by=d.officer, reason=" \n")),
    ("processing", lambda d: actions.decide(d, by=d.officer, outcome="denied")),
    ("processing", lambda d: actions.decide(d, by=d.officer, outcome="maybe")),
])
def test_what_needs_a_reason_is_refused_without_one(state: str, act: Callable[[Dossier], Any]) -> None:
    dossier = make.dossier(state)
    events = len(dossier.events)
    with pytest.raises(ValueError, match=r"reason|outcome"):
        act(dossier)
    assert (dossier.state, len(dossier.events)) == (state, events)


@pytest.mark.parametrize(("decided", "timing"), [
    (vn(25, 16), "early"), (vn(26, 8), "on_time"), (vn(26, 17), "on_time"), (vn(26, 17, 1), "late")])
def test_whether_it_was_in_time_is_fixed_at_the_decision(decided: datetime, timing: str) -> None:
    with at(vn(20, 9)):
        dossier = terms(3)
        actions.accept(dossier, by=dossier.officer)
    assert dossier.due_at == vn(26, 17)
    with at(decided):
        actions.decide(dossier, by=dossier.officer, outcome="granted")
    with at(decided + timedelta(days=30)):
        actions.hand_over(dossier, by=dossier.officer, on_paper=True)
    assert published(dossier).timing == timing
    assert published(dossier).finished_at == decided


def published(dossier: Dossier) -> ProgressRecord:
    session.expire_all()
    return session.scalars(select(ProgressRecord).where(ProgressRecord.code == dossier.code)).one()


@pytest.mark.parametrize("state", list(make.PATHS))
def test_the_public_line_follows_every_step_and_names_nobody(state: str) -> None:
    person = make.citizen(name="Đặng Thị Không Ai Biết")
    dossier = make.dossier(state, by=person)
    record = published(dossier)
    assert record.status == STATUS[State(state)]
    assert [step.step for step in record.steps] == [str(event.step) for event in dossier.events]
    assert (record.received_at, record.due_at, record.stopped_at) == (
        dossier.received_at, dossier.due_at, dossier.stopped_at)
    assert (record.finished_at is not None) == (state in FINAL | {State.decided})
    whole = repr([{c.name: getattr(record, c.name) for c in ProgressRecord.__table__.columns}])
    for personal in (person.name, dossier.holder_name, person.email, make.VALUES["citizen_id"], make.VALUES["text"]):
        assert personal not in whole
    assert progress.by_code(dossier.code) is not None


def test_a_draft_is_nowhere_in_public() -> None:
    make.draft()
    assert progress_count() == 0


def test_an_event_is_written_once_for_ever() -> None:
    dossier = make.dossier("checking")
    event = dossier.events[0]
    event.note = "viết lại lịch sử"
    with pytest.raises(EventsNeverChange):
        session.flush()
    session.rollback()
    session.delete(session.get(Event, event.id))
    with pytest.raises(EventsNeverChange):
        session.flush()
    session.rollback()


def test_each_event_says_who_when_and_what_was_due() -> None:
    with at(vn(23, 9)):
        dossier = terms(3)
    with at(vn(23, 10)):
        actions.accept(dossier, by=dossier.officer)
    submit, claim, accept = dossier.events
    assert [e.step for e in (submit, claim, accept)] == ["submit", "claim", "accept"]
    assert submit.by_id == dossier.applicant_id and claim.by_id == accept.by_id == dossier.officer_id
    assert (accept.at, accept.state, accept.due_at) == (vn(23, 10), "received", vn(27, 17))
    assert submit.due_at is None


def test_a_step_that_is_not_possible_leaves_no_trace() -> None:
    dossier = make.dossier("returned")
    before = (dossier.version, len(dossier.events), len(jobs_of("papers.draw")), dossier.due_at)
    for verb in ("claim", "release", "accept", "process", "hand_over"):
        with pytest.raises(NotNow):
            getattr(actions, verb)(dossier, by=dossier.officer)
        session.rollback()
    assert (dossier.version, len(dossier.events), len(jobs_of("papers.draw")), dossier.due_at) == before


def test_a_lost_race_is_noticed_by_the_version_of_the_row() -> None:
    dossier = make.dossier()
    session.execute(text("UPDATE dossier SET version = version + 1 WHERE id = :id"), {"id": dossier.id})
    dossier.holder_name = "Ai Đó"
    with pytest.raises(StaleDataError):
        session.flush()
    session.rollback()


def test_the_applicant_hears_of_every_step_that_matters_and_the_officer_of_the_answer() -> None:
    dossier = make.dossier("waiting")
    actions.answer(dossier, by=dossier.applicant)
    actions.decide(dossier, by=dossier.officer, outcome="granted")
    actions.hand_over(dossier, by=dossier.officer, on_paper=True)

    def heard(person_id: int) -> int:
        return len(session.scalars(select(Message).where(Message.person_id == person_id)).all())

    assert heard(dossier.applicant_id) == 5  # handed in, accepted, asked, decided, handed over
    assert heard(dossier.officer_id or 0) == 1


def test_a_draft_can_be_thrown_away_and_nothing_else() -> None:
    draft = make.draft()
    draft_id = draft.id
    actions.discard(draft, by=draft.applicant)
    session.commit()
    assert session.get(Dossier, draft_id) is None
    assert documents.attachments_of(Owner("dossier", draft_id)) == []
    handed_in = make.dossier()
    with pytest.raises(NotNow):
        actions.discard(handed_in, by=handed_in.applicant)


def test_an_answer_to_who_no_longer_works_there_is_told_to_who_leads_the_unit(app: Flask) -> None:
    officer, head = make.officer(), make.staff("head_of_unit", make.commune())
    dossier = make.dossier("waiting", officer=officer)
    with transaction():
        roles.end(officer.roles[0], by=None)
    with transaction():
        actions.answer(dossier, by=dossier.applicant, reply="Đã gửi")
    assert [told.message.link for told in notices.newest(head)] == [f"/officer/dossiers/{dossier.id}"]


def test_a_role_that_has_ended_takes_no_step(app: Flask) -> None:
    officer = make.officer()
    dossier = make.dossier("checking", officer=officer)
    with transaction():
        roles.end(officer.roles[0], by=None)
    with pytest.raises(NotNow), transaction():
        actions.accept(dossier, by=officer)
