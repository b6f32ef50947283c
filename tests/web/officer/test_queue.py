"""The queue: the agency's own, the most pressing first, page by page, and one press to take a dossier."""
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from portal.dossiers import actions, queues
from portal.dossiers.models import Dossier
from portal.dossiers.states import OPEN
from portal.kit import clock
from portal.kit.db import session
from portal.people import queries as people
from portal.people import roles
from portal.people.permissions import Place
from portal.web.officer.queue import TABS
from tests import make


def codes(page: Any) -> list[str]:
    """The codes of the table, in its order."""
    return [m.group(1) for m in re.finditer(r'data-row href="[^"]*">([^<]+)</a>', page.text)]


@pytest.fixture
def officer(app: Any) -> Any:
    return make.officer()


def test_a_name_is_posted_and_never_stands_in_an_address(app, sign_in):
    """Addresses are logged by every proxy on the way, and kept by the browser."""
    dossier = make.dossier()
    client = sign_in(make.officer())
    page = client.get("/officer/queue").text
    form = page[page.index('role="search"'):]
    assert 'method="post"' in form[:form.index(">")] and "csrf_token" in form[:400]
    found = client.post("/officer/queue", data={"q": dossier.holder_name})
    assert dossier.code in codes(found)
    for url in re.findall(r'(?:href|action)="([^"]*)"', found.text):
        assert "q=" not in url
    asked = client.get("/officer/queue", query_string={"q": dossier.holder_name})
    assert dossier.holder_name not in re.findall(r'name="q" value="([^"]*)"', asked.text)


def test_shows_the_open_dossiers_of_the_agency_by_due_moment(officer: Any, sign_in: Any) -> None:
    accepted = make.dossier("received", officer=officer)
    new = make.dossier("submitted")
    make.dossier("returned", officer=officer)
    make.dossier("submitted", service=make.service(at="H26"))
    page = sign_in(officer).get("/officer/queue")
    assert codes(page) == [d.code for d in sorted((accepted, new), key=lambda d: d.queue_at)]


def test_a_draft_is_nobodys_work(officer: Any, sign_in: Any) -> None:
    make.dossier("draft")
    assert codes(sign_in(officer).get("/officer/queue")) == []


@pytest.fixture
def afternoon(app: Any) -> Iterator[None]:
    """What comes in now is looked at tomorrow: eight working hours after a night's hour end today."""
    with time_machine.travel(make.OCTOBER + timedelta(hours=6), tick=False):
        yield


@pytest.mark.usefixtures("afternoon")
@pytest.mark.parametrize(("tab", "states"), [
    ("new", {"submitted"}), ("late", set()), ("today", set()), ("answered", set()),
    ("waiting", {"asked", "waiting"}), ("ready", {"decided"})])
def test_each_tab_holds_its_states(officer: Any, sign_in: Any, tab: str, states: set[str]) -> None:
    made = {state: make.dossier(state, officer=officer).code
            for state in ("submitted", "checking", "asked", "received", "processing", "waiting", "decided")}
    page = sign_in(officer).get(f"/officer/queue?tab={tab}")
    assert set(codes(page)) == {made[state] for state in states}


def test_mine_is_what_i_hold(officer: Any, sign_in: Any) -> None:
    mine = make.dossier("checking", officer=officer)
    make.dossier("checking")
    assert codes(sign_in(officer).get("/officer/queue?tab=mine")) == [mine.code]


@pytest.mark.usefixtures("afternoon")
def test_the_tabs_say_how_many(officer: Any, sign_in: Any) -> None:
    for state in ("submitted", "asked", "waiting", "decided"):
        make.dossier(state, officer=officer)
    page = sign_in(officer).get("/officer/queue").text
    assert re.findall(r'<span class="tabular">(\d+)</span>', page) == ["4", "0", "0", "0", "1", "3", "2", "1"]


