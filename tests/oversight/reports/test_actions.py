"""A report from owed to approved, by its verbs."""
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import measures
from portal.oversight.measures import Known, Measure
from portal.oversight.models import PublishedFigure, Report, ReportsNeverForget
from portal.oversight.reporting import ReportState
from portal.oversight.reports import actions, queries
from portal.oversight.reports.actions import Incomplete, NeedsReason, NotNow
from tests import make
from tests.oversight import made

KNOWN = {"dossiers_received": Known(90, facts={"received": 90}), "dossiers_late": Known(2, 80),
         "dossiers_open": Known(None, why="no_such_agency")}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, Known]:
    """What the portal knows of every agency."""
    told = dict(KNOWN)

    def measure(key: str) -> Measure:
        return Measure(key, "dossiers", lambda agencies, _first, _last: {one.id: told[key] for one in agencies})
    monkeypatch.setattr(measures, "MEASURES", {key: measure(key) for key in told})
    return told


@pytest.fixture
def overseer(app: Any) -> Any:
    return make.staff("overseer")


@pytest.fixture
def drafter(app: Any) -> Any:
    return make.staff("drafter", "H17")


@pytest.fixture
def leader(app: Any) -> Any:
    return make.staff("leader", "H17")


@pytest.fixture
def report(app: Any, known: Any) -> Report:
    return made.report()


def codes(report: Report) -> list[str]:
    return [one.code for one in queries.events(report.id)]


def write(report: Report, by: Any, **fields: Any) -> tuple[Any, ...]:
    return actions.save(report, fields, {key: report.answers.get(key) for key in fields}, by)


def submitted(report: Report, drafter: Any, leader: Any) -> Report:
    actions.begin(report, drafter)
    write(report, drafter, **made.answers_07a())
    actions.submit(report, leader)
    return report


def test_what_is_owed_begins_with_what_the_portal_knows(report: Report, drafter: Any) -> None:
    actions.begin(report, drafter)
    assert report.state == ReportState.open and codes(report) == ["filled"]
    assert report.answers == {"total_received": 90, "total_settled_late": 2}
    received = report.known["total_received"]
    assert (received["value"], received["measure"], received["facts"]) == (90, "dossiers_received", {"received": 90})
    assert received["source"] and received["at"]
    assert report.known["total_pending"]["value"] is None and report.known["total_pending"]["why"] == "no_such_agency"
    actions.begin(report, drafter)
    assert codes(report) == ["filled"], "a report that was begun stays as it is"


def test_something_else_than_the_portal_knows_needs_a_reason(report: Report, drafter: Any, leader: Any) -> None:
    actions.begin(report, drafter)
    write(report, drafter, **made.answers_07a(made.row(received=99, online_full=39, received_in_period=89,
                                                        pending=19, pending_in_time=18)))
    with pytest.raises(Incomplete) as refused:
        actions.submit(report, leader)
    assert refused.value.keys == ["total_received"] == refused.value.unexplained
    actions.override(report, {"total_received": "Một hồ sơ tiếp nhận nhầm"}, drafter)
    actions.submit(report, leader)
    assert report.reasons == {"total_received": "Một hồ sơ tiếp nhận nhầm"}
    assert queries.events(report.id)[-1].facts["reasons"] == report.reasons, "whoever watches sees it"


def test_filling_in_again_refreshes_what_nobody_answered_otherwise(report: Report, drafter: Any,
                                                                   known: dict[str, Known]) -> None:
    actions.begin(report, drafter)
    write(report, drafter, total_settled_late=5)
    known |= {"dossiers_received": Known(95), "dossiers_late": Known(3, 80), "dossiers_open": Known(20)}
    actions.fill(report, drafter)
    assert report.answers == {"total_received": 95, "total_settled_late": 5, "total_pending": 20}
    assert report.known["total_settled_late"]["value"] == 3
    assert queries.events(report.id)[-1].changes == {"total_received": [90, 95], "total_pending": [None, 20]}


