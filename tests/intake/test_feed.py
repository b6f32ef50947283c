"""The feed on a real database: batches become records, steps, counters and changes, and nothing personal stays."""
import json
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, select, update
from sqlalchemy import event as events

from portal import worker
from portal.cli.progress import progress as command
from portal.intake import feed, mapping
from portal.intake.models import ProgressBatch, ProgressQuarantine, ProgressRejection
from portal.kit.db import session
from portal.progress import actions, queries
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep
from portal.statistics.models import ProgressSide
from tests import make

START = datetime(2026, 10, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
CODE = "H17-261005-0001"
CANARY = "Nguyễn Thị Bí Mật"
CANARIES = [CANARY, "048190123456", "0912345678", "bimat@example.vn", "12 Ngõ Kín"]


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).isoformat()


def row(hours: float = 0, status: Any = 2, code: str = CODE, **kw: Any) -> dict[str, Any]:
    return {"code": code, "procedure": "1.001193", "status": status, "at": at(hours)} | kw


def push(*rows: Any, agency: str = "H17", key: str | None = None, sha: str = "0" * 64) -> feed.BatchAnswer:
    return feed.ingest(make.agency(agency), rows, channel="api", idempotency_key=key or f"key-{next(make.n)}",
                       body_sha256=sha, key_id=None)


def learn(reason: str, value: str, means: str) -> dict[str, int]:
    """Say what a word of H17 means. What became of the rows that waited."""
    last_id = mapping.map_word(mapping.Place(reason, value, make.agency().id), means, by_id=None)
    taking = mapping.taking(last_id) if last_id is not None else None
    return dict(taking.counts) if taking else {}


def results(answer: feed.BatchAnswer) -> list[tuple[str, str | None, str | None]]:
    return [(each["result"], each["field"], each["reason"]) for each in answer.rows]


def state() -> dict[str, Any]:
    """All that the tables say of records and steps."""
    session.expire_all()
    found = {}
    for record in session.scalars(select(ProgressRecord)):
        facts = {c.name: getattr(record, c.name) for c in ProgressRecord.__table__.c if c.name != "id"}
        steps = session.execute(select(*[c for c in ProgressStep.__table__.c if c.name != "record_id"]).where(
            ProgressStep.record_id == record.id).order_by(ProgressStep.position)).all()
        found[record.code] = (facts, [tuple(step) for step in steps])
    return found


def test_a_row_becomes_a_record_a_step_counters_and_a_change(app: Flask) -> None:
    answer = push(row(1, submitted_at=at(0), received_at=at(1), due_at=at(30), channel="post", level=3))
    assert (answer.accepted, answer.unchanged, answer.rejected, answer.quarantined) == (1, 0, 0, 0)
    assert answer.rows == [{"index": 0, "code": CODE, "result": "accepted", "field": None, "reason": None}]
    found = queries.by_code(CODE)
    assert found is not None
    assert (found.agency_key, found.status, found.level, found.channel) == ("H17", 2, 3, "post")
    assert "khai sinh" in found.service_name and found.due_at == START + timedelta(hours=30)
    assert [(s.step, s.status) for s in found.steps] == [("accept", 2)]
    assert [change[1:] for change in feed.changes(0, 9)] == [(CODE, 2, START + timedelta(hours=1))]
    assert actions.recount() == {}
    sides = set(session.scalars(select(ProgressSide.side)))
    assert sides == {"sector", "procedure", "level", "channel"}


def test_the_level_is_the_agencys_own_when_none_is_told(app: Flask) -> None:
    push(row())
    found = queries.by_code(CODE)
    assert found is not None and found.level == make.service().version.level


def test_the_same_batch_is_answered_as_before_and_done_once(app: Flask) -> None:
    rows = [row(), row(code="nonsense"), row(status="CHO"), row(code="H26-261005-0001")]
    first = push(*rows, key="one")
    again = push(*rows, key="one")
    assert again.replayed and not first.replayed
    assert (again.rows, again.batch_id) == (first.rows, first.batch_id)
    assert len(feed.changes(0, 99)) == 1
    with pytest.raises(feed.KeyReused):
        push(*rows, key="one", sha="1" * 64)
    assert not push(row(), key="one", agency="H26").replayed, "keys are an agency's own"


