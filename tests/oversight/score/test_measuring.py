"""What the portal measures of the score, from dossiers that lived through the real verbs."""
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.dossiers import actions
from portal.dossiers.models import Dossier, SupplementRequest
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.oversight.models import ScoreReading
from portal.oversight.score import actions as verbs
from portal.oversight.score import judging, measuring, population, queries
from portal.oversight.score.judging import Life
from portal.oversight.score.measuring import WHOLE, Reading
from portal.people.models import Unit
from tests import make
from tests.oversight.score.lived import DAY, PERIOD, lived, pushed, told

LATER = make.OCTOBER + 50 * DAY  # the period is over


def measured(now: datetime = LATER, period: str = PERIOD, **more: Any) -> dict[tuple[int, str], Reading]:
    """Of Đà Nẵng, by unit and indicator."""
    return {(one.unit_id, one.indicator): one for one in measuring.measure(period, now, **more)
            if one.agency_id == make.agency().id}


def counted(key: str, found: dict[tuple[int, str], Reading], unit: int = WHOLE) -> tuple[int | None, int | None]:
    one = found[unit, key]
    return one.part, one.whole


def test_nothing_earns_nothing_and_is_no_nought(app: Any) -> None:
    found = measured()
    for key in ("progress", "dossiers_online", "electronic_result", "digitised"):
        one = found[WHOLE, key]
        assert (one.points, one.part, one.facts["why"]) == (None, None, "no_dossiers"), key
    assert found[WHOLE, "services_online"].points is not None, "services are there whether anybody comes or not"
    assert counted("services_used", found)[0] == 0


def test_a_dossier_is_in_time_by_the_moment_of_its_decision(app: Any) -> None:
    lived(("accept", 0.1), ("decide", 0.2), ("hand_over", 30))
    lived(("accept", 0.1), ("decide", 20))
    assert counted("progress", measured()) == (1, 2)


def test_what_is_not_finished_is_judged_at_the_end_of_the_period(app: Any) -> None:
    lived(("accept", 0.1))
    assert counted("progress", measured(now=make.OCTOBER + 0.2 * DAY)) == (1, 1), "its time runs"
    found = measured()
    assert counted("progress", found) == (0, 1) and found[WHOLE, "progress"].facts["unfinished"] == 1


def test_what_ends_without_a_result_ends_the_clock(app: Any) -> None:
    lived(("accept", 0.1), ("withdraw", 0.2))
    assert counted("progress", measured()) == (1, 1)
    lived(("refuse", 0.1))
    assert counted("progress", measured()) == (1, 1), "refused before acceptance: it was never received"


def test_while_papers_are_awaited_no_time_is_lost_and_both_dates_are_kept(app: Any) -> None:
    lived(("accept", 0.1), ("ask", 0.12))
    assert counted("progress", measured()) == (1, 1), "the clock stands still until the end of the period"
    made = lived(("accept", 0.1), ("ask", 0.12), ("answer", 9), ("decide", 9.05))
    assert made.index_due_at != made.due_at, "the index subtracts the waiting, the decree begins the limit anew"
    facts = measured()[WHOLE, "progress"].facts
    assert facts["own"] == 2 and facts["own_decree_in_time"] == 2


def test_papers_asked_for_twice_and_no_finish_is_late(app: Any) -> None:
    head = make.staff("head_of_unit", "H17")
    made = lived(("accept", 0.1), ("ask", 0.12), ("answer", 9), by=head)
    assert counted("progress", measured(now=make.OCTOBER + 9.01 * DAY)) == (1, 1)
    with clock.pretend(make.OCTOBER + 9.01 * DAY):
        actions.ask_again(made, by=head, **make.ARGUMENTS["ask_again"])
    session.commit()
    found = measured(now=make.OCTOBER + 9.02 * DAY)
    assert counted("progress", found) == (0, 1) and found[WHOLE, "progress"].facts["asked_again"] == 1


def test_online_counts_with_the_file_of_its_result(app: Any) -> None:
    lived(("accept", 0.1), ("decide", 0.2), ("hand_over", 0.3))
    lived(("accept", 0.1), ("decide", 0.2), file=True)
    found = measured()
    assert counted("dossiers_online", found) == (1, 2)
    assert found[WHOLE, "dossiers_online"].points == "6.00", "half of them is enough"
    assert counted("electronic_result", found) == (1, 2) and found[WHOLE, "electronic_result"].points == "3.00"
    assert counted("digitised", found)[1] == 2
    assert counted("services_used", found)[0] == 1


def test_satisfaction_is_not_measured_but_never_more_than_what_was_not_late(app: Any) -> None:
    lived(("accept", 0.1), ("decide", 0.2))
    lived(("accept", 0.1), ("decide", 20))
    one = measured()[WHOLE, "satisfied"]
    assert one.points is None and one.facts["why"] == "ratings"
    assert Decimal(one.facts["at_most"]) == Decimal("3.33"), "6 × 50 % / 90 %"


def test_each_unit_has_its_own_and_the_agency_has_all(app: Any) -> None:
    sở = make.department()
    late = lived(("accept", 0.1), ("decide", 20))
    lived(("accept", 0.1), ("decide", 0.2), unit=sở)
    found = measured()
    assert counted("progress", found) == (1, 2)
    assert counted("progress", found, sở.id) == (1, 1) and counted("progress", found, late.unit_id or 0) == (0, 1)
    assert (sở.id, "services_online") not in found, "measured for the agency as a whole"


