"""What all pages and files together tell of small counts: nothing. The reader of these tests reads every page."""
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, insert

from portal.catalogue import queries as catalogue
from portal.kit import files
from portal.kit.db import session
from portal.statistics import open_data
from portal.statistics.disclosure import Between, Number, bounds, column, said, small, total
from portal.statistics.figures import CHANNELS
from portal.statistics.measures import Measure, months_back
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressSide
from tests import make
from tests.web.progress.test_figures import figures, push

TODAY = date(2026, 11, 22)
MONTHS = months_back(TODAY, 15)
AGENCIES = ("H17", "H26", "H29", "G01", "G15")
PAGES = ("/", "/progress", "/progress?month=2026-10", "/progress?sort=received", "/progress/H17", "/progress/G01",
         "/progress/sectors", "/progress/sectors/ho-tich", "/progress/sectors/chung-thuc?month=2026-08",
         "/progress/levels", "/progress/channels", "/progress/groups/provinces", "/progress/groups/ministries",
         "/progress/procedures/1.001193")
WRITTEN = re.compile(r'(?:nonce|content)="[^"]*"|<time.*?</time>')
Counts = dict[tuple[str, date, Measure], int]


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        yield


def some_counts(dice: random.Random) -> Counts:
    """Counts of agencies of very unlike size; the last has everything, so that the country is large."""
    return {(key, month, measure): 400 + dice.randrange(200) if key == AGENCIES[-1] else dice.choice(
        (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 9, 40)) for key in AGENCIES for month in MONTHS for measure in Measure}


def other_parts(dice: random.Random, counts: Any) -> Any:
    """The same where small counts are other small counts that leave what is said of their sum; not in the running
    month, in which another small count may stand on another step."""
    later = dict(counts)
    for month, measure in product(MONTHS[1:], Measure):
        few = [key for key, n in counts.items() if key[1:] == (month, measure) and small(n)]
        made = [made for _attempt in range(20) if sum_of_few(
            (made := {key: dice.randrange(1, 5) for key in few}).values()) == sum_of_few(counts[key] for key in few)]
        later |= made[0] if made else {}
    return later


def sum_of_few(few: Iterable[int]) -> Number:
    """What is said of the sum of the small parts of a whole."""
    parts = [*few]
    return column(len(parts), sum(parts), 4 * len(parts))


def columns(counts: Any) -> dict[Any, list[Any]]:
    """The keys of each column: the agencies of a group, what is counted of them."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for key in counts:
        found[key[0][0], *key[1:]].append(key)
    return found


def told_of(counts: Any, keys: list[Any]) -> Number:
    """What is said of a column."""
    low, high = bounds(total(said(counts[key]) for key in keys))
    return column(low, sum(counts[key] for key in keys), high)


def others(dice: random.Random, counts: Any) -> Any:
    """The same where small counts are other small counts that leave what is said of each column. In the running month
    the sums stay as well, else a sector may stand on another step."""
    later = dict(counts)
    for keys in columns(counts).values():
        few = [key for key in keys if small(counts[key])]
        for _attempt in range(20):
            made = counts | {key: dice.randrange(1, 5) for key in few}
            if told_of(made, keys) == told_of(counts, keys) and (keys[0][1] != MONTHS[0] or sum(
                    made[key] for key in few) == sum(counts[key] for key in few)):
                later |= {key: made[key] for key in few}
                break
    return later


def shares(dice: random.Random, values: list[str]) -> dict[tuple[str, date, Measure], int]:
    """How many of the whole country's dossiers are of each of these values; the rest is of another."""
    return {(value, month, measure): dice.choice((0, 1, 2, 3, 4, 7, 20)) for value in values for month in MONTHS
            for measure in Measure}


def write(counts: Counts, parts: dict[str, tuple[str, dict[Any, int]]], channels: dict[Any, int], now: Any) -> None:
    """These counters and no others. `parts`: by side the value that takes the rest, and the others."""
    ids = {key: make.agency(key).id for key in AGENCIES}
    for table in (ProgressMonth, ProgressSide, ProgressOpen):
        session.execute(delete(table))
    _fill(ProgressMonth, ("agency_id", "month"),
          [(ids[key], month, measure, n) for (key, month, measure), n in counts.items()])
    # agencies' own sectors and levels stand on steps: here always on the same
    tallies = [(side, largest, ids[key], MONTHS[1], measure, 10**6) for key in AGENCIES for measure in Measure
               for side, (largest, _values) in parts.items() if side != "channel"]
    for side, (largest, values) in parts.items():
        whole = {(month, measure): sum(counts[key, month, measure] for key in AGENCIES)
                 for month in MONTHS for measure in Measure}
        for (value, month, measure), n in values.items():
            whole[month, measure] -= n
            tallies.append((side, value, 0, month, measure, n))
        tallies += [(side, largest, 0, month, measure, n) for (month, measure), n in whole.items()]
    for (key, month, channel), n in channels.items():
        tallies.append(("channel", channel, ids[key], month, Measure.received, n))
    _fill(ProgressSide, ("side", "value", "agency_id", "month"), tallies)
    if now:
        session.execute(insert(ProgressOpen), [{"agency_id": ids[key], "due_on": due, "paused": paused, "n": n}
                                               for (key, due, paused), n in now.items()])
    session.commit()