def test_a_status_in_words_waits_until_somebody_says_what_it_means(app: Flask) -> None:
    assert results(push(row(), row(1, "Chờ trả"), row(2, "CHỜ  TRẢ"))) == [
        ("accepted", None, None), *2 * [("quarantined", "status", "status_unknown")]]
    assert [(each.value, each.rows) for each in mapping.waiting()] == [("cho-tra", 2)]
    assert learn("status_unknown", "cho-tra", "9") == {"accepted": 2}
    assert push(row(3, "Chờ trả", code="H17-261005-0002")).accepted == 1


def test_rows_sent_again_change_nothing(app: Flask) -> None:
    push(row(), row(2, 4))
    before = state()
    assert [each["result"] for each in push(row(2, 4), row(), row(3, 9)).rows] == ["unchanged", "unchanged", "accepted"]
    assert push(row(), row(2, 4), row(3, 9)).unchanged == 3
    assert len(before[CODE][1]) == 2 and len(state()[CODE][1]) == 3


def test_finished_dossiers_are_early_on_time_or_late_by_the_calendar(app: Flask) -> None:
    for n, (due, finish) in enumerate([(100, 1), (8, 8), (8, 9)]):
        push(row(finish, 9, code=f"H17-261005-000{n}", received_at=at(0), due_at=at(due)))
    push(row(1, 9, code="H17-261005-0009"))
    timing = {record.code: record.timing for record in session.scalars(select(ProgressRecord))}
    assert [timing[f"H17-261005-000{n}"] for n in (0, 1, 2, 9)] == ["early", "on_time", "late", None]


def test_each_wrong_row_is_refused_alone(app: Flask) -> None:
    answer = push("text", {}, row(level=9), row(code="H26-261005-0001"), row(agency="H26"), row())
    assert results(answer) == [
        ("rejected", "row", "type"), ("rejected", "code", "missing"), ("rejected", "level", "level"),
        ("rejected", "code", "agency_foreign"), ("rejected", "agency", "agency_foreign"), ("accepted", None, None)]
    lost = {(r.field, r.reason): r.n for r in session.scalars(select(ProgressRejection))}
    assert lost[("level", "level")] == 1 and sum(lost.values()) == 5


def test_the_agencys_own_names_are_understood(app: Flask) -> None:
    rows = [row(code=f"H17-261005-000{n}", agency=name) for n, name in enumerate(["H17", "H17.14.2", "000.17.22.H17"])]
    assert push(*rows).accepted == 3


def test_what_is_said_of_the_whole_dossier_is_mended_by_a_later_message_only(app: Flask) -> None:
    push(row(1, submitted_at=at(0), received_at=at(1), channel="counter"))
    push(row(3, 4, submitted_at=at(-2), received_at=at(-1), channel="online"))
    assert push(row(2, 4, submitted_at=at(-9), received_at=at(-8), channel="post")).accepted == 1
    found = queries.by_code(CODE)
    assert found is not None
    assert (found.submitted_at, found.received_at, found.channel) == (
        START - timedelta(hours=2), START - timedelta(hours=1), "online")
    assert [s[-6:-1] for s in state()[CODE][1]] == [
        (START + n * HOUR, START + m * HOUR, channel, "1.001193", None)
        for n, m, channel in ((0, 1, "counter"), (-9, -8, "post"), (-2, -1, "online"))]
    push(row(4, 4))
    assert queries.by_code(CODE).channel == "online", "what is not said stays"  # type: ignore[union-attr]
    assert actions.recount() == {}


def test_a_record_older_than_what_its_steps_say_keeps_what_it_has(app: Flask) -> None:
    push(row(1, submitted_at=at(0), channel="online", procedure="1.004873", level=2), row(5, 4, procedure=None))
    session.execute(update(ProgressStep).values(submitted_at=None, received_at=None, channel=None,
                                                procedure_code=None, level=None))
    assert push(row(3, 4, submitted_at=at(-9), channel="post", level=1)).accepted == 1
    found = queries.by_code(CODE)
    assert found is not None and (found.submitted_at, found.channel) == (START, "online")
    assert (found.procedure_code, found.level) == ("1.004873", 2)
    push(row(6, 4, channel="post"))
    assert queries.by_code(CODE).channel == "post"  # type: ignore[union-attr]
    assert actions.recount() == {}


