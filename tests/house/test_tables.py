"""Tables and migrations: one line of history, and models that say what the database has."""
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click import ClickException
from flask import Flask
from sqlalchemy import inspect, text

from portal.cli.database import alembic_config, upgrade_to_head
from portal.kit.db import Base, session
from tests.conftest import Databases, bound, open_house

MIGRATIONS = Path(__file__).parents[2] / "migrations"
RETIRED = set((MIGRATIONS / "RETIRED").read_text().split())  # tables and columns that the next release drops


def _stays(name: str, kind: str, parents: dict[str, str]) -> bool:
    return (f"{parents['table_name']}.{name}" if kind == "column" else name) not in RETIRED


def test_the_models_say_what_the_migrated_database_has(app: Flask) -> None:
    context = MigrationContext.configure(session.connection(), opts={
        "compare_type": True, "target_metadata": Base.metadata, "render_as_batch": True,
        "include_name": _stays})
    assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head_and_it_is_written_down(app: Flask) -> None:
    heads = ScriptDirectory.from_config(alembic_config(app)).get_heads()
    assert heads == [(MIGRATIONS / "HEAD").read_text().strip()]
    assert session.scalar(text("SELECT version_num FROM alembic_version")) == heads[0]


def test_history_is_one_line_numbered_without_a_gap() -> None:
    numbers = sorted(p.name[:4] for p in (MIGRATIONS / "versions").glob("*.py"))
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_migrating_again_changes_nothing(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.empty("migrated"), tmp_path)
    with bound(house), house.app_context():
        upgrade_to_head(house)
        tables = set(inspect(house.extensions["engine"]).get_table_names())
        upgrade_to_head(house)
        assert set(inspect(house.extensions["engine"]).get_table_names()) == tables
        assert tables == {table.name for table in Base.metadata.sorted_tables} | {"alembic_version"} | {
            name for name in RETIRED if "." not in name}
    house.extensions["engine"].dispose()


def test_counters_are_carried_over_into_those_of_every_measure(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.empty("counters"), tmp_path)
    engine = house.extensions["engine"]
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0002")
        with engine.begin() as connection:
            connection.execute(text(
                "INSERT INTO agency (id, key, name, kind) VALUES (1, 'H17', 'Đà Nẵng', 'province')"))
            connection.execute(text(
                "INSERT INTO progress_count (agency_id, month, measure, n) VALUES (1, '2026-10-01', 'received', 7), "
                "(1, '2026-10-01', 'done_late', 2), (1, '2026-11-01', 'submitted', 5)"))
            connection.execute(text(
                "INSERT INTO progress_tally (side, value, agency_id, month, measure, n) VALUES "
                "('level', '4', 0, '2026-10-01', 'received', 7), ('level', '4', 1, '2026-10-01', 'dropped', 1)"))
        upgrade_to_head(house)
        months = session.execute(text(
            "SELECT submitted, received, done_late, refused FROM progress_month ORDER BY month")).all()
        sides = session.execute(text("SELECT agency_id, received, dropped FROM progress_side ORDER BY agency_id")).all()
        session.rollback()
    engine.dispose()
    assert months == [(0, 7, 2, 0), (5, 0, 0, 0)] and sides == [(0, 7, 0), (1, 0, 1)]


