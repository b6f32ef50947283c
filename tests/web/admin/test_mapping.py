"""Unknown words: seen by administrators alone, mapped once, the rows taken in at once or by the worker."""
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal import worker
from portal.intake import feed, mapping
from portal.intake.models import ProgressBatch, ProgressMapping, ProgressQuarantine
from portal.kit.db import session
from portal.people.models import AgencySuccession
from portal.progress import actions
from portal.progress.models import ProgressRecord
from tests import make

URL = "/admin/mapping"
AT = datetime(2026, 10, 5, 2, tzinfo=UTC).isoformat()


@pytest.fixture
def administrator(sign_in: Any) -> Any:
    return sign_in(make.administrator())


def push(n: int, *, sender: str = "H17", first: int = 1, **row: Any) -> None:
    """`n` rows of as many dossiers; the words among them are not known."""
    rows = [{"code": f"{sender}-261005-{i:04}", "procedure": "1.001193", "status": 2, "at": AT} | row
            for i in range(first, first + n)]
    answer = feed.ingest(make.agency(sender), rows, channel="api", idempotency_key=f"key-{next(make.n)}",
                         body_sha256="0" * 64, key_id=None)
    assert answer.quarantined == n, answer.rows
    session.commit()


def address(reason: str, value: str, agency: str = "H17") -> str:
    return f"{URL}/{make.agency(agency).id}/{reason}?value={value}"


def tally(page: Any) -> list[str]:
    """Published, known already, not taken, still waiting."""
    return re.findall(r"<dd>([\d.]+)</dd>", page.text)