@pytest.mark.parametrize("tab", ["all", "waiting"])
def test_pages_follow_each_other_without_gap_or_repeat(
        officer: Any, sign_in: Any, tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(queues.queue.__kwdefaults__, "size", 2)
    made = {make.dossier(state, officer=officer).code for state in ("asked", "waiting", "asked", "waiting", "asked")}
    client, seen, url = sign_in(officer), [], f"/officer/queue?tab={tab}"
    for _page in range(4):
        page = client.get(url)
        seen += codes(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        if not following:
            break
        url = following.group(1).replace("&amp;", "&")
    assert len(seen) == len(made) and set(seen) == made


@pytest.mark.parametrize("after", ["x", "1~2026-01-01~1", "~", "~~", "1~2026-01-01T00:00:00+00:00~" + "9" * 30,
                                   "\x00~1", "9~2026-01-01T00:00:00+00:00~1", "2026-01-01T00:00:00+00:00~1"])
def test_a_place_that_no_page_named_is_the_first_page(officer: Any, sign_in: Any, after: str) -> None:
    dossier = make.dossier("submitted")
    page = sign_in(officer).get("/officer/queue", query_string={"after": after})
    assert page.status_code == 200
    assert codes(page) == [dossier.code]


@pytest.mark.parametrize("typed", ["nguyen van an", "NGUYỄN VĂN ẨN", "ẩn"])
def test_finds_by_holder_with_and_without_marks(officer: Any, sign_in: Any, typed: str) -> None:
    dossier = make.dossier("returned", officer=officer)
    assert dossier.code in codes(sign_in(officer).post("/officer/queue", data={"q": typed}))


def test_finds_by_code_but_never_another_agencys(officer: Any, sign_in: Any) -> None:
    own, foreign = make.dossier("submitted"), make.dossier("submitted", service=make.service(at="H26"))
    client = sign_in(officer)
    assert codes(client.get("/officer/queue", query_string={"q": own.code})) == [own.code]
    assert codes(client.get("/officer/queue", query_string={"q": foreign.code})) == []


@pytest.mark.parametrize("typed", ["%%", "__", "\x00\x00ab", "'; drop table", "a" * 5000])
def test_strange_words_find_nothing_and_break_nothing(officer: Any, sign_in: Any, typed: str) -> None:
    make.dossier("submitted")
    page = sign_in(officer).post("/officer/queue", data={"q": typed})
    assert page.status_code == 200
    assert codes(page) == []


def test_before_acceptance_the_time_is_that_of_the_first_answer(officer: Any, sign_in: Any) -> None:
    make.dossier("submitted")
    assert "First answer by" in sign_in(officer).get("/en/officer/queue").text


def test_after_acceptance_the_time_is_that_of_the_result(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    page = sign_in(officer).get("/en/officer/queue").text
    assert ("Due " if dossier.due_at else "No legal limit") in page


def test_what_is_late_says_so(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    dossier.due_at = dossier.queue_at = dossier.received_at - timedelta(days=10)
    session.commit()
    page = sign_in(officer).get("/en/officer/queue").text
    assert re.search(r"\d+ working days late", page)
    assert 'class="clock is-late"' in page


def at_hour(dossier: Dossier, moment: datetime) -> Dossier:
    """Its result is due then."""
    dossier.due_at = dossier.queue_at = moment
    session.commit()
    return dossier


def test_late_and_due_today_are_what_the_office_has_to_do_by_then(officer: Any, sign_in: Any) -> None:
    now = clock.now()
    evening = datetime.combine(clock.today(), time(23, 59, 59), clock.VN)
    late = at_hour(make.dossier("received", officer=officer), now - timedelta(hours=1))
    today = at_hour(make.dossier("processing", officer=officer), evening)
    at_hour(make.dossier("processing", officer=officer), evening + timedelta(seconds=1))
    for state in ("waiting", "decided"):  # the applicant's turn; in time or not was fixed at the decision
        at_hour(make.dossier(state, officer=officer), now - timedelta(hours=1))
    client = sign_in(officer)
    assert codes(client.get("/officer/queue?tab=late")) == [late.code]
    assert codes(client.get("/officer/queue?tab=today")) == [today.code]
    assert re.findall(r'<span class="tabular">(\d+)</span>', client.get("/officer/queue").text)[2:4] == ["1", "1"]


def test_what_waits_for_others_stands_below_and_what_was_answered_on_top(officer: Any, sign_in: Any) -> None:
    long_ago = clock.now() - timedelta(days=9)
    waits = at_hour(make.dossier("waiting", officer=officer), long_ago)
    late = at_hour(make.dossier("received", officer=officer), long_ago)
    answered = make.dossier("answered", officer=officer)
    client = sign_in(officer)
    assert codes(client.get("/officer/queue")) == [answered.code, late.code, waits.code]
    assert codes(client.get("/officer/queue?tab=answered")) == [answered.code]
    actions.assign(answered, to=make.officer(), by=officer)
    session.commit()
    assert codes(client.get("/officer/queue"))[0] == answered.code, "a colleague has not looked at it yet either"
    assert codes(client.get("/officer/queue?tab=answered")) == []
    actions.decide(answered, by=answered.officer, outcome="granted")
    session.commit()
    assert codes(client.get("/officer/queue")) == [late.code, answered.code, waits.code]


def test_every_page_of_an_officer_says_how_many_answers_wait(officer: Any, sign_in: Any) -> None:
    made = [make.dossier("answered", officer=officer) for _ in range(2)]
    made.append(make.dossier("answered", officer=make.staff("counter_officer", "H17")))  # nobody's since it came
    make.dossier("answered")  # a colleague's
    make.dossier("answered", officer=make.staff("counter_officer", "H26"), service=make.service(at="H26"))
    client = sign_in(officer)
    for path in ("/officer/queue", f"/officer/dossiers/{made[0].id}", "/account", "/services", "/en/account/notices"):
        said = r'href="(?:/en)?/officer/queue\?tab=answered">[^<]+<span class="tabular">3</span>'
        assert re.search(said, client.get(path).text), path


def test_nobody_who_deals_with_no_dossiers_is_told_of_answers(app: Any, sign_in: Any) -> None:
    dossier = make.dossier("answered", officer=make.staff("counter_officer", "H17"))
    for person in (dossier.applicant, make.administrator(), make.staff("read_only", "H17")):
        assert "tab=answered\"" not in sign_in(person).get("/account").text


@pytest.mark.parametrize("state", [state for state in OPEN if state != "submitted"])
def test_what_nobody_holds_waits_for_somebody_to_take_it_whatever_its_state(
        officer: Any, sign_in: Any, state: str) -> None:
    dossier = make.dossier(state, officer=officer)
    client = sign_in(officer)
    assert codes(client.get("/officer/queue?tab=new")) == []
    actions.release(dossier, by=officer)
    session.commit()
    page = client.get("/officer/queue?tab=new")
    assert codes(page) == [dossier.code] and f"/officer/dossiers/{dossier.id}/claim" in page.text
    assert re.findall(r'<span class="tabular">(\d+)</span>', page.text)[4] == "1"


def test_taking_up_is_one_press_and_leads_to_the_dossier(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("submitted")
    client = sign_in(officer)
    assert f'action="/officer/dossiers/{dossier.id}/claim"' in client.get("/officer/queue").text
    answer = client.post(f"/officer/dossiers/{dossier.id}/claim")
    assert (answer.status_code, answer.location) == (303, f"/officer/dossiers/{dossier.id}")
    assert session.get_one(Dossier, dossier.id, populate_existing=True).officer_id == officer.id


def test_an_empty_queue_says_so_in_words(officer: Any, sign_in: Any) -> None:
    for tab in TABS:
        page = sign_in(officer).get(f"/officer/queue?tab={tab}").text
        assert 'class="empty"' in page
        assert "<table" not in page


def test_only_officers_have_a_queue(client: Any, sign_in: Any) -> None:
    assert client.get("/officer/queue").status_code == 303
    assert sign_in(make.citizen()).get("/officer/queue").status_code == 403
    assert sign_in(make.administrator()).get("/officer/queue").status_code == 403


def test_an_officer_of_a_commune_has_its_dossiers_and_no_others(app, sign_in):
    here, there = make.dossier(), make.draft()
    actions.choose_unit(there, people.commune("20195"), by=there.applicant)
    actions.submit(there, by=there.applicant)
    session.commit()
    client, elsewhere = sign_in(make.officer(make.commune())), sign_in(make.officer(people.commune("20195")))
    assert here.code in client.get("/officer/queue").text and there.code not in client.get("/officer/queue").text
    assert there.code in elsewhere.get("/officer/queue").text and here.code not in elsewhere.get("/officer/queue").text
    assert client.get(f"/officer/dossiers/{there.id}").status_code == 404
    assert client.get(f"/officer/queue?q={there.code}").text.count(f"/officer/dossiers/{there.id}") == 0
    whole = sign_in(make.officer()).get("/officer/queue").text
    assert here.code in whole and there.code in whole


def test_who_works_at_several_places_sees_one_at_a_time(app, sign_in):
    dossier, person = make.dossier(), make.officer("H26")
    roles.give(person, "case_officer", Place(dossier.agency_id, dossier.unit_id), by=None)
    client = sign_in(person)
    assert dossier.code not in client.get("/officer/queue").text
    at_unit = client.get(f"/officer/queue?desk={dossier.unit_id}").text
    assert dossier.code in at_unit and "Phường Hải Châu" in at_unit and "Hà Nội" in at_unit
    assert client.get("/officer/queue?desk=nowhere").status_code == 200


def test_a_counter_has_the_dossiers_of_the_unit_it_stands_in(app, sign_in):
    dossier = make.dossier()
    client = sign_in(make.staff("counter_officer", make.counter(make.commune())))
    assert dossier.code in client.get("/officer/queue").text
    assert client.get(f"/officer/dossiers/{dossier.id}").status_code == 200
