"""One engine: a dossier of this portal and one of an agency's own system that live alike have like records."""
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.dossiers import actions as dossiers
from portal.intake import feed
from portal.kit.db import session
from portal.people.models import Person
from portal.progress import actions, records
from portal.progress.merging import State, Step, fold
from portal.progress.models import ProgressRecord
from tests import make

MONDAY = datetime(2026, 10, 5, 2, tzinfo=UTC)
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWN, THEIRS = "H17-261005-990001", "H17-261005-0001"
#: what a record says that is not whose it is or where it stands in the tables
LIKE = (*State._fields, "agency_id", "service_name", "sector_id", "timing")
patient = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def november(app: Flask) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@contextmanager
def taken_back() -> Iterator[None]:
    """Also where it failed: what hypothesis tries next must not find it."""
    saved = session.begin_nested()
    try:
        yield
    finally:
        saved.rollback()


def hour(n: int) -> datetime:
    return MONDAY + n * HOUR


def life(events: list[Any]) -> list[dict[str, Any]]:
    """Rows as an agency's system tells them, in order; each tells the due date as it stands then."""
    rows, due = [], None
    for n, (after, status, anew, reason, correction) in enumerate(events):
        due = due if anew is None else anew
        received_at = MONDAY if any(event[1] in (2, 4) for event in events[:n + 1]) else None
        moments = {"at": hour(n * 5 + after), "submitted_at": MONDAY, "received_at": received_at,
                   "due_at": None if due is None or received_at is None else hour(due) + HOUR / 2}  # no midnight
        rows.append({"procedure": "1.001193", "status": status, "sequence": n + 1, "channel": "online", "level": 4}
                    | {name: at.isoformat() for name, at in moments.items() if at}
                    | ({"reason": reason} if reason else {}) | ({"correction": True} if correction else {}))
    return rows


lives = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 10), st.none() | st.integers(0, 90),
                           st.none() | st.sampled_from(["missing_papers", "legal"]), st.booleans()),
                 min_size=1, max_size=8).map(life)


def tell(row: dict[str, Any], code: str = OWN) -> None:
    """The same by a verb of this portal."""
    moments = {name: datetime.fromisoformat(row[name]) if name in row else None
               for name in ("submitted_at", "received_at", "due_at")}
    make.published(code, "verb", row["status"], at=datetime.fromisoformat(row["at"]), reason=row.get("reason"),
                   correction=row.get("correction", False), **moments)


def push(rows: list[dict[str, Any]], code: str = THEIRS) -> None:
    answer = feed.ingest(make.agency(), [row | {"code": code} for row in rows], channel="api",
                         idempotency_key=f"key-{next(make.n)}", body_sha256="0" * 64, key_id=None)
    assert answer.rejected == answer.quarantined == 0, answer.rows


def split(rows: list[Any], dice: random.Random) -> list[list[Any]]:
    """In any order, some of them twice, in batches of any size."""
    again = [*rows, *dice.choices(rows, k=2)]
    dice.shuffle(again)
    batches = []
    while again:
        size = dice.randint(1, len(again))
        batches.append(again[:size])
        again = again[size:]
    return batches


def record(code: str) -> ProgressRecord:
    session.expire_all()
    return session.scalars(select(ProgressRecord).where(ProgressRecord.code == code)).one()


def says(code: str) -> dict[str, Any]:
    found = record(code)
    return {name: getattr(found, name) for name in LIKE}


@patient
@given(lives, st.randoms())
def test_equal_lives_have_equal_records_whoever_tells_and_in_whatever_order(
        app: Flask, rows: list[dict[str, Any]], dice: random.Random) -> None:
    with taken_back():
        live_twice(rows, dice)


def live_twice(rows: list[dict[str, Any]], dice: random.Random) -> None:
    batches = [("push", batch) for batch in split(rows, dice)]
    verbs = [("tell", row) for row in rows]  # a person's verbs come in their order, between the batches
    while batches or verbs:
        what, told = (batches if batches and (not verbs or dice.random() < .5) else verbs).pop(0)
        tell(told) if what == "tell" else push(told)  # type: ignore[arg-type]
        assert actions.recount() == {}
    ours, theirs = says(OWN), says(THEIRS)
    if ours["due_at"] is None and ours["timing"]:  # the law sets no limit; their system only told none
        theirs["timing"] = ours["timing"]
    if ours["missed_due_at"] and theirs["missed_due_at"]:  # theirs is put off by what was waited after it
        assert ours["missed_due_at"] <= theirs["missed_due_at"]
        theirs["missed_due_at"] = ours["missed_due_at"]
    assert ours == theirs


@patient
@given(lives)
def test_a_record_of_ours_is_the_fold_of_its_steps(app: Flask, rows: list[dict[str, Any]]) -> None:
    with taken_back():
        for row in rows:
            tell(row)
        found = records.locked([OWN])[OWN]
        [steps] = records.steps([found.id]).values()
        assert len(steps) == len(rows) == found.last_position
        assert fold(reversed(steps)) == found.state


