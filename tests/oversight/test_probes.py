"""Probes: what the portal sees by itself, of each agency, with the facts; what cannot look changes nothing."""
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.catalogue.models import Form
from portal.kit import callout, clock, db
from portal.kit.db import session, transaction
from portal.kit.jobs import waiting
from portal.oversight import probes, queries, tasks
from portal.oversight.models import (
    ActionPlan,
    Assignment,
    Directive,
    PublishedFigure,
    Report,
    ReportPeriod,
    ReportTemplate,
)
from portal.oversight.probes import Asked, Seen, WrongWant
from portal.oversight.probes import figures as of_figures
from portal.oversight.probes import forms as of_forms
from portal.oversight.probes import pages as of_pages
from portal.people.models import Agency
from tests import make
from tests.subscribing import HERE, certificate

TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def day() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 30, 2, tzinfo=UTC), tick=True):
        yield


def seen(probe: str, *keys: str, period: str = "", **wanted: Any) -> dict[str, Seen]:
    """What it sees at agencies, by their keys."""
    agencies = [make.agency(key) for key in keys]
    asked = Asked(agencies, TODAY, probes.complete(probe, wanted, recurring=True), period)
    found = probes.judge(probe, probes.gather(probe, asked)) if probes.is_slow(probe) else probes.look(probe, asked)
    return {one.key: found[one.id] for one in agencies}


# plans and reports

def plan(agency: Agency, issued_on: date = date(2026, 3, 1), **kw: Any) -> ActionPlan:
    return make.save(ActionPlan(**{"agency_id": agency.id, "programme": "36a/NQ-CP", "number": "12/KH-UBND",
                                   "issued_on": issued_on, "title": "Kế hoạch"} | kw))


def test_a_plan_counts_from_its_day_until_it_is_withdrawn(app: Flask) -> None:
    plan(make.agency("H17"))
    plan(make.agency("H26"), withdrawn_at=clock.now())
    plan(make.agency("H29"), date(2026, 12, 1))
    plan(make.agency("G01"), programme="06/QĐ-TTg")
    found = seen("plan_issued", "H17", "H26", "H29", "G01", programme="36a/NQ-CP")
    assert {key: one.passed for key, one in found.items()} == {"H17": True, "H26": False, "H29": False, "G01": False}
    assert found["H17"].facts == {"plan": "12/KH-UBND", "issued": "2026-03-01"}


def report_period(period: str, **states: str) -> None:
    template = session.scalar(select(ReportTemplate)) or make.save(ReportTemplate(
        key="quarterly", version=1, title={"vi": "Báo cáo quý", "en": "Quarterly"}, every="quarter", owes="all",
        definition={}, digest="0"))
    opened = make.save(ReportPeriod(template_id=template.id, template_key="quarterly", period=period,
                                    first_day=date(2026, 7, 1), last_day=date(2026, 9, 30), due_on=date(2026, 10, 15),
                                    owes="all"))
    for key, state in states.items():
        make.save(Report(period_id=opened.id, agency_id=make.agency(key).id, state=state))


def test_a_report_is_delivered_when_it_is_submitted_or_only_when_it_is_approved(app: Flask) -> None:
    report_period("2026-Q3", H17="submitted", H26="approved", H29="returned")
    wanted = {"template": "quarterly", "period": "2026-Q3"}
    found = seen("report_delivered", "H17", "H26", "H29", "G01", **wanted)
    assert [one.passed for one in found.values()] == [True, True, False, None]
    assert found["G01"].facts == {"why": "owes_none"} and found["H29"].facts["report"] == "returned"
    found = seen("report_delivered", "H17", "H26", **wanted, state="approved")
    assert [one.passed for one in found.values()] == [False, True]


def test_a_task_that_comes_again_asks_for_the_report_of_its_own_period(app: Flask) -> None:
    report_period("2026-Q3", H17="approved")
    wanted = {"template": "quarterly"}
    assert seen("report_delivered", "H17", period="2026-Q3", **wanted)["H17"].passed
    assert seen("report_delivered", "H17", period="2026-Q4", **wanted)["H17"].facts == {"why": "not_opened"}
    with pytest.raises(WrongWant) as wrong:
        probes.complete("report_delivered", wanted)
    assert wrong.value.name == "period"


