import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import worker
from portal.kit import clock, mail
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices import actions, queries, words
from portal.notices.models import Message
from portal.people import roles
from portal.people.permissions import Place
from portal.people.words import ROLE_WORDS
from tests import make

FACTS = {"code": "012345", "dossier_code": "H17-261120-0001", "service_name": "Đăng ký khai sinh",
         "due": datetime(2026, 11, 26, 9, 30, tzinfo=UTC), "reason": "Không thuộc thẩm quyền",
         "old": datetime(2026, 11, 25, 10, tzinfo=UTC), "answer_until": datetime(2026, 12, 5, 17, tzinfo=UTC),
         "outcome": "granted", "address": "a@noi.vn",
         "role": ROLE_WORDS["case_officer"], "place": "Sở Tư pháp", "until": None,
         "who": "Nguyễn Văn An", "number": 40, "seconds": 2, "what": ROLE_WORDS["leader"],
         "by": None, "about": "Trần Thị Bé", "held": None,
         "by_name": "Lê Văn Cò", "note": "Nhờ xem tiếp", "unit_name": "Phường Hải Châu",
         "purpose": "factor_added", "at": datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
         "file_id": 7, "fault": "missing", "file_name": "giấy chứng sinh.pdf", "threat": "Eicar-Test-Signature",
         "is_draft": True, "own": True, "granted": True, "asked_by": "Phạm Thị Dung",
         "made_at": datetime(2026, 11, 25, 17, 5, tzinfo=UTC), "skipped": 1000,
         "sender": "Bộ Tư pháp", "subject": "V/v phối hợp xác minh", "count": 3, "names": "Hà Nội; Huế",
         "reminded": True, "instruction": "Trả lời trước thứ Sáu", "agency": "Bộ Tư pháp",
         "due_at": datetime(2026, 11, 26, 17, tzinfo=UTC),
         "dossier_due_at": datetime(2026, 12, 1, 10, tzinfo=UTC), "answered_at": datetime(2026, 11, 27, 3, tzinfo=UTC),
         "seen_at": datetime(2026, 11, 20, 3, tzinfo=UTC),
         "late": 3, "title": {"vi": "Báo cáo quý", "en": "Quarterly report"}, "returned": True, "letter": "12/VPCP",
         "period": {"vi": "quý IV năm 2026", "en": "quarter IV of 2026"}, "words": "Kết nối hệ thống văn bản",
         "asked": date(2026, 12, 31), "tasks": [{"number": "36a/NQ-CP", "words": "Kết nối", "due": date(2026, 12, 1)}],
         "link": "https://portal.test/my/dossiers/1"}
NAMES = sorted(path.name for path in Path(words.FOLDER).iterdir() if path.is_dir())


@pytest.fixture
def posted(app, monkeypatch):
    """What left by mail, with a server in the settings."""
    letters = []
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://mail.test:25")
    monkeypatch.setattr(mail, "send", letters.append)
    return letters


def test_every_notice_that_the_portal_sends_has_its_words():
    assert {"registration_code", "already_registered", "password_code", "no_account", "password_changed",
            "dossier_submitted", "dossier_accepted", "supplement_requested", "dossier_refused",
            "dossier_decided",
            "result_handed_over", "supplement_answered"} <= set(NAMES)


OTHERWISE = {"file_fault": {"fault": "altered"}, "file_refused": {"is_draft": False},
             "recovery_asked": {"own": False, "until": datetime(2026, 11, 27, 9, 30, tzinfo=UTC)},
             "recovery_decided": {"granted": False}, "report_owed": {"late": 0, "returned": False},
             "task_decided": {"code": "extended"}, "task_said": {"code": "claimed"}, "task_reminder": {"count": 1}}


@pytest.mark.parametrize("name", NAMES)
def test_each_notice_is_written_in_both_languages(app, name):
    written_in_both(name, FACTS)


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_notice_with_two_ends_has_words_for_the_other_one(app, name):
    written_in_both(name, FACTS | OTHERWISE[name])
    assert words.write(name, "vi", **FACTS) != words.write(name, "vi", **FACTS | OTHERWISE[name])


def written_in_both(name, facts):
    vi, en = (words.write(name, language, **facts) for language in ("vi", "en"))
    for subject, body in (vi, en):
        assert subject
        assert "\n" not in subject
        assert "{" not in subject + body
        assert "\n\n\n" not in body
    assert vi[0] != en[0]
    assert vi[1] != en[1]


