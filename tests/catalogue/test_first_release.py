"""A database that the first release loaded, where nothing was written down of what it loaded, is mended."""
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import MetaData, Table, delete, insert, select

from portal.catalogue import actions, calendar, fee_wording, queries
from portal.catalogue.loading import Report
from portal.catalogue.models import CalendarEdition, Form, Holiday, Procedure, ServiceVersion
from portal.cli.database import alembic_config, upgrade_to_head
from portal.kit.db import session, transaction
from portal.kit.i18n import translated
from portal.kit.jobs import Job
from tests.conftest import Databases, bound, open_house

KEPT = json.loads((Path(__file__).parent / "data" / "first_release.json").read_text("utf-8"))
CODES = {row["procedure"]["code"] for row in KEPT["procedures"]}
FIRST_ID = 10_000  # beyond those that the database will give out
WORKED_AFTER_ALL = [date.fromisoformat(day) for day in (
    "2015-02-24", "2017-02-02", "2018-02-21", "2020-01-30", "2021-02-17", "2023-01-27", "2024-02-15", "2025-02-03",
    "2027-02-11", "2027-09-01", "2028-01-31", "2030-02-07")]


@pytest.fixture
def old(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An office that runs since the first release, with today's tables and the facts of then."""
    house = open_house(databases.empty(f"first_release_{tmp_path.name}"[-50:]), tmp_path)
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0001")
        with house.extensions["engine"].begin() as connection:
            _fill(connection)
        upgrade_to_head(house)
        yield house
        session.close()
    house.extensions["engine"].dispose()


def _fill(connection: Any) -> None:
    def put(name: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(insert(Table(name, metadata, autoload_with=connection)), rows)

    metadata, now = MetaData(), datetime.now(UTC)
    put("agency", [row | {"id": n, **{end: row[end] and date.fromisoformat(row[end])
                                      for end in ("valid_from", "valid_to")}}
                   for n, row in enumerate(KEPT["agencies"], FIRST_ID)])
    today = {row["key"]: n for n, row in enumerate(KEPT["agencies"], FIRST_ID) if row["valid_to"] is None}
    put("holiday", [{"day": date.fromisoformat(day), "name": name, "kind": "holiday", "source": source}
                    for day, name, source in KEPT["holidays"]])
    sectors = {row["sector"]["slug"]: row["sector"] for row in KEPT["procedures"]}
    put("sector", [sector | {"id": n} for n, sector in enumerate(sectors.values(), FIRST_ID)])
    of_sector = {slug: n for n, slug in enumerate(sectors, FIRST_ID)}
    for n, row in enumerate(KEPT["procedures"], FIRST_ID):
        put("procedure", [row["procedure"] | {"id": n, "sector_id": of_sector[row["sector"]["slug"]],
                                              "issuing_agency_id": today.get(row["issuing"])}])
        form = row["form"]
        put("form", [form | {"id": n, "procedure_id": n}] if form else [])
        put("service_version", [row["version"] | {"id": n, "procedure_id": n, "created_at": now,
                                                  "form_id": n if form else None}])
        put("service", [{"id": n, "procedure_id": n, "version_id": n, "agency_id": today["H17"],
                         "basis": "own_initiative", "popularity": 0}])
    put("catalogue_edition", [{"id": 1, "number": 1, "changed_at": now}])


def load() -> Report:
    with transaction():
        return actions.load_reference(only=CODES, agencies={"H17"})


def test_the_calendar_is_mended(old: Flask) -> None:
    assert [day for day in WORKED_AFTER_ALL if session.get(Holiday, day)] == WORKED_AFTER_ALL
    assert load().counts["holiday"] == {"added": 29, "replaced": 209, "taken_out": 14}
    assert not [day for day in WORKED_AFTER_ALL if session.get(Holiday, day)]
    now = queries.calendar()
    assert not any(now.is_workday(date(2027, 2, day)) for day in range(4, 11)) and now.is_workday(date(2027, 2, 11))
    assert now.is_workday(date(2027, 9, 1)) and not now.is_workday(date(2027, 9, 3))
    assert now.is_workday(date(2026, 8, 22))


def test_the_days_of_before_stay_readable(old: Flask) -> None:
    before = calendar.newest_calendar()
    assert before is not None and before.key == calendar.calendar_now().edition
    key = before.key
    load()
    kept = queries.calendar_of(key)
    assert kept is not None and not kept.is_workday(date(2027, 9, 1)) and kept.is_workday(date(2027, 9, 3))
    changed = {change.day: change for change in queries.calendar_changes(key)}
    assert changed[date(2027, 2, 11)].now is None and changed[date(2027, 2, 4)].before is None
    assert set(WORKED_AFTER_ALL) <= set(changed)
    assert session.scalars(select(CalendarEdition.key).order_by(CalendarEdition.id)).all() == [
        key, queries.calendar().edition]


def test_open_due_dates_are_counted_again(old: Flask) -> None:
    load()
    assert session.scalars(select(Job.name).where(Job.name == "dossiers.recount_due_dates")).all() == [
        "dossiers.recount_due_dates"]


def test_a_day_that_an_administrator_changed_or_took_away_stays_so(old: Flask) -> None:
    with transaction():
        session.get_one(Holiday, date(2027, 9, 1)).name = "Nghỉ theo thông báo của tỉnh"
        session.execute(delete(Holiday).where(Holiday.day == date(2026, 9, 1)))
    report = load()
    assert report.edited["holiday"] == ["2026-09-01", "2027-09-01"]
    assert report.counts["holiday"]["taken_out"] == 13
    assert session.get(Holiday, date(2026, 9, 1)) is None
    assert session.get_one(Holiday, date(2027, 9, 1)).name == "Nghỉ theo thông báo của tỉnh"


def terms(code: str) -> ServiceVersion:
    service = queries.service("H17", code)
    assert service is not None
    return service.version


def test_fees_and_limits_are_mended(old: Flask) -> None:
    def told(code: str) -> str:
        version = terms(code)
        return translated(fee_wording.short(version.fee_rates, version.limit_cases, day=date(2026, 11, 30),
                                            channel="online")).replace("\xa0", " ")

    assert told("1.004873") == "Miễn phí (theo bản ghi quốc gia, chưa kiểm chứng)" and told("1.001456") == "160.000 ₫"
    assert terms("2.002041").limit.amount is None
    report = load()
    assert report.counts["terms"] == {"replaced": 6} and not report.edited
    assert told("1.004873") == "Do Hội đồng nhân dân cấp tỉnh quy định" and terms("1.004873").number == 2
    assert told("1.001456") == "Cấp mới: 100.000 ₫; Cấp lại do hỏng, mất: 200.000 ₫"
    assert terms("2.002041").limit.amount == 1


def test_terms_that_an_administrator_changed_stay_so(old: Flask) -> None:
    with transaction():
        terms("1.004873").limit_amount = 5
    report = load()
    assert report.edited == {"terms": ["1.004873"]} and terms("1.004873").limit_amount == 5
    assert terms("1.001456").number == 2


def test_loading_again_changes_nothing(old: Flask) -> None:
    assert load().changed
    before = [session.query(model).count() for model in (Holiday, Procedure, Form, ServiceVersion, CalendarEdition)]
    report = load()
    assert not report.changed and not report.edited
    assert before == [session.query(model).count()
                      for model in (Holiday, Procedure, Form, ServiceVersion, CalendarEdition)]


def test_two_processes_that_start_at_once_load_once(old: Flask) -> None:
    def start(_n: int) -> bool:
        with old.app_context():
            return load().changed

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, range(2))) == [False, True]
    assert session.query(CalendarEdition).count() == 2