def test_two_people_at_one_step_lose_nothing(report: Report, drafter: Any, leader: Any) -> None:
    actions.begin(report, drafter)
    shown = {key: report.answers.get(key) for key in ("total_received", "total_settled", "total_pending")}
    assert actions.save(report, shown | {"total_settled": 80}, shown, drafter) == ()
    assert actions.save(report, shown | {"total_pending": 20}, shown, leader) == ()
    assert (report.answers["total_settled"], report.answers["total_pending"]) == (80, 20)
    [clash] = actions.save(report, shown | {"total_settled": 81}, shown, leader)
    assert (clash.field, clash.theirs, clash.mine) == ("total_settled", 80, 81)
    assert report.answers["total_settled"] == 80
    assert [(one.by_name, one.changes) for one in queries.events(report.id)[1:]] == [
        (drafter.name, {"total_settled": [None, 80]}), (leader.name, {"total_pending": [None, 20]})]


def test_what_is_not_right_yet_is_kept_for_whoever_typed_it(report: Report, drafter: Any, leader: Any) -> None:
    actions.begin(report, drafter)
    actions.save(report, {}, {}, drafter, step="totals", typed=[("total_settled", "tám mươi")])
    actions.save(report, {"total_settled": 80}, {}, leader, step="totals")
    assert report.typed == {f"totals:{drafter.id}": [["total_settled", "tám mươi"]]}
    actions.save(report, {}, {}, drafter, step="totals")
    assert report.typed is None


def test_an_unknown_field_is_not_kept(report: Report, drafter: Any) -> None:
    actions.begin(report, drafter)
    write(report, drafter, nobody=1)
    assert "nobody" not in report.answers


def test_an_error_keeps_a_report_and_a_warning_wants_a_note(report: Report, drafter: Any, leader: Any) -> None:
    made.report(name="2026-Q3", state="approved", answers=made.answers_07a(
        made.row(pending=10, pending_in_time=9), total_received=300))
    actions.begin(report, drafter)
    write(report, drafter, **made.answers_07a(made.row(online_full=41)))
    with pytest.raises(Incomplete) as refused:
        actions.submit(report, leader)
    assert [one.key for one in refused.value.findings] == ["c3:ho tich", "received_jump"]
    write(report, drafter, **made.answers_07a())
    actions.note(report, {"received_jump": "Đã chuyển cấp xã tiếp nhận"}, drafter)
    actions.submit(report, leader)
    assert report.state == ReportState.submitted and report.submitted_at
    last = queries.events(report.id)[-1]
    assert last.facts["answers"] == report.answers and last.facts["warnings"] == ["received_jump"]


def test_what_is_missing_is_named_and_no_sum_is_said_to_wait_beside_it(report: Report, drafter: Any,
                                                                       leader: Any) -> None:
    actions.begin(report, drafter)
    row = made.row()
    del row["settled_late"]
    write(report, drafter, **made.answers_07a(made.row(), dossiers=[row]))
    with pytest.raises(Incomplete) as refused:
        actions.submit(report, leader)
    assert [gap.key for gap in refused.value.gaps] == ["dossiers-0-settled_late"] and not refused.value.findings


def test_only_what_is_open_may_be_changed(report: Report, drafter: Any, leader: Any) -> None:
    submitted(report, drafter, leader)
    for change in (lambda: write(report, drafter, total_settled=1), lambda: actions.fill(report, drafter),
                   lambda: actions.note(report, {"x": "y"}, drafter), lambda: actions.submit(report, leader),
                   lambda: actions.override(report, {"total_settled": "x"}, drafter)):
        with pytest.raises(NotNow, match="submitted"):
            change()
    assert report.answers["total_settled"] == 80