# figures

def figure(group: str, value: str, on: date, **kw: Any) -> None:
    make.save(PublishedFigure(**{"indicator": "services_level_4", "group": group, "on": on, "value": value,
                                 "as_published": value, "source": "Báo cáo", "confidence": "H"} | kw))


def test_a_figure_is_the_newest_up_to_the_day(app: Flask) -> None:
    figure("H17", "70", date(2026, 6, 30), denominator=100)
    figure("H17", "85", date(2026, 9, 30), denominator=170)
    figure("H17", "99", date(2026, 12, 31), denominator=100)
    wanted = {"figure": "services_level_4", "least": "80"}
    found = seen("figure_reaches", "H17", "H26", **wanted)
    assert found["H17"] == Seen(True, {"value": "85", "of": 170, "on": "2026-09-30", "source": "Báo cáo"})
    assert found["H26"] == Seen(None, {"why": "no_figure"}), "no figure is no zero"
    assert seen("figure_reaches", "H17", **wanted, part="share")["H17"].passed is False, "50 of a hundred"


def test_a_figure_of_the_whole_country_speaks_for_each(app: Flask) -> None:
    figure("nation", "12", date(2026, 9, 30))
    found = seen("figure_reaches", "H17", "H26", figure="services_level_4", group="nation", least="12")
    assert [one.passed for one in found.values()] == [True, True]
    share = seen("figure_reaches", "H17", figure="services_level_4", group="nation", least="1", part="share")
    assert share["H17"].passed is None and share["H17"].facts["why"] == "no_denominator"


def test_what_the_portal_counts_by_itself_can_be_asked_for(app: Flask) -> None:
    found = seen("figure_reaches", "H17", "H26", figure="measure:services_level_3", least="1")
    assert found["H17"].passed and int(found["H17"].facts["value"]) >= 1
    assert seen("figure_reaches", "H17", figure="measure:connected", least="1")["H17"].passed is False


@pytest.mark.parametrize(("text", "value"), [("80", "80"), ("94,5", "94.5"), ("94.5", "94.5"), ("1.200", "1200"),
                                             ("1.234.567,8", "1234567.8")])
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    assert of_figures.decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "tám mươi", "8O", "-1", "1,2,3", "NaN", "1e3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        of_figures.decimal(text)


# forms

def test_forms_are_really_filled_in_and_nothing_is_stored(app: Flask) -> None:
    found = seen("form_works", "H17", "G15")["H17"]
    assert found.passed and found.facts["works"] == found.facts["offered"] > 0
    assert not session.new and not session.dirty


def test_a_form_that_nobody_can_complete_fails_where_it_is_offered(app: Flask) -> None:
    service = make.service("1.001193")
    form = session.get_one(Form, service.version.form_id)
    form.definition = {"steps": [{"key": "a", "title": {"vi": "A", "en": "A"}, "fields": [
        {"key": "day", "kind": "no_such_kind", "label": {"vi": "Ngày", "en": "Day"}, "required": True}]}]}
    session.commit()
    found = seen("form_works", "H17", procedures="1.001193")["H17"]
    assert found == Seen(False, {"offered": 1, "works": 0, "broken": "1.001193"})


def test_a_service_that_is_not_open_today_cannot_be_submitted(app: Flask) -> None:
    make.service("1.001193").opens_on = date(2027, 1, 1)
    session.commit()
    assert seen("form_works", "H17", procedures="1.001193")["H17"].passed is False
    assert seen("form_works", "H17", procedures="1.001193 2.000635", share=50)["H17"].passed


def test_every_form_of_the_small_set_can_be_handed_in(app: Flask) -> None:
    assert all(of_forms.whole(definition) for definition in session.scalars(select(Form.definition)))


# pages

