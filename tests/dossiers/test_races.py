"""Races, with real threads, real connections and real commits, in a database of their own."""
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from portal.catalogue.models import Service
from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier, DossierNumber, Event
from portal.dossiers.states import NotNow
from portal.files import actions as stored
from portal.files import queries as files
from portal.files.models import Attachment
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.files import Blob
from portal.law import codes
from portal.papers.queries import is_issued
from portal.people import actions as accounts
from portal.people.models import Person
from portal.progress import actions as progress
from portal.progress.models import ProgressRecord
from tests import make
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROUNDS, FEW, CROWD, THREADS = times(60, 200), times(8, 60), times(120, 500), 16


@pytest.fixture
def ctx(town: Flask) -> Iterator[Flask]:
    """For what the test itself looks up; each thread makes a context of its own."""
    town.config.update(DRAFTS_A_DAY=0, SUBMISSIONS_A_DAY=0)  # one person hands in what hundreds would
    with town.app_context():
        yield town


def dossier_of(dossier_id: int) -> Dossier:
    return session.get_one(Dossier, dossier_id)


def person_of(person_id: int) -> Person:
    return session.get_one(Person, person_id)


def drafts(n: int, *, agency: str = "H17") -> list[int]:
    """So many complete drafts of one citizen, made quickly: the same answers and one paper each."""
    first = make.draft(service=make.service(at=agency))
    papers = files.attachments_of(first.owner)
    made = [first]
    for _ in range(n - 1):
        dossier = actions.begin(first.service, by=first.applicant, key=f"key-{next(make.n)}")
        dossier.unit_id = first.unit_id
        dossier.answers = first.answers
        session.flush()
        for paper in papers:
            blob = Blob(f"{paper.file.blob}-{dossier.id}", paper.sha256, paper.size, paper.file.media_type)
            session.add(Attachment(file=stored.store(dossier.owner, blob), key=paper.key, label=paper.label,
                                   name=paper.name, uploaded_by_id=paper.uploaded_by_id))
        made.append(dossier)
    session.commit()
    return [dossier.id for dossier in made]


def rush(app: Flask, tasks: list[Callable[[], Any]], threads: int) -> list[Any]:
    """Do all tasks at once, each in a context and with a connection of its own; results in their order."""
    def one(task: Callable[[], Any]) -> Any:
        with app.app_context():
            return task()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, tasks))


def claiming(dossier_id: int, officer_id: int, together: Barrier) -> Callable[[], str]:
    def claim() -> str:
        dossier = dossier_of(dossier_id)
        officer = person_of(officer_id)
        assert dossier.state == "submitted"
        together.wait(timeout=30)
        try:
            with transaction():
                actions.claim(dossier, by=officer)
        except (NotNow, StaleDataError) as lost:
            return type(lost).__name__
        return "won"

    return claim


def test_two_officers_claim_one_dossier_and_one_wins_two_hundred_times(ctx: Flask) -> None:
    one, two = make.officer(), make.officer()
    ids = drafts(ROUNDS)
    for dossier_id in ids:
        with transaction():
            actions.submit(dossier_of(dossier_id), by=dossier_of(dossier_id).applicant)
    officers = [one.id, two.id]
    session.close()
    winners: Counter[int] = Counter()
    for dossier_id in ids:
        together = Barrier(2)
        results = rush(ctx, [claiming(dossier_id, officer, together) for officer in officers], 2)
        assert sorted(result == "won" for result in results) == [False, True], results
        winner = officers[results.index("won")]
        winners[winner] += 1
        assert dossier_of(dossier_id).officer_id == winner
        session.close()
    claims = select(Event.dossier_id, func.count()).where(Event.step == "claim").group_by(Event.dossier_id)
    assert {n for _dossier, n in session.execute(claims)} == {1}
    assert sum(winners.values()) == ROUNDS


def submitting(dossier_id: int) -> Callable[[], str]:
    def submit() -> str:
        dossier = dossier_of(dossier_id)
        by = person_of(dossier.applicant_id)
        with transaction():
            actions.submit(dossier, by=by)
            return str(dossier.code)

    return submit


def test_fifty_submits_of_one_draft_make_one_dossier_with_one_code(ctx: Flask) -> None:
    [dossier_id] = drafts(1)
    session.close()
    given = rush(ctx, [submitting(dossier_id)] * 50, THREADS)
    assert len(set(given)) == 1
    assert session.scalar(select(func.count()).select_from(Dossier)) == 1
    assert session.scalars(select(Event.step).where(Event.dossier_id == dossier_id)).all() == ["submit"]
    assert session.scalar(select(DossierNumber.n)) == 1
    assert session.scalars(select(ProgressRecord.code)).all() == [given[0]]


