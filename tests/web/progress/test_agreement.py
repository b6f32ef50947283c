"""Tiles, tables, files, open data and API say the same, to the digit, and it is what the records say."""
import csv
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.catalogue import queries as catalogue
from portal.catalogue.actions import load_reference
from portal.catalogue.sensitive import is_sensitive
from portal.intake import feed
from portal.kit import clock, files
from portal.kit.db import session
from portal.people.models import Agency
from portal.progress import actions
from portal.progress.models import ProgressRecord
from portal.statistics import open_data
from portal.statistics.figures import Share
from portal.statistics.measures import months_back
from tests import make
from tests.conftest import SMALL_AGENCIES, SMALL_PROCEDURES

TODAY = date(2026, 11, 22)
ADOPTION, PARENTAGE = "2.001263", "1.001022"
PROCEDURES = ("1.001193", "1.001193", "1.004222", "2.000815", ADOPTION, PARENTAGE)
AGENCIES = ("H17", "H26", "H29", "G01")
PAGES = ("/progress", "/progress?month=2026-10", "/progress?month=2026-11&sort=share",
         *(f"/progress/{key}" for key in AGENCIES), "/progress/H17?month=2026-08", "/progress/sectors",
         "/progress/sectors?month=2026-11", "/progress/sectors/ho-tich", "/progress/sectors/nuoi-con-nuoi",
         "/progress/levels", "/progress/channels", "/progress/groups/provinces", "/progress/groups/ministries",
         "/progress/procedures/1.001193", f"/progress/procedures/{ADOPTION}", "/progress/services-by-level")


def random_rows(dice: random.Random, agency: str, n: int) -> Iterable[dict[str, Any]]:
    """The steps of a dossier: handed in, accepted, and what became of it."""
    at = datetime(2026, 11, 20, 2, tzinfo=UTC) - timedelta(days=int(440 * dice.random() ** 3))
    row = {"code": f"{agency}-{at:%y%m%d}-{n:04}", "procedure": dice.choice(PROCEDURES), "submitted_at": at.isoformat(),
           "channel": dice.choice(("online", "counter", "post"))}
    accepted = at + timedelta(hours=dice.randrange(40))
    steps: list[tuple[int, datetime]] = dice.choice(([], [(3, accepted)], [(2, accepted)], [(2, accepted)],
                                                     [(2, accepted), (9, accepted)], [(2, accepted), (9, accepted)],
                                                     [(2, accepted), (5, accepted)], [(2, accepted), (7, accepted)]))
    told = [(1, at), *((status, when + timedelta(days=place * dice.randrange(1, 30)))
                       for place, (status, when) in enumerate(steps))]
    due = accepted + timedelta(days=15)
    return [row | {"status": status, "at": when.isoformat()} | ({"due_at": due.isoformat()} if status > 1 else {})
            for status, when in told if when.date() < TODAY]


@pytest.fixture
def country(app: Any) -> Any:
    """A country of some hundred dossiers, pushed by four agencies."""
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        load_reference(only=SMALL_PROCEDURES | {ADOPTION, PARENTAGE}, agencies=SMALL_AGENCIES)
        dice = random.Random(40)
        for place, key in enumerate(AGENCIES):
            rows = [row for n in range(80 * (5 - place)) for row in random_rows(dice, key, n)]
            answer = feed.ingest(make.agency(key), rows, channel="api", idempotency_key=key, body_sha256="0" * 64,
                                 key_id=None)
            assert answer.rejected == answer.quarantined == 0, answer.rows
        session.commit()
        yield


