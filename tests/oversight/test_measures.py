"""What the portal knows of an agency from its own data: a number with what it is counted from, or why there is none."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.exchange.models import Connection
from portal.kit.db import session
from portal.oversight import measures, tasks
from portal.oversight.figures import UNIT_WORDS
from portal.oversight.measures import MEASURES, WHY_WORDS, Known
from portal.oversight.models import ActionPlan, Report, ReportPeriod, ReportTemplate
from portal.people.models import Agency
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressSide
from tests import make
from tests.exchange import made as exchange

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TODAY, OCTOBER, NOVEMBER = date(2026, 11, 20), (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1),) * 2
QUARTER = date(2026, 7, 1), date(2026, 9, 30)


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def months(key: str = "H17", first: int = 7, **counts: int) -> None:
    """Counters of each month of 2026 from `first` to November."""
    for month in range(first, 12):
        make.save(ProgressMonth(agency_id=make.agency(key).id, month=date(2026, month, 1), **counts))


def channel(value: str, received: int, month: date, key: str = "H17") -> None:
    make.save(ProgressSide(side="channel", agency_id=make.agency(key).id, value=value, month=month, received=received))


def still_open(due_on: date, n: int, key: str = "H17") -> None:
    make.save(ProgressOpen(agency_id=make.agency(key).id, due_on=due_on, paused=False, n=n))


def known(measure: str, first: date, last: date, key: str = "H17") -> Known:
    agency = make.agency(key)
    return measures.look(measure, [agency], first, last)[agency.id]


def told(measure: str, first: date = date(2026, 11, 1), last: date = TODAY, key: str = "H17") -> Any:
    """(value, denominator), or the reason why there is none."""
    found = known(measure, first, last, key)
    return found.why or (found.value, found.denominator)


def test_what_came_and_what_ended_is_summed_over_whole_months(app: Any) -> None:
    months(received=10, done_early=3, done_on_time=4, done_late=2, done_untimed=1, refused=1, submitted=12)
    assert told("dossiers_received", *QUARTER) == (30, None) and told("dossiers_submitted", *QUARTER) == (36, None)
    assert told("dossiers_in_time", *QUARTER) == (21, 27), "of what has no due day nobody can say"
    assert told("dossiers_late", *OCTOBER) == (2, 9) and told("dossiers_done", *OCTOBER) == (10, None)
    assert told("dossiers_refused", *OCTOBER) == (1, None)
    assert known("dossiers_received", *OCTOBER).facts["late"] == 2


@pytest.mark.parametrize(("first", "last", "why"), [
    (date(2026, 10, 2), date(2026, 10, 31), "not_whole_months"),
    (date(2026, 10, 1), date(2026, 10, 30), "not_whole_months"),
    (date(2026, 6, 1), date(2026, 9, 30), "not_counted_yet"), (date(2026, 5, 1), date(2026, 5, 31), "not_counted_yet")])
def test_a_time_of_which_no_counters_are_there_is_no_nought(first: date, last: date, why: str) -> None:
    months(received=10)
    assert told("dossiers_received", first, last) == why
    assert told("dossiers_received", *OCTOBER, key="H26") == "nothing_counted"


def test_a_running_month_is_told_up_to_now_and_a_month_without_dossiers_is_nought(app: Any) -> None:
    make.save(ProgressMonth(agency_id=make.agency().id, month=date(2026, 9, 1), received=4))
    assert told("dossiers_received", date(2026, 9, 1), TODAY) == (4, None)
    assert told("dossiers_received") == (0, None)


def test_the_share_that_came_online_is_of_all_that_was_received(app: Any) -> None:
    months(received=10)
    channel("online", 6, date(2026, 10, 1))
    channel("counter", 3, date(2026, 10, 1))
    assert told("dossiers_online", *OCTOBER) == (6, 10) and told("dossiers_post", *OCTOBER) == (0, 10)
    assert known("dossiers_online", *OCTOBER).facts == {"online": 6, "counter": 3, "post": 0, "otherwise": 1}


def test_what_is_open_is_known_of_today_and_of_the_end_of_any_month(app: Any) -> None:
    months(received=10, done_on_time=8)
    still_open(TODAY, 5)
    still_open(TODAY - timedelta(days=1), 7)
    assert told("dossiers_open") == (12, None) and told("dossiers_open_late") == (7, 12)
    assert told("dossiers_open", *OCTOBER) == (10, None), "two more came in November than ended"
    assert told("dossiers_carried", *OCTOBER) == (8, None) == told("dossiers_open", *QUARTER)
    assert told("dossiers_open_late", *OCTOBER) == "only_today"
    assert told("dossiers_open", date(2026, 10, 1), date(2026, 10, 15)) == "not_whole_months"


def test_an_agency_that_was_not_there_is_told_apart(app: Any) -> None:
    gone = make.save(Agency(key="X9", name="Bộ cũ", kind="ministry", valid_to=date(2025, 2, 28)))
    for name in ("connected", "publishing", "plan_36a", "services_offered", "dossiers_received"):
        assert measures.look(name, [gone], date(2026, 11, 1), TODAY)[gone.id].why == "no_such_agency", name


def test_services_are_those_of_todays_catalogue_and_of_no_other_day(app: Any) -> None:
    offered, of = told("services_level_3")
    assert 0 < offered <= of and told("services_offered") == (of, None)
    assert told("services_level_4")[0] <= offered
    assert told("services_level_3", *OCTOBER) == "only_today"
    deployed, assigned = told("assigned_services_deployed")
    assert 0 <= deployed <= assigned <= of
    assert told("services_offered", key="G15") == "no_services"


def test_publishing_goes_by_the_three_rules_on_any_day(app: Any) -> None:
    assert told("publishing") == (0, None)
    assert known("publishing", *OCTOBER).facts["fresh"] is False
    told_, offered = told("procedures_published")
    assert told_ == 0 < offered


def test_a_connection_counts_on_the_days_that_it_covers(app: Any) -> None:
    make.save(Connection(agency_id=make.agency().id, since=date(2026, 8, 3), until=date(2026, 10, 30), source="thử"))
    assert told("connected") == (0, None) and told("connected", *QUARTER) == (1, None)
    assert known("connected", *QUARTER).facts == {"since": "2026-08-03"}
    assert told("documents_sent", *QUARTER) == (0, None)
    assert told("documents_sent") == "not_connected"


def test_answers_are_in_time_until_their_day_is_over_in_vietnam(app: Any) -> None:
    due = date(2026, 11, 12)
    receiver = exchange.participant("H17", agency_id=make.agency().id)
    # 16:59 and 17:00 UTC: before and after midnight in Vietnam
    for answered in (datetime(2026, 11, 12, 16, 59, tzinfo=UTC), datetime(2026, 11, 12, 17, tzinfo=UTC), None, None):
        [copy] = exchange.document(receivers=(receiver,), due_on=due).copies
        copy.due_on, copy.answered_at = due if answered else date(2026, 11, 19), answered
    copy.due_on = TODAY
    session.flush()
    assert told("documents_answered_in_time") == (1, 2) and told("documents_answered_late") == (1, 2)
    assert told("documents_overdue") == (1, 2), "due today is still in time"
    assert told("documents_answered_late", *OCTOBER) == "none_due"
    assert told("documents_overdue", *OCTOBER) == "only_today"


def test_tasks_stand_as_they_stood_on_the_day(app: Any) -> None:
    watcher, leader = make.staff("overseer"), make.staff("leader", "H17")
    for n, due in enumerate((date(2026, 10, 10), date(2026, 10, 20), date(2026, 12, 1))):
        with time_machine.travel(datetime(2026, 10, 1, 3, tzinfo=UTC)):
            [task] = tasks.give(tasks.new_directive(
                number=f"{n}/NQ", issuer="Chính phủ", words="Việc", deadline="fixed", due_on=due, public=n != 2),
                [make.agency()], by=watcher)
        if n == 0:
            with time_machine.travel(datetime(2026, 10, 12, 3, tzinfo=UTC)):
                tasks.claim(task, leader, "Đã xong")
                tasks.verify(task, watcher, "Đã xem")
    assert told("tasks_given") == (2, None), "of the third nobody is told"
    assert told("tasks_done") == (1, 2) and told("tasks_done_late") == (1, 2) and told("tasks_open_late") == (1, 2)
    then = date(2026, 10, 11)
    assert told("tasks_done", last=then) == (0, 2) and told("tasks_open_late", last=then) == (1, 2)
    assert told("tasks_done", last=date(2026, 9, 30)) == "no_tasks"


def test_reports_are_on_time_late_or_missing(app: Any) -> None:
    template = make.save(ReportTemplate(key="thu", version=1, title={"vi": "Thử", "en": "Try"}, every="month",
                                        owes="all", definition={}, digest="0" * 64))
    for month, submitted in ((8, datetime(2026, 9, 25, 3, tzinfo=UTC)), (9, datetime(2026, 10, 26, 3, tzinfo=UTC)),
                             (10, None)):
        period = make.save(ReportPeriod(
            template_id=template.id, template_key="thu", period=f"2026-{month:02}", first_day=date(2026, month, 1),
            last_day=date(2026, month, 28), due_on=date(2026, month + 1, 25 if month < 10 else 15)))
        make.save(Report(period_id=period.id, agency_id=make.agency().id, submitted_at=submitted))
    assert [told(f"reports_{name}", date(2026, 9, 1), TODAY) for name in ("on_time", "late", "missing")] == [(1, 3)] * 3
    assert told("reports_on_time", *OCTOBER) == (0, 1) and told("reports_late", *OCTOBER) == (1, 1)
    assert told("reports_missing", date(2026, 6, 1), date(2026, 6, 30)) == "none_due"


def test_a_plan_counts_from_the_day_on_which_it_was_issued(app: Any) -> None:
    make.save(ActionPlan(agency_id=make.agency().id, programme="36a/NQ-CP", number="1/KH-UBND",
                         issued_on=date(2026, 10, 5), title="Kế hoạch"))
    assert told("plan_36a") == (1, None) and told("plan_36a", *QUARTER) == (0, None)
    assert told("plan_36a", key="H26") == (0, None)


def test_whatever_is_asked_each_agency_has_an_answer_or_a_reason(app: Any) -> None:
    agencies = [make.agency(key) for key in ("H17", "H26", "G01", "G15")]
    for name, measure in MEASURES.items():
        found = measures.look(name, agencies, *QUARTER)
        assert found.keys() == {one.id for one in agencies} and measure.unit in UNIT_WORDS, name
        for one in found.values():
            assert one.why in WHY_WORDS if one.value is None else not one.why, name
            assert one.value is None or one.denominator is None or 0 <= one.value <= one.denominator, name
    assert measures.look("nothing", agencies, *QUARTER)[agencies[0].id].why == "unknown"
