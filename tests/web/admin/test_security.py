"""The page of security events, and what is written where."""
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as listening
from sqlalchemy import select

from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices import queries as notices
from portal.people import keys, roles, security_log
from portal.people.models import Person
from portal.people.permissions import Place
from portal.people.security_log import SecurityEvent
from tests import make

KEY_OF_NOBODY = "dvc_" + "x" * 43


def events(*names: str) -> list[SecurityEvent]:
    session.expire_all()
    return list(session.scalars(select(SecurityEvent).where(SecurityEvent.name.in_(names)).order_by(SecurityEvent.id)))


def told(person: Person) -> list[str]:
    """What this administrator reads, once the jobs are done."""
    waiting = select(Job).where(Job.name == "notices.tell_administrators", Job.done_at.is_(None))
    for job in session.scalars(waiting).all():
        job.done_at = datetime.now(UTC)
        make.done(job.name, **job.args)
    return [line.message.subject for line in notices.newest(person)]


def test_a_sign_in_is_written_whether_it_was_taken_or_refused(client: Any) -> None:
    citizen = make.citizen()
    for contact in (citizen.email, "nobody@example.vn"):
        client.post("/sign-in", data={"contact": contact, "password": "sai mật khẩu rồi"})
    known, unknown = events("sign_in.refused")
    assert (known.about_id, unknown.about_id, known.agency_id) == (citizen.id, None, None)
    assert known.facts["contact"] == security_log.digest(citizen.email) != unknown.facts["contact"]
    client.post("/sign-in", data={"contact": citizen.email, "password": make.PASSWORD})
    assert [row.by_id for row in events("sign_in.done")] == [citizen.id]