class Tables(HTMLParser):
    """Of each table under a heading with an id: its lines, each the texts of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.key = ""
        self.cell: list[str] | None = None
        self.body = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "h2":
            self.key = given.get("id") or ""
        elif tag == "tbody":
            self.body = True
        elif tag == "tr" and self.body:
            self.found.setdefault(self.key, []).append([])
        elif tag in ("th", "td") and self.body:
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self.cell is not None:
            self.found[self.key][-1].append("".join(self.cell).strip())
            self.cell = None
        elif tag == "tbody":
            self.body = False

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)


def number(text: str) -> Any:
    """What a cell of a page says: a count, a share as (rate, part, whole), None."""
    plain = text.replace("\u00a0", " ").replace(".", "")
    if few := re.fullmatch(r"(\d+)/(\d+)", plain):
        return None, int(few[1]), int(few[2])
    if rate := re.fullmatch(r"(\d+) % \((\d+)\)", plain):
        return int(rate[1]), None, int(rate[2])
    return int(plain) if plain.isdecimal() else None if plain == "–" else text


def said(row: dict[str, Any], key: str) -> Any:
    """The same of a file's line. A page that tells the rate tells the part by it alone."""
    if row.get(f"{key}_of") is None:
        return row[key]
    return row[key], None if row[key] is not None else row[f"{key}_part"], row[f"{key}_of"]


def test_every_page_and_its_files_agree(client: FlaskClient, country: Any) -> None:
    tables = 0
    for page in PAGES:
        text = client.get(page).text
        shown = Tables(text).found
        for address in sorted(set(re.findall(r'href="(/progress[^"]*\.json[^"]*)"', text))):
            where = address.replace("&amp;", "&")
            told = json.loads(client.get(where).text)
            keys = [column["key"] for column in told["columns"]]
            key = told["address"].partition("#")[2] or next((name for name in shown if name and len(
                shown[name]) == len(told["rows"]) and name in where), "")
            lines = shown.get(key) or [line for each in shown.values() for line in each]
            by_name = {line[0].replace("\u00a0", " "): line[1:] for line in lines}
            for row in told["rows"]:
                if "sort" in page or row["name"] in by_name:
                    assert [number(text) for text in by_name[row["name"]]] == [said(row, key) for key in keys], (
                        page, where, row["name"])
            assert len(by_name) >= len(told["rows"]) or "services" in page, (page, where)
            rows = [*csv.reader(StringIO(client.get(where.replace(".json", ".csv")).text.removeprefix("\ufeff")))]
            assert [[*line[:2], *line[3 if told["month"] else 2:]] for line in rows[1:]] == [
                ["" if value is None else str(value) for name, value in row.items() if name not in ("means", "unit")]
                for row in told["rows"]], where
            tables += 1
    assert tables > 30


Keep = Callable[[Any], bool]


def true_counts(month: tuple[date, date], keep: Keep) -> Counter[str]:
    """What the records say of these months, counted one by one and not by the rule that moves counters."""
    def within(at: datetime | None) -> bool:
        return at is not None and month[0] <= clock.day_of(at).replace(day=1) <= month[1]

    found: Counter[str] = Counter()
    for record in session.scalars(select(ProgressRecord)):
        if not keep(record):
            continue
        found["received"] += within(record.received_at)
        if record.status in (9, 10) and within(record.finished_at):
            found[str(record.timing)] += 1
        found["refused"] += record.status == 3 and within(record.finished_at)
        found["withdrawn"] += record.status == 7 and within(record.finished_at)
        found[record.channel] += within(record.received_at)
    return found


def figures(client: FlaskClient, path: str) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in json.loads(client.get(path).text)["rows"]}


def same(row: dict[str, Any], counted: Counter[str]) -> None:
    share = Share(counted["early"] + counted["on_time"], counted["early"] + counted["on_time"] + counted["late"])
    for name in ("received", "early", "on_time", "late", "refused", "withdrawn", "online", "counter", "post"):
        assert row.get(name, counted[name]) == counted[name], (name, row)
    assert (row["share"], row["share_of"]) == ((share.rate, share.whole) if share.whole else (None, None)), row


