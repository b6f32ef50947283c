"""Loading the reference data, and telling every process that the catalogue changed.

Loading adds what is missing and changes nothing that is there, so it may run at every start: what an
administrator corrected stays corrected.
"""
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy import func as sql

from portal.catalogue import life_events, queries, reference
from portal.catalogue.generic_form import generic_form
from portal.catalogue.models import (
    CatalogueEdition,
    Form,
    Holiday,
    Procedure,
    Sector,
    Service,
    ServiceVersion,
)
from portal.catalogue.openings import ONLINE_FROM_LEVEL
from portal.kit import clock
from portal.kit.db import Base, session
from portal.people.models import Agency, AgencySuccession

Progress = Callable[[int, int, str], None]
Ids = dict[str, int]

BATCH = 5_000
#: A sample rule: what can be filed online opened when two-level local government began, on the day that the
#: provinces merged; central bodies opened when central Government was rearranged.
OPENED_LOCALLY, OPENED_CENTRALLY = reference.PROVINCES_MERGED, reference.CENTRAL_REFORM


def load_reference(progress: Progress | None = None, *, only: Collection[str] | None = None,
                   agencies: Collection[str] | None = None) -> bool:
    """Add the facts of `data/` that are missing; True when something was added.

    `only` keeps procedures to these codes, `agencies` keeps services to these agency keys (the agencies
    themselves always come whole). `progress` hears (done, total, English msgid). Call it in a transaction.
    """
    report = progress or (lambda _done, _total, _text: None)
    rows = [row for row in reference.procedures() if only is None or row.code in only]
    report(0, 5, "Agencies and calendar")
    keys = _load_agencies()
    added = _load_holidays()
    report(1, 5, "Procedures")
    ids = _load_procedures(rows, keys)
    report(2, 5, "Forms")
    _load_forms(rows, ids)
    report(3, 5, "Service versions")
    versions = _load_versions(rows, ids)
    report(4, 5, "Services")
    added += _load_services(rows, ids, versions, agencies)
    report(5, 5, "Reference data loaded")
    if added:
        bump_edition()
    return bool(added)


def bump_edition() -> int:
    """Say that the catalogue changed: every process rebuilds its index in seconds. The new number."""
    edition = session.get(CatalogueEdition, 1)
    if edition is None:
        edition = CatalogueEdition(id=1, number=0)
        session.add(edition)
    edition.number += 1
    edition.changed_at = clock.now()
    session.flush()
    queries.look_again()
    return edition.number


