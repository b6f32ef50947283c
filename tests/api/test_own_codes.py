"""A code of this portal's series belongs to it alone: no door lets a row have one, given already or not."""
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.dossiers import actions as dossiers
from portal.intake.models import ProgressQuarantine
from portal.kit.db import session
from portal.progress.models import ProgressRecord, ProgressStep
from tests import make
from tests.api.conftest import Post, a_row
from tests.api.test_national import DOSSIER, STEP, said

TO_COME = "H17-261120-990001"


def published() -> list[tuple[str, str, int]]:
    session.expire_all()
    return [tuple(row) for row in session.execute(select(ProgressRecord.code, ProgressRecord.source,
                                                         ProgressRecord.status).order_by(ProgressRecord.code))]


def nothing_waits() -> bool:
    return session.scalars(select(ProgressQuarantine.id)).first() is None


def refusal(answer: Any) -> tuple[str, str, str]:
    [row] = answer.get_json()["rows"]
    return row["result"], row["field"], row["reason"]


@pytest.fixture
def ours(app: Flask, friday: Any) -> str:
    draft = make.draft()
    dossiers.submit(draft, by=draft.applicant)
    session.commit()
    return str(draft.code)


def test_pushed_rows_are_rejected_and_the_reason_names_the_field(push: Post, ours: str) -> None:
    assert ours == TO_COME
    for code in (ours, "H17-261120-990002", "H17-261231-9912345"):
        for row in (a_row(code=code), a_row(code=code, procedure=None), a_row(code=code, status="CHO_TRA")):
            assert refusal(push(row)) == ("rejected", "code", "issued_here")
    assert [(code, source) for code, source, _status in published()] == [(ours, "portal")] and nothing_waits()


def test_national_messages_are_not_taken_and_say_which_field(say: Post, ours: str) -> None:
    for service, message in (("DongBoHoSoMC", DOSSIER), ("CapNhatTienDoHoSoMC", STEP)):
        answer = said(say(service, [message | {"MaHoSo": ours}]))
        assert answer["error_code"] == "1" and answer["result"][0]["message"].startswith("MaHoSo: ")
        assert "dãy số của cổng" in answer["result"][0]["message"]
    assert [code for code, *_more in published()] == [ours] and nothing_waits()


def test_nobody_occupies_a_code_to_come(push: Post, friday: Any) -> None:
    assert refusal(push(a_row(code=TO_COME))) == ("rejected", "code", "issued_here")
    draft = make.draft()
    dossiers.submit(draft, by=draft.applicant)
    assert draft.code == TO_COME and published() == [(TO_COME, "portal", 1)]


def test_a_code_given_before_there_was_a_series_stays_and_is_nobody_elses(push: Post, friday: Any) -> None:
    make.published("H17-261119-0042", "accept", 2)
    assert refusal(push(a_row(code="H17-261119-0042", status=9))) == ("rejected", "code", "issued_here")
    assert len(session.scalars(select(ProgressStep.status)).all()) == 1


def test_agencies_own_numbers_are_taken_as_ever(push: Post, friday: Any) -> None:
    for code in ("H17-261119-9900", "H17-261119-99001", "H17-20261119-9900012", "H17-261119-0099001"):
        answer = push(a_row(code=code))
        assert answer.get_json()["accepted"] == 1, answer.get_json()