def beginning(service_id: int, person_id: int, key: str) -> Callable[[], int]:
    def begin() -> int:
        with transaction():
            try:
                dossier = queries.by_submit_key(key) or actions.begin(
                    session.get_one(Service, service_id), by=person_of(person_id), key=key)
            except actions.KeyTaken:
                dossier = queries.by_submit_key(key)
            return dossier.id  # type: ignore[union-attr]

    return begin


def test_one_key_pressed_fifty_times_is_one_draft(ctx: Flask) -> None:
    service, person = make.service(), make.citizen()
    tasks = [beginning(service.id, person.id, "one press")] * 50
    session.close()
    assert len(set(rush(ctx, tasks, THREADS))) == 1
    assert session.scalar(select(func.count()).select_from(Dossier)) == 1


def test_five_hundred_submissions_over_one_agency_get_every_number_once_and_none_is_lost(ctx: Flask) -> None:
    ids = drafts(CROWD)
    session.close()
    given = rush(ctx, [submitting(dossier_id) for dossier_id in ids], THREADS)
    day = clock.today()
    assert sorted(given) == [codes.compose("H17", day, n, "99") for n in range(1, CROWD + 1)]
    assert set(session.scalars(select(Dossier.code))) == set(given)
    assert set(session.scalars(select(Dossier.state))) == {"submitted"}
    assert set(session.scalars(select(ProgressRecord.code))) == set(given)
    assert session.scalar(select(func.count()).select_from(Event)) == CROWD
    assert progress.recount() == {}  # the counters were moved by exactly what happened
    assert session.scalar(select(DossierNumber.n)) == CROWD


def test_a_crowd_past_the_ten_thousandth_widens_without_a_gap(ctx: Flask) -> None:
    ids = drafts(24)
    session.add(DossierNumber(agency_code="H17", day=clock.today(), n=9_990))
    session.commit()
    session.close()
    given = rush(ctx, [submitting(dossier_id) for dossier_id in ids], THREADS)
    assert set(given) == {codes.compose("H17", clock.today(), n, "99") for n in range(9_991, 10_015)}


def test_accept_and_withdraw_at_the_same_moment_leave_one_story(ctx: Flask) -> None:
    """The applicant withdraws while the officer accepts: both orders are legal, half of each is not."""
    for _ in range(20):
        dossier = make.dossier("checking")
        dossier_id, officer_id, applicant_id = dossier.id, dossier.officer_id or 0, dossier.applicant_id
        session.close()
        together = Barrier(2)

        def step(verb: str, person_id: int) -> Callable[[], str]:
            def take() -> str:
                dossier = dossier_of(dossier_id)  # noqa: B023  used within the same round
                person = person_of(person_id)
                together.wait(timeout=30)  # noqa: B023
                try:
                    with transaction():
                        getattr(actions, verb)(dossier, by=person)
                except (NotNow, StaleDataError):
                    return "lost"
                return "won"

            return take

        accepted, withdrawn = rush(ctx, [step("accept", officer_id), step("withdraw", applicant_id)], 2)
        dossier = dossier_of(dossier_id)
        assert withdrawn == "won" and dossier.state == "withdrawn"
        assert ("accept" in [e.step for e in dossier.events]) == (accepted == "won")
        assert is_issued(dossier.owner, "receipt") == (accepted == "won")
        session.close()


