"""The figures broken down: pages and files alike, months compared."""
import csv
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.intake import feed
from portal.kit.csv_lines import tame
from portal.kit.db import session
from portal.progress import actions
from portal.statistics import open_data
from portal.web.progress import tables
from tests import make

OCTOBER = datetime(2026, 10, 5, 2, tzinfo=UTC)
PAGES = ["/progress/sectors", "/progress/sectors/ho-tich", "/progress/procedures/1.001193", "/progress/levels",
         "/progress/channels", "/progress/groups/provinces", "/progress/groups/ministries", "/progress/publishers",
         "/progress/services-by-level"]


def push(n: int, *, agency: str = "H17", procedure: str = "1.001193", at: datetime = OCTOBER, first: int = 0,
         **more: Any) -> None:
    """`n` accepted dossiers, every one of them settled two days later."""
    rows = []
    for i in range(first, first + n):
        row = {"code": f"{agency}-{at:%y%m%d}-{i:04}", "procedure": procedure, "received_at": at.isoformat(),
               "due_at": (at + timedelta(days=9)).isoformat(), "channel": ("online", "counter", "post")[i % 3]} | more
        rows += [row | {"status": 2, "at": at.isoformat()},
                 row | {"status": 9, "at": (at + timedelta(days=2)).isoformat()}]
    answer = feed.ingest(make.agency(agency), rows, channel="api", idempotency_key=f"key-{next(make.n)}",
                         body_sha256="0" * 64, key_id=None)
    assert answer.rejected == answer.quarantined == 0, answer.rows
    session.commit()


def figures(client: FlaskClient, url: str) -> dict[str, dict[str, Any]]:
    path, _mark, query = url.partition("?")
    return {row["key"]: row for row in json.loads(client.get(f"{path}.json?{query}").text)["rows"]}


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        yield


def test_a_sector_is_compared_with_the_month_and_the_year_before(client: FlaskClient) -> None:
    push(40)
    push(20, at=datetime(2026, 9, 7, 2, tzinfo=UTC))
    push(10, at=datetime(2025, 10, 6, 2, tzinfo=UTC))
    row = figures(client, "/progress/sectors?month=2026-10")["ho-tich"]
    assert (row["received"], row["received_before"], row["received_last_year"], row["share"]) == (40, 20, 10, 100)
    assert (row["share_part"], row["share_of"], row["share_last_year"], row["share_last_year_of"]) == (40, 40, None, 10)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_and_its_files_have_the_same_figures(client: FlaskClient, path: str) -> None:
    push(60)
    push(7, agency="H26", procedure="1.004873")
    query = "" if any(word in path for word in ("services", "publishers", "procedures")) else "?month=2026-10"
    page, told = client.get(path + query), json.loads(client.get(f"{path}.json{query}").text)
    sheet = client.get(f"{path}.csv{query}")
    lines = list(csv.reader(StringIO(sheet.text.removeprefix("\ufeff"))))
    assert page.status_code == 200 and sheet.data.startswith(b"\xef\xbb\xbf") and len(lines) == len(told["rows"]) + 1
    for line, row in zip(lines[1:], told["rows"], strict=True):
        key, name, *values = ["" if value is None else tame(str(value)) for value in row.values()]
        assert line == [key, name, *([told["month"]] if told["month"] else []), *values]
        assert row["name"] in page.text.replace("\u00a0", " ").replace("&#39;", "'")
    assert {column["means"] != "" for column in told["columns"]} == {True} and told["made_at"] and told["address"]


@pytest.mark.parametrize("page", ["/progress", "/progress?month=2026-10", "/progress/H17",
                                  "/progress/groups/provinces", "/progress/sectors/ho-tich"])
def test_every_table_has_its_place_its_files_and_what_it_means(client: FlaskClient, page: str) -> None:
    push(40)
    text = client.get(page).text
    tables = re.findall(r'<h2 id="([a-z-]+)">', text)
    addresses = re.findall(r'href="([^"]+\.(?:csv|json)[^"]*)"', text)
    assert len(tables) > 1 and len(addresses) == 2 * len(tables) and len(set(tables)) == len(tables)
    for address in addresses:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200 and answer.headers["Cache-Control"].startswith("public"), address
        if ".csv" in address:
            assert answer.data.startswith(b"\xef\xbb\xbf")
        else:
            told = json.loads(answer.text)
            assert all(each["means"] for each in told["columns"]) and told["rows"] and told["made_at"]
            here, _mark, anchor = told["address"].removeprefix("http://localhost").partition("#")
            assert client.get(here).status_code == 200 and (not anchor or anchor in tables)