def test_dates_speak_the_language_of_the_reader(app):
    assert "16 giờ 30, Thứ Năm, 26/11/2026" in words.write("dossier_accepted", "vi", **FACTS)[1]
    assert "16:30, Thursday, 26 November 2026" in words.write("dossier_accepted", "en", **FACTS)[1]
    assert "không quy định thời hạn" in words.write("dossier_accepted", "vi", **FACTS | {"due": None})[1]


def test_facts_are_words_and_not_a_template(app):
    _subject, body = words.write("dossier_refused", "vi", **FACTS | {"reason": "{{ 7 * 7 }} <b>&"})
    assert "{{ 7 * 7 }} <b>&" in body


def test_a_fact_that_is_missing_is_an_error_and_not_a_gap(app):
    with pytest.raises(Exception, match="dossier_code"):
        words.write("dossier_decided", "vi", link="")


def test_a_notice_is_left_in_the_portal_in_the_language_of_the_person(app):
    person = make.citizen(language="en")
    message = actions.tell(person.id, "dossier_decided", "/my/dossiers/1", dossier_code="X", service_name="Y")
    assert (message.channel, message.address, message.link) == ("portal", None, "/my/dossiers/1")
    assert message.subject == "Dossier X was decided"
    assert session.scalar(select(Job).where(Job.name == "notices.deliver")) is None