def _add(model: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    table = model.__table__
    assert isinstance(table, Table)
    for start in range(0, len(rows), BATCH):
        session.execute(insert(table), rows[start:start + BATCH])
    return len(rows)


def _ids(key: Any, value: Any) -> dict[Any, Any]:
    return {row[0]: row[1] for row in session.execute(select(key, value))}


def full_name(row: reference.AgencyRow) -> str:
    """A province with what it is: "Tỉnh An Giang", "Thành phố Hà Nội"; other bodies by their name."""
    if row.form is None or row.name.startswith("Thành phố"):
        return row.name
    return f"{'Tỉnh' if row.form == 'tỉnh' else 'Thành phố'} {row.name}"


def _load_agencies() -> Ids:
    """Agencies, the succession between them; ids of the current ones by key."""
    listed = [*reference.agencies(), *reference.provinces()]
    held = set(session.execute(select(Agency.key, Agency.name, Agency.valid_from)))
    left_out = ("ref", "form", "predecessors")
    _add(Agency, [
        {k: v for k, v in asdict(row).items() if k not in left_out} | {"name": full_name(row)}
        for row in listed if (row.key, full_name(row), row.valid_from) not in held])
    # a merged province keeps code and name: only its first day tells it from its predecessor
    ids = {(key, name, first): id_ for id_, key, name, first in session.execute(
        select(Agency.id, Agency.key, Agency.name, Agency.valid_from))}
    by_ref = {row.ref: ids[row.key, full_name(row), row.valid_from] for row in listed}
    known = set(session.execute(select(AgencySuccession.predecessor_id, AgencySuccession.successor_id)))
    _add(AgencySuccession, [
        {"predecessor_id": by_ref[s.predecessor], "successor_id": by_ref[s.successor], "since": s.since}
        for s in reference.successions() if (by_ref[s.predecessor], by_ref[s.successor]) not in known])
    return {row.key: by_ref[row.ref] for row in listed if row.valid_to is None}


def _load_holidays() -> int:
    """Days off of years that have none yet: a year that an administrator edited is left alone."""
    known = {day.year for day in session.scalars(select(Holiday.day))}
    return _add(Holiday, [asdict(row) for row in reference.holidays() if row.day.year not in known])


def _load_procedures(rows: Iterable[reference.ProcedureRow], agencies: Ids) -> Ids:
    """Sectors and procedures; ids by procedure code."""
    rows = list(rows)
    sectors = _ids(Sector.slug, Sector.id)
    missing = {row.sector_slug: row.sector for row in rows if row.sector_slug not in sectors}
    _add(Sector, [{"slug": slug, "name": name} for slug, name in missing.items()])
    sectors = _ids(Sector.slug, Sector.id)
    known = _ids(Procedure.code, Procedure.id)
    _add(Procedure, [_procedure(row, sectors, agencies) for row in rows if row.code not in known])
    return _ids(Procedure.code, Procedure.id)


def _procedure(row: reference.ProcedureRow, sectors: Ids, agencies: Ids) -> dict[str, Any]:
    same = ("code", "name", "government_levels", "issuing_name", "decision", "for_citizens", "for_businesses",
            "online", "detailed", "result", "result_codes", "papers", "legal_base", "channels", "source")
    return {name: getattr(row, name) for name in same} | {
        "sector_id": sectors[row.sector_slug], "issuing_agency_id": agencies.get(row.issuing_key or "")}


def _load_forms(rows: Iterable[reference.ProcedureRow], ids: Ids) -> int:
    """The forms written for single procedures, and one made of its papers for every other online one."""
    written = reference.form_definitions()
    held = set(session.scalars(select(Form.procedure_id)))
    asked = [row for row in rows if (row.level >= 2 or row.code in written) and ids[row.code] not in held]
    definitions = {row.code: written.get(row.code) or generic_form(row) for row in asked}
    return _add(Form, [
        {"procedure_id": ids[row.code], "number": 1, "sample": definitions[row.code]["sample"],
         "definition": definitions[row.code]} for row in asked])


def _load_versions(rows: Iterable[reference.ProcedureRow], ids: Ids) -> dict[int, int]:
    """The first version of each procedure's terms; the newest version's id by procedure id."""
    held = set(session.scalars(select(ServiceVersion.procedure_id)))
    forms = _ids(Form.procedure_id, Form.id)
    _add(ServiceVersion, [_version(row, ids[row.code], forms) for row in rows if ids[row.code] not in held])
    newest = select(ServiceVersion.procedure_id, sql.max(ServiceVersion.id)).group_by(ServiceVersion.procedure_id)
    return dict(session.execute(newest).all())


def _version(row: reference.ProcedureRow, procedure_id: int, forms: dict[int, int]) -> dict[str, Any]:
    return {
        "procedure_id": procedure_id, "number": 1, "level": row.level, "level_derived": True,
        "service_class": row.service_class, "limit_amount": row.limit.amount, "limit_unit": str(row.limit.unit),
        "limit_assumed": row.limit.assumed, "fee_text": row.fee.text if row.fee else None,
        "fee_amount": row.fee.amount if row.fee else None, "channels": row.channels,
        "form_id": forms.get(procedure_id), "created_at": clock.now(),
    }


def _load_services(rows: Iterable[reference.ProcedureRow], ids: Ids, versions: dict[int, int],
                   only: Collection[str] | None) -> int:
    """Services of today's agencies: a province offers what it or its communes do, a ministry what it issued."""
    current = [agency for agency in session.scalars(select(Agency).where(Agency.valid_to.is_(None)))
               if only is None or agency.key in only]
    held = set(session.execute(select(Service.agency_id, Service.procedure_id)))
    provinces = [agency for agency in current if agency.kind == "province"]
    others = {agency.key: agency for agency in current if agency.kind != "province"}
    missing = []
    for row in rows:
        procedure_id = ids[row.code]
        terms = _terms(row, procedure_id, versions[procedure_id])
        offering = [*provinces] if {"province", "commune"} & set(row.government_levels) else []
        if "ministry" in row.government_levels and row.issuing_key in others:
            offering.append(others[row.issuing_key])
        missing += [terms | {"agency_id": agency.id, "opens_on": _opened(agency.kind, row.level)}
                    for agency in offering if (agency.id, procedure_id) not in held]
    return _add(Service, missing)


def _terms(row: reference.ProcedureRow, procedure_id: int, version_id: int) -> dict[str, Any]:
    """What all services of a procedure share.

    Which services the Prime Minister assigned is not in the data. A sample stands for it: those that were
    read whole and can be filed online count as assigned, all others as the agency's own initiative.
    """
    rank = life_events.popularity(
        row.code, detailed=row.detailed, online=row.online, for_citizens=row.for_citizens)
    assigned = row.detailed and row.level >= 3
    return {"procedure_id": procedure_id, "version_id": version_id, "popularity": rank,
            "basis": "assigned" if assigned else "own_initiative"}


def _opened(kind: str, level: int) -> date | None:
    if level < ONLINE_FROM_LEVEL:
        return None
    return OPENED_LOCALLY if kind == "province" else OPENED_CENTRALLY
