"""The second wall: two roles of PostgreSQL. What a query forgets to ask, the database refuses."""
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from portal.cli.database import upgrade_to_head
from portal.dossiers import hands
from portal.dossiers.models import Dossier, Event
from portal.files import queries as documents
from portal.files.models import Attachment, Owner, StoredFile
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.row_security import NOTHING, Reach, reach, reaching_all
from portal.kit.settings import Unset
from portal.oversight.models import ActionPlan, Publication, PublicationFile, Report, ReportPeriod, ReportTemplate
from portal.oversight.rows import REACHED_BY, REPORTS, of_agency
from portal.papers import queries as issued
from portal.people import queries as people
from portal.people.models import Membership
from portal.people.permissions import Role
from tests import make
from tests.conftest import GIVEN, Client, enter, open_house

pytestmark = [pytest.mark.postgresql, pytest.mark.real_commits]


DAY = date(2025, 12, 31)


def seen(of: Reach) -> set[int]:
    """The dossiers that a transaction for these sees when it asks for all of them."""
    session.rollback()
    reach(of)
    try:
        return set(session.scalars(select(Dossier.id)))
    finally:
        session.rollback()
        reach(Reach(everything=True))


def test_the_application_may_not_change_a_table(house: Flask) -> None:
    for statement in ("DROP TABLE event", "ALTER TABLE dossier DISABLE ROW LEVEL SECURITY", "CREATE TABLE mine (n int)",
                      "DROP POLICY reach ON dossier", "TRUNCATE event", "UPDATE alembic_version SET version_num = '0'"):
        with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"), transaction():
            session.execute(text(statement))