def test_it_is_mailed_too_where_there_is_a_server(app, posted, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.test/")
    person = make.citizen(language="en")
    with transaction():
        actions.tell(person.id, "dossier_decided", "/my/dossiers/1", dossier_code="X", service_name="Y")
    worker.run_all(app)
    letter = posted[0]
    assert letter["To"] == person.email
    assert "https://portal.test/en/my/dossiers/1" in letter.get_content()


def test_somebody_without_an_address_is_told_in_the_portal_only(app, posted):
    person = make.citizen(email=None, phone="+84912345678")
    message = actions.tell(person.id, "dossier_decided", dossier_code="X", service_name="Y")
    assert (message.channel, message.address) == ("portal", None)


def test_invented_addresses_are_never_mailed(app, posted):
    person = make.citizen(email="congdan@demo.example")
    assert actions.tell(person.id, "dossier_decided", dossier_code="X", service_name="Y").address is None


def test_delivery_twice_sends_once(app, posted):
    message = actions.send_to("email", "a@nơi.vn".replace("ơ", "o"), "registration_code", code="012345")
    make.done("notices.deliver", message_id=message.id)
    make.done("notices.deliver", message_id=message.id)
    assert len(posted) == 1
    assert message.sent_at is not None


def test_without_a_server_a_message_waits_unsent(app):
    message = actions.send_to("email", "a@noi.vn", "registration_code", code="012345")
    make.done("notices.deliver", message_id=message.id)
    assert message.sent_at is None
    make.done("notices.deliver", message_id=0)


def test_a_failed_delivery_is_tried_again(app, posted, monkeypatch):
    with transaction():
        actions.send_to("email", "a@noi.vn", "registration_code", code="012345")

    def refuse(_letter):
        raise OSError("no route")

    monkeypatch.setattr(mail, "send", refuse)
    worker.run_all(app)
    session.expire_all()
    assert session.scalars(select(Message)).one().sent_at is None
    assert session.scalars(select(Job)).one().failures == 1


def test_asvs_v1_3_11_nothing_typed_adds_a_header_or_a_recipient(app):
    letter = mail.letter("a@noi.vn", "Chào\r\nBcc: b@noi.vn", "Nội dung", "notice-1")
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Chào Bcc: b@noi.vn"
    for address in ("a@noi.vn\r\nBcc: b@noi.vn", "a@noi.vn,b@noi.vn", "a <a@noi.vn>", "a@b@noi.vn", "nobody"):
        with pytest.raises(ValueError, match="mail address"):
            mail.letter(address, "x", "y", "notice-1")


def test_the_same_message_has_the_same_id_however_often_it_is_sent(app):
    assert mail.letter("a@noi.vn", "x", "y", "notice-1")["Message-ID"] == \
        mail.letter("a@noi.vn", "x", "y", "notice-1")["Message-ID"]


def test_notices_are_paged_counted_and_read(app):
    person, other = make.citizen(), make.citizen()
    for n in range(5):
        actions.tell(person.id, "dossier_decided", dossier_code=f"X{n}", service_name="Y")
    actions.tell(other.id, "dossier_decided", dossier_code="Z", service_name="Y")
    first = queries.newest(person, limit=3)
    rest = queries.newest(person, before=first[-1].message.id, limit=3)
    assert [m.subject[-2:] for m, _read in (*first, *rest)] == ["X4", "X3", "X2", "X1", "X0"] or \
        [m.subject for m, _read in (*first, *rest)] == [f"Hồ sơ X{n} đã có kết quả" for n in (4, 3, 2, 1, 0)]
    assert queries.unread(person) == 5
    actions.read_all(person)
    session.expire_all()
    assert (queries.unread(person), queries.unread(other)) == (0, 1)


def test_the_demonstration_shows_no_code_of_somebody_who_registered(app):
    make.citizen(email="that@noi.vn")
    for address in ("that@noi.vn", "la@noi.vn", "congdan@demo.example"):
        actions.send_to("email", address, "password_code", code="012345")
    assert {m.address for m in queries.demonstration_outbox()} == {"la@noi.vn", "congdan@demo.example"}


def test_a_notice_to_a_role_is_seen_by_everybody_who_holds_it_and_by_nobody_else(app):
    """Of the unit, and of the whole agency above it; each reads it for themselves."""
    commune = make.commune()
    here, whole = make.staff("head_of_unit", commune), make.staff("head_of_unit", "H17")
    strangers = [make.officer(commune), make.staff("head_of_unit", "H26"),
                 make.staff("head_of_unit", make.department()), make.citizen(), make.administrator()]
    actions.tell_role("head_of_unit", Place(commune.agency_id, commune.id), "supplement_answered",
                      "/officer/dossiers/1", dossier_code="X", service_name="Y")
    assert [queries.unread(person) for person in (here, whole, *strangers)] == [1, 1, 0, 0, 0, 0, 0]
    actions.read_all(here)
    actions.read_all(here)
    assert [(told.message.subject, told.read) for told in queries.newest(here)] == [
        ("Hồ sơ X đã được nộp bổ sung", True)]
    assert (queries.unread(here), queries.unread(whole)) == (0, 1), "it stays new for the others"


def test_who_no_longer_holds_the_role_no_longer_sees_its_notices(app):
    person = make.staff("head_of_unit", "H17")
    actions.tell_role("head_of_unit", Place(make.agency().id), "supplement_answered", dossier_code="X",
                      service_name="Y")
    assert len(queries.newest(person)) == 1
    roles.end(person.roles[0], by=None)
    assert (queries.newest(person), queries.unread(person)) == ([], 0)


def test_who_comes_to_a_role_later_is_not_told_what_was_before(app):
    actions.tell_role("overseer", None, "supplement_answered", dossier_code="X", service_name="Y")
    person = make.staff("overseer")
    person.memberships[0].begins_at = clock.now()
    assert queries.newest(person) == []
    actions.tell_role("overseer", None, "supplement_answered", dossier_code="Z", service_name="Y")
    assert len(queries.newest(person)) == 1


def test_own_notices_and_those_to_roles_come_newest_first_and_page_by_page(app):
    person = make.staff("head_of_unit", "H17")
    for n in range(6):
        if n % 2:
            actions.tell(person.id, "dossier_decided", dossier_code=f"X{n}", service_name="Y")
        else:
            actions.tell_role("head_of_unit", Place(make.agency().id), "dossier_decided", dossier_code=f"X{n}",
                              service_name="Y")
    first = queries.newest(person, limit=4)
    rest = queries.newest(person, before=first[-1].message.id, limit=4)
    assert [told.message.subject.split()[2] for told in (*first, *rest)] == ["X5", "X4", "X3", "X2", "X1", "X0"]


def test_notices_to_roles_are_not_forgotten_with_codes(app):
    actions.tell_role("overseer", None, "supplement_answered", dossier_code="X", service_name="Y")
    with clock.pretend(clock.now() + timedelta(days=9)):
        actions.forget_codes()
    assert len(queries.newest(make.staff("overseer"))) == 1


def test_the_page_of_notices_shows_and_marks_them(app, sign_in):
    person = make.staff("head_of_unit", "H17")
    client = sign_in(person)
    assert "Chưa có thông báo" in client.get("/account/notices").text
    actions.tell_role("head_of_unit", Place(make.agency().id), "supplement_answered", "/officer/dossiers/1",
                      dossier_code="H17-1", service_name="Y")
    assert "1 thông báo mới" in client.get("/officer/queue").text
    assert "Hồ sơ H17-1 đã được nộp bổ sung" in re.sub(r"</?span[^>]*>", "", client.get("/account/notices").text)
    assert client.post("/account/notices/read").location == "/account/notices"
    assert "thông báo mới" not in client.get("/officer/queue").text