def test_tables_say_what_the_records_say(client: FlaskClient, country: Any) -> None:
    year = months_back(TODAY, 12)[-1], months_back(TODAY, 1)[0]
    october = date(2026, 10, 1), date(2026, 10, 1)
    ids = {each.key: each.id for each in session.scalars(select(Agency).where(Agency.valid_to.is_(None)))}
    agencies, group = figures(client, "/progress/agencies.json"), figures(
        client, "/progress/groups/provinces.json?month=2026-10")
    same(agencies["total"], true_counts(year, lambda record: True))
    for key in AGENCIES:
        same(agencies[key], true_counts(year, lambda record, key=key: record.agency_id == ids[key]))  # type: ignore[misc]
    for key in AGENCIES[:3]:
        same(group[key], true_counts(october, lambda record, key=key: record.agency_id == ids[key]))  # type: ignore[misc]
    provinces = {ids[key] for key in AGENCIES[:3]}
    same(group["total"], true_counts(october, lambda record: record.agency_id in provinces))
    sectors = {each.slug: each.id for each in catalogue.sectors()}
    for slug, row in figures(client, "/progress/sectors.json?month=2026-10").items():
        if slug != "total":
            same(row, true_counts(october, lambda record, id_=sectors[slug]: record.sector_id == id_))  # type: ignore[misc]
    row = figures(client, f"/progress/procedures/{ADOPTION}/months.json")["2026-10"]
    same(row, true_counts(october, lambda record: record.procedure_code == ADOPTION))


def test_an_agency_breaks_down_everything_but_what_is_sensitive(client: FlaskClient, country: Any) -> None:
    year = months_back(TODAY, 12)[-1], months_back(TODAY, 1)[0]
    sectors = {each.slug: each.id for each in catalogue.sectors()}
    for key in AGENCIES:
        id_ = make.agency(key).id
        for table, value_of in (("sectors", lambda record: record.sector_id), ("levels", lambda record: record.level)):
            rows = figures(client, f"/progress/{key}/{table}.json")
            assert "nuoi-con-nuoi" not in rows
            same(rows.pop("total"), true_counts(year, lambda record, id_=id_: record.agency_id == id_))  # type: ignore[misc]
            hidden = true_counts(year, lambda r, id_=id_: r.agency_id == id_ and is_sensitive(r.procedure_code))  # type: ignore[misc]
            same(rows.pop("not-shown"), hidden)
            assert hidden["received"] > 0
            for value, row in rows.items():
                wanted = sectors[value] if table == "sectors" else int(value)
                same(row, true_counts(year, lambda r, id_=id_, wanted=wanted, of=value_of: r.agency_id == id_  # type: ignore[misc]
                                      and of(r) == wanted and not is_sensitive(r.procedure_code)))
    assert actions.recount() == {}


def test_tiles_say_what_the_tables_say_and_name_their_month(client: FlaskClient, country: Any) -> None:
    row = figures(client, "/progress/compared.json")
    share = Share(row["share"]["month_part"], row["share"]["month_of"])
    received, open_now = row["received"]["now"], sum(row[name]["now"] for name in (
        "open_in_time", "open_late", "paused"))
    for page in ("/", "/progress"):
        text = re.sub(r"<[^>]+>|\s", " ", client.get(page).text).replace("\u00a0", " ").replace("&nbsp;", " ")
        text = re.sub(" +", " ", text)
        assert f"{received} hồ sơ tiếp nhận trong tháng 11/2026, đến nay" in text
        assert f"{share.rate} % giải quyết trong hạn, tháng 10/2026, trong {share.whole} hồ sơ" in text
        assert f"{open_now} hồ sơ đang giải quyết ngày 22/11/2026" in text


def test_open_data_says_what_the_tables_say(client: FlaskClient, country: Any) -> None:
    open_data.make()
    session.commit()
    rows = {name: [json.loads(line) for line in gzip.decompress(files.where(
        open_data.by_name(f"{name}.jsonl.gz").blob).read_bytes()).splitlines()]  # type: ignore[union-attr]
            for name in ("counters", "sectors", "counters-2026-10")}
    assert [row for row in rows["counters"] if row["month"] == "2026-10"] == rows["counters-2026-10"]
    for row in rows["counters"]:
        assert row["received"] == row["online"] + row["counter"] + row["post"] + row["otherwise"]
    for month in ("2026-10", "2026-08", "2026-02"):
        agencies = figures(client, f"/progress/agencies.json?month={month}")
        told = {row["agency"]: row for row in rows["counters"] if row["month"] == month}
        assert {key: row["received"] for key, row in told.items()} == {
            key: row["received"] for key, row in agencies.items() if key in told}
        sectors = figures(client, f"/progress/sectors.json?month={month}")
        told = {row["sector"]: row for row in rows["sectors"] if row["month"] == month}
        for key, row in told.items():
            assert {name: sectors[key][name] for name in ("received", "early", "on_time", "late")} == {
                name: row[name] for name in ("received", "early", "on_time", "late")}


