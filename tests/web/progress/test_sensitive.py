"""A dossier of a sensitive procedure names its agency, and nothing else that says what it is about."""
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from alembic import command
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.catalogue import queries as catalogue
from portal.catalogue import sensitive
from portal.catalogue.actions import load_reference
from portal.catalogue.sensitive import Sensitive
from portal.cli.database import alembic_config, upgrade_to_head
from portal.intake import feed
from portal.kit.db import session
from portal.progress import actions, records
from portal.progress.models import ProgressEstimate, ProgressRecord
from portal.statistics.models import ProgressSide
from tests import make
from tests.conftest import SMALL_AGENCIES, SMALL_PROCEDURES, Databases, bound, open_house

ADOPTION = "2.001263"
CODE = "H17-261005-0007"
NAMES = re.compile(r"nuôi con|con nuôi trong nước|2\.001263|nuoi-con-nuoi|mức độ \d|level \d", re.I)


@pytest.fixture
def adoption(app: Any) -> Any:
    """A dossier that an agency pushed: asked for papers once, and settled."""
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        load_reference(only=SMALL_PROCEDURES | {ADOPTION}, agencies=SMALL_AGENCIES)
        sector = catalogue.procedure(ADOPTION)
        assert sector and sector.sector.slug == "nuoi-con-nuoi"
        row = {"code": CODE, "procedure": ADOPTION, "due_at": "2026-10-30T02:00:00Z", "channel": "counter", "level": 2}
        session.add(ProgressEstimate(agency_id=make.agency().id, procedure_code=ADOPTION, stage=4, p50=900, p90=2000,
                                     cases=40, made_on=datetime(2026, 11, 1, tzinfo=UTC).date()))
        answer = feed.ingest(make.agency(), [
            row | {"status": status, "at": f"2026-10-{day:02}T02:00:00Z"}
            for status, day in ((2, 5), (5, 7), (4, 9))], channel="api", idempotency_key="k", body_sha256="0" * 64,
            key_id=None)
        assert answer.accepted == 3, answer.rows
        session.commit()
        yield


@pytest.mark.parametrize("path", [f"/progress/{CODE}", f"/en/progress/{CODE}", f"/api/v1/progress/{CODE}",
                                  "/api/v1/progress/changes"])
def test_what_is_told_of_it_names_the_agency_alone(client: FlaskClient, adoption: Any, path: str) -> None:
    answer = client.get(path)
    told = answer.text
    if answer.mimetype == "text/html":
        told = re.sub(r"<header.*?</header>|<footer.*?</footer>", "", told, flags=re.S)
        assert make.agency().name in told
        assert "finished dossiers of this procedure" not in told and "hồ sơ cùng thủ tục" not in told
    assert answer.status_code == 200 and CODE in told and not NAMES.search(told), NAMES.search(told)


def test_machines_are_told_the_agency_and_no_procedure(client: FlaskClient, adoption: Any) -> None:
    told = json.loads(client.get(f"/api/v1/progress/{CODE}").text)
    assert told["agency"]["key"] == "H17" and told["procedure"] is None and told["level"] is None
    assert told["status"] == 4 and [step["status"] for step in told["steps"]] == [2, 5, 4]


def test_what_is_pushed_to_subscribers_has_a_code_a_status_and_a_moment(adoption: Any) -> None:
    assert [(code, status) for _position, code, status, _at in records.changes(0, 10)][-1] == (CODE, 4)
    assert all(len(change) == 4 for change in records.changes(0, 10))


def test_its_public_line_keeps_no_name(adoption: Any) -> None:
    record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == CODE)).one()
    assert record.service_name == "" and record.procedure_code == ADOPTION, "the country counts it"


def test_it_counts_for_the_country_and_for_the_agency_but_for_no_part_of_the_agency(
        client: FlaskClient, adoption: Any) -> None:
    counted = {(row.side, row.agency_id > 0) for row in session.scalars(select(ProgressSide)) if row.received}
    assert counted == {("procedure", False), ("sector", False), ("level", False), ("channel", False), ("channel", True)}
    assert actions.recount() == {}
    page = client.get("/progress/H17").text
    assert "Không hiển thị" in page and "/progress/sectors/nuoi-con-nuoi" not in page
    assert "/progress/sectors/nuoi-con-nuoi" in client.get("/progress/sectors?month=2026-10").text


