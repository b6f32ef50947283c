"""One dossier told to everybody: why it waited, how long each step took, when its date was moved and why."""
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from portal.catalogue import actions as catalogue
from portal.catalogue.models import Holiday
from portal.dossiers import actions
from portal.intake import feed
from portal.kit.db import session
from portal.progress import history
from tests import make

CODE = "H17-261102-0001"


def at(day: int, hour: int = 9) -> str:
    return datetime(2026, 11, day, hour - 7, tzinfo=UTC).isoformat()


def push(*rows: dict[str, Any]) -> None:
    base = {"code": CODE, "procedure": "1.001193"}
    answer = feed.ingest(make.agency(), [base | row for row in rows], channel="api",
                         idempotency_key=f"key-{next(make.n)}", body_sha256="0" * 64, key_id=None)
    assert answer.rejected == answer.quarantined == 0, answer.rows
    session.commit()


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False):
        yield


def page(client: FlaskClient) -> str:
    return " ".join(client.get(f"/en/progress/{CODE}").text.split())


def test_a_pause_has_its_reason_and_the_time_waited_is_not_counted(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(12)}, {"status": 5, "at": at(3), "reason": "missing_papers"},
         {"status": 4, "at": at(5)})
    text = page(client)
    assert "The clock stands still. Reason: papers are missing." in text
    assert "Waited: 2 working days, not counted." in text and "Took 1 working day." in text
    assert "The due date moved from 12/11/2026 to 16/11/2026 by the time waited." in text
    assert "<s>09:00, Thursday, 12 November 2026</s>" in text


def test_an_extension_has_the_old_date_beside_the_new_and_the_apology(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(12)},
         {"status": 4, "at": at(11), "due_at": at(12), "new_due_at": at(18), "reason": "other_agency",
          "apology": True})
    text = page(client)
    assert "The due date was put off from 12/11/2026 to 18/11/2026. The agency apologised. Reason: another agency " \
           "must give its opinion." in text


def test_a_date_named_too_late_stands_beside_the_one_by_law(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(16)},
         {"status": 4, "at": at(18), "new_due_at": at(25), "apology": True})
    text = page(client)
    assert "the dossier is late. The agency has named a new day: 09:00, Wednesday, 25 November 2026." in text
    assert "4 working days late" in text
    assert "<dt>Due by law</dt><dd>09:00, Monday, 16 November 2026</dd>" in text
    assert "<dt>New day named by the agency</dt><dd>09:00, Wednesday, 25 November 2026</dd>" in text
    assert "put off from 16/11/2026 to 25/11/2026. It had passed already: the dossier stays late." in text
    push({"status": 9, "at": at(19)})
    assert "Finished late" in page(client)
    vi = client.get(f"/progress/{CODE}").text
    assert "<dt>Hẹn trả theo quy định</dt>" in vi and "<dt>Hẹn trả lại</dt>" in vi


def test_a_date_named_in_time_stands_beside_the_one_by_law_too(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(16)}, {"status": 4, "at": at(13), "new_due_at": at(25)})
    text = page(client)
    assert "<dt>Due by law</dt><dd>09:00, Monday, 16 November 2026</dd>" in text
    assert "<dt>New day named by the agency</dt><dd>09:00, Wednesday, 25 November 2026</dd>" in text
    assert "working days left" in text and "It had passed already" not in text


def test_a_new_day_that_has_passed_as_well_is_owed_again(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(12)}, {"status": 4, "at": at(13), "new_due_at": at(17)})
    assert "must apologise to the applicant in writing" in page(client)


def test_what_is_told_after_the_end_is_no_step(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(27)}, {"status": 9, "at": at(19)}, {"status": 5, "at": at(19, 10)},
         {"status": 10, "at": at(19, 11)}, {"status": 4, "at": at(20), "due_at": at(30)})
    text = page(client)
    steps = text.split('<ol class="timeline">')[1].split("</ol>")[0]
    assert steps.count("<li") == 3 and "So far" not in text and "put off" not in text
    assert "Result returned" in text


def test_a_correction_stays_in_sight(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(27)}, {"status": 10, "at": at(3)},
         {"status": 4, "at": at(4), "correction": True})
    text = page(client)
    assert "The agency corrected what it had reported" in text and "This is a correction" in text