def test_another_procedure_named_late_holds_where_no_later_step_names_one(app: Flask) -> None:
    push(row(1, level=3), row(5, 4, procedure=None))
    assert push(row(3, 4, procedure="1.004873", level=2)).accepted == 1
    found = queries.by_code(CODE)
    assert found is not None and (found.procedure_code, found.level, found.status) == ("1.004873", 2, 4)
    assert push(row(2, 4, level=4)).accepted == 1
    assert queries.by_code(CODE).procedure_code == "1.004873", "told after it"  # type: ignore[union-attr]
    assert [s[-3:-1] for s in state()[CODE][1]] == [("1.001193", 3), ("1.001193", 4), ("1.004873", 2), (None, None)]
    assert actions.recount() == {}


def test_a_batch_keeps_how_old_its_news_was(app: Flask) -> None:
    with time_machine.travel(START + timedelta(hours=100), tick=False):
        push(*[row(99 - n, code=f"H17-261005-{n:04}") for n in range(10)], key="ten")
        push(row(99, code="H17-261005-0000"), row(code="nonsense"), row(9, "CHO"), key="no news")
        push(row(100 + 1 / 60, code="H17-261005-0000"), key="a clock ahead")
    told = {b.idempotency_key: (b.delay_p50_s, b.delay_p90_s) for b in session.scalars(select(ProgressBatch))}
    assert told == {"ten": (5 * 3600, 9 * 3600), "no news": (None, None), "a clock ahead": (0, 0)}


def test_another_agencys_dossier_and_our_own_are_not_theirs_to_tell(app: Flask) -> None:
    push(row(code="H99-261005-0001"), agency="H26")
    ours = make.dossier("received")
    answer = push(row(code="H99-261005-0001"), row(code=ours.code))
    assert results(answer) == [("rejected", "code", "agency_foreign"), ("rejected", "code", "issued_here")]


def test_our_own_dossiers_are_in_the_changes_and_the_tallies(app: Flask) -> None:
    ours = make.dossier("returned")
    assert [code for _n, code, _status, _at in feed.changes(0, 99)] == [ours.code] * 5
    assert actions.recount() == {}
    n = session.scalar(select(ProgressSide.submitted).where(
        ProgressSide.side == "procedure", ProgressSide.value == "1.001193"))
    assert n == 1


def test_positions_have_no_gap_and_start_where_asked(app: Flask) -> None:
    for n in range(5):
        push(*[row(code=f"H17-261005-{n}{m:03}") for m in range(3)])
    positions = [change[0] for change in feed.changes(0, 99)]
    assert positions == list(range(positions[0], positions[0] + 15))
    assert [change[0] for change in feed.changes(positions[4], 3)] == positions[5:8]


def test_unknown_words_wait_and_are_taken_once_they_are_mapped(app: Flask) -> None:
    rows = [row(1, "CHO_TRA"), row(2, procedure="OWN-7"), row(3, agency="SO-Y-TE")]
    assert results(push(*rows)) == [
        ("quarantined", "status", "status_unknown"), ("quarantined", "procedure", "procedure_unknown"),
        ("quarantined", "agency", "agency_unknown")]
    push(*rows)
    assert session.query(ProgressQuarantine).count() == 3, "what waits is kept once"
    assert queries.by_code(CODE) is None
    assert {(w.reason, w.value, w.rows) for w in mapping.waiting(make.agency().id)} == {
        ("status_unknown", "CHO_TRA", 1), ("procedure_unknown", "OWN-7", 1), ("agency_unknown", "SO-Y-TE", 1)}
    for reason, value, means in (("status_unknown", "CHO_TRA", "9"), ("procedure_unknown", "OWN-7", "1.004873.H17"),
                                 ("agency_unknown", "SO-Y-TE", "H17")):
        assert learn(reason, value, means) == {"accepted": 1}
    assert mapping.waiting() == []
    assert len(state()[CODE][1]) == 3
    assert push(row(5, "CHO_TRA")).accepted == 1, "from now on it is known"
    assert actions.recount() == {}