def done(client: FlaskClient, n: int, late: int) -> str:
    """The page of the country after so many were settled in October, these of them late."""
    rows = []
    for i in range(n):
        row = {"code": f"H17-261005-{i:04}", "procedure": "1.001193", "received_at": "2026-10-05T02:00:00Z",
               "due_at": "2026-10-06T02:00:00Z" if i < late else "2026-10-30T02:00:00Z"}
        rows += [row | {"status": 2, "at": "2026-10-05T02:00:00Z"}, row | {"status": 9, "at": "2026-10-07T02:00:00Z"}]
    feed.ingest(make.agency(), rows, channel="api", idempotency_key="k", body_sha256="0" * 64, key_id=None)
    session.commit()
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        return client.get("/progress").text.replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize(("n", "late", "sentence", "cell"), [
    (0, 0, "Tháng 11/2026: chưa giải quyết xong hồ sơ nào", "–"),
    (1, 1, "Tháng 10/2026: đã giải quyết 1 hồ sơ, trong đó 0 hồ sơ trong hạn", "0/1"),
    (19, 1, "Tháng 10/2026: đã giải quyết 19 hồ sơ, trong đó 18 hồ sơ trong hạn", "18/19"),
    (20, 1, "Tháng 10/2026: cứ 100 hồ sơ đã giải quyết thì 95 hồ sơ trong hạn (trong tổng số 20 hồ sơ)", "95 % (20)"),
    (201, 1, "Tháng 10/2026: cứ 100 hồ sơ đã giải quyết thì 99 hồ sơ trong hạn (trong tổng số 201 hồ sơ)",
     "99 % (201)")])
def test_of_fewer_than_twenty_the_sentence_gives_the_numbers_and_no_rate(
        client: FlaskClient, app: Any, n: int, late: int, sentence: str, cell: str) -> None:
    page = done(client, n, late)
    assert f'<p class="lead">{sentence}' in page
    assert f'<td class="num">{cell}</td>' in page


@pytest.mark.parametrize("path", ["/progress/sectors", "/progress/sectors/ho-tich", "/progress/procedures/1.001193",
                                  "/progress/levels", "/progress/channels", "/progress/groups/provinces",
                                  "/progress/H17"])
def test_every_page_of_figures_begins_with_its_sentence(client: FlaskClient, path: str) -> None:
    done(client, 19, 1)
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        page = client.get(f"{path}?month=2026-10").text
        other = client.get("/progress/procedures/1.001193?month=2026-07").text
    assert '<p class="lead">Tháng 10/2026: đã giải quyết 19 hồ sơ, trong đó 18 hồ sơ trong hạn' in page
    assert '<p class="lead">Tháng 7/2026: chưa giải quyết xong hồ sơ nào' in other


def test_a_bar_is_as_long_as_the_number_beside_it(client: FlaskClient, country: Any) -> None:
    for page, table in (("/progress", "months"), ("/progress/sectors", ""), ("/progress/procedures/1.001193", "")):
        text = client.get(page).text
        drawn = re.findall(r'text-anchor="end">([\d.]+)[^<]*</text>\s*<rect class="track"[^>]*/>\s*<rect class="bar" '
                           r'x="0" y="[\d.]+" width="([\d.]+)%"', text)
        numbers = [int(n.replace(".", "")) for n, _width in drawn]
        assert len(numbers) > 3 and max(numbers) > 5, page
        widths = [float(width) for _n, width in drawn]
        end = 100 * max(numbers) / max(widths)  # where the axis ends: a round number
        assert max(numbers) <= round(end), page
        assert all(abs(width - 100 * n / round(end)) < 0.02 for width, n in zip(widths, numbers, strict=True)), page
        if table:
            assert [line[3 + 3] for line in Tables(text).found[table]], "the table stands beside it"
