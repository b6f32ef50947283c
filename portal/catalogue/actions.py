"""Loading the facts of a release, and telling every process that the catalogue changed.

A release's facts are known by their content: what nobody edited here is replaced by what a newer release says, what
it took out goes, and what an administrator edited stays and is told of. Loading twice changes nothing.
"""
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.catalogue import calendar, digests, life_events, loading, queries, reference, renewal
from portal.catalogue.loading import Contents, Report
from portal.catalogue.models import (
    CalendarEdition,
    CatalogueEdition,
    CatalogueLoad,
    Procedure,
    Sector,
    Service,
)
from portal.catalogue.openings import ONLINE_FROM_LEVEL
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.hot.bulk import serialise
from portal.law.calendar import CalendarDay, edition_of
from portal.law.rule_sets import SpecialTimes
from portal.people import roles
from portal.people.models import Agency, AgencySuccession

Progress = Callable[[int, int, str], None]
Ids = dict[str, int]

#: A sample rule: what can be filed online opened when two-level local government began, on the day that the
#: provinces merged; central bodies opened when central Government was rearranged.
OPENED_LOCALLY, OPENED_CENTRALLY = reference.PROVINCES_MERGED, reference.CENTRAL_REFORM


@dataclass(frozen=True)
class Release:
    """The facts of this release about procedures, read and made ready."""

    rows: list[reference.ProcedureRow]
    procedures: Contents
    forms: Contents
    terms: Contents


def read_release(only: Collection[str] | None = None) -> Release:
    """Read the files and make the forms: half of the work of loading, before a transaction is open."""
    rows = [row for row in reference.procedures() if only is None or row.code in only]
    return Release(rows, loading.procedure_contents(rows), renewal.form_contents(rows), renewal.term_contents(rows))


def load_reference(progress: Progress | None = None, *, only: Collection[str] | None = None,
                   agencies: Collection[str] | None = None, again: bool = False,
                   release: Release | None = None) -> Report:
    """Bring the facts of this release into the database; says what changed and what stays since it was edited here.

    `only` keeps procedures to these codes, `agencies` keeps services to these agency keys (the agencies
    themselves always come whole). `progress` hears (done, total, English msgid). `again`: though this very release
    was loaded already. `release`: as it was read before. Call it in a transaction; of two processes the second finds
    nothing left to do.
    """
    report, tell = Report(), progress or (lambda _done, _total, _text: None)
    serialise("catalogue load", 0)
    whole = only is None and agencies is None
    if again or not (whole and _is_same_release()):
        _load(release or read_release(only), agencies, report, tell)
        if whole:
            session.add(CatalogueLoad(digest=digests.of_release(), report=report.counts))
    published = publish_calendar()
    tell(5, 5, "Reference data loaded")
    if report.changed or published:
        bump_edition()
    return report


def is_loaded() -> bool:
    """Whether the facts of this very release were the last to be loaded, and the calendar is published as it is."""
    return _is_same_release() and not _days_to_publish()


def _is_same_release() -> bool:
    last = session.scalar(select(CatalogueLoad.digest).order_by(CatalogueLoad.id.desc()).limit(1))
    return last == digests.of_release()


def _days_to_publish() -> list[CalendarDay]:
    """The days of the calendar, none if they are those of its newest edition."""
    days, last = calendar.calendar_days(), calendar.newest_calendar()
    return [] if last is not None and last.key == edition_of(days) else days


def publish_calendar() -> CalendarEdition | None:
    """Keep the days of the calendar as an edition of their own if they changed since the last; the new edition."""
    days, first = _days_to_publish(), calendar.newest_calendar() is None
    if not days:
        return None
    made = CalendarEdition(key=edition_of(days), days=[(day.day.isoformat(), day.kind, day.name, day.provisional)
                                          for day in days])
    session.add(made)
    session.flush()
    if not first:  # dates that were counted by other days are open, perhaps
        jobs.put("dossiers.recount_due_dates")
    return made


def set_special_times(code: str, times: SpecialTimes | None) -> int | None:
    """Give a procedure a special law's own times. How many versions of its terms were made; None: no such code."""
    procedure_id = session.scalar(select(Procedure.id).where(Procedure.code == code))
    if procedure_id is None:
        return None
    made = renewal.set_special_times(procedure_id, times)
    if made:
        bump_edition()
    return made


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


def _load(release: Release, agencies: Collection[str] | None, report: Report, tell: Progress) -> None:
    """Each kind of fact, those first that others name."""
    tell(0, 5, "Agencies and calendar")
    loading.settle(loading.holidays(), loading.holiday_contents(), report)
    keys = _load_agencies(report)
    roles.add_central_units()
    provinces = {row.gso_code: row.id for row in session.execute(select(Agency.gso_code, Agency.id).where(
        Agency.valid_to.is_(None), Agency.gso_code.is_not(None)))}
    loading.settle(loading.communes(provinces), loading.commune_contents(), report)
    tell(1, 5, "Procedures")
    loading.settle(loading.sectors(), {row.sector_slug: {"name": row.sector} for row in release.rows}, report)
    sectors = _ids(Sector.slug, Sector.id)
    loading.settle(loading.procedures(keys, sectors), release.procedures, report)
    ids = _ids(Procedure.code, Procedure.id)
    tell(2, 5, "Forms")
    forms = renewal.renew_forms(release.forms, ids, report)
    tell(3, 5, "Service versions")
    versions = renewal.renew_terms(release.terms, ids, forms, report)
    tell(4, 5, "Services")
    report.counts["service"] = _count(_load_services(release.rows, ids, versions, agencies))


def _count(added: int) -> dict[str, int]:
    return {"added": added} if added else {}


def _ids(key: Any, value: Any) -> dict[Any, Any]:
    return {row[0]: row[1] for row in session.execute(select(key, value))}


def _load_agencies(report: Report) -> Ids:
    """Agencies, the succession between them; ids of the current ones by key."""
    listed = [*reference.agencies(), *reference.provinces()]
    loading.settle(loading.agencies(), loading.agency_contents(listed), report)
    # a merged province keeps code and name: only its first day tells it from its predecessor
    ids = {(key, first): id_ for id_, key, first in session.execute(
        select(Agency.id, Agency.key, Agency.valid_from))}
    by_ref = {row.ref: ids[row.key, row.valid_from] for row in listed}
    known = set(session.execute(select(AgencySuccession.predecessor_id, AgencySuccession.successor_id)))
    loading.add([
        {"predecessor_id": by_ref[s.predecessor], "successor_id": by_ref[s.successor], "since": s.since}
        for s in reference.successions() if (by_ref[s.predecessor], by_ref[s.successor]) not in known],
        AgencySuccession)
    return {row.key: by_ref[row.ref] for row in listed if row.valid_to is None}


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
    loading.add(missing, Service)
    return len(missing)


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