@pytest.mark.parametrize(("reason", "means"), [
    ("status_unknown", "11"), ("status_unknown", "x"), ("procedure_unknown", "9.999999"), ("agency_unknown", "H26"),
    ("code", "1")])
def test_a_word_means_only_what_is_known(app: Flask, reason: str, means: str) -> None:
    with pytest.raises(ValueError, match=r"known|mapped"):
        learn(reason, "X", means)


def test_a_row_may_wait_for_one_thing_after_another(app: Flask) -> None:
    push(row(1, "CHO", procedure="OWN-7"))
    assert learn("procedure_unknown", "OWN-7", "1.001193") == {"quarantined": 1}
    assert learn("status_unknown", "CHO", "4") == {"accepted": 1}


def test_words_are_mapped_from_the_command_line(app: Flask) -> None:
    push(row(1, "CHO"))
    session.commit()
    run = app.test_cli_runner().invoke
    assert "H17\tstatus_unknown\tCHO\t1" in run(command, ["waiting"]).output
    mapped = run(command, ["map", "H17", "status_unknown", "CHO", "4"])
    assert mapped.exit_code == 0 and "1 accepted" in mapped.output, mapped.output
    assert run(command, ["map", "H17", "status_unknown", "CHO", "44"]).exit_code == 1
    assert run(command, ["replay", "H17", "status_unknown", "NEVER"]).exit_code == 1
    assert "No row waited" in run(command, ["replay", "H17", "status_unknown", "CHO"]).output
    assert "0 counters were wrong" in run(command, ["recount"]).output


def test_from_the_command_line_too_many_rows_are_taken_piece_by_piece_in_batches_that_tell(
        app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "PIECE", 2)
    push(*[row(1, "CHO", code=f"H17-261005-{n:04}") for n in range(5)])
    session.commit()
    run = app.test_cli_runner().invoke
    assert run(command, ["map", "H17", "status_unknown", "CHO", "4", "--no-replay"]).output == "CHO means 4.\n"
    assert session.query(ProgressRecord).count() == 0 and not worker.run_one(app)
    assert "worker takes the 5 rows" in run(command, ["replay", "H17", "status_unknown", "CHO"]).output
    worker.run_all(app)
    assert set(session.scalars(select(ProgressRecord.status))) == {4}
    pieces = session.scalars(select(ProgressBatch).where(ProgressBatch.channel == "replay").order_by(ProgressBatch.id))
    assert [(piece.rows, piece.accepted) for piece in pieces] == [(2, 2), (2, 2), (1, 1)]