def _fill(table: Any, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Rows of the key's values, a measure and its count."""
    wide: dict[tuple[Any, ...], dict[str, int]] = {}
    for *key, measure, n in rows:
        wide.setdefault(tuple(key), dict.fromkeys(Measure, 0))[measure] = n
    if wide:
        session.execute(insert(table), [dict(zip(names, key, strict=True)) | counts for key, counts in wide.items()])


def all_that_is_told(client: FlaskClient) -> dict[str, str]:
    """Every kind of page and every file, by address."""
    told = {}
    for page in PAGES:
        text = client.get(page).text
        told[page] = WRITTEN.sub("", text)
        for address in set(re.findall(r'href="(/progress[^"]*\.json[^"]*)"', text)):
            told[address] = client.get(address.replace("&amp;", "&")).text
    for file in open_data.make():
        kept = open_data.by_name(file)
        assert kept is not None
        told[file] = gzip.decompress(files.where(kept.blob).read_bytes()).decode()
    return told


@pytest.mark.parametrize("seed", range(2))
def test_with_other_small_counts_every_page_and_file_would_be_the_same(client: FlaskClient, seed: int) -> None:
    dice = random.Random(seed)
    named = {each.slug: str(each.id) for each in catalogue.sectors()}
    counts = some_counts(dice)
    by_side = {"sector": (named["ho-tich"], shares(dice, [named["chung-thuc"]])),
               "level": ("4", shares(dice, ["3", "2"])), "channel": ("online", shares(dice, ["post"]))}
    channels = {(key, month, channel): n // 3 for (key, month, measure), n in counts.items() for channel in CHANNELS
                if measure is Measure.received and n > 60}
    now = {(key, due, paused): dice.choice((0, 2, 4, 9)) if key != AGENCIES[-1] else 300 for key in AGENCIES
           for due, paused in ((date(2026, 12, 1), False), (date(2026, 11, 2), False), (date(2026, 12, 1), True))}
    write(counts, by_side, channels, now)
    first = all_that_is_told(client)
    moved = {side: (largest, other_parts(dice, values)) for side, (largest, values) in by_side.items()}
    later = others(dice, counts)
    changed = [keys for keys in columns(counts).values() if any(later[key] != counts[key] for key in keys)]
    assert {type(told_of(counts, keys)) for keys in changed} == {int, Between}, "there are some of both kinds"
    assert any(sum(later[key] for key in keys) != sum(counts[key] for key in keys) for keys in changed)
    assert any(keys[0][1] == MONTHS[0] for keys in changed)
    write(later, moved, channels, others(dice, now))
    second = all_that_is_told(client)
    assert [name for name in second if name.endswith(".gz")] == [], "a file that says the same is not made anew"
    for address, text in second.items():
        assert text == first[address], address


def test_a_cell_is_said_alike_wherever_it_is_said(client: FlaskClient) -> None:
    dice = random.Random(7)
    write(some_counts(dice), {}, {}, {})
    october = figures(client, "/progress/groups/provinces?month=2026-10") | \
        figures(client, "/progress/groups/ministries?month=2026-10")
    by_agency = figures(client, "/progress/agencies?month=2026-10")
    open_data.make()
    session.commit()
    with client.get("/open-data/files/counters-2026-10.jsonl.gz") as answer:
        rows = {row["agency"]: row for row in map(json.loads, gzip.decompress(answer.data).splitlines())}
    names = ("received", "early", "on_time", "late", "refused", "withdrawn")
    for key in AGENCIES:
        own = figures(client, f"/progress/{key}/months")["2026-10"]
        compared = figures(client, f"/progress/{key}/compared?month=2026-10")
        for name in names:
            told = {october[key][name], by_agency[key][name], own[name], rows[key][name], compared[name]["month"]}
            assert len(told) == 1, (key, name, told)
        assert own["carried"] == october[key]["carried"] == compared["carried"]["month"]


@pytest.mark.parametrize(("few", "provinces", "country"), [
    ((2, 3), 45, 445), ((4, 1), 45, 445), ((1, 1), "42–48", "442–448"), ((0, 4), "41–44", "441–444")])
def test_the_country_is_said_alike_on_every_page_and_exactly_where_that_is_safe(
        client: FlaskClient, few: tuple[int, int], provinces: int | str, country: int | str) -> None:
    counts = {key: n for key, n in zip(AGENCIES, (*few, 40, 0, 400), strict=True) if n}
    write({(key, MONTHS[1], Measure.received): counts.get(key, 0) for key in AGENCIES}, {}, {},
          {(key, date(2026, 11, 2), False): n for key, n in counts.items()})
    month = "month=2026-10"
    tables = {page: figures(client, f"/progress/{page}") for page in (
        f"agencies?{month}", "agencies", f"groups?{month}", f"groups/provinces?{month}", "months", "compared",
        f"sectors?{month}", f"levels?{month}", f"channels?{month}")}
    assert {page: rows.get("provinces", rows.get("total", {}))["received"] for page, rows in tables.items()
            if "provinces" in rows or "groups" in page} == dict.fromkeys([*tables][:4], provinces)
    assert tables["months"]["2026-10"]["received"] == tables["compared"]["received"]["month"] == country
    for page in (*[*tables][:2], *[*tables][-3:]):
        assert tables[page]["total"]["received"] == country, page
    late = {tables[page][row]["open_late"] for page, row in (
        ("agencies", "provinces"), (f"groups?{month}", "provinces"), (f"groups/provinces?{month}", "total"))}
    assert late == {provinces} and tables["agencies"]["total"]["open_late"] == country
    assert tables["compared"]["open_late"]["now"] == country and tables["agencies"]["H29"]["open_late"] == 40
    assert tables["groups?" + month]["provinces"]["carried"] == (0 if provinces == 45 else ANY)
    for page in ("/en", "/en/progress"):
        written = str(country) if isinstance(country, int) else "about 445" if "2–" in country else "about 440"
        assert written in client.get(page).text, page


def test_an_agency_that_is_no_more_stays_in_the_column_of_its_group(client: FlaskClient) -> None:
    counts = {("H17", MONTHS[1], Measure.received): 2, ("H29", MONTHS[1], Measure.received): 40,
              ("H26", MONTHS[1], Measure.received): 3}
    write(dict.fromkeys(((key, MONTHS[1], Measure.received) for key in AGENCIES), 0) | counts, {}, {}, {})
    make.agency("H26").valid_to = date(2026, 10, 31)
    session.commit()
    for page in ("agencies", "groups"):
        assert figures(client, f"/progress/{page}?month=2026-10")["provinces"]["received"] == 45
    assert figures(client, "/progress/agencies?month=2026-10")["H26"]["received"] == "<5"


def test_twelve_months_of_a_group_come_to_what_is_said_of_its_months(client: FlaskClient) -> None:
    counts = dict.fromkeys(((key, month, Measure.received) for key in AGENCIES for month in MONTHS), 0)
    for month in MONTHS[:3]:
        counts |= {("H17", month, Measure.received): 2, ("H26", month, Measure.received): 3}
    write(counts | {("H29", MONTHS[3], Measure.received): 1}, {}, {}, {})
    rows = figures(client, "/progress/agencies")
    assert (rows["provinces"]["received"], rows["total"]["received"]) == ("16–19", "16–19")
    assert rows["H17"]["received"] == "3–12", "an agency's own sum is no column"


def test_one_more_dossier_of_a_procedure_does_not_show_while_the_month_runs(client: FlaskClient) -> None:
    now = datetime(2026, 11, 16, 2, tzinfo=UTC)
    push(12, at=now)
    pages = ("/progress/procedures/1.001193", "/progress/sectors?month=2026-11", "/progress/H17/sectors",
             "/progress/sectors/ho-tich?month=2026-11")
    before = [figures(client, page) for page in pages]
    assert before[0]["2026-11"]["received"] == "11–15" and before[1]["ho-tich"]["received"] == "11–15"
    push(1, at=now, first=20)
    after = [figures(client, page) for page in pages]
    for told in (before, after):
        told[1].pop("total")  # the whole country stays live
    assert before == after
    assert figures(client, "/progress/H17/months")["2026-11"]["received"] == 13


def test_the_sum_of_twelve_months_tells_no_month(client: FlaskClient) -> None:
    push(40)
    push(3, at=datetime(2026, 9, 7, 2, tzinfo=UTC))
    assert figures(client, "/progress/agencies")["H17"]["received"] == "41–44"
    assert "khoảng 40" in client.get("/progress").text or "about 40" in client.get("/en/progress").text


def test_the_home_page_says_what_the_tables_say(client: FlaskClient) -> None:
    push(3, at=datetime(2026, 11, 16, 2, tzinfo=UTC))
    assert "&lt;5</strong>" in client.get("/").text