def test_it_is_returned_with_comments_mended_and_approved(report: Report, drafter: Any, leader: Any,
                                                          overseer: Any) -> None:
    submitted(report, drafter, leader)
    with pytest.raises(NeedsReason):
        actions.send_back(report, overseer, " ", {"total_settled": " "})
    actions.send_back(report, overseer, "", {"total_settled": "Xem lại số quý trước"})
    assert report.state == ReportState.returned
    assert queries.events(report.id)[-1].facts == {"comments": {"total_settled": "Xem lại số quý trước"}}
    with pytest.raises(NotNow, match="not_submitted"):
        actions.approve(report, overseer)
    write(report, drafter, **made.answers_07a())
    actions.submit(report, leader)
    actions.approve(report, overseer)
    assert report.state == ReportState.approved and codes(report)[-3:] == ["returned", "submitted", "approved"]


def test_who_wrote_on_it_does_not_decide_after_changing_places(report: Report, drafter: Any, leader: Any,
                                                               overseer: Any) -> None:
    submitted(report, drafter, leader)
    for held in drafter.memberships:
        held.ends_at = clock.now()
    session.flush()
    session.expire(drafter)
    assert not drafter.roles
    with pytest.raises(NotNow, match="own_agency"):
        actions.approve(report, drafter)
    actions.approve(report, overseer)


def test_who_works_at_the_agency_does_not_decide(report: Report, drafter: Any, leader: Any, overseer: Any) -> None:
    submitted(report, drafter, leader)
    for decide in (lambda: actions.approve(report, leader), lambda: actions.send_back(report, leader, "Không"),
                   lambda: actions.reopen(report, leader, "Mở")):
        with pytest.raises(NotNow, match="own_agency"):
            decide()


def figures(report: Report) -> list[PublishedFigure]:
    return list(session.scalars(select(PublishedFigure).where(PublishedFigure.group == "H17").order_by(
        PublishedFigure.id)))


def test_what_is_approved_is_published_with_its_day_and_source(report: Report, drafter: Any, leader: Any,
                                                               overseer: Any) -> None:
    submitted(report, drafter, leader)
    actions.approve(report, overseer)
    found = {one.indicator: one for one in figures(report)}
    late = found["tt09_07a.total_settled_late"]
    assert (late.value, late.denominator, late.as_published, str(late.on)) == ("2", 80, "2/80", "2026-12-31")
    assert late.source == "Tình hình giải quyết thủ tục hành chính (biểu 07a), quý IV năm 2026 – Thành phố Đà Nẵng"
    assert found["tt09_07a.dossiers.online_full"].value == "40" and late.figure.value == Decimal(2)


def test_a_correction_is_a_further_row_and_the_first_one_stays(report: Report, drafter: Any, leader: Any,
                                                               overseer: Any) -> None:
    submitted(report, drafter, leader)
    actions.approve(report, overseer)
    with pytest.raises(NeedsReason):
        actions.reopen(report, overseer, "")
    actions.reopen(report, overseer, "Cơ quan báo nhầm số quá hạn")
    found = queries.value("tt09_07a", "2026-Q4", report.agency_id, "total_settled")
    assert report.state == ReportState.returned and found is not None and found[0] == 80
    write(report, drafter, **made.answers_07a(made.row(settled_early=49, settled_late=3)))
    actions.override(report, {"total_settled_late": "Tính cả hồ sơ liên thông"}, drafter)
    assert queries.value("tt09_07a", "2026-Q4", report.agency_id, "total_settled_late") == (2, report)
    actions.submit(report, leader)
    actions.approve(report, overseer)
    both = [one for one in figures(report) if one.indicator == "tt09_07a.total_settled_late"]
    assert [(one.value, one.source.endswith("(điều chỉnh lần 1)")) for one in both] == [("2", False), ("3", True)]
    assert queries.value("tt09_07a", "2026-Q4", report.agency_id, "dossiers.settled_late") == (3, report)