def test_nothing_personal_is_anywhere(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    personal = dict(zip(("ChuHoSo", "holder", "SoGiayTo", "SoDienThoai", "Email", "DiaChi", "TrichYeuHoSo", "note"),
                        CANARIES * 2, strict=False))
    wrong = [row(**{field: CANARY}) for field in ("code", "procedure", "status", "at", "agency", "channel", "reason",
                                                  "level", "sequence", "due_at", "correction")]
    wrong += [row(**{field: "048190123456"}) for field in ("procedure", "status", "agency")]
    wrong += [row(**{field: CANARIES}) for field in ("code", "procedure", "status", "reason")]
    with caplog.at_level(logging.DEBUG):
        answer = push(row(**personal), row(1, "CHO", **personal), row(2, procedure="OWN", **personal), *wrong,
                      key="canary")
        push(row(**personal), row(1, "CHO", **personal), row(2, procedure="OWN", **personal), *wrong, key="canary")
        learn("status_unknown", "CHO", "4")
    assert (answer.accepted, answer.quarantined, answer.rejected) == (1, 2, len(wrong))
    metadata = MetaData()
    metadata.reflect(session.connection())
    kept = json.dumps([[str(value) for value in row] for table in metadata.tables.values()
                       for row in session.execute(select(table))], ensure_ascii=False)
    said = caplog.text + json.dumps(answer.rows, ensure_ascii=False)
    assert CODE in kept
    for canary in CANARIES:
        assert canary not in kept and canary not in said
        assert json.dumps(canary)[1:-1] not in kept + said


def row_strategy() -> st.SearchStrategy[dict[str, Any]]:
    def build(n: int, hours: int, status: int, kw: dict[str, Any]) -> dict[str, Any]:
        if status in (3, 7, 9, 10) and kw.pop("finished", False):
            kw["finished_at"] = at(hours - 0.5)
        return row(hours, status, code=f"H17-261005-{n:04}", **{k: v for k, v in kw.items() if k != "finished"})

    optional = st.fixed_dictionaries({}, optional={
        "submitted_at": st.integers(-30, -20).map(at), "received_at": st.integers(-20, -10).map(at),
        "sequence": st.integers(0, 2),
        "due_at": st.integers(0, 90).map(at), "new_due_at": st.integers(0, 190).map(at), "finished": st.just(True),
        "channel": st.sampled_from(["online", "post", "counter"]), "level": st.integers(1, 4),
        "reason": st.just("legal"), "correction": st.booleans(),
        "procedure": st.sampled_from([None, "1.001193", "1.004873"])})
    return st.builds(build, st.integers(0, 2), st.integers(0, 8), st.integers(1, 10), optional)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(row_strategy(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_order_any_repetition_any_batches_give_the_same_state(app: Flask, rows: list[Any],
                                                                  dice: random.Random) -> None:
    """And the counters equal a recount after each."""
    found = []
    for turn in range(2):
        saved = session.begin_nested()
        todo = list(rows) if not turn else rows + [dice.choice(rows) for _ in range(3)]
        if turn:
            dice.shuffle(todo)
        while todo:
            size = dice.randint(1, len(todo)) if turn else len(todo)
            push(*todo[:size])
            todo = todo[size:]
        assert actions.recount() == {}
        found.append(state())
        saved.rollback()
    assert found[0] == found[1]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(row_strategy(), st.tuples(st.integers(0, 2), st.integers(1, 10), st.integers(-9, 9))),
                max_size=10))
def test_counters_equal_a_recount_after_pushes_and_verbs(app: Flask, events: list[Any]) -> None:
    saved = session.begin_nested()
    for n, event in enumerate(events):
        if isinstance(event, dict):
            push(event)
        else:
            dossier, status, due = event
            make.published(f"H17-261006-{dossier:04}", "accept", status, at=START + n * HOUR, submitted_at=START,
                           received_at=START, due_at=START + due * HOUR)
        assert actions.recount() == {}
    saved.rollback()


def statements(app: Flask, *rows: Any) -> list[str]:
    """What pushing these rows says to the database."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        seen.append(sql)

    events.listen(app.extensions["engine"], "before_cursor_execute", listen)
    push(*rows)
    events.remove(app.extensions["engine"], "before_cursor_execute", listen)
    return seen


def test_a_batch_costs_a_few_statements_whatever_its_size(app: Flask) -> None:
    counted = [len(statements(app, *[row(n % 7, code=f"H17-261005-{size}{n:04}", due_at=at(50 + n % 9))
                                     for n in range(size)])) for size in (10, 20, 200)]
    assert counted[1] == counted[2] < 30, counted


def test_columns_that_no_row_changes_are_not_written(app: Flask) -> None:
    push(row(), row(code="H17-261005-0002"))
    said = statements(app, row(2, 4), row(3, 4, code="H17-261005-0002"))
    written = [sql for sql in said if sql.startswith("UPDATE progress_record")]
    assert len(written) == 1 and "status" in written[0] and "changed_at" in written[0]
    assert not [name for name in ("submitted_at", "finished_at", "level") if f"{name} =" in written[0]]
    push(row(4, 4), row(5, 9, code="H17-261005-0002", level=2, submitted_at=at(-5)))
    found = {code: (facts["level"], facts["submitted_at"]) for code, (facts, _steps) in state().items()}
    assert found == {CODE: (make.service().version.level, START), "H17-261005-0002": (2, START - 5 * HOUR)}


def test_the_batch_is_remembered_without_its_rows(app: Flask) -> None:
    push(*[row(code=f"H17-261005-{n:04}") for n in range(50)], key="fifty")
    batch = session.scalars(select(ProgressBatch).where(ProgressBatch.idempotency_key == "fifty")).one()
    assert (batch.rows, batch.accepted) == (50, 50) and len(json.dumps(batch.answer)) < 120
    assert session.query(ProgressChange).count() == 50
