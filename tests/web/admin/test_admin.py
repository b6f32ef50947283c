import re

import pytest
from sqlalchemy import select

from portal import worker
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import Job, dead_letters
from portal.kit.jobs.models import JobDecision
from portal.people import actions, queries
from portal.people.models import Person
from tests import make

PAGES = ("/admin/people", "/admin/people/new", "/admin/agencies", "/admin/jobs")
OFFICER = {"name": "Lê Văn Ẩn", "contact": "an.le@example.vn", "role": "case_officer", "agency": "H17"}


@pytest.fixture
def administrator(sign_in):
    return sign_in(make.administrator())


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_come_in(app, client, sign_in, path):
    assert client.get(path).status_code == 303
    assert sign_in(make.citizen()).get(path).status_code == 403
    assert sign_in(make.officer()).get(path).status_code == 403
    assert sign_in(make.administrator()).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/admin/people/{}/deactivate", "/admin/people/{}/activate",
    "/admin/jobs/{}/retry"])
def test_changes_are_for_administrators_and_never_by_a_link(app, sign_in, administrator, path):
    officer = make.officer()
    assert sign_in(make.officer()).post(path.format(officer.id)).status_code == 403
    # closing asks first what becomes of what the account holds
    assert administrator.get(path.format(officer.id)).status_code == (200 if "/deactivate" in path else 405)
    session.expire_all()
    assert officer.active


def test_the_first_password_is_shown_once_and_signs_in(app, client, administrator):
    page = administrator.post("/admin/people/new", data=OFFICER)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    password = re.search(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b", page.text).group()
    assert password not in administrator.get("/admin/people").text
    assert client.post("/sign-in", data={"contact": OFFICER["contact"], "password": password}).status_code == 303
    assert client.get("/sign-in/set-up").status_code == 200


@pytest.mark.parametrize("bad", [{"name": ""}, {"contact": "x"}, {"agency": "nowhere"}, {"agency": ""}])
def test_a_bad_answer_adds_nobody(app, administrator, bad):
    answer = administrator.post("/admin/people/new", data=OFFICER | bad)
    assert answer.status_code == 422
    assert session.scalar(select(Person).where(Person.email == OFFICER["contact"])) is None


def test_a_contact_that_is_taken_is_refused_with_what_to_do(app, administrator):
    make.officer(email=OFFICER["contact"])
    answer = administrator.post("/admin/people/new", data=OFFICER)
    assert answer.status_code == 422
    assert "contact-error" in answer.text


def test_the_list_shows_staff_and_finds_by_name_or_agency(app, administrator):
    make.officer("H17", name="Đặng Văn Ẩn")
    make.officer("H26", name="Trần Thị Bình")
    make.citizen(name="Hồ Thị Công Dân")
    page = administrator.get("/admin/people").text
    assert "Đặng Văn Ẩn" in page
    assert "Trần Thị Bình" in page
    assert "Hồ Thị Công Dân" not in page
    found = administrator.post("/admin/people", data={"q": "dang an"}).text
    assert "Đặng Văn Ẩn" in found
    assert "Trần Thị Bình" not in found


def test_long_lists_go_on_in_pages(app, administrator, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    names = ["Một Văn A", "Hai Văn B", "Ba Văn C"]
    for name in names:
        make.officer(name=name)
    first = administrator.post("/admin/people", data={"q": "van"}).text
    before = re.search(r'name="before" value="(\d+)"', first).group(1)
    second = administrator.post("/admin/people", data={"q": "van", "before": before}).text
    assert [name in first for name in names] == [False, True, True]
    assert [name in second for name in names] == [True, False, False]
    for none in ("9" * 20, "٣", "x"):  # no page of ours sends them: the list from the start
        assert administrator.post("/admin/people", data={"q": "van", "before": none}).status_code == 200


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(app, sign_in, administrator):
    officer = make.officer()
    client = sign_in(officer)
    assert administrator.post(f"/admin/people/{officer.id}/deactivate").status_code == 303
    assert client.get("/account").status_code == 303
    session.expire_all()
    assert actions.check(officer.email, make.PASSWORD) is None
    administrator.post(f"/admin/people/{officer.id}/activate")
    assert client.get("/account").status_code == 303, "an ended session stays ended"
    session.expire_all()
    assert actions.check(officer.email, make.PASSWORD)


def test_nobody_closes_the_own_account_or_a_citizens(app, sign_in):
    me, citizen = make.administrator(), make.citizen()
    client = sign_in(me)
    client.post(f"/admin/people/{me.id}/deactivate")
    assert client.post(f"/admin/people/{citizen.id}/deactivate").status_code == 404
    assert client.post("/admin/people/0/deactivate").status_code == 404
    session.expire_all()
    assert me.active
    assert citizen.active


def test_the_register_lists_agencies(app, administrator):
    page = administrator.get("/admin/agencies").text
    assert "H17" in page
    assert "Đà Nẵng" in page


@pytest.fixture
def dead(app):
    return make.save(Job(name="notices.deliver", args={"message_id": 0}, failures=8, error="OSError: no route",
                         dead_at=clock.now()))


def test_a_failed_job_is_seen_and_set_going_again(administrator, dead):
    assert "OSError: no route" in administrator.get("/admin/jobs").text
    administrator.post(f"/admin/jobs/{dead.id}/retry")
    session.expire_all()
    assert (dead.dead_at, dead.done_at, dead.failures, dead.lane) == (None, None, 0, "outside")
    page = administrator.get("/admin/jobs").text
    assert "OSError: no route" not in page
    assert "Thử lại" in page.partition("Quyết định gần đây")[2]


def test_a_failed_job_is_given_up_and_who_did_it_is_kept(app, administrator, dead):
    administrator.post(f"/admin/jobs/{dead.id}/give-up")
    session.expire_all()
    assert dead.done_at
    kept = session.scalars(select(JobDecision)).one()
    person = session.get_one(Person, kept.by_id)
    assert (kept.job_id, kept.decision, kept.error, person.roles[0].role) == (
        dead.id, "give_up", dead.error, "portal_administrator")
    assert person.name in administrator.get("/admin/jobs").text
    assert worker.run_all(app) == 0


@pytest.mark.parametrize("step", ["retry", "give-up"])
def test_who_comes_second_is_told_that_it_was_decided(administrator, dead, step):
    administrator.post(f"/admin/jobs/{dead.id}/give-up")
    assert administrator.post(f"/admin/jobs/{dead.id}/{step}").status_code == 303
    assert "không còn chờ quyết định" in administrator.get("/admin/jobs").text
    assert session.query(JobDecision).count() == 1


def test_many_failed_jobs_come_page_by_page(administrator):
    for n in range(dead_letters.PAGE + 1):
        session.add(Job(name="notices.deliver", args={"message_id": n}, error=f"<{n:03}>", dead_at=clock.now()))
    session.commit()
    first = administrator.get("/admin/jobs").text
    assert "&lt;050&gt;" in first and "&lt;000&gt;" not in first
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further
    second = administrator.get(further[1]).text
    assert "&lt;000&gt;" in second and "&lt;001&gt;" not in second
    assert administrator.get("/admin/jobs?before=x").status_code == 303