def test_what_the_doors_refuse_is_written(app: Flask, client: Any, sign_in: Any) -> None:
    citizen, dossier = make.citizen(), make.dossier("checking")
    browser = sign_in(citizen)
    browser.get("/officer/queue")
    browser.get(f"/my/dossiers/{dossier.id}"), browser.get("/my/dossiers/2000000000")
    browser.post("/sign-out", headers={"Origin": "https://evil.example"})
    wrong = client.post("/api/v1/progress/batches", headers={"Authorization": f"Bearer {KEY_OF_NOBODY}"}, json={})
    assert wrong.status_code == 401, wrong.text
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        browser.post("/account", data={"name": "x"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    rows = events("refused.page", "refused.dossier", "refused.origin", "refused.form", "key.refused")
    assert [(row.name, row.by_id) for row in rows] == [
        ("refused.page", citizen.id), ("refused.dossier", citizen.id), ("refused.dossier", citizen.id),
        ("refused.origin", citizen.id), ("key.refused", None), ("refused.form", citizen.id)]
    assert [row.facts.get("dossier") for row in rows[1:3]] == [dossier.id, 2_000_000_000], "unknown and foreign alike"


def test_who_tries_too_often_is_written_once_a_refusal(client: Any) -> None:
    for _ in range(12):
        client.post("/sign-in", data={"contact": "nobody@example.vn", "password": "sai mật khẩu rồi"})
    assert events("throttle.met")


def test_administrators_are_told_what_administrators_do(app: Flask) -> None:
    one, other = make.administrator(), make.administrator()
    here, elsewhere = make.staff("agency_administrator", "H17"), make.staff("agency_administrator", "H26")
    officer = make.officer()
    with transaction():
        roles.give(officer, "head_of_unit", Place(make.agency("H17").id), by=one)
        roles.end(officer.roles[0], by=one)
        keys.issue(make.agency("H17"), ["progress"])
    assert all(len(told(who)) == 3 for who in (other, here)) and told(elsewhere) == []
    words = " ".join(told(other))
    assert officer.name in words and "Giao vai trò" in words and "Cấp khóa cho máy" in words
    with transaction():
        roles.give(officer, "clerk", Place(make.agency("H17").id), by=None)
    assert len(told(other)) == 3, "the people of a beginning are given their roles on the server"


def test_an_administrator_reads_and_filters_them(sign_in: Any) -> None:
    officer, elsewhere = make.officer(), make.officer("H26")
    for who in (officer, elsewhere):
        security_log.record("look.reasoned", by=who, dossier=7, reason="office")
        security_log.record("sign_in.refused", about=who)
    nationally, agency = sign_in(make.administrator()), sign_in(make.staff("agency_administrator", "H17"))

    def lines(browser: Any, query: str = "") -> int:
        answer = browser.get(f"/admin/security{query}")
        assert answer.status_code == 200
        return len(re.findall(r'<td class="tabular">', answer.text))

    assert lines(nationally, f"?person={officer.id}") == 2 and lines(nationally, "?name=look.reasoned") == 2
    assert lines(nationally, "?name=look.reasoned&agency=H26") == 1
    assert lines(agency, "?name=look.reasoned") == 1 and lines(agency, f"?person={elsewhere.id}") == 0
    assert lines(agency, "?name=sign_in.refused") == 1, "theirs, also where no agency stands in it"
    assert lines(agency, "?name=look.reasoned&agency=H26") == 1, "not a way to another's"
    page = agency.get("/admin/security").text
    assert officer.name in page and elsewhere.name not in page and "Xem hồ sơ ngoài phần việc của mình" in page
    for odd in ("?before=x", "?person=-1", "?name=%00", "?agency=zz", "?before=99999999999"):
        assert nationally.get(f"/admin/security{odd}").status_code in (200, 303)


def test_the_list_goes_on_by_its_last_line(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.web.admin import security  # noqa: PLC0415
    monkeypatch.setattr(security, "PAGE", 3)
    for n in range(7):
        security_log.record("list.searched", found=n)
    browser, url, seen = sign_in(make.administrator()), "/admin/security?name=list.searched", []
    while url:
        page = browser.get(url).text
        seen += [int(n) for n in re.findall(r"số kết quả: (\d+)", page)]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = found[1].replace("&amp;", "&") if found else ""
    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_a_public_page_writes_nothing(app: Flask, client: Any) -> None:
    dossier = make.dossier("received")
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    listening.listen(app.extensions["engine"], "before_cursor_execute", note)
    try:
        for url in ("/", "/services?q=khai+sinh", "/progress", f"/progress/{dossier.code}", "/verify", "/sign-in",
                    "/register", "/about", "/nowhere", f"/my/dossiers/{dossier.id}", "/admin/security"):
            assert client.get(url).status_code in (200, 303, 404)
        client.get("/", headers={"Host": "evil.example"})
    finally:
        listening.remove(app.extensions["engine"], "before_cursor_execute", note)
    assert [one for one in said if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_form_without_its_token_is_written_also_where_what_was_typed_is_kept(
        app: Flask, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, dossier = make.officer(), make.dossier("checking")
    browser = sign_in(officer)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    kept = browser.post(f"/officer/dossiers/{dossier.id}/why", data={"reason": "other", "csrf_token": "x"},
                        headers={"Origin": "http://localhost"})
    assert kept.status_code == 303 and "/account/kept/" in kept.location
    assert session.execute(select(SecurityEvent.name, SecurityEvent.by_id)).all() == [("refused.form", officer.id)]


def test_what_is_written_holds_no_name_and_no_contact(sign_in: Any, client: Any) -> None:
    officer, dossier = make.officer(), make.dossier("checking")
    browser = sign_in(officer)
    browser.post(f"/officer/dossiers/{dossier.id}/why", data={"reason": "other", "note": f"gọi {dossier.holder_name}"})
    browser.post("/officer/queue", data={"q": dossier.holder_name})
    client.post("/sign-in", data={"contact": dossier.applicant.email, "password": "sai mật khẩu rồi"})
    client.post("/verify", data={"file": (BytesIO(make.PDF), "a.pdf")}, content_type="multipart/form-data")
    said = repr([(row.name, row.facts, row.network) for row in session.scalars(select(SecurityEvent))])
    assert "list.searched" in said
    for secret in (dossier.holder_name, dossier.applicant.email, officer.name, "127.0.0.1", dossier.code):
        assert secret not in said
