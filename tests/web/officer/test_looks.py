"""Who of the staff looks is written before anything is shown, and why where it is not their own work."""
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from portal.dossiers import looks
from portal.dossiers.models import Dossier, EventsNeverChange, Look
from portal.files import queries as files
from portal.kit import clock
from portal.kit.db import session
from portal.notices import queries as notices
from portal.people import security_log
from portal.people.security_log import SecurityEvent
from tests import make


def written(dossier: Dossier) -> list[Look]:
    session.expire_all()
    return list(session.scalars(select(Look).where(Look.dossier_id == dossier.id).order_by(Look.id)))


def page(dossier: Dossier, more: str = "") -> str:
    return f"/officer/dossiers/{dossier.id}{more}"


@pytest.fixture
def officer(app: Flask) -> Any:
    return make.officer()


def test_each_page_file_and_paper_is_a_row(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    [paper] = make.draw_papers(dossier)
    file, sheet = files.attachments_of(dossier.owner)[0].id, paper.sheets[0].id
    client = sign_in(officer)
    for more in ("", "/due", f"/attachments/{file}", f"/papers/{sheet}", "/decide"):
        with client.get(page(dossier, more)) as answer:
            assert answer.status_code == 200
    assert client.post(page(dossier, "/decide"), data={}).status_code == 422, "shown again: a look as well"
    rows = written(dossier)
    assert [(row.what, row.thing_id) for row in rows] == [
        ("dossier", None), ("dossier", None), ("file", file), ("paper", sheet), ("step", None), ("step", None)]
    held = officer.roles[0]
    assert {(row.person_id, row.by_name, row.role, row.agency_id, row.reason) for row in rows} == {
        (officer.id, officer.name, held.role, held.agency_id, None)}


def test_what_is_free_to_take_up_is_ones_own_work_and_what_a_colleague_holds_has_a_reason(
        officer: Any, sign_in: Any) -> None:
    dossier, client = make.dossier("submitted"), sign_in(officer)
    assert client.get(page(dossier)).status_code == 200
    held = make.dossier("checking")
    asked = client.get(page(held, "/due"))
    assert (asked.status_code, asked.location) == (303, page(held, f"/why?next=/officer/dossiers/{held.id}/due"))
    form = client.get(asked.location)
    assert form.status_code == 200 and held.holder_name not in form.text and held.code in form.text
    assert client.post(asked.location, data={}).status_code == 422
    assert client.post(asked.location, data={"reason": "other"}).status_code == 422, "another: in own words"
    assert written(held) == [], "nothing was shown yet"
    answer = client.post(asked.location, data={"reason": "other", "note": "Đối chiếu với hồ sơ khác"})
    assert (answer.status_code, answer.location) == (303, page(held, "/due"))
    assert client.get(answer.location).status_code == client.get(page(held)).status_code == 200, "asked once"
    assert [(row.what, row.reason, row.note) for row in written(held)] == [
        (what, "other", "Đối chiếu với hồ sơ khác") for what in ("reason", "dossier", "dossier")]
    [told] = session.scalars(select(SecurityEvent).where(SecurityEvent.name == "look.reasoned"))
    assert (told.by_id, told.facts) == (officer.id, {"dossier": held.id, "reason": "other"})


def test_who_may_hand_on_what_others_hold_needs_no_reason_for_that_and_one_for_the_rest(sign_in: Any) -> None:
    dossier, client = make.dossier("checking"), sign_in(make.staff("head_of_unit", make.commune()))
    assert client.get(page(dossier, "/assign")).status_code == 200
    assert [row.what for row in written(dossier)] == ["step"]
    assert client.get(page(dossier)).status_code == 303


def test_a_reason_counts_for_that_dossier_and_until_one_signs_out(officer: Any, sign_in: Any) -> None:
    one, two, client = make.dossier("checking"), make.dossier("checking"), sign_in(officer)
    client.post(page(one, "/why"), data=make.WHY)
    assert (client.get(page(one)).status_code, client.get(page(two)).status_code) == (200, 303)
    with clock.pretend(clock.now() + timedelta(seconds=1)):
        client.post("/sign-out")
        assert sign_in(officer).get(page(one)).status_code == 303


def test_the_way_on_from_a_reason_stays_with_its_dossier(officer: Any, sign_in: Any) -> None:
    one, client = make.dossier("checking"), sign_in(officer)
    for target in ("https://evil.example/", "//evil.example", "/officer/dossiers/1", "/account"):
        answer = client.post(page(one, "/why"), query_string={"next": target}, data=make.WHY)
        assert answer.location == page(one)


def test_what_one_passes_on_can_be_read_to_the_end_of_the_session(sign_in: Any) -> None:
    counter = make.staff("counter_officer", make.commune())
    dossier, client = make.dossier("received", officer=counter), sign_in(counter)
    client.get(page(dossier))
    client.post(page(dossier, "/process"))
    assert client.get(page(dossier)).status_code == 200


def test_the_applicant_reads_who_looked_and_why(officer: Any, sign_in: Any) -> None:
    dossier, lead = make.dossier("checking", officer=officer), make.staff("leader", make.commune())
    applicant = sign_in(dossier.applicant)
    assert "Chưa ghi lượt mở nào" in applicant.get(f"/my/dossiers/{dossier.id}").text
    client, chief = sign_in(officer), sign_in(lead)
    client.get(page(dossier)), client.get(page(dossier))
    chief.post(page(dossier, "/why"), data={"reason": "supervision", "note": "chuyện riêng"})
    chief.get(page(dossier))
    shown = applicant.get(f"/my/dossiers/{dossier.id}").text
    assert officer.name in shown and lead.name in shown and "Lãnh đạo" in shown and make.commune().name in shown
    assert "hồ sơ 2 lần" in shown and "phụ trách hoặc kiểm tra" in shown and "chuyện riêng" not in shown
    assert [(one.by_name, one.pages) for one in looks.of(dossier)] == [(lead.name, 1), (officer.name, 2)]
    other = sign_in(make.citizen())
    assert other.get(f"/my/dossiers/{dossier.id}").status_code == 404
    assert {row.person_id for row in written(dossier)} == {officer.id, lead.id}, "whose own it is looks at their own"


def test_what_cannot_be_written_is_not_shown(officer: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch,
                                             caplog: pytest.LogCaptureFixture) -> None:
    dossier, client = make.dossier("checking", officer=officer), sign_in(officer)
    file = files.attachments_of(dossier.owner)[0].id

    def full(*_args: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(looks, "insert", full)
    for more in ("", f"/attachments/{file}"):
        answer = client.get(page(dossier, more))
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert "chưa ghi lại được" in answer.text and dossier.holder_name not in answer.text
    assert "look.unwritten" in caplog.text
    assert client.get("/officer/queue").status_code == 200, "a list needs no writing"


def test_a_page_costs_one_insert_and_nothing_else_of_its_own(officer: Any, sign_in: Any, app: Flask) -> None:
    dossier, client = make.dossier("checking", officer=officer), sign_in(officer)
    client.get(page(dossier))
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(app.extensions["engine"], "before_cursor_execute", note)
    try:
        client.get(page(dossier))
    finally:
        event.remove(app.extensions["engine"], "before_cursor_execute", note)
    about = [one for one in said if " look" in one]
    assert len(about) == 1 and about[0].startswith("INSERT INTO look "), about
    written_ = [one for one in said if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written_ == about
    assert sum("FROM person" in one for one in said) <= 2, "what was read before is not read again"


def test_forty_dossiers_in_two_seconds_are_an_alarm_to_the_head(sign_in: Any) -> None:
    commune = make.commune()
    officer, head = make.officer(commune), make.staff("head_of_unit", commune)
    administrator, elsewhere = make.staff("agency_administrator", "H17"), make.staff("head_of_unit", "H26")
    dossier, client = make.dossier("checking", officer=officer), sign_in(officer)
    now = clock.now()
    for n in range(looks.FLOOD_DOSSIERS - 1):
        session.execute(looks.insert(Look).values(dossier_id=10_000 + n, person_id=officer.id, at=now, what="dossier",
                                                  by_name=officer.name))
    session.commit()
    with clock.pretend(now + timedelta(seconds=3)):
        client.get(page(dossier))
    assert notices.unread(head) == 0, "not within two seconds"
    with clock.pretend(now + timedelta(seconds=1)):
        client.get(page(dossier)), client.get(page(dossier))
    assert [notices.unread(one) for one in (head, administrator, elsewhere)] == [1, 1, 0], "told once"
    assert officer.name in notices.newest(head)[0].message.subject
    [alarm] = session.scalars(select(SecurityEvent).where(SecurityEvent.name == "look.flood"))
    assert (alarm.by_id, alarm.severity, alarm.agency_id) == (officer.id, "alarm", dossier.agency_id)


@pytest.mark.parametrize("table", ["event", "look", "security_event"])
def test_what_was_written_down_is_never_changed(officer: Any, sign_in: Any, table: str) -> None:
    dossier = make.dossier("checking", officer=officer)
    sign_in(officer).get(page(dossier))
    security_log.record("sign_in.done")
    for statement in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text(statement))
    if table == "look":
        session.delete(written(dossier)[0])
        with pytest.raises(EventsNeverChange):
            session.flush()
        session.rollback()