def values(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"><span class="code">([^<]+)</span></th>', page.text)


def test_only_administrators_see_and_map(app: Flask, client: Any, sign_in: Any) -> None:
    push(1, status="CHO_TRA")
    word = address("status_unknown", "CHO_TRA")
    cast = {"owner": make.citizen(), "officer": make.officer("H17"), "elsewhere": make.officer("H26")}
    for path in (URL, f"{URL}/known", word, f"{URL}/taken/1"):
        assert client.get(path).status_code == 303
        for person in cast.values():
            assert sign_in(person).get(path).status_code == 403
    for person in cast.values():
        assert sign_in(person).post(word, data={"means": "9"}).status_code == 403
    assert session.scalars(select(ProgressMapping)).all() == []


def test_it_lists_what_waits_and_since_when(app: Flask, administrator: Any) -> None:
    push(3, status="CHO_TRA")
    push(2, sender="H26", procedure="TTHC.01")
    page = administrator.get(URL)
    assert values(page) == ["TTHC.01", "CHO_TRA"]
    assert re.findall(r'<td class="num"[^>]*>(\d+)</td>', page.text) == ["2", "3"]
    assert 'href="/admin/mapping"' in administrator.get("/admin/people").text
    by_agency = administrator.get(f"{URL}?agency={make.agency('H26').id}")
    assert values(by_agency) == ["TTHC.01"]
    assert values(administrator.get(f"{URL}?reason=status_unknown")) == ["CHO_TRA"]
    assert values(administrator.get(f"{URL}?reason=nothing&agency=x&after=~%00~1")) == ["TTHC.01", "CHO_TRA"]
    nothing = administrator.get(f"{URL}?reason=agency_unknown")
    assert values(nothing) == [] and nothing.status_code == 200


def test_long_lists_go_on_where_they_stopped(app: Flask, administrator: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(mapping, "PAGE", 2)
    for n, word in enumerate(["B", "A", "C"], 1):
        push(1, status=word, first=10 * n)
    push(1, procedure="X.1", first=50)
    push(1, sender="H26", status="A", first=60)
    seen, url, pages = [], URL, 0
    while url:
        page = administrator.get(url)
        seen += values(page)
        pages += 1
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        url = found[1].replace("&amp;", "&") if found else ""
    assert (seen, pages) == (["X.1", "A", "A", "B", "C"], 3)
    for word in "ABC":
        administrator.post(address("status_unknown", word), data={"means": "2"})
    first = administrator.get(f"{URL}/known")
    further = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert further
    assert values(first) + values(administrator.get(further[1].replace("&amp;", "&"))) == ["A", "B", "C"]


def test_a_status_is_mapped_and_few_rows_are_taken_in_at_once(app: Flask, administrator: Any, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    push(3, status="CHO_TRA")
    push(1, status="CHO_TRA", procedure="9.999999", first=8)  # another word comes first: it waits for that one
    word = administrator.get(address("status_unknown", "CHO_TRA"))
    assert "H17-261005-0001" in word.text and word.text.count('type="radio"') == 10
    answer = administrator.post(address("status_unknown", "CHO_TRA"), data={"means": "9"})
    assert answer.status_code == 303
    result = administrator.get(answer.location)
    assert tally(result) == ["3", "0", "0", "0"]
    assert session.scalars(select(ProgressRecord.status)).all() == [9, 9, 9]
    assert actions.recount() == {}
    assert values(administrator.get(URL)) == ["9.999999"]
    assert re.search(r"status_unknown CHO_TRA of agency \d+ mapped to 9 by \d+", caplog.text)


def test_the_result_tells_what_was_known_refused_or_waits_for_another_word(app: Flask, administrator: Any) -> None:
    push(1, procedure="TTHC.01")
    push(1, procedure="TTHC.01", status="CHO_TRA", first=2)
    push(1, procedure="TTHC.01", first=3)
    known = {"code": "H17-261005-0001", "procedure": "1.001193", "status": 2, "at": AT}
    feed.ingest(make.agency(), [known], channel="api", idempotency_key="known", body_sha256="0" * 64, key_id=None)
    theirs = session.scalar(select(ProgressQuarantine).where(ProgressQuarantine.code == "H17-261005-0003"))
    assert theirs
    theirs.row = theirs.row | {"code": "H26-261005-0003"}  # an agency learnt since whose it is
    session.commit()
    answer = administrator.post(address("procedure_unknown", "TTHC.01"), data={"means": "1.001193"})
    result = administrator.get(answer.location)
    assert tally(result) == ["0", "1", "1", "1"]
    assert "agency_foreign" in result.text and "status_unknown" in result.text


def test_many_rows_are_taken_by_the_worker_and_the_bar_says_how_far(
        app: Flask, administrator: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(mapping, "PIECE", 2)
    push(5, status="CHO_TRA")
    url = administrator.post(address("status_unknown", "CHO_TRA"), data={"means": "4"}).location
    push(1, status="ANDERS", first=9)
    bars = []
    for _piece in range(4):
        bars += re.findall(r'<progress max="5" value="(\d)"', administrator.get(url).text)
        worker.run_one(app)
    assert bars == ["0", "2", "4", "5"]
    assert tally(administrator.get(url)) == ["5", "0", "0", "0"]
    assert not worker.run_one(app)
    assert session.scalars(select(ProgressRecord.status)).all() == [4] * 5
    assert mapping.take_piece(int(url.rpartition("/")[2])) is False, "safe to run again"
    assert values(administrator.get(URL)) == ["ANDERS"]


def test_pressed_twice_each_row_is_taken_once(app: Flask, administrator: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(mapping, "PIECE", 2)
    push(5, status="CHO_TRA")
    urls = {administrator.post(address("status_unknown", "CHO_TRA"), data={"means": "4"}).location for _ in range(2)}
    worker.run_all(app)
    assert len(urls) == 1
    assert tally(administrator.get(urls.pop())) == ["5", "0", "0", "0"]
    taken = session.scalar(select(func.sum(ProgressBatch.rows)).where(ProgressBatch.channel == "replay"))
    assert taken == 5


def test_a_procedure_is_searched_by_code_or_name_and_the_nearest_are_offered(app: Flask, administrator: Any) -> None:
    push(1, procedure="1.00119")
    url = address("procedure_unknown", "1.00119")
    assert 'value="1.001193"' in administrator.get(url).text, "what comes nearest to the word itself"
    by_name = administrator.get(f"{url}&q=khai+sinh")
    assert 'value="1.001193"' in by_name.text and 'value="khai sinh"' in by_name.text
    assert 'value="1.004873"' in administrator.get(f"{url}&q=1.004873").text
    nothing = administrator.get(f"{url}&q=%3F%3F")
    assert 'type="radio"' not in nothing.text and nothing.status_code == 200
    answer = administrator.post(f"{url}&q=khai+sinh", data={"means": "1.004873"})
    assert answer.status_code == 303, "a procedure that we know, even if another search found it"
    assert session.scalars(select(ProgressRecord.procedure_code)).all() == ["1.004873"]


@pytest.mark.parametrize("means", ["", "11", "khong-co", "1.000000"])
@pytest.mark.parametrize("reason", ["status_unknown", "procedure_unknown"])
def test_what_is_not_known_here_is_refused_by_name_and_nothing_is_mapped(
        app: Flask, administrator: Any, means: str, reason: str) -> None:
    push(1, **{reason.partition("_")[0]: "ABC"})
    answer = administrator.post(address(reason, "ABC") + "&q=khai+sinh", data={"means": means})
    assert answer.status_code == 422
    assert "means-error" in answer.text and 'href="#means' in answer.text
    if reason == "procedure_unknown":
        assert 'value="khai sinh"' in answer.text, "what was typed stays"
    assert session.scalars(select(ProgressMapping)).all() == []


def test_a_unit_is_one_of_the_agencys_own_names(app: Flask, administrator: Any) -> None:
    agency, before = make.agency("H17"), make.agency("H29")
    make.save(AgencySuccession(predecessor_id=before.id, successor_id=agency.id))
    push(1, agency="SO-TP")
    url = address("agency_unknown", "SO-TP")
    page = administrator.get(url)
    offered = set(re.findall(r'type="radio"[^>]*value="(\w+)"|value="(H\d\d)"', page.text))
    names = {one or other for one, other in offered}
    assert {"H17", "H29"} <= names and not {"H26", "G01"} & names
    assert administrator.post(url, data={"means": "H26"}).status_code == 422
    assert tally(administrator.get(administrator.post(url, data={"means": "H17"}).location)) == ["1", "0", "0", "0"]


def test_a_word_that_was_mapped_is_listed_and_changed(app: Flask, administrator: Any) -> None:
    push(1, status="CHO_TRA")
    url = address("status_unknown", "CHO_TRA")
    administrator.post(url, data={"means": "9"})
    assert values(administrator.get(f"{URL}/known")) == ["CHO_TRA"]
    changed = administrator.get(url)
    assert re.search(r'<input[^>]*value="9"[^>]*checked|<input[^>]*checked[^>]*value="9"', changed.text)
    answer = administrator.post(url, data={"means": "10"}, follow_redirects=True)
    assert "CHO_TRA" in answer.text and answer.request.path == f"{URL}/known"
    session.expire_all()
    assert [m.means for m in session.scalars(select(ProgressMapping))] == ["10"]
    assert session.scalars(select(ProgressRecord.status)).all() == [9], "what was taken in stays"


def test_who_mapped_a_word_and_when_is_on_the_list_and_on_the_words_page(app: Flask, sign_in: Any) -> None:
    place = mapping.Place("status_unknown", "CHO_TRA", make.agency().id)
    url = address("status_unknown", "CHO_TRA")
    with time_machine.travel(datetime(2026, 10, 31, 18, tzinfo=UTC), tick=False):  # the next day in Vietnam
        first, second = (sign_in(make.administrator(name=name)) for name in ("Lê Thị Một", "Phạm Văn Hai"))
        mapping.map_word(place, "4", by_id=None)
        session.commit()
        for path in (f"{URL}/known", url):
            page = second.get(path).text
            assert "Dòng lệnh" in page and "01/11/2026" in page
        first.post(url, data={"means": "9"})
        for path in (f"{URL}/known", url):
            page = second.get(path).text
            assert "Lê Thị Một" in page and "01/11/2026" in page and "Dòng lệnh" not in page
        second.post(url, data={"means": "10"})
        page = first.get(f"{URL}/known").text
        assert "Phạm Văn Hai" in page and "Lê Thị Một" not in page.partition("<main")[2]


def test_of_a_word_from_before_nobody_knows_who_mapped_it(app: Flask, administrator: Any) -> None:
    make.save(ProgressMapping(agency_id=make.agency().id, reason="status_unknown", value="CHO_TRA", means="9"))
    known, own = administrator.get(f"{URL}/known").text, administrator.get(address("status_unknown", "CHO_TRA")).text
    assert len(re.findall(r"<td[^>]*>–</td>", known)) == 2
    assert "Ngày khai báo" in known and "Ngày khai báo" not in own and "Dòng lệnh" not in known + own


@pytest.mark.parametrize("path", ["/0/status_unknown?value=X", "/1/status_unknown", "/1/nothing?value=X", "/taken/0",
                                  "/1/status_unknown?value=%00", "/99999999999999999999/status_unknown?value=X",
                                  "/taken/99999999999999999999",
                                  "/taken/999999"])
def test_a_word_that_nobody_sent_is_not_found(app: Flask, administrator: Any, path: str) -> None:
    assert administrator.get(URL + path).status_code == 404
    if "taken" not in path:
        assert administrator.post(URL + path, data={"means": "2"}).status_code == 404


def test_rows_that_nobody_set_going_have_no_result(app: Flask, administrator: Any) -> None:
    push(1, status="CHO_TRA")
    last_id = session.scalars(select(ProgressQuarantine.id)).one()
    assert administrator.get(f"{URL}/taken/{last_id}").status_code == 404
