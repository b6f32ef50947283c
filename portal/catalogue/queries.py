"""Looking things up in the catalogue. Lists, counts and search come from memory, one sheet from the database.

The directory in memory belongs to an edition; a process looks at most every few seconds whether there is a
newer one and swaps the whole directory then. A reader sees one edition from start to end.
"""
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.catalogue import cases, rates, reference
from portal.catalogue.calendar import NoCatalogue as NoCatalogue
from portal.catalogue.calendar import calendar_changes as calendar_changes
from portal.catalogue.calendar import calendar_now
from portal.catalogue.calendar import calendar_of as calendar_of
from portal.catalogue.directory import (
    LEVELS,
    AgencyFact,
    Directory,
    Facts,
    FormerFact,
    Listed,
    Offer,
    ProcedureFact,
    SectorFact,
    Understood,
    VersionFact,
    build,
    limit_of,
)
from portal.catalogue.models import (
    CatalogueEdition,
    LoadedFact,
    Procedure,
    Sector,
    Service,
    ServiceVersion,
)
from portal.kit.db import session
from portal.kit.text import vi_key
from portal.law.calendar import Calendar
from portal.people.models import Agency, AgencySuccession
from portal.search.elsewhere import Topic

LOOK_AGAIN_S = 5.0
PAGE_SIZE = 20
PIECE = 2_000  # rows read at a time
_building = Lock()
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """One page of a list. `after` is where the next one starts, None at the end; `total` counts them all.

    The counts say how many there would be with another choice of that one facet. `all_words` is False when
    nothing has all the words of the query: the hits are then only near. `corrected` is the query as it was read
    where errors of typing were taken out of it. `far`: what was found has little of what was asked, so it is probably
    not what is wanted. `topic`: what is asked for elsewhere, where the words name such a thing.
    """

    items: tuple[Listed, ...]
    total: int
    start: int
    after: int | None
    all_words: bool
    by_level: dict[int, int]
    by_agency: dict[str, int]
    by_sector: dict[str, int]
    by_audience: dict[str, int]
    corrected: str = ""
    far: bool = False
    topic: Topic | None = None


@dataclass
class _Kept(Generic[T]):
    value: T
    edition: tuple[int, datetime | None]
    looked_at: float


@dataclass(frozen=True)
class WardFact:
    """A commune, ward or special zone: its code and its full name ("Phường Ba Đình")."""

    code: str
    name: str


def directory() -> Directory:
    """The catalogue in memory, seconds behind the database at most. Raises NoCatalogue when that is empty."""
    return _keep("catalogue", _directory)


def calendar() -> Calendar:
    """Working days and hours, from the holiday table. Raises NoCatalogue while that has no day."""
    return _keep("calendar", lambda _number: calendar_now())


def edited_facts() -> list[tuple[str, str]]:
    """Kind and key of what was edited here and said otherwise by the release that was loaded last."""
    rows = session.execute(select(LoadedFact.kind, LoadedFact.key).where(LoadedFact.edited)
                           .order_by(LoadedFact.kind, LoadedFact.key))
    return [(kind, key) for kind, key in rows]


def look_again() -> None:
    """Let this process ask for the edition at its next look-up."""
    for name in ("catalogue", "calendar"):
        if name in current_app.extensions:
            current_app.extensions[name].looked_at = 0.0


def edition() -> int:
    """The number of the catalogue's edition in the database, 0 before the first."""
    return session.scalar(select(CatalogueEdition.number)) or 0


def search(q: str = "", *, level: int | None = None, agency: str | None = None, sector: str | None = None,
           audience: str | None = None, after: int = 0, size: int = PAGE_SIZE,
           literal: bool = False) -> Page:
    """Procedures that fit the words and all the facets given, best first; without words, what is wanted most.

    `agency` is a key, `sector` a slug, `audience` "citizen" or "business", `after` the place to start from.
    `literal` takes the words as they stand, errors and all. A place among the words is not looked for: see
    `understand`.
    """
    d = directory()
    levels = () if level is None else (level,)
    filtered = any(value is not None for value in (level, agency, sector, audience))
    found = d.index.search(q, None, limit=0, literal=literal) if q.strip() else None
    asked = d.index.everything if found is None else found.bits
    allowed = d.facets.allowed(levels=levels, agency=agency, sector=sector, audience=audience) \
        if filtered else d.index.everything
    fit, after = asked & allowed, max(after, 0)
    if found is None:
        ids = d.browse(fit, after, size)
    else:
        ids = [hit.id for hit in d.index.search(q, allowed, limit=after + size, literal=literal).hits[after:]]
    total = fit.bit_count()
    without = d.facets.allowed
    return Page(
        items=tuple(d.listed(id_, agency, levels) for id_ in ids), total=total, start=after,
        after=after + size if after + size < total else None, all_words=found is None or found.all_words,
        by_level=d.facets.by_level(asked & without(agency=agency, sector=sector, audience=audience), agency),
        by_agency=d.facets.by_agency(asked & without(sector=sector, audience=audience), levels),
        by_sector=d.facets.by_sector(asked & without(levels=levels, agency=agency, audience=audience)),
        by_audience=d.facets.by_audience(asked & without(levels=levels, agency=agency, sector=sector)),
        corrected="" if found is None else found.corrected, far=found is not None and found.far,
        topic=None if found is None else found.topic)


