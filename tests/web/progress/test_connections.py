"""The public page of who is connected: the same figures on the page, in its files and in the API, and nothing else."""
import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.exchange.models import Connection, Traffic
from portal.kit.db import session
from tests import make
from tests.exchange import documents

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
FIELDS = ["indicator", "group", "value", "unit", "denominator", "on", "as_published", "source"]


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def busy(app: Any) -> None:
    """H17 and G01 connected; H17 wrote five documents to G01, one of them about something that nobody may read."""
    here, ministry = documents.participant("H17"), documents.participant("G01")
    session.add_all([Connection(agency_id=one.agency_id, since=date(2026, 2, 1), source="participant")
                     for one in (here, ministry)])
    session.add(Traffic(day=NOW.date(), sender_id=here.id, receiver_id=ministry.id, documents=5, delivered=4,
                        delay_s=600, failures=2))
    documents.document(here, (ministry,), subject="Về việc mật của ông Bí Danh", signer_name="Lê Thị Ký")


def main(client: FlaskClient, path: str) -> str:
    return client.get(path).text.partition("<main")[2].partition("</main>")[0]


def test_the_sentence_first(client: FlaskClient, busy: None) -> None:
    page = main(client, "/connections")
    assert re.search(r'class="lead">20/11/2026: 1/\d+ bộ, ngành và 1/34 tỉnh, thành phố đã kết nối', page)
    assert 'href="/connections" aria-current="true"' in page, "it stands among the pages of figures"


@pytest.mark.parametrize("on, lead", [
    ("2016-06-30", "19/30 bộ, ngành và 63/63"), ("2017-03-31", "26/30 bộ, ngành và 63/63"),
    ("2020-01-01", "26/30 bộ, ngành và 63/63"), ("2016-03-01", "chưa có số công bố")])
def test_published_days_say_whose_figure_it_is_and_of_which_day(client: FlaskClient, on: str, lead: str) -> None:
    page = main(client, f"/connections?on={on}")
    assert lead in page
    if "/30" in lead:
        assert "không biết đó là những cơ quan nào" in page and "quý" in page
        assert "<th scope=\"row\">Bộ" not in page, "none is named"


def test_files_and_api_have_every_figure_with_all_that_makes_it_one(client: FlaskClient, busy: None) -> None:
    told = json.loads(client.get("/connections.json").text)
    api = client.get("/api/exchange/v1/connections").json
    assert told["on"] == api["on"] == "2026-11-20" and told["figures"] == api["figures"]
    rows = list(csv.DictReader(io.StringIO(client.get("/connections.csv").text.removeprefix("\ufeff"))))
    assert [row["value"] for row in rows] == [str(one["value"]) for one in told["figures"]]
    assert list(rows[0]) == FIELDS
    for one in told["figures"]:
        assert sorted(one) == sorted(FIELDS) and all(one[name] for name in ("indicator", "unit", "on", "source"))
    [counted] = [one for one in told["figures"] if one["group"] == "provinces" and one["as_published"] is None]
    assert (counted["value"], counted["denominator"], counted["unit"]) == (1, 34, "agencies")


def test_the_api_names_each_agency_of_the_day(client: FlaskClient, busy: None) -> None:
    api = client.get("/api/exchange/v1/connections").json
    [here] = [one for one in api["agencies"] if one["key"] == "H17"]
    assert here["connected"] and here["since"] == "2026-02-01" and here["group"] == "provinces"
    earlier = client.get("/api/exchange/v1/connections?on=2026-01-31").json
    assert not any(one["connected"] for one in earlier["agencies"])


def test_tables_are_files_too(client: FlaskClient, busy: None) -> None:
    rows = {row["key"]: row for row in client.get("/connections/agencies.json").json["rows"]}
    assert (rows["H17"]["documents"], rows["G01"]["received"], rows["G01"]["delay_min"], rows["G01"]["failures"]) == (
        5, 5, 3, 2)
    assert rows["H17"]["since"] == "2026-02-01" and rows["H26"]["connected"] == "không"
    months = client.get("/connections/months.json").json["rows"]
    assert months[0]["documents"] == 5 and months[0]["provinces"] == "1/34"
    assert [row["key"] for row in months][-1] == "2026-02", "before the first connection nothing is counted"
    [pair] = client.get("/connections/pairs.json").json["rows"]
    assert (pair["key"], pair["receiver_key"], pair["documents"]) == ("H17", "G01", 5)


def test_charts_stand_beside_the_tables_that_say_the_same(client: FlaskClient, busy: None) -> None:
    page = main(client, "/connections")
    assert page.count('<figure class="chart">') == 2
    assert "H17 → G01" in page and page.index("H17 → G01") < page.index("(H17)")


def test_nothing_of_a_document_and_nobody_is_told(client: FlaskClient, busy: None) -> None:
    for path in ("/connections", "/connections.csv", "/connections.json", "/connections/agencies.csv",
                 "/connections/pairs.json", "/connections/months.json", "/api/exchange/v1/connections"):
        text = client.get(path).text
        assert text and not re.search("Bí Danh|Lê Thị Ký|mật của", text), path


@pytest.mark.parametrize("on", ["2026-13-01", "hôm nay", "1999-12-31", "2027-01-01"])
def test_an_odd_day_is_no_page_and_the_api_says_which_field(client: FlaskClient, on: str) -> None:
    assert client.get("/connections", query_string={"on": on}).status_code == 404
    refused = client.get("/api/exchange/v1/connections", query_string={"on": on})
    assert refused.status_code == 400 and refused.json["field"] == "on" and "2017-03-31" in refused.json["detail"]


def test_caches_may_keep_it(client: FlaskClient) -> None:
    for path in ("/connections", "/connections.json", "/api/exchange/v1/connections"):
        assert "s-maxage=60" in client.get(path).headers["Cache-Control"]
    assert client.get("/connections.json").headers["Access-Control-Allow-Origin"] == "*"


def test_a_page_asks_as_few_questions_of_many_agencies_as_of_one(app: Flask, client: FlaskClient, busy: None) -> None:
    few = questions(app, lambda: client.get("/connections"))
    session.add_all([Connection(agency_id=make.agency(key).id, since=date(2026, 3, 1) + timedelta(days=n),
                                source="thử") for n, key in enumerate(("H26", "H29", "G15"))])
    session.flush()
    assert 0 < questions(app, lambda: client.get("/connections")) == few < 25, "one for each month that nobody folded"


def questions(app: Flask, do: Callable[[], Any]) -> int:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(app.extensions["engine"], "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(app.extensions["engine"], "before_cursor_execute", note)
    return sum(one.lstrip().startswith("SELECT") for one in asked)
