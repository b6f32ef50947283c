"""National status 8 is final: on a record, in the counters, and in a database of when it was a pause."""
import importlib.util
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import select, text

from portal.kit.db import session
from portal.progress import actions
from portal.progress.models import ProgressRecord
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressVersion
from tests import make

START = make.OCTOBER
DUE = START + timedelta(days=60)
MIGRATION = Path(__file__).parents[2] / "migrations" / "versions" / "0012_what_was_stopped_is_over.py"


def migration() -> ModuleType:
    spec = importlib.util.spec_from_file_location("migration", MIGRATION)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(code: str) -> ProgressRecord:
    session.expire_all()
    return session.scalars(select(ProgressRecord).where(ProgressRecord.code == code)).one()


def counted() -> tuple[int, dict[str, Any]]:
    """How many dossiers are open, and what the one month counts."""
    month = session.query(ProgressMonth).one()
    return sum(row.n for row in session.query(ProgressOpen)), {
        name: n for name in ("submitted", "received", "dropped", "withdrawn", "refused") if (n := getattr(month, name))}


def test_a_dossier_that_is_stopped_is_over_and_counts_as_dropped(app: Flask) -> None:
    make.published(step="accept", status=2, received_at=START, due_at=DUE)
    assert counted() == (1, {"submitted": 1, "received": 1})
    make.published(step="lapse", status=8, at=START + timedelta(days=1), submitted_at=START, reason="missing_papers")
    assert counted() == (0, {"submitted": 1, "received": 1, "dropped": 1})
    found = record("H17-261005-0001")
    assert (found.finished_at, found.stopped_at, found.timing) == (START + timedelta(days=1), None, None)
    assert actions.recount() == {}


def test_a_database_in_which_a_stop_was_a_pause_is_brought_to_it(app: Flask) -> None:
    codes = [f"H17-261005-000{n}" for n in range(1, 5)]
    accepted, unaccepted, going_on, early = codes
    for code in (accepted, going_on, early):
        make.published(code, "accept", 2, received_at=START, due_at=None if code == early else DUE)
    make.published(unaccepted)
    stopped_at = START + timedelta(days=2)
    for code in (accepted, unaccepted, early):
        make.published(code, "ask", 5, at=START + timedelta(days=1), submitted_at=START)
        make.published(code, "ask", 6, at=stopped_at, submitted_at=START)
    session.execute(text("UPDATE progress_record SET status = 8 WHERE status = 6"))
    session.execute(text("UPDATE progress_step SET status = 8, step = 'stop' WHERE status = 6"))
    assert counted() == (3, {"submitted": 4, "received": 3}), "as it was counted before"
    version = session.query(ProgressVersion).one().n
    session.flush()
    with Operations.context(MigrationContext.configure(session.connection())):
        migration().upgrade()
    session.expire_all()
    assert counted() == (1, {"submitted": 4, "received": 3, "dropped": 2})
    assert session.query(ProgressVersion).one().n == version + 1, "what was kept of the counters is read anew"
    for code in (accepted, unaccepted, early):
        found = record(code)
        assert (found.finished_at, found.stopped_at) == (stopped_at, None)
    assert record(going_on).finished_at is None
    assert {key.measure for key in actions.recount()} == {"stopped"}, "which only a later migration counts"  # type: ignore[union-attr]