def understand(q: str) -> Understood:
    """The agency or place named in a query, and the words that remain; at once and in memory."""
    return directory().understand(q)


def suggestions(q: str, size: int = 8) -> list[ProcedureFact]:
    """The procedures to offer while somebody types; with a place among the words, what is offered there."""
    d = directory()
    meant = d.understand(q)
    if not meant.words.strip():
        return []
    within = d.facets.allowed(agency=meant.agency.key) if meant.agency else None
    return [d.by_id[hit.id] for hit in d.index.search(meant.words, within, limit=size)]


def service(agency_key: str, procedure_code: str) -> Service | None:
    """What a current agency offers for a procedure: procedure, sector, version and agency in one query."""
    return session.scalar(
        select(Service).join(Service.agency).join(Service.procedure)
        .where(Agency.key == agency_key, Agency.valid_to.is_(None), Procedure.code == procedure_code)
        .options(contains_eager(Service.agency), joinedload(Service.version),
                 contains_eager(Service.procedure).joinedload(Procedure.sector)))


def services_with_forms(procedure_codes: Collection[str]) -> Sequence[Service]:
    """What today's agencies offer for these procedures, with versions and forms, by the agencies' keys."""
    return session.scalars(
        select(Service).join(Service.procedure).join(Service.agency)
        .where(Procedure.code.in_(procedure_codes), Agency.valid_to.is_(None))
        .options(contains_eager(Service.procedure), contains_eager(Service.agency),
                 joinedload(Service.version).joinedload(ServiceVersion.form)).order_by(Agency.key)).all()


def services_of(procedure_code: str) -> list[Offer]:
    """Which agencies offer a procedure, and on what terms; empty for an unknown code."""
    d = directory()
    found = d.by_code.get(procedure_code)
    return d.offers(found) if found else []


def procedure(code: str) -> ProcedureFact | None:
    """The procedure with this code."""
    return directory().by_code.get(code)


def procedure_named(agency_key: str) -> Callable[[str], str | None]:
    """What says the code of the procedure with a name, to a table of this agency."""
    looked_in = directory()
    return lambda name: looked_in.named(name, agency_key)


def agency(key: str) -> AgencyFact | None:
    """The current agency with this key."""
    return directory().agencies.get(key)


def agencies_current() -> list[AgencyFact]:
    """Today's agencies: central bodies, then provinces, in dictionary order."""
    return list(directory().agencies.values())


def sectors() -> list[SectorFact]:
    """All sectors in dictionary order."""
    return list(directory().sectors.values())


def sector(slug: str) -> SectorFact | None:
    """The sector with this slug."""
    return directory().sectors.get(slug)


def sector_counts() -> dict[str, int]:
    """How many procedures that somebody offers each sector has, by slug."""
    return directory().facets.by_sector()


def procedure_counts() -> dict[int, int]:
    """How many procedures are offered at each level somewhere in the country."""
    return directory().facets.by_level()


def level_counts() -> tuple[dict[str, dict[int, int]], dict[int, int]]:
    """Services at each level: for each agency that offers any, and in all."""
    by_agency = directory().facets.levels_by_agency()
    return by_agency, {n: sum(counts[n] for counts in by_agency.values()) for n in LEVELS}


def popular(n: int, audience: str | None = None) -> list[ProcedureFact]:
    """What people come for most, for everybody or one audience."""
    return [item.procedure for item in search(audience=audience, size=n).items]


@cache
def wards(province: str) -> tuple[WardFact, ...]:
    """Communes, wards and special zones of a province (its statistics code), in dictionary order."""
    found = [ward for ward in reference.wards() if ward.province_gso == province]
    found.sort(key=lambda ward: vi_key(ward.name.partition(" ")[2] or ward.name))
    return tuple(WardFact(ward.code, ward.name) for ward in found)