def test_the_usual_date_and_the_date_by_law_are_two_things(client: FlaskClient) -> None:
    push(*({"code": f"H17-261005-{n:04}", "status": status, "at": moment, "received_at": "2026-10-05T02:00:00Z",
            "due_at": "2026-10-20T02:00:00Z"} for n in range(30)
           for status, moment in ((2, "2026-10-05T02:00:00Z"), (9, f"2026-10-{7 + n % 5:02}T02:00:00Z"))))
    history.estimate()
    push({"status": 2, "at": at(19), "due_at": at(27)})
    text = page(client)
    assert "Usually done" in text and "From 30 finished dossiers" in text and "not a promise" in text
    assert "Due by law" in text and "09:00, Friday, 27 November 2026" in text
    assert "Usually done" not in client.get("/en/progress/H17-261005-0001").text


def test_nothing_is_said_of_what_is_usual_under_thirty_cases(client: FlaskClient) -> None:
    push({"status": 2, "at": at(19), "due_at": at(27)})
    assert "Usually done" not in page(client)


@pytest.mark.parametrize("status", range(1, 11))
def test_each_national_status_has_a_page_in_both_languages(client: FlaskClient, status: int) -> None:
    push({"status": 1, "at": at(2)}, {"status": status, "at": at(3), "due_at": at(27)})
    assert client.get(f"/progress/{CODE}").status_code == client.get(f"/en/progress/{CODE}").status_code == 200


@pytest.mark.parametrize(("status", "look"), [(3, "still"), (5, "waiting"), (6, "waiting"), (7, "still"), (8, "still"),
                                              (9, "done"), (10, "done")])
def test_an_end_without_a_result_looks_like_one(client: FlaskClient, status: int, look: str) -> None:
    push({"status": 2, "at": at(2), "due_at": at(30)}, {"status": status, "at": at(3)})
    text = page(client)
    assert f'<p class="cluster"><span class="tag is-{look}">' in text
    assert f'<li class="is-{look}"' in text.rsplit('<ol class="timeline">', 1)[1]


def test_that_a_payment_stops_the_clock_is_said_to_be_an_assumption(client: FlaskClient) -> None:
    push({"status": 2, "at": at(2), "due_at": at(30)}, {"status": 5, "at": at(3)}, {"status": 4, "at": at(4)})
    assert "assumption" not in page(client)
    push({"status": 6, "at": at(5), "reason": "payment"})
    assert "stops the clock is an assumption: no law that was read says so." in page(client)


def test_a_dossier_of_this_portal_says_what_moved_its_date(client: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 11, 19, 2, tzinfo=UTC), tick=False):
        dossier = make.dossier("checking")
        dossier.terms.limit_amount, dossier.terms.limit_unit, dossier.terms.cases = 5, "working_day", []
        actions.accept(dossier, by=dossier.officer)
    with time_machine.travel(datetime(2026, 11, 20, 2, tzinfo=UTC), tick=False):
        actions.ask(dossier, by=dossier.officer, items=make.ARGUMENTS["ask"]["items"])
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=False):
        actions.answer(dossier, by=dossier.applicant)
    with time_machine.travel(datetime(2026, 11, 23, 3, tzinfo=UTC), tick=False):
        session.add(Holiday(day=date(2026, 11, 26), name="Ngày nghỉ mới", kind="holiday"))
        session.flush()
        catalogue.publish_calendar()
        catalogue.bump_edition()
        assert actions.recount(dossier)
        session.commit()
        text = " ".join(client.get(f"/en/progress/{dossier.code}").text.split())
    assert "What was asked for came: the due date moved from 27/11/2026 to 01/12/2026." in text
    assert "The calendar of working days was corrected: the due date moved from 01/12/2026 to 02/12/2026." in text
    assert "<dt>Due by law</dt><dd>17:00, Wednesday, 2 December 2026</dd>" in text
    assert "New day named by the agency" not in text


@pytest.mark.parametrize("state", ["asked", "received"])
def test_what_was_asked_before_acceptance_stopped_no_clock(client: FlaskClient, state: str) -> None:
    """No clock runs before acceptance (Decree 118/2025 art. 17(3)), then or when it is looked back at."""
    with time_machine.travel(datetime(2026, 11, 19, 2, tzinfo=UTC), tick=False):
        dossier = make.dossier("asked")
    if state == "received":
        actions.answer(dossier, by=dossier.applicant)
        actions.accept(dossier, by=dossier.officer)
        session.commit()
    text = client.get(f"/en/progress/{dossier.code}").text
    assert "Asked before acceptance: no clock runs yet." in text and "The clock stands still" not in text