def test_an_agency_need_not_publish_in_a_sector_in_which_nothing_of_it_is_told(adoption: Any) -> None:
    procedure = catalogue.procedure(ADOPTION)
    assert procedure and "H17" in catalogue.directory().offering[procedure.id]
    assert str(procedure.sector.id) not in catalogue.directory().online["H17"]


def test_the_page_of_the_procedure_says_why_it_is_counted_for_the_country_alone(
        client: FlaskClient, adoption: Any) -> None:
    page = client.get(f"/progress/procedures/{ADOPTION}").text
    assert "Việc nuôi con nuôi thuộc đời sống riêng tư" in page and "52/2010/QH12" in page
    assert "đời sống riêng tư" not in client.get("/progress/procedures/1.001193").text


def test_a_list_that_grew_is_counted_anew(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    make.dossier("received")
    longer = sensitive.procedures() | {"1.001193": Sensitive("parentage", "Luật 1/QH1")}
    monkeypatch.setattr(sensitive, "procedures", lambda: longer)
    assert {key.dimension for key in actions.recount()} == {"sector", "level"}  # type: ignore[union-attr]
    assert actions.recount() == {}


def test_databases_of_before_keep_their_dossiers_and_forget_the_names(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.empty("names"), tmp_path)
    engine = house.extensions["engine"]
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0012")
        with engine.begin() as connection:
            for line in BEFORE:
                connection.execute(text(line))
        upgrade_to_head(house)
        names = session.execute(text("SELECT code, service_name FROM progress_record ORDER BY code")).all()
        version = session.scalar(text("SELECT n FROM progress_version"))
        assert actions.counted().wrong == {}
        session.rollback()
    engine.dispose()
    assert names == [("H17-261005-0001", "Đăng ký khai sinh"), ("H17-261005-0002", "")] and version == 8


_RECORD = ("INSERT INTO progress_record (code, agency_id, procedure_code, service_name, level, channel, status, "
           "submitted_at, received_at, finished_at, timing, changed_at, sector_id, source, corrected) VALUES ")
_MONTH = "agency_id, month, submitted, received, done_early, done_on_time, done_late, refused, withdrawn, dropped"
_MOMENTS = "'2026-09-30 17:30:00+00:00', '2026-10-06 02:00:00+00:00', '2026-11-02 02:00:00+00:00'"


def _sides(of: int, n: int) -> str:
    return ", ".join(
        f"('{side}', {of}, '{value}', '2026-10-01', {n}, {n}, 0, 0, 0, 0, 0, 0), "
        f"('{side}', {of}, '{value}', '2026-11-01', 0, 0, 0, 0, {n}, 0, 0, 0)"
        for side, value in (("sector", 5), ("level", 4), ("channel", "online")))


BEFORE = (
    "INSERT INTO agency (id, key, name, kind) VALUES (1, 'H17', 'Đà Nẵng', 'province')",
    f"{_RECORD} ('H17-261005-0001', 1, '1.001193', 'Đăng ký khai sinh', 4, 'online', 9, {_MOMENTS}, 'late', "
    "'2026-11-02 02:00:00+00:00', 5, 'feed', false)",
    f"{_RECORD} ('H17-261005-0002', 1, '1.001022', 'Đăng ký nhận cha, mẹ, con', 4, 'online', 10, {_MOMENTS}, 'late', "
    "'2026-11-02 02:00:00+00:00', 5, 'feed', false)",
    f"INSERT INTO progress_month ({_MONTH}) VALUES (1, '2026-10-01', 2, 2, 0, 0, 0, 0, 0, 0), "  # noqa: S608
    "(1, '2026-11-01', 0, 0, 0, 0, 2, 0, 0, 0)",
    f"INSERT INTO progress_side (side, agency_id, value, {_MONTH.partition(', ')[2]}) VALUES "  # noqa: S608
    f"{_sides(1, 2)}, {_sides(0, 2)}, "
    "('procedure', 0, '1.001193', '2026-10-01', 1, 1, 0, 0, 0, 0, 0, 0), "
    "('procedure', 0, '1.001193', '2026-11-01', 0, 0, 0, 0, 1, 0, 0, 0), "
    "('procedure', 0, '1.001022', '2026-10-01', 1, 1, 0, 0, 0, 0, 0, 0), "
    "('procedure', 0, '1.001022', '2026-11-01', 0, 0, 0, 0, 1, 0, 0, 0)",
    "INSERT INTO progress_version (agency_id, n) VALUES (1, 7)",
)