def test_every_measure_stands_beside_the_month_and_the_year_before(client: FlaskClient) -> None:
    push(40)
    push(20, at=datetime(2026, 9, 7, 2, tzinfo=UTC))
    push(10, at=datetime(2025, 10, 6, 2, tzinfo=UTC))
    for path in ("/progress/compared", "/progress/H17/compared"):
        rows = figures(client, path)
        assert [rows["received"][key] for key in ("now", "month", "before", "last_year")] == [0, 40, 20, 10]
        assert [rows["share"][key] for key in ("now", "month")] == [None, 100]
        assert {"carried", "submitted", "online", "counter", "post", "early", "on_time", "late", "open_in_time",
                "open_late", "paused", "refused", "withdrawn"} <= rows.keys()
        assert all(row["means"] for row in rows.values()), path


def test_a_procedure_stands_beside_the_month_and_the_year_before(client: FlaskClient) -> None:
    push(40)
    push(20, at=datetime(2026, 9, 7, 2, tzinfo=UTC))
    push(10, at=datetime(2025, 10, 6, 2, tzinfo=UTC))
    rows = figures(client, "/progress/procedures/1.001193/compared")
    assert [rows["received"][key] for key in ("month", "before", "last_year")] == [40, 20, 10]
    assert [*rows] == ["received", "early", "on_time", "late", "untimed", "share", "refused", "withdrawn", "stopped"]
    page = client.get("/progress/procedures/1.001193?month=2026-09").text
    assert 'value="2026-09" selected' in page and "9/2026" in page


def test_agencies_tell_how_dossiers_came_in_and_what_was_carried_over(client: FlaskClient) -> None:
    push(60)
    row = {"code": "H17-260901-{:04}", "procedure": "1.001193", "status": 2, "due_at": "2026-12-01T02:00:00Z",
           "at": "2026-09-01T02:00:00Z", "channel": "online"}
    feed.ingest(make.agency(), [row | {"code": row["code"].format(n)} for n in range(9)], channel="api",
                idempotency_key="open", body_sha256="0" * 64, key_id=None)
    line = figures(client, "/progress/groups/provinces?month=2026-10")["H17"]
    assert (line["received"], line["online"], line["counter"], line["post"]) == (60, 20, 20, 20)
    assert line["carried"] == 9 and line["open_in_time"] == 9


def test_dropped_dossiers_are_not_carried_over(client: FlaskClient) -> None:
    rows = [{"code": f"H17-260901-{n:04}", "procedure": "1.001193", "status": status, "at": at,
             "received_at": "2026-09-01T02:00:00Z"}
            for n in range(8) for status, at in ((2, "2026-09-01T02:00:00Z"), (7, "2026-09-03T02:00:00Z"))]
    feed.ingest(make.agency(), rows, channel="api", idempotency_key="k", body_sha256="0" * 64, key_id=None)
    assert figures(client, "/progress/groups/provinces?month=2026-10")["H17"]["carried"] == 0
    assert actions.recount() == {}


@pytest.mark.parametrize("url", [
    "/progress?month=2026-13", "/progress/H17?month=x", "/progress?month=1999-12", "/progress?month=0001-01",
    "/progress/sectors?month=2026-13", "/progress/sectors/nichts", "/progress/levels?month=x",
    "/progress/procedures/9.999999", "/progress/H99/months.csv", "/progress/H17/none.csv", "/progress/none.csv",
    "/progress/sectors/nichts/months.json", "/progress/groups/all", "/progress/sectors.xml",
    "/progress/publishers?on=2026-02-30", "/progress/publishers?on=2999-01-01", "/progress/publishers/H99",
    "/open-data/files/..%2Fconfig.py", "/open-data/files/x.gz"])