def provinces() -> list[AgencyFact]:
    """Today's provinces in dictionary order."""
    return [a for a in agencies_current() if a.is_province]


def _keep(name: str, make: Callable[[int], T]) -> T:
    kept: _Kept[T] | None = current_app.extensions.get(name)
    trusted = current_app.config.get("CATALOGUE_LOOK_AGAIN_S", LOOK_AGAIN_S)  # tests, which roll back, trust nothing
    if kept is not None and monotonic() - kept.looked_at < trusted:
        return kept.value
    row = session.execute(select(CatalogueEdition.number, CatalogueEdition.changed_at)).one_or_none()
    newest: tuple[int, datetime | None] = (row[0], row[1]) if row else (0, None)
    with _building:
        kept = current_app.extensions.get(name)
        if kept is None or kept.edition != newest:
            kept = _Kept(make(newest[0]), newest, monotonic())
            current_app.extensions[name] = kept
        kept.looked_at = monotonic()
    return kept.value


def _directory(number: int) -> Directory:
    if not number:
        raise NoCatalogue("load the reference data first")
    rows = session.execute(select(Sector.id, Sector.slug, Sector.name))
    sectors = {row.id: SectorFact(*row) for row in rows}
    today = Service.agency.has(Agency.valid_to.is_(None))
    # the highest of a procedure's services, where an administrator made one differ
    popular = select(Service.procedure_id, func.max(Service.popularity)).where(today).group_by(Service.procedure_id)
    wanted: dict[int, int] = {row[0]: row[1] for row in session.execute(popular)}
    procedures, results = _procedures(sectors, wanted)
    # a piece at a time: all at once would leave the process as much larger for ever
    offers = session.execute(select(Service.agency_id, Service.procedure_id, Service.version_id).where(today),
                             execution_options={"yield_per": PIECE})
    return build(Facts(
        number=number, agencies=_agencies(), sectors=sectors.values(), versions=_versions(),
        procedures=procedures, extra_words=results, offers=(row[:3] for row in offers), former=_former()))


def _procedures(
    sectors: dict[int, SectorFact], wanted: dict[int, int]
) -> tuple[list[ProcedureFact], dict[int, str]]:
    """Procedures, and what each gives by id: the names of results are words to be found by."""
    p = Procedure
    rows = session.execute(select(p.id, p.code, p.name, p.sector_id, p.government_levels, p.issuing_name,
                                  p.for_citizens, p.for_businesses, p.online, p.detailed, p.result)).all()
    facts = [ProcedureFact(
        r.id, r.code, r.name, sectors[r.sector_id], tuple(r.government_levels), r.issuing_name, r.for_citizens,
        r.for_businesses, r.online, r.detailed, wanted.get(r.id, 0)) for r in rows]
    return facts, {r.id: r.result for r in rows if r.result}


def _agencies() -> list[AgencyFact]:
    rows = select(Agency.id, Agency.key, Agency.code, Agency.name, Agency.kind, Agency.gso_code, Agency.abbreviation)
    return [AgencyFact(*row) for row in session.execute(rows.where(Agency.valid_to.is_(None)))]


def _former() -> list[FormerFact]:
    """Agencies of the past with those of today that do their work, through any number of successions."""
    rows = session.execute(select(Agency.id, Agency.key, Agency.code, Agency.name, Agency.kind, Agency.abbreviation,
                                  Agency.valid_to)).all()
    current = {row.id for row in rows if row.valid_to is None}
    heirs: dict[int, set[int]] = {}
    for gone, heir in session.execute(select(AgencySuccession.predecessor_id, AgencySuccession.successor_id)):
        heirs.setdefault(gone, set()).add(heir)

    def today(id_: int, seen: frozenset[int] = frozenset()) -> set[int]:
        if id_ in current or id_ in seen:
            return {id_} & current
        return {found for heir in heirs.get(id_, ()) for found in today(heir, seen | {id_})}

    return [FormerFact(row.key, row.name, row.kind, row.abbreviation, tuple(today(row.id)))
            for row in rows if row.id not in current]


def _versions() -> list[VersionFact]:
    v = ServiceVersion
    rows = session.execute(select(
        v.id, v.level, v.service_class, v.level_derived, v.limit_amount, v.limit_unit, v.limit_assumed,
        v.cases, v.rates, v.form_id).where(v.id.in_(select(Service.version_id))))
    return [VersionFact(r.id, r.level, r.service_class, r.level_derived,
                        limit_of(r.limit_amount, r.limit_unit, r.limit_assumed), cases.read(r.cases),
                        rates.read(r.rates),
                        r.form_id is not None) for r in rows]