def test_what_happened_is_not_rewritten(house: Flask) -> None:
    make.dossier("received")
    for statement in ("UPDATE event SET note = 'other'", "DELETE FROM event", "UPDATE look SET reason = 'office'",
                      "DELETE FROM look", "UPDATE security_event SET by_id = NULL", "DELETE FROM security_event"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction():
            session.execute(text(statement))


def test_a_citizen_reaches_their_own_dossiers_and_an_office_those_that_lie_there(house: Flask) -> None:
    mine, other = make.dossier("received"), make.dossier("submitted", service=make.service(at="H26"))
    here, there = mine.agency_id, other.agency_id
    ids = mine.id, other.id
    assert seen(Reach(person_id=mine.applicant_id)) == {ids[0]}
    assert ids[0] in seen(Reach(agencies=[here])) and ids[1] not in seen(Reach(agencies=[here]))
    assert ids[1] in seen(Reach(agencies=[there]))
    assert seen(NOTHING) == set()
    assert set(ids) <= seen(Reach(everything=True))


def test_a_draft_is_its_applicants_alone(house: Flask) -> None:
    draft = make.draft()
    assert draft.id not in seen(Reach(agencies=[draft.agency_id]))
    assert seen(Reach(person_id=draft.applicant_id)) == {draft.id}


def test_a_unit_reaches_what_lies_in_it(house: Flask) -> None:
    dossier = make.dossier("submitted")
    assert dossier.unit_id is not None
    assert dossier.id in seen(Reach(units=[dossier.unit_id])) and dossier.id not in seen(Reach(units=[0]))


def test_what_belongs_to_a_dossier_is_reached_with_it(house: Flask) -> None:
    dossier = make.dossier("waiting")
    person_id, id_ = dossier.applicant_id, dossier.id
    counts = {table: f"SELECT count(*) FROM {table}" for table in REACHED_BY}  # noqa: S608
    session.rollback()
    reach(Reach(person_id=person_id))
    own = {table: session.scalar(text(query)) for table, query in counts.items()}
    assert own["dossier"] == own["supplement_request"] == 1 and own["event"] and own["attachment"]
    assert session.scalars(select(Event.dossier_id).distinct()).all() == [id_]
    session.rollback()
    reach(NOTHING)
    assert {session.scalar(text(query)) for query in counts.values()} == {0}


def test_every_table_that_names_a_dossier_is_guarded(house: Flask) -> None:
    named = set(session.scalars(text(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name IN ('dossier_id', 'owner_kind', 'applicant_id')")))
    guarded = set(session.scalars(text("SELECT tablename FROM pg_policies WHERE policyname = 'reach'")))
    assert len(named) >= 7 and named <= guarded == REACHED_BY.keys()


def stored(owner: Owner) -> StoredFile:
    row: StoredFile = make.save(StoredFile(
        owner_kind=owner.kind, owner_id=owner.id, state="clean", media_type="application/pdf", size=1,
        blob=f"{owner.kind}/{next(make.n)}", sha256="0" * 64))
    return row


def test_a_file_of_a_report_is_its_agencys_and_one_of_a_plan_everybodys_who_was_told(house: Flask) -> None:
    mine, other = make.agency("H17"), make.agency("H26")
    template = make.save(ReportTemplate(key=f"t{next(make.n)}", version=1, title={"vi": "x", "en": "x"}, every="year",
                                        owes="all", definition={}, digest="0" * 64))
    period = make.save(ReportPeriod(template_id=template.id, template_key=template.key, period="2025", owes="all",
                                    first_day=DAY, last_day=DAY, due_on=DAY))
    owners = {
        "report": Owner("report", make.save(Report(period_id=period.id, agency_id=mine.id)).id),
        **{name: Owner("plan", make.save(ActionPlan(
            agency_id=mine.id, programme="36a/NQ-CP", number=f"{next(make.n)}/KH", issued_on=DAY, title="x",
            public=name == "told")).id) for name in ("told", "kept")}}
    ids = {stored(one).id: name for name, one in owners.items()}
    here, there = mine.id, other.id

    def files(of: Reach) -> set[str]:
        session.rollback()
        reach(of)
        found = {ids[one] for one in session.scalars(select(StoredFile.id).where(StoredFile.id.in_(ids)))}
        session.rollback()
        reach(Reach(everything=True))
        return found

    assert files(Reach(also=[of_agency(here)])) == files(Reach(also=[REPORTS])) == {"report", "told", "kept"}
    assert files(NOTHING) == files(Reach(also=[of_agency(there)])) == files(Reach(agencies=[here])) == {"told"}


def test_what_was_published_is_not_given_another_paper(house: Flask) -> None:
    made = make.save(Publication(kind="national_report", key="nation", on=DAY, edition=next(make.n), title={},
                                 content={}, digest="0" * 64))
    file = stored(Owner("publication", made.id))
    make.save(PublicationFile(publication_id=made.id, form="pdf", language="vi", file_id=file.id))
    for table, column in (("oversight_publication_file", "file_id"), ("oversight_index_value", "value"),
                          ("oversight_portal_answer", "points")):
        for statement in (f"UPDATE {table} SET {column} = NULL", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(ProgrammingError, match="permission denied"), transaction():
                session.execute(text(statement))


def test_nobody_writes_a_dossier_into_a_place_they_do_not_reach(house: Flask) -> None:
    dossier, other = make.dossier("submitted"), make.agency("H26")
    here, there, id_ = dossier.agency_id, other.id, dossier.id
    session.rollback()
    reach(Reach(agencies=[here]))
    with pytest.raises(ProgrammingError, match="row-level security"), transaction():
        session.execute(text("UPDATE dossier SET agency_id = :there, unit_id = NULL WHERE id = :id"),
                        {"there": there, "id": id_})


def test_through_the_doors_everybody_does_their_work(house: Flask) -> None:
    """A citizen looks, an officer takes up and accepts; another office meets nothing that is there."""
    dossier = make.dossier("submitted")
    citizen, officer, other = dossier.applicant, make.officer("H17"), make.officer("H26")
    session.commit()

    def browser(person: Any) -> Client:
        client = house.test_client()
        enter(client, person)
        return client

    own, desk, elsewhere = browser(citizen), browser(officer), browser(other)
    assert own.get(f"/my/dossiers/{dossier.id}").status_code == 200
    assert dossier.code in own.get("/my/dossiers").text
    assert elsewhere.get(f"/officer/dossiers/{dossier.id}").status_code == 404
    page = desk.get(f"/officer/dossiers/{dossier.id}")
    assert page.status_code == 200
    version = re.search(r'name="version" value="(\d+)"', page.text)
    for step in ("claim", "accept"):
        sent = {"version": version[1]} if version else {}
        answer = desk.post(f"/officer/dossiers/{dossier.id}/{step}", data=sent)
        assert answer.status_code == 303, answer.text
    session.expire_all()
    assert dossier.state == "received"
    assert house.test_client().get(f"/progress/{dossier.code}").status_code == 200


def test_a_dossier_passes_to_a_unit_that_whoever_passes_it_does_not_reach(house: Flask) -> None:
    """And what an administrator closes is freed, who reaches no dossier at all."""
    officer, administrator = make.officer(make.commune()), make.staff("agency_administrator", "H17")
    national, other = make.administrator(), people.commune("20195")
    passed, kept = (make.dossier("received", officer=officer) for _ in range(2))
    session.commit()
    passed_id, kept_id, officer_id, other_id = passed.id, kept.id, officer.id, other.id

    def browser(person: Any) -> Client:
        client = house.test_client()
        enter(client, person)
        return client

    desk, local, portal = browser(officer), browser(administrator), browser(national)
    sent = {"unit": other_id, "reason": "Thuộc phường khác"}
    answer = desk.post(f"/officer/dossiers/{passed_id}/transfer", data=sent)
    assert (answer.status_code, answer.location) == (303, "/officer/queue"), answer.text
    answer = desk.get(f"/officer/dossiers/{passed_id}")
    assert answer.status_code == 403 and other.name in answer.text
    for client in (local, portal):
        page = client.get(f"/admin/people/{officer_id}/deactivate")
        assert page.status_code == 200 and str(kept.code) in page.text
    assert local.get(f"/officer/dossiers/{kept_id}/assign").status_code == 200
    answer = portal.post(f"/admin/people/{officer_id}/deactivate", data={"to": "queue"})
    assert answer.status_code == 303, answer.text
    session.expire_all()
    assert (kept.officer_id, passed.unit_id) == (None, other_id) and not officer.active
    # whom the tests before left at work there could still act on it
    session.execute(update(Membership).where(Membership.agency_id == kept.agency_id, Membership.ends_at.is_(None),
                                             Membership.role != Role.agency_administrator).values(ends_at=clock.now()))
    session.expire_all()
    hands.look_for_stranded(kept.agency_id)
    session.commit()
    for client in (local, portal):
        assert str(kept.code) in client.get("/admin/stranded").text


def test_whoever_has_a_papers_code_may_know_of_it(house: Flask) -> None:
    dossier = make.dossier("received")
    make.draw_papers(dossier)
    [code] = {paper.code for paper in issued.of(dossier.owner)}
    id_, dossier_code = dossier.id, dossier.code
    session.commit()
    assert dossier_code in house.test_client().get(f"/verify/{code}").text
    reach(NOTHING)
    assert issued.by_code(code) is not None and issued.of(Owner("dossier", id_)) == []
    with reaching_all():
        assert issued.of(Owner("dossier", id_)) != []


def test_a_file_of_anothers_dossier_is_not_there(house: Flask) -> None:
    dossier = make.dossier("received")
    attachment_id = session.scalar(select(func.min(Attachment.id)).join(Attachment.file)
                                   .where(StoredFile.owner_id == dossier.id))
    stranger = make.citizen()
    session.commit()
    reach(Reach(person_id=stranger.id))
    assert documents.attachment(attachment_id or 0) is None


def test_the_key_of_anothers_draft_begins_none(house: Flask) -> None:
    """Their draft is out of sight, its key is taken all the same."""
    draft, stranger = make.draft(), make.citizen()
    service, email = draft.service, stranger.email
    path, key = f"/apply/{service.agency.key}/{service.procedure.code}", "k" * 20
    draft.submit_key = key
    session.commit()
    client = house.test_client()
    assert client.post("/sign-in", data={"contact": email, "password": make.PASSWORD}).status_code == 303
    assert client.post(path, data={"key": key}).status_code == 404
    assert client.post(path, data={"key": key[1:]}).status_code == 303


def test_migrating_again_keeps_the_wall(house: Flask) -> None:
    upgrade_to_head(house)
    dossier = make.dossier("received")
    assert seen(NOTHING) == set() and seen(Reach(person_id=dossier.applicant_id)) == {dossier.id}


def test_one_role_for_both_is_refused_in_words(tmp_path: Path) -> None:
    url = make_url(GIVEN).render_as_string(hide_password=False)
    with pytest.raises(Unset, match="two roles"):
        open_house(url, tmp_path, OWNER_DATABASE_URL=url)


def test_a_file_may_be_handed_in_by_its_applicant(house: Flask) -> None:
    draft = make.draft()
    person_id, id_ = draft.applicant_id, draft.id
    session.rollback()
    reach(Reach(person_id=person_id))
    from portal.files import actions  # noqa: PLC0415
    with transaction():
        proven = actions.prove(BytesIO(make.PDF), "giấy.pdf")
        actions.attach(Owner("dossier", id_), "other", "Giấy tờ khác", proven, by_id=person_id)
    assert len(documents.attachments_of(Owner("dossier", id_))) >= 1
