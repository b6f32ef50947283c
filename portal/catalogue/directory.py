"""The catalogue in memory: plain, immutable facts with the search index and the facets over them.

Built from rows, knows no database. One directory answers every list, count and search of one edition.
"""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.catalogue.facets import Bits, Facets, ServiceRow
from portal.catalogue.limits import Limit, LimitUnit
from portal.catalogue.search import Index, Row
from portal.kit.text import vi_key

LEVELS = (4, 3, 2, 1)
_FORMS = ("Tỉnh ", "Thành phố ")
_KEEPS_FORM = "Thành phố Hồ Chí Minh"


@dataclass(frozen=True, slots=True)
class AgencyFact:
    """A current agency. `code` is None where none is confirmed; `key` names it in addresses all the same."""

    id: int
    key: str
    code: str | None
    name: str
    kind: str
    gso_code: str | None

    @property
    def is_province(self) -> bool:
        return self.kind == "province"

    @property
    def short_name(self) -> str:
        """A province without what it is: "An Giang"; Hồ Chí Minh City keeps it."""
        if not self.is_province or self.name == _KEEPS_FORM:
            return self.name
        return self.name.removeprefix(_FORMS[0]).removeprefix(_FORMS[1])


@dataclass(frozen=True, slots=True)
class SectorFact:
    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class VersionFact:
    """The terms of a service, as lists show them. `fee_amount` in đồng: 0 is free, None unknown."""

    id: int
    level: int
    service_class: str
    level_derived: bool
    limit: Limit
    fee_text: str | None
    fee_amount: int | None
    has_form: bool


@dataclass(frozen=True, slots=True)
class ProcedureFact:
    id: int
    code: str
    name: str
    sector: SectorFact
    government_levels: tuple[str, ...]
    issuing_name: str
    for_citizens: bool
    for_businesses: bool
    online: bool
    detailed: bool
    popularity: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One agency's service for a procedure."""

    agency: AgencyFact
    procedure: ProcedureFact
    version: VersionFact


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: a procedure with its best terms among `offers` agencies.

    `only` is the agency when there is one to show: the chosen one, or the single one that offers it.
    """

    procedure: ProcedureFact
    version: VersionFact | None
    offers: int
    only: AgencyFact | None


@dataclass(frozen=True)
class Facts:
    """The rows that a directory is built from; offers are (agency id, procedure id, version id)."""

    number: int
    agencies: Iterable[AgencyFact]
    sectors: Iterable[SectorFact]
    versions: Iterable[VersionFact]
    procedures: Iterable[ProcedureFact]
    extra_words: Mapping[int, str]
    offers: Iterable[tuple[int, int, int]]


@dataclass(frozen=True)
class Directory:
    """Everything that is looked up by key, code or search in one edition. Build it with `build`."""

    number: int
    index: Index = field(repr=False)
    facets: Facets = field(repr=False)
    agencies: Mapping[str, AgencyFact] = field(repr=False)  # in reading order
    sectors: Mapping[str, SectorFact] = field(repr=False)
    by_id: Mapping[int, ProcedureFact] = field(repr=False)
    by_code: Mapping[str, ProcedureFact] = field(repr=False)
    versions: Mapping[int, VersionFact] = field(repr=False)
    offering: Mapping[int, Mapping[str, int]] = field(repr=False)  # procedure id → agency key → version id
    browsing: tuple[tuple[int, int], ...] = field(repr=False)  # (procedure id, position), most wanted first

    def offers(self, procedure: ProcedureFact) -> list[Offer]:
        """What each agency offers for a procedure, central bodies first, then provinces by name."""
        held = self.offering.get(procedure.id, {})
        return [Offer(agency, procedure, self.versions[held[key]])
                for key, agency in self.agencies.items() if key in held]

    def listed(self, procedure_id: int, agency: str | None, levels: tuple[int, ...]) -> Listed:
        """The line for a procedure, in one agency or over those that offer it at `levels`."""
        held = self.offering.get(procedure_id, {})
        if agency is not None:
            held = {agency: held[agency]} if agency in held else {}
        fit = {key: v for key, v in held.items() if not levels or self.versions[v].level in levels}
        best = max((self.versions[v] for v in set(fit.values())), key=lambda v: (v.level, v.id), default=None)
        only = self.agencies[next(iter(fit))] if len(fit) == 1 else None
        return Listed(self.by_id[procedure_id], best, len(fit), only)

    def browse(self, bits: Bits, start: int, size: int) -> list[int]:
        """Procedures of a set in the order of what is wanted most, from the `start`-th."""
        fit = [id_ for id_, position in self.browsing if bits >> position & 1]
        return fit[start:start + size]


def build(facts: Facts) -> Directory:
    """A directory of these facts; the order in which the rows come makes no difference."""
    agencies = {a.id: a for a in sorted(facts.agencies, key=lambda a: (a.is_province, vi_key(a.short_name)))}
    versions = {v.id: v for v in facts.versions}
    procedures = {p.id: p for p in facts.procedures}
    extra = facts.extra_words
    index = Index.build(Row(p.id, p.code, p.name, p.sector.name, extra.get(p.id, ""), p.popularity)
                        for p in sorted(procedures.values(), key=lambda p: p.code))
    offering: dict[int, dict[str, int]] = defaultdict(dict)
    rows = []
    for agency_id, procedure_id, version_id in facts.offers:
        agency, p = agencies[agency_id], procedures[procedure_id]
        offering[procedure_id][agency.key] = version_id
        rows.append(ServiceRow(procedure_id, agency.key, versions[version_id].level, p.sector.slug,
                               p.for_citizens, p.for_businesses))
    wanted = sorted(procedures.values(), key=lambda p: (-p.popularity, vi_key(p.name), p.code))
    return Directory(
        number=facts.number, index=index, facets=Facets.build(rows, index.position),
        agencies={a.key: a for a in agencies.values()},
        sectors={s.slug: s for s in sorted(facts.sectors, key=lambda s: vi_key(s.name))},
        by_id=procedures, by_code={p.code: p for p in procedures.values()}, versions=versions,
        offering=dict(offering), browsing=tuple((p.id, index.position(p.id)) for p in wanted))


def limit_of(amount: int | None, unit: str, assumed: bool) -> Limit:
    """A limit from its columns."""
    return Limit(amount, LimitUnit(unit), assumed)
