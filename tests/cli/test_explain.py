"""`flask dossiers explain CODE`: why a dossier is due when it is."""
from datetime import datetime
from typing import Any

import time_machine

from portal.dossiers import actions
from portal.kit.clock import VN
from portal.kit.db import session
from tests import make


def vn(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=VN)


def explain(app: Any, code: str) -> Any:
    return app.test_cli_runner().invoke(args=["dossiers", "explain", code])


def test_it_prints_rules_articles_days_stops_and_the_date_last(app: Any) -> None:
    with time_machine.travel(vn(19, 9), tick=False):
        dossier = make.dossier("checking")
        dossier.terms.limit_amount, dossier.terms.limit_unit, dossier.terms.cases = 5, "working_day", []
        actions.accept(dossier, by=dossier.officer)
    with time_machine.travel(vn(20, 9), tick=False):
        actions.ask(dossier, by=dossier.officer, items=make.ARGUMENTS["ask"]["items"])
    with time_machine.travel(vn(23, 9), tick=False):
        actions.answer(dossier, by=dossier.applicant)
        session.commit()
    done = explain(app, str(dossier.code).lower())
    assert done.exit_code == 0, done.output
    for words in ("Nghị định 118/2025/NĐ-CP", "Điều 19 khoản 5", "Đà Nẵng", "Đã nhận đủ hồ sơ bổ sung"):
        assert words in done.output
    assert dossier.officer.name not in done.output
    assert "17:00, 01/12/2026" in done.output.splitlines()[-1]


def test_before_receipt_no_clock_runs(app: Any) -> None:
    done = explain(app, str(make.dossier("submitted").code))
    assert done.exit_code == 0 and "Trước khi tiếp nhận chưa tính thời hạn" in done.output


def test_a_code_that_was_not_given_here_is_unknown(app: Any) -> None:
    done = explain(app, "H17-261101-0001")
    assert done.exit_code == 1 and "no dossier H17-261101-0001" in done.output