def test_who_worked_here_before_units_works_on_with_the_same_dossiers(databases: Databases, tmp_path: Path) -> None:
    """Officers become case officers of their agency as a whole, administrators the portal's; what was handed in lies
    in the agency's central unit; a draft lies nowhere yet. Children of the changed tables stay."""
    house = open_house(databases.empty("units"), tmp_path)
    engine = house.extensions["engine"]
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0010")
        with engine.begin() as connection:
            for statement in BEFORE_UNITS:
                connection.execute(text(statement))
        upgrade_to_head(house)
        held = session.execute(text(
            "SELECT person_id, role, agency_id, unit_id FROM membership ORDER BY person_id")).all()
        staff = session.execute(text("SELECT id, staff, role, agency_id FROM person ORDER BY id")).all()
        units = session.execute(text("SELECT agency_id, kind, name FROM unit WHERE id IN ("
                                     "SELECT unit_id FROM dossier WHERE unit_id IS NOT NULL)")).all()
        lying = session.scalars(text("SELECT unit_id IS NOT NULL FROM dossier ORDER BY id")).all()
        kept = session.scalar(text("SELECT COUNT(*) FROM sign_in JOIN person ON person.id = sign_in.person_id"))
        session.rollback()
        if engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA foreign_keys")) == 1, "watched again"
    engine.dispose()
    assert held == [(2, "case_officer", 1, None), (3, "portal_administrator", None, None)]
    assert [(id_, bool(is_staff), role, agency) for id_, is_staff, role, agency in staff] == [
        (1, False, "citizen", None), (2, True, "officer", 1), (3, True, "administrator", None)]
    assert units == [(1, "central", "Đà Nẵng")] and [bool(one) for one in lying] == [True, False] and kept == 1


def test_a_key_keeps_its_scope_when_keys_come_to_carry_several(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.empty("scopes"), tmp_path)
    engine = house.extensions["engine"]
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0017")
        with engine.begin() as connection:
            connection.execute(text(BEFORE_UNITS[0]))
            connection.execute(text("INSERT INTO api_key (id, agency_id, scope, digest, hint, created_at) VALUES "
                                    "(7, 1, 'progress', 'x', 'y', '2026-01-02 03:04:05')"))
        upgrade_to_head(house)
        assert session.execute(text("SELECT key_id, scope FROM api_key_scope")).all() == [(7, "progress")]
        session.rollback()
    engine.dispose()


BEFORE_UNITS = (
    "INSERT INTO agency (id, key, name, kind) VALUES (1, 'H17', 'Đà Nẵng', 'province')",
    "INSERT INTO person (id, role, name, email, password_hash, agency_id, created_at) VALUES "
    "(1, 'citizen', 'Ẩn', 'a@example.vn', '', NULL, '2026-01-02 03:04:05'), "
    "(2, 'officer', 'Bình', 'b@example.vn', '', 1, '2026-01-02 03:04:05'), "
    "(3, 'administrator', 'Chi', 'c@example.vn', '', NULL, '2026-01-02 03:04:05')",
    "INSERT INTO sign_in (token_digest, person_id, at, seen_at) VALUES "
    "('x', 2, '2026-01-02 03:04:05', '2026-01-02 03:04:05')",
    "INSERT INTO sector (id, slug, name) VALUES (1, 'ho-tich', 'Hộ tịch')",
    "INSERT INTO procedure (id, code, name, sector_id, government_levels, issuing_name, for_citizens, for_businesses, "
    "online, detailed, result_codes, papers, legal_base, channels, source) VALUES (1, '1.001193', 'Khai sinh', 1, "
    "'[]', 'Bộ Tư pháp', true, false, true, false, '[]', '[]', '[]', '[]', '')",
    "INSERT INTO service_version (id, procedure_id, number, level, level_derived, service_class, limit_unit, channels, "
    "created_at) VALUES (1, 1, 1, 4, false, 'whole', 'none', '[]', '2026-01-02 03:04:05')",
    "INSERT INTO service (id, procedure_id, agency_id, version_id, basis) VALUES (1, 1, 1, 1, 'assigned')",
    "INSERT INTO dossier (id, code, state, service_id, version_id, agency_id, applicant_id, answers, submit_key, "
    "created_at, changed_at, queue_at, version) VALUES "
    "(1, 'H17-1', 'submitted', 1, 1, 1, 1, '{}', 'one', '2026-01-02 03:04:05', '2026-01-02 03:04:05', "
    "'2026-01-02 03:04:05', 1), (2, NULL, 'draft', 1, 1, 1, 1, '{}', 'two', '2026-01-02 03:04:05', "
    "'2026-01-02 03:04:05', '2026-01-02 03:04:05', 1)",
)


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda t: t.name)
def test_moments_end_in_at_until_or_since_and_are_stored_in_utc(table: object) -> None:
    for column in table.columns:  # type: ignore[attr-defined]
        if type(column.type).__name__ in ("UtcDateTime", "DateTime"):
            assert type(column.type).__name__ == "UtcDateTime", column
            assert column.name == "at" or column.name.endswith(("_at", "_until", "_since")), column