def test_what_is_not_there_is_not_found(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("path", [*PAGES, "/open-data", "/open-data/catalogue.jsonld", "/progress/calibration"])
def test_figures_may_be_kept_and_set_no_cookie(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"].startswith("public") and "Set-Cookie" not in answer.headers
    assert client.get(f"/en{path}").status_code == 200


def test_who_publishes_says_how_many_of_how_many(client: FlaskClient) -> None:
    push(5)
    assert "1/34" in client.get("/progress/publishers").text
    assert "/63" in client.get("/progress/publishers?on=2017-06-30").text
    assert figures(client, "/progress/publishers")["H17"]["fresh"] == "có"


def told(client: FlaskClient, app: Flask) -> dict[str, str]:
    """Every page of figures as it is written now, in both languages."""
    return {path: client.get(path).text for page in (
        *PAGES, "/progress", "/progress?sort=late", "/progress?month=2026-10", "/progress/H17", "/progress/H26")
        for path in (page, f"/en{page}")}


def forget() -> None:
    for name, module in sys.modules.copy().items():
        if name.startswith(("portal.progress", "portal.statistics", "portal.web.progress", "portal.kit.hot.frame")):
            for each in vars(module).values():
                if isinstance(each, type(tables._line_of)):
                    each.cache_clear()


def test_what_is_remembered_is_what_would_be_written_anew(client: FlaskClient, app: Flask) -> None:
    before = told(client, app)
    for n, agency, month in ((40, "H17", 10), (3, "H26", 10), (1, "H17", 11), (7, "H17", 9)):
        push(n, agency=agency, at=datetime(2026, month, 6, 2, tzinfo=UTC), procedure=("1.001193", "1.004873")[n % 2])
        remembered = told(client, app)
        forget()
        assert remembered == told(client, app)
        assert remembered["/progress"] != before["/progress"], "the news shows"
        before = remembered


def test_an_agency_has_a_meter_of_its_data(client: FlaskClient) -> None:
    push(6)
    bad = [{"code": "nothing", "status": 2}, {"code": "H17-261005-0777", "procedure": "9.999999", "status": 2,
                                             "at": OCTOBER.isoformat()}]
    feed.ingest(make.agency(), bad, channel="api", idempotency_key="bad", body_sha256="1" * 64, key_id=None)
    session.commit()
    text = client.get("/en/progress/publishers/H17").text
    assert "Not a dossier code" in text and "Unknown procedure" in text and "6 newest settled dossiers" in text


def test_open_data_is_made_described_and_continued(client: FlaskClient) -> None:
    push(40)
    changed = open_data.make()
    session.commit()
    assert "counters.csv.gz" in changed and "counters-2026-10.jsonl.gz" in changed
    assert open_data.make() == [], "the same facts are the same file"
    told = json.loads(client.get("/open-data/catalogue.jsonld").text)
    addresses = [d["dcat:downloadURL"]["@id"] for s in told["dcat:dataset"] for d in s["dcat:distribution"]]
    assert len(addresses) == len(changed)
    where = "/open-data/files/counters.jsonl.gz"
    with client.get(where) as whole:
        content, tag = whole.data, whole.headers["ETag"]
    line = next(json.loads(each) for each in gzip.decompress(content).splitlines() if b'"H17"' in each)
    assert (line["month"], line["received"]) == ("2026-10", 40)
    with client.get(where, headers={"Range": "bytes=10-", "If-Range": tag}) as part:
        assert part.status_code == 206 and part.data == content[10:]
    with client.get(where, headers={"If-None-Match": tag}) as same:
        assert same.status_code == 304
    with client.get(where, headers={"Range": f"bytes={len(content)}-"}) as beyond:
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")


def test_open_data_has_a_dictionary_and_names_that_stay(client: FlaskClient) -> None:
    push(3)
    open_data.make()
    session.commit()
    said = json.loads(client.get("/open-data/dictionary.json").text)
    fields = {each["name"]: {f["name"]: f["type"] for f in each["schema"]["fields"]} for each in said["resources"]}
    assert {name: tuple(columns) for name, columns in fields.items()} == open_data.COLUMNS
    assert (fields["services"]["procedure"], fields["services"]["fee"]) == ("string", "integer")
    assert all(f["description"] for each in said["resources"] for f in each["schema"]["fields"])
    with client.get("/open-data/files/services.csv.gz") as file:
        lines = gzip.decompress(file.data).decode("utf-8-sig").splitlines()
    assert all(line.split(",")[1].startswith('"') for line in lines), "a code is a text"

    def ids(path: str, **headers: str) -> list[str]:
        told = json.loads(client.get(path, headers=headers).text)
        sets = told["dcat:dataset"]
        return [told["@id"], *(s["@id"] for s in sets), *(d["@id"] for s in sets for d in s["dcat:distribution"])]

    assert ids("/open-data/catalogue.jsonld") == ids("/en/open-data/catalogue.jsonld", Host="127.0.0.1")


A = "@type"
MUST = {  # what a harvester of DCAT 3 asks of each kind of node
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher", "dct:license", "dct:modified", "dct:spatial",
                     "dct:language", "dcat:contactPoint", "dcat:dataset", "foaf:homepage"},
    "dcat:Dataset": {"dct:title", "dct:description", "dct:identifier", "dct:publisher", "dct:license", "dct:modified",
                     "dct:spatial", "dct:accrualPeriodicity", "dcat:contactPoint", "dcat:distribution"},
    "dcat:Distribution": {"dct:title", "dcat:downloadURL", "dcat:accessURL", "dct:license", "dct:modified",
                          "dct:format", "dcat:mediaType", "dcat:compressFormat", "dcat:byteSize", "spdx:checksum"},
    "foaf:Agent": {"foaf:name", "foaf:homepage"}, "vcard:Organization": {"vcard:fn"},
    "spdx:Checksum": {"spdx:algorithm", "spdx:checksumValue"}, "dct:MediaType": {"dct:title"}}
LINKS = {"dct:license", "dct:spatial", "dct:language", "dct:accrualPeriodicity", "dct:format", "dcat:downloadURL",
         "dcat:accessURL", "dcat:compressFormat", "dcat:landingPage", "foaf:homepage", "vcard:hasEmail", "vcard:hasURL",
         "spdx:algorithm"}


def nodes(of: Any) -> Iterator[dict[str, Any]]:
    """Every node of a JSON-LD document, the outermost first."""
    if isinstance(of, dict):
        yield of
    for part in of.values() if isinstance(of, dict) else of if isinstance(of, list) else ():
        yield from nodes(part)


def right_dcat(told: dict[str, Any]) -> None:
    context = told.pop("@context")
    for node in nodes(told):
        prefixes = {key.partition(":")[0] for key in node if not key.startswith("@")}
        prefixes |= {node[A].partition(":")[0]} if A in node else set()
        assert prefixes <= set(context), node
        assert "@value" in node or MUST.get(node.get(A, ""), set()) <= set(node), (node, MUST[node[A]] - set(node))
        assert "@value" in node or A not in node or node[A] in MUST, node
        for name in LINKS & set(node):
            assert re.match(r"https?://|mailto:|spdx:", node[name]["@id"]) and set(node[name]) == {"@id"}, node[name]
        if "@id" in node:
            assert re.match(r"https?://[^/]+/|mailto:\S+@\S+|spdx:", node["@id"]), node
    assert {node[A] for node in nodes(told) if A in node} >= set(MUST)


def test_the_catalogue_says_all_that_a_harvester_needs(client: FlaskClient, app: Flask,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    push(40)
    open_data.make()
    session.commit()
    for prefix, language in (("", "vi"), ("/en", "en")):
        told = json.loads(client.get(f"{prefix}/open-data/catalogue.jsonld").text)
        right_dcat(told)
        assert told["dct:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
        assert told["dct:title"]["@language"] == language
        assert "không phải cơ quan nhà nước" in told["dct:publisher"]["foaf:name"]
        assert told["dcat:contactPoint"]["vcard:hasURL"]["@id"].endswith(f"{prefix}/about")
        for file in [d for s in told["dcat:dataset"] for d in s["dcat:distribution"]]:
            with client.get(file["dcat:downloadURL"]["@id"]) as answer:
                assert int(file["dcat:byteSize"]["@value"]) == len(answer.data)
                assert file["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(answer.data).hexdigest()
        newest = max(d["dct:modified"]["@value"] for s in told["dcat:dataset"] for d in s["dcat:distribution"])
        assert told["dct:modified"]["@value"] == newest
    monkeypatch.setitem(app.config, "PUBLISHER_CONTACT", "dulieu@portal.example")
    monkeypatch.setitem(app.config, "LICENCE_URL", "https://portal.example/licence")
    told = json.loads(client.get("/open-data/catalogue.jsonld").text)
    right_dcat(told)
    assert told["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:dulieu@portal.example"}
    licences = {node["dct:license"]["@id"] for node in nodes(told) if "dct:license" in node}
    assert licences == {"https://portal.example/licence"}


def test_the_catalogue_stands_before_the_first_file_is_made(client: FlaskClient) -> None:
    told = json.loads(client.get("/open-data/catalogue.jsonld").text)
    assert "dct:modified" not in told and [s["dcat:distribution"] for s in told["dcat:dataset"]] == [[], [], [], []]


def test_the_page_of_open_data_names_licence_publisher_and_contact(client: FlaskClient, app: Flask,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    text = client.get("/open-data").text
    assert '<a href="https://creativecommons.org/licenses/by/4.0/" rel="license">CC BY 4.0</a>' in text
    assert app.config["PUBLISHER_NAME"] in text and "mailto:" not in text
    monkeypatch.setitem(app.config, "PUBLISHER_CONTACT", "dulieu@portal.example")
    assert 'href="mailto:dulieu@portal.example"' in client.get("/open-data").text