def test_a_request_is_worded_anew_while_it_is_answered_and_only_what_was_read_is_answered(ctx: Flask) -> None:
    """Either the answer comes first and the request cannot be changed any more, or the new wording comes first and what
    was written to the old one is not taken for an answer to it."""
    outcomes: Counter[str] = Counter()
    for _ in range(20):
        dossier = make.dossier("waiting")
        dossier_id, officer_id, applicant_id = dossier.id, dossier.officer_id or 0, dossier.applicant_id
        read = dossier.requests[-1].id
        session.close()
        together = Barrier(2)

        def change() -> str:
            dossier, officer = dossier_of(dossier_id), person_of(officer_id)  # noqa: B023  within the same round
            together.wait(timeout=30)  # noqa: B023
            try:
                with transaction():
                    actions.amend(dossier, by=officer, items=make.ARGUMENTS["amend"]["items"])
            except (NotNow, StaleDataError):
                return "lost"
            return "won"

        def answer() -> str:
            dossier, applicant = dossier_of(dossier_id), person_of(applicant_id)  # noqa: B023
            together.wait(timeout=30)  # noqa: B023
            try:
                with transaction():
                    actions.answer(dossier, by=applicant, reply="Đã gửi", to=read)  # noqa: B023
            except (NotNow, StaleDataError):
                return "lost"
            return "won"

        changed, answered = rush(ctx, [change, answer], 2)
        assert {changed, answered} == {"won", "lost"}
        outcomes[changed] += 1
        dossier = dossier_of(dossier_id)
        wordings = [(r.edition, r.answered_at is not None, r.replaced_at is not None) for r in dossier.requests]
        if answered == "won":
            assert (dossier.state, wordings) == ("processing", [(1, True, False)])
        else:
            assert (dossier.state, wordings) == ("waiting", [(1, False, True), (2, False, False)])
        session.close()
    assert outcomes.total() == 20


def taking(verb: str, dossier_id: int, by_id: int, together: Barrier, **to: int) -> Callable[[], str]:
    """One step about whose hands it is in, at the same moment as another."""
    def take() -> str:
        dossier, by = dossier_of(dossier_id), person_of(by_id)
        more = {name: person_of(number) for name, number in to.items()}
        together.wait(timeout=30)
        try:
            with transaction():
                getattr(actions, verb)(dossier, by=by, **more)
        except (NotNow, StaleDataError):
            return "lost"
        return "won"

    return take


def test_a_dossier_that_two_hand_on_at_once_is_in_the_hands_that_its_history_names(ctx: Flask) -> None:
    """Whoever holds it hands it to one, the head to another: who comes second finds it gone, or hands it on from there.
    """
    head, one, other = (person.id for person in (make.staff("head_of_unit", "H17"), make.officer(), make.officer()))
    for number in range(FEW):
        dossier = make.dossier(("checking", "waiting", "decided")[number % 3])
        dossier_id, holder_id, together = dossier.id, dossier.officer_id or 0, Barrier(2)
        session.close()
        won = rush(ctx, [taking("assign", dossier_id, holder_id, together, to=one),
                         taking("assign", dossier_id, head, together, to=other)], 2)
        dossier = dossier_of(dossier_id)
        moves = [event.to_id for event in dossier.events if event.step == "assign"]
        assert won[1] == "won" and len(moves) == won.count("won")
        assert dossier.officer_id == moves[-1] == other
        session.close()


def test_it_is_put_back_and_handed_on_at_once_and_somebody_holds_it_or_nobody(ctx: Flask) -> None:
    colleague, outcomes = make.officer().id, Counter[tuple[str, ...]]()
    for _ in range(FEW):
        dossier = make.dossier("received")
        dossier_id, holder_id, together = dossier.id, dossier.officer_id or 0, Barrier(2)
        session.close()
        outcomes[tuple(won := rush(ctx, [
            taking("assign", dossier_id, holder_id, together, to=colleague),
            taking("release", dossier_id, holder_id, together)], 2))] += 1
        assert sorted(won) == ["lost", "won"]
        assert dossier_of(dossier_id).officer_id == (colleague if won[0] == "won" else None)
        session.close()
    assert outcomes.total() == FEW


def closing(person_id: int, by_id: int, together: Barrier) -> Callable[[], str]:
    def close() -> str:
        person, by = person_of(person_id), person_of(by_id)
        together.wait(timeout=30)
        with transaction():
            accounts.deactivate(person, by=by)
            actions.leave(person, by=by)
        return "closed"

    return close


@pytest.mark.parametrize("verb", ["claim", "assign"])
def test_no_closed_account_holds_what_it_was_given_while_it_was_closed(ctx: Flask, verb: str) -> None:
    administrator, head = make.administrator().id, make.staff("head_of_unit", "H17").id
    for _ in range(FEW):
        officer, dossier = make.officer(), make.dossier()
        dossier_id, officer_id, together = dossier.id, officer.id, Barrier(2)
        by, to = (head, {"to": officer_id}) if verb == "assign" else (officer_id, {})
        session.close()
        rush(ctx, [taking(verb, dossier_id, by, together, **to), closing(officer_id, administrator, together)], 2)
        dossier = dossier_of(dossier_id)
        assert (dossier.state, dossier.officer_id) == ("submitted", None)
        assert not person_of(officer_id).active
        session.close()
