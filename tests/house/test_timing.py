"""Somebody else's dossier and one that is not there take the same time to refuse: the same questions are asked."""
from typing import Any

import pytest
from sqlalchemy import event

from portal.people import security_log
from tests.house.conftest import Stage

UNKNOWN = 2_000_000_000


def asked(stage: Stage, actor: str, url: str) -> list[str]:
    """The statements that a request makes the database do."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        # when a session was seen is noted once a minute, whatever is asked
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "UPDATE sign_in SET seen_at")):
            said.append(statement)

    engine = stage.app.extensions["engine"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = stage.browser(actor).get(url)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 404
    return said


@pytest.mark.parametrize(("actor", "url"), [
    ("other", "/my/dossiers/{}"), ("other", "/my/dossiers/{}/withdraw"), ("elsewhere", "/officer/dossiers/{}"),
    ("other_unit", "/officer/dossiers/{}"), ("owner", "/officer/dossiers/{}"), ("ended", "/officer/dossiers/{}")])
def test_the_same_questions_are_asked_for_a_foreign_dossier_and_for_none(
        stage: Stage, monkeypatch: pytest.MonkeyPatch, actor: str, url: str) -> None:
    monkeypatch.setattr(security_log, "_MOST_OF_ALL", 1_000_000)  # other tests were refused in this minute too
    monkeypatch.setattr(security_log, "_MOST_A_MINUTE", 1_000_000)
    for state in ("submitted", "received", "returned"):
        foreign = asked(stage, actor, url.format(stage.dossiers[state]))
        assert foreign == asked(stage, actor, url.format(UNKNOWN))