PAGE = '''
import ssl, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "https://127.0.0.1/")
            self.end_headers()
            return
        self.send_response(503 if self.path == "/down" else 200)
        self.end_headers()
        self.wfile.write("<h1>D&#7883;ch v\\u1ee5  c\\u00f4ng</h1>".encode())
    def log_message(self, *words):
        pass
server = HTTPServer(("127.0.0.1", 0), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/both.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
'''


@pytest.fixture
def site(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a machine that answers over TLS, in a network that the operators named."""
    certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setitem(app.config, "CALL_NETWORKS", (callout.ipaddress.ip_network("127.0.0.0/8"),))
    machine = subprocess.Popen([sys.executable, "-c", PAGE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert machine.stdout
    yield f"https://{HERE}:{machine.stdout.readline().strip()}"
    machine.kill()
    machine.wait()
    machine.stdout.close()


@pytest.mark.once
def test_a_page_is_asked_as_a_browser_would_ask(site: str) -> None:
    ask = {"address": f"{site}/", "words": "dịch vụ công"}
    assert seen("page_answers", "H17", **ask)["H17"] == Seen(True, {
        "address": f"{site}/", "status": 200, "words": True})
    assert seen("page_answers", "H17", **ask | {"words": "một cửa"})["H17"].passed is False
    down = seen("page_answers", "H17", address=f"{site}/down")["H17"]
    assert (down.passed, down.facts["status"]) == (False, 503)
    assert seen("page_answers", "H17", address=f"{site}/moved")["H17"].facts["status"] == 302, "nothing is followed"


@pytest.mark.once
def test_a_machine_that_does_not_answer_fails_and_says_how(site: str) -> None:
    found = seen("page_answers", "H17", address="https://127.0.0.1:1/")["H17"]
    assert found.passed is False and found.facts["error"] == "ConnectionRefusedError"


@pytest.mark.parametrize("address", [
    "http://dichvucong.gov.vn/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.8/",
    "https://169.254.169.254/latest/", "https://0x7f000001/", "https://a:b@dichvucong.gov.vn/", "file:///etc/passwd",
    "H17 = https://192.168.1.1/", "https://dichvucong.gov.vn/\nH26 = ftp://x/"])
def test_no_address_within_is_taken(app: Flask, address: str) -> None:
    with pytest.raises(WrongWant) as wrong:
        probes.complete("page_answers", {"address": address})
    assert wrong.value.name == "address"


def test_a_name_that_leads_inside_is_not_asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callout.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.1.2.3", 443))])
    found = seen("page_answers", "H17", address="https://cong.example.vn/")["H17"]
    assert found == Seen(None, {"why": "not_allowed", "address": "https://cong.example.vn/"})


def test_each_agency_may_have_its_own_address() -> None:
    assert of_pages.addresses("H17 = https://a.vn/\nThành phố Huế=https://b.vn/?x=1\nhttps://c.vn/?x=2") == (
        {"h17": "https://a.vn/", "thanh pho hue": "https://b.vn/?x=1"}, "https://c.vn/?x=2")
    assert of_pages.addresses("H17 = https://a.vn/")[1] == ""


def test_an_agency_without_an_address_cannot_be_looked_at(app: Flask) -> None:
    assert seen("page_answers", "H26", address="H17 = https://a.vn/")["H26"].facts == {"why": "no_address"}


def test_another_machine_is_asked_while_nothing_is_open(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    task, states = given("page_answers", {"address": "https://cong.example.vn/"})[0], []

    def get(*_args: Any, **_kw: Any) -> callout.Answer:
        states.append(db.is_writing())
        return callout.Answer(200, b"")

    monkeypatch.setattr(callout, "get", get)
    make.done("oversight.look_outside", task_id=task.id)
    assert states == [False] and task.probe_passed and queries.readings(task.id)[0].facts["status"] == 200


# all of them

def given(probe: str, wanted: dict[str, Any], *keys: str) -> list[Assignment]:
    with transaction():
        directive = tasks.new_directive(number="1", issuer="CP", words="Việc", deadline="none", probe=probe,
                                        wanted=wanted)
        return tasks.give(directive, [make.agency(key) for key in keys or ("H17",)], by=None)


def test_pages_are_asked_one_by_one_and_all_else_at_once(app: Flask) -> None:
    given("connected", {}, "H17", "H26")
    given("page_answers", {"address": "https://cong.example.vn/"}, "H17", "H26")
    make.done("oversight.look")
    assert (len(waiting("oversight.look_at")), len(waiting("oversight.look_outside"))) == (1, 2)


def test_one_agency_that_fails_fails_for_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = given("connected", {}, "H17", "H26")
    true = probes.PROBES["connected"].look
    assert true

    def stumble(asked: Asked) -> dict[int, Seen]:
        if any(one.key == "H17" for one in asked.agencies):
            raise ZeroDivisionError
        return true(asked)

    monkeypatch.setitem(probes.PROBES, "connected", probes.Probe("x", stumble))  # type: ignore[arg-type]
    make.done("oversight.look_at", directive_id=found[0].directive_id)
    assert [queries.readings(one.id)[0].facts.get("why") for one in found] == ["failed", None]
    assert [one.probe_passed for one in found] == [None, False]


def test_a_slow_probe_that_fails_says_so_and_changes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [task] = given("page_answers", {"address": "https://cong.example.vn/"})
    monkeypatch.setattr(callout, "get", lambda *_a, **_k: 1 / 0)
    make.done("oversight.look_outside", task_id=task.id)
    assert queries.readings(task.id)[0].facts == {"why": "failed"} and task.probe_passed is None


def test_a_probe_that_was_taken_away_meanwhile_writes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [task] = given("page_answers", {"address": "https://cong.example.vn/"})

    def get(*_args: Any, **_kw: Any) -> callout.Answer:
        db.g.outside = False
        session.get_one(Directive, task.directive_id).probe = None
        session.commit()
        return callout.Answer(200, b"")

    monkeypatch.setattr(callout, "get", get)
    make.done("oversight.look_outside", task_id=task.id)
    assert not queries.readings(task.id) and task.probed_at is None


def test_two_periods_that_are_open_at_once_are_seen_apart(app: Flask) -> None:
    report_period("2026-Q3", H17="approved")
    with transaction():
        directive = tasks.new_directive(number="1", issuer="CP", words="Báo cáo", deadline="recurring", every="quarter",
                                        probe="report_delivered", wanted={"template": "quarterly"})
        both = [tasks.give(directive, [make.agency("H17")], by=None, period=period)[0]
                for period in ("2026-Q3", "2026-Q4")]
    make.done("oversight.look_at", directive_id=directive.id)
    assert [one.probe_passed for one in both] == [True, None]


@pytest.mark.parametrize(("probe", "given", "name"), [
    ("services_at_level", {"level": 5}, "level"), ("services_at_level", {"share": "nửa"}, "share"),
    ("plan_issued", {}, "programme"), ("figure_reaches", {"figure": "không có", "least": "1"}, "figure"),
    ("figure_reaches", {"figure": "services_level_4", "least": "nhiều"}, "least"),
    ("report_delivered", {"template": "none"}, "template"), ("form_works", {"procedures": "9.999999"}, "procedures")])
def test_what_is_given_wrongly_is_named(app: Flask, probe: str, given: dict[str, Any], name: str) -> None:
    with pytest.raises(WrongWant) as wrong:
        probes.complete(probe, given, recurring=True)
    assert wrong.value.name == name
    with pytest.raises(ValueError, match="wants no"):
        probes.complete("connected", {"level": 3})


def test_what_was_given_is_said_in_words(app: Flask) -> None:
    wanted = probes.complete("figure_reaches", {"figure": "services_level_4", "least": "80"})
    assert ("At least", "80") in probes.said("figure_reaches", wanted)
    assert ("Whose figure", "Each agency's own figure") in probes.said("figure_reaches", wanted)
    assert probes.said(None, {}) == [] and probes.said("unknown", {"a": 1}) == []