def test_what_is_public_holds_nothing_personal() -> None:
    """The progress tables know agencies and nobody else. Only in what is no public's table, the words that were mapped,
    administrators see which of them did it."""
    mapped = Base.metadata.tables["progress_mapping"]
    assert {key.target_fullname for key in mapped.foreign_keys} == {"agency.id", "person.id"}
    for table in Base.metadata.sorted_tables:
        if table.name.startswith("progress_") and table is not mapped:
            known = {key.column.table.name for key in table.foreign_keys}
            assert {name for name in known if not name.startswith("progress_")} <= {"agency", "unit", "api_key"}
            personal = {"name", "holder_name", "note", "answers", "person_id", "by_id"}
            assert not {c.name for c in table.columns} & personal


def test_a_database_of_a_newer_release_is_refused_in_words(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.copy("newer"), tmp_path)
    with bound(house), house.app_context():
        with house.extensions["engine"].begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            connection.execute(text("UPDATE deployment SET value = '9999' WHERE name = 'oldest_release'"))
        with pytest.raises(ClickException, match="newer release"):
            upgrade_to_head(house)
    house.extensions["engine"].dispose()


def test_what_has_no_date_and_what_was_stopped_is_counted(databases: Databases, tmp_path: Path) -> None:
    house = open_house(databases.empty("undated"), tmp_path)
    engine = house.extensions["engine"]
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), "0021")
        with engine.begin() as connection:
            connection.execute(text(
                "INSERT INTO agency (id, key, name, kind) VALUES (1, 'H17', 'Đà Nẵng', 'province')"))
            connection.execute(text(
                "INSERT INTO progress_month (agency_id, month, received) VALUES (1, '2026-10-01', 3)"))
            for n, (status, timing, procedure) in enumerate(((9, None, "1.001193"), (10, None, "1.001193"),
                                                             (9, "late", "1.001193"), (8, None, "2.001255"))):
                connection.execute(text(
                    "INSERT INTO progress_record (code, agency_id, procedure_code, service_name, level, channel, "
                    "status, submitted_at, received_at, finished_at, changed_at, timing, sector_id, corrected, source) "
                    "VALUES "
                    "(:code, 1, :procedure, '', 4, 'online', :status, :at, :at, :at, :at, :timing, 5, false, 'feed')"),
                    {"code": f"H17-261005-000{n}", "procedure": procedure, "status": status, "timing": timing,
                     "at": "2026-09-30 18:00:00.000000+00:00"})
        upgrade_to_head(house)
        months = session.execute(text("SELECT received, done_untimed, stopped FROM progress_month")).all()
        sides = session.execute(text(
            "SELECT side, agency_id, value, done_untimed, stopped FROM progress_side ORDER BY 1, 2, 3")).all()
        session.rollback()
    engine.dispose()
    assert months == [(3, 2, 1)], "1 October, one o'clock, in Hà Nội"
    assert [tuple(row) for row in sides] == [
        ("channel", 0, "online", 2, 1), ("channel", 1, "online", 2, 1), ("level", 0, "4", 2, 1),
        ("level", 1, "4", 2, 0),
        ("procedure", 0, "1.001193", 2, 0), ("procedure", 0, "2.001255", 0, 1), ("sector", 0, "5", 2, 1),
        ("sector", 1, "5", 2, 0)], "of a sensitive procedure the agency's sector and level tell nothing"
