"""Codes that a dossier here shares with one of an agency's own system: found in databases of before, and shown."""
import importlib.util
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.intake import clashes
from portal.intake.models import CodeClash
from portal.kit.db import session
from portal.progress.models import ProgressRecord, ProgressStep
from tests import make

URL = "/admin/code-clashes"
MIGRATION = Path(__file__).parents[3] / "migrations" / "versions" / "0015_codes_that_two_dossiers_have.py"


def look() -> None:
    """What the migration does to a database of before."""
    spec = importlib.util.spec_from_file_location("migration", MIGRATION)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    session.flush()
    with Operations.context(MigrationContext.configure(session.connection())):
        module.find()


def push_before(code: str, days: int) -> None:
    """An agency's system told of another dossier under this code, so many days before ours was handed in."""
    record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == code)).one()
    session.execute(update(ProgressStep).where(ProgressStep.record_id == record.id).values(
        position=ProgressStep.position + 100))
    for n in (1, 2):
        session.add(ProgressStep(record_id=record.id, position=n, step="accept", status=2,
                                 at=record.submitted_at - timedelta(days=days * n), sequence=0))
    session.commit()


@pytest.fixture
def administrator(app: Flask, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(make.administrator())


def test_a_code_under_which_another_dossier_was_told_of_is_found_with_what_was_told(app: Flask) -> None:
    alone, shared = make.dossier("returned"), make.dossier("processing")
    push_before(str(shared.code), 3)
    look()
    [found] = clashes.found()
    assert alone.code != shared.code == found.code and found.agency_name == shared.agency.name
    assert found.steps == 2 and found.last_at - found.first_at == timedelta(days=3)


def test_an_administrator_sees_them_page_by_page(administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = administrator.get(URL)
    assert page.status_code == 200 and "Không có mã nào trùng giữa hai hồ sơ." in page.text
    for n in range(1, 4):
        session.add(CodeClash(code=f"H17-261005-000{n}", agency_id=make.agency().id, steps=n, first_at=make.OCTOBER,
                              last_at=make.OCTOBER + timedelta(days=n)))
    session.commit()
    monkeypatch.setattr(clashes, "PAGE", 2)
    first = administrator.get(URL).text
    assert "H17-261005-0002" in first and "H17-261005-0003" not in first and "Đà Nẵng" in first
    assert '/progress/H17-261005-0001"' in first and "08/10/2026" not in first
    second = administrator.get(f"{URL}?after=H17-261005-0002").text
    assert "H17-261005-0003" in second and ">H17-261005-0002<" not in second and "08/10/2026" in second
    assert "H17-261005-0001" in administrator.get(f"{URL}?after=nonsense").text


def test_nobody_else_sees_them(client: FlaskClient, sign_in: Callable[[Any], FlaskClient]) -> None:
    assert client.get(URL).status_code == 303
    for person in (make.citizen(), make.officer()):
        assert sign_in(person).get(URL).status_code == 403