def test_what_agencies_systems_tell_counts_for_progress_and_not_for_files(app: Any) -> None:
    due = (make.OCTOBER + 3 * DAY).isoformat()
    pushed(told(1, 2, 0, due_at=due), told(1, 9, 2), told(2, 2, 0, due_at=due), told(2, 9, 6),
           told(3, 2, 0, due_at=due), told(4, 2, 0, due_at=due), told(4, 5, 1))
    found = measured()
    assert counted("progress", found) == (2, 4), "in time; late; not finished; waits for papers since the second day"
    online = found[WHOLE, "dossiers_online"]
    assert online.points is None and online.facts["told_left_out"] == 4
    assert counted("services_used", found)[0] == 1
    assert found[WHOLE, "dossier_sync"].facts == {"why": "no_report", "portal": 4}


def test_what_tells_no_due_date_is_judged_by_the_longest_limit_of_its_procedure(app: Any) -> None:
    pushed(told(1, 2, 0), told(1, 9, 0.2), told(2, 2, 0), told(2, 9, 25))
    assert counted("progress", measured()) == (1, 2)


def test_what_is_known_is_measured_against_the_report_where_there_is_one(app: Any) -> None:
    lived(("accept", 0.1))
    found = measured(reported={make.agency().id: 4})
    assert counted("dossier_sync", found) == (1, 4) and found[WHOLE, "dossier_sync"].points == "1.50"


def test_the_database_judges_as_the_rule_does(app: Any) -> None:
    dice, of = random.Random(766), population.span(PERIOD, LATER)
    made = [lived(("accept", 0.1)) for _ in range(4)]
    for turn in range(25):
        for one in made:
            day = {name: of.begin + timedelta(hours=dice.randint(30, 900)) if dice.random() < 0.6 else None
                   for name in ("index_due_at", "decided_at")}
            one.index_due_at = one.due_at = day["index_due_at"]
            one.decided_at = day["decided_at"]
            waits = one.decided_at is None and dice.random() < 0.4
            one.state = "waiting" if waits else "decided" if one.decided_at else "processing"
            one.stopped_at = of.begin + timedelta(hours=dice.randint(20, 900)) if waits else None
            if turn % 5 == 0:
                session.add(SupplementRequest(dossier_id=one.id, round=turn + 1, asked_at=of.begin + timedelta(
                    hours=dice.randint(20, 900))))
        session.commit()
        rows = {row.id: row for row in session.execute(select(population.own(of)))}
        for one in made:
            asked = sum(request.asked_at <= of.end for request in session.scalars(
                select(SupplementRequest).where(SupplementRequest.dossier_id == one.id)))
            life = Life(one.index_due_at, one.decided_at, one.stopped_at, asked)
            late = judging.late(life, of.end)
            assert rows[one.id].late == (None if late is None else int(late)), life


@pytest.mark.parametrize("period", ["2026-10", "2026-Q4", "2026"])
def test_the_job_keeps_what_it_measured_in_place_of_what_was(app: Any, period: str) -> None:
    lived(("accept", 0.1), ("decide", 0.2))
    make.done("oversight.score.measure", period=period)
    make.done("oversight.score.measure", period=period)
    kept = session.get(ScoreReading, (make.agency().id, WHOLE, period, "progress"))
    assert kept is not None and (kept.numerator, kept.denominator, kept.points) == (1, 1, "20.00")
    unit = session.scalars(select(Unit.id).join(Dossier, Dossier.unit_id == Unit.id)).first()
    assert session.get(ScoreReading, (make.agency().id, unit, period, "progress")) is not None


def test_the_night_measures_what_runs(app: Any) -> None:
    make.done("oversight.score.measure_all")
    put = session.scalars(select(Job).where(Job.name == "oversight.score.measure")).all()
    assert {one.args["period"] for one in put} >= set(measuring.periods(clock.today()))


def test_a_month_over_whose_end_no_worker_was_there_is_measured_when_one_is_back(app: Any) -> None:
    """What was measured of it in its middle may not be published as what it came to."""
    lived(("accept", 0.1), ("decide", 0.2))
    watcher, back = make.staff("overseer"), datetime(2026, 11, 25, 2, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 10, 20, 2, tzinfo=UTC), tick=False):
        make.done("oversight.score.measure", period="2026-10")
    with time_machine.travel(back, tick=False):
        with pytest.raises(verbs.NotMeasured):
            verbs.publish("2026-10", by=watcher)
        make.done("oversight.score.measure_all")
        put = {one.args["period"] for one in session.scalars(select(Job).where(
            Job.name == "oversight.score.measure", Job.done_at.is_(None)))}
        assert {"2026-11", "2026-10"} <= put
        make.done("oversight.score.measure", period="2026-10")
        assert queries.is_settled("2026-10") and verbs.publish("2026-10", by=watcher).edition == 1


def test_nobody_measures_a_period_that_is_to_come(app: Any) -> None:
    run = app.test_cli_runner().invoke(args=["oversight", "measure-score", "2099"])
    assert run.exit_code == 1 and "still to come" in run.output
    assert session.scalar(select(ScoreReading.period).limit(1)) is None