def test_nothing_is_known_of_a_report_that_nobody_approved(report: Report, drafter: Any, leader: Any) -> None:
    submitted(report, drafter, leader)
    assert queries.value("tt09_07a", "2026-Q4", report.agency_id, "total_settled") is None
    assert queries.value("nq36a_quarter", "2026-Q4", report.agency_id, "tasks_done") is None


def test_another_report_of_the_agency_is_held_against_it(report: Report, drafter: Any, leader: Any) -> None:
    other = made.report("nq36a_quarter", state="open", answers={"dossiers_received": 88})
    actions.begin(report, drafter)
    write(report, drafter, **made.answers_07a())
    [found] = queries.findings(report)
    assert found.check == "with_36a" and (found.facts["here"], found.facts["there"]) == (90, 88)
    assert "2026-Q4" in found.facts["whose"] and other.id != report.id


def test_what_happened_is_written_once(report: Report, drafter: Any) -> None:
    actions.begin(report, drafter)
    event = queries.events(report.id)[0]
    event.reason = "khác"
    with pytest.raises(ReportsNeverForget):
        session.flush()
    session.rollback()


def test_the_table_keeps_both_peoples_rows(report: Report, drafter: Any, leader: Any) -> None:
    actions.begin(report, drafter)
    base = [made.row()]
    actions.save(report, {"dossiers": base}, {}, drafter)
    assert actions.save(report, {"dossiers": [*base, made.row("Đất đai")]}, {"dossiers": base}, drafter) == ()
    assert actions.save(report, {"dossiers": [made.row(by_post=6)]}, {"dossiers": base}, leader) == ()
    assert report.answers["dossiers"] == [made.row(by_post=6), made.row("Đất đai")]


def test_what_was_saved_is_committed_as_one(report: Report, drafter: Any) -> None:
    with transaction():
        actions.begin(report, drafter)
    session.expire_all()
    assert report.version > 1 and report.changed_at


def test_two_reasons_of_two_people_stand_one_under_the_other(report: Report, drafter: Any, leader: Any) -> None:
    actions.begin(report, drafter)
    actions.override(report, {"total_received": "Nhập nhầm"}, drafter, {})
    actions.override(report, {"total_received": "", "total_settled_late": "Đếm lại"}, leader, {})
    assert report.reasons == {"total_received": "Nhập nhầm", "total_settled_late": "Đếm lại"}
    actions.override(report, {"total_received": "Hệ thống cũ"}, leader, {})
    assert report.reasons["total_received"] == "Nhập nhầm\nHệ thống cũ"
    actions.note(report, {"received_jump": "x"}, drafter)
    actions.note(report, {"received_jump": ""}, drafter)
    assert report.notes == {}, "an empty note takes the old one back"


def test_a_note_stands_for_the_numbers_that_its_warning_named_alone(report: Report, drafter: Any) -> None:
    made.report(name="2026-Q3", state="approved", answers=made.answers_07a(total_received=300))
    actions.begin(report, drafter)
    write(report, drafter, **made.answers_07a())
    actions.note(report, {"received_jump": "Đã chuyển cấp xã tiếp nhận"}, drafter)
    write(report, drafter, total_pending=11)
    assert report.notes, "the warning still names the same numbers"
    write(report, drafter, total_received=90_000)
    assert "received_jump" in [one.key for one in queries.findings(report) if one.stops]
    assert report.notes == {}


def test_another_report_is_one_of_the_same_days(report: Report, drafter: Any) -> None:
    """The form of a quarter and that of a year end on the same day."""
    other = made.report("nq36a_quarter", answers={"dossiers_received": 7}, state="open")
    [check] = [one for one in queries.template_of(report).checks if one.kind == "agrees"]
    assert check.given["template"] == "nq36a_quarter"
    key = check.given["with"]
    other.answers = {key: 7}
    session.flush()
    assert [one.value for one in queries.beside(report, queries.template_of(report), None).others[check.key]] == [7]
    other.period.first_day = other.period.first_day.replace(month=1)
    session.flush()
    assert queries.beside(report, queries.template_of(report), None).others[check.key] == []