def test_late_stays_late_on_our_own_dossiers_too(app: Flask) -> None:
    make.published(OWN, "accept", 2, received_at=MONDAY, due_at=hour(24))
    make.published(OWN, "extend", 4, at=hour(30), submitted_at=MONDAY, due_at=hour(72), reason="other_agency")
    make.published(OWN, "decide", 9, at=hour(48), submitted_at=MONDAY, due_at=hour(72))
    found = record(OWN)
    assert (found.missed_due_at, found.due_at, found.timing) == (hour(24), hour(72), "late")
    assert [step.reason for step in found.steps] == [None, "other_agency", None]


def test_a_date_that_is_moved_before_it_passes_keeps_the_first_beside_it(app: Flask) -> None:
    make.published(OWN, "accept", 2, received_at=MONDAY, due_at=hour(24))
    make.published(OWN, "extend", 4, at=hour(20), submitted_at=MONDAY, due_at=hour(72))
    make.published(OWN, "decide", 9, at=hour(48), submitted_at=MONDAY, due_at=hour(72))
    found = record(OWN)
    assert (found.missed_due_at, found.first_due_at, found.timing) == (None, hour(24), "early")


def test_waiting_puts_off_no_date_of_ours_that_was_missed(app: Flask) -> None:
    """As the dossier's own pages say it: by the rules of today waiting is not given back, the limit begins anew."""
    make.published(OWN, "accept", 2, received_at=MONDAY, due_at=hour(24))
    make.published(OWN, "ask", 5, at=hour(30), submitted_at=MONDAY, due_at=hour(24))
    make.published(OWN, "answer", 4, at=hour(54), submitted_at=MONDAY, due_at=hour(150))
    found = record(OWN)
    assert (found.missed_due_at, found.due_at) == (hour(24), hour(150))


def test_a_correction_of_ours_is_seen_to_be_one(app: Flask) -> None:
    make.published(OWN, "accept", 2, received_at=MONDAY, due_at=hour(24))
    make.published(OWN, "recount", 2, at=hour(30), submitted_at=MONDAY, due_at=hour(48), correction=True)
    found = record(OWN)
    assert (found.corrected, found.missed_due_at, found.due_at) == (True, None, hour(48))


def test_the_due_date_that_a_verb_hands_over_is_not_moved_a_second_time(app: Flask) -> None:
    """The waiting is counted where the rule set of the dossier is known: here the limit began anew."""
    make.published(OWN, "accept", 2, received_at=MONDAY, due_at=hour(24))
    make.published(OWN, "ask", 5, at=hour(2), submitted_at=MONDAY, due_at=hour(24))
    make.published(OWN, "answer", 4, at=hour(26), submitted_at=MONDAY, due_at=hour(50))
    found = record(OWN)
    assert (found.due_at, found.stopped_at, found.missed_due_at) == (hour(50), None, None)


class Day:
    """Verbs at moments, and what an agency's system would have said of the same."""

    def __init__(self, officer: Person) -> None:
        self.officer, self.rows = officer, list[dict[str, Any]]()

    def do(self, dossier: Any, at: datetime, verb: str, status: int, **more: Any) -> None:
        with time_machine.travel(at, tick=False):
            by = dossier.applicant if verb in ("submit", "answer") else self.officer
            getattr(dossiers, verb)(dossier, by=by, **more)
        told = {"at": at, "submitted_at": dossier.submitted_at, "received_at": dossier.received_at,
                "due_at": dossier.due_at}
        self.rows.append({"procedure": "1.001193", "status": status, "sequence": len(self.rows) + 1,
                          "channel": "online", "level": dossier.terms.level}
                         | {name: moment.isoformat() for name, moment in told.items() if moment})


@pytest.mark.parametrize("days_until_decided", [1, 40])
def test_a_dossier_that_lived_through_its_verbs_has_the_record_of_a_pushed_one(
        app: Flask, days_until_decided: int) -> None:
    day, dossier = Day(make.officer()), make.draft()
    day.do(dossier, hour(0), "submit", 1)
    day.do(dossier, hour(1), "claim", 1)
    day.do(dossier, hour(2), "accept", 2)
    day.do(dossier, hour(3), "ask", 5, items=[("other", "Giấy chứng sinh", "Bản chụp mờ")])
    day.do(dossier, hour(27), "answer", 4)
    day.do(dossier, hour(28 + 24 * days_until_decided), "decide", 9, outcome="granted")
    day.do(dossier, hour(29 + 24 * days_until_decided), "hand_over", 10, on_paper=True)
    push(day.rows)
    assert says(str(dossier.code)) == says(THEIRS)
    assert says(THEIRS)["timing"] == ("late" if days_until_decided > 1 else says(THEIRS)["timing"]) is not None
    assert actions.recount() == {}


def test_steps_of_ours_carry_what_pushed_ones_do(app: Flask) -> None:
    dossier = make.dossier("waiting")
    found = records.locked([str(dossier.code)])[str(dossier.code)]
    [steps] = records.steps([found.id]).values()
    last: Step = max(steps, key=lambda step: step.sequence)
    assert (last.step, last.status, last.reason, last.due_at) == ("ask", 5, "missing_papers", dossier.due_at)
    assert {(step.channel, step.procedure_code, step.level) for step in steps} == {
        ("online", "1.001193", dossier.terms.level)}
    assert {step.submitted_at for step in steps} == {dossier.submitted_at}
