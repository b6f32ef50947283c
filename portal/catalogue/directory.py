"""The catalogue in memory: plain, immutable facts with the search index and the facets over them.

Built from rows, knows no database. One directory answers every list, count and search of one edition.
"""
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from portal.catalogue import english
from portal.catalogue.cases import Case
from portal.catalogue.gazetteer import all_localities
from portal.catalogue.openings import ONLINE_FROM_LEVEL
from portal.catalogue.sensitive import is_sensitive
from portal.kit.text import fold, marked_words, vi_key, words
from portal.law.fees import Rate
from portal.law.limits import Limit, LimitUnit
from portal.search.facets import Bits, Facets, ServiceRow
from portal.search.index import IN_NAME, Found, Index, Row
from portal.search.places import Mention, Named, Places
from portal.search.synonyms import read_abbreviations

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
    abbreviation: str | None = None

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
class FormerFact:
    """An agency of the past and the ids of today's agencies that took over from it."""

    key: str
    name: str
    kind: str
    abbreviation: str | None
    heirs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SectorFact:
    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class VersionFact:
    """The terms of a service, as lists show them."""

    id: int
    level: int
    service_class: str
    level_derived: bool
    limit: Limit
    limit_cases: tuple[Case, ...]
    fee_rates: tuple[Rate, ...]
    has_form: bool

    @property
    def main_channel(self) -> str:
        """The way of filing that is shown first."""
        return "online" if self.level >= ONLINE_FROM_LEVEL else "counter"


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
    former: Iterable[FormerFact] = ()


@dataclass(frozen=True)
class Understood:
    """A query taken apart: the words of what is wanted and the agency that was named beside them.

    `place` is how the agency was named, empty when none was. `agency` is it where it offers what is wanted;
    `elsewhere` is it where it does not. Where a ward or a former district was named, `locality` is its name and
    `now` the names of today's wards; where there are such in several provinces, `choices` are (name, province)
    and no agency is chosen.
    """

    words: str
    place: str = ""
    agency: AgencyFact | None = None
    elsewhere: AgencyFact | None = None
    locality: str = ""
    now: tuple[str, ...] = ()
    choices: tuple[tuple[str, AgencyFact], ...] = ()


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
    places: Places = field(default_factory=Places, repr=False)

    @cached_property
    def online(self) -> Mapping[str, Counter[str]]:
        """By the agency's key: how many procedures it offers online, by the id of their sector. Without sensitive ones:
        of those no agency's sector tells."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for procedure_id, held in self.offering.items():
            procedure = self.by_id[procedure_id]
            if is_sensitive(procedure.code):
                continue
            sector = str(procedure.sector.id)
            for key, version in held.items():
                if self.versions[version].level >= ONLINE_FROM_LEVEL:
                    found[key][sector] += 1
        return dict(found)

    def offers(self, procedure: ProcedureFact) -> list[Offer]:
        """What each agency offers for a procedure, central bodies first, then provinces by name."""
        held = self.offering.get(procedure.id, {})
        return [Offer(agency, procedure, self.versions[held[key]])
                for key, agency in self.agencies.items() if key in held]

    def lawful_limit(self, code: str, agency: str) -> Limit | None:
        """The limit that the sheet of a procedure says at an agency, else the one that it says anywhere else, where it
        says one everywhere; None where nobody knows."""
        procedure = self.by_code.get(code)
        held = self.offering.get(procedure.id, {}) if procedure else {}
        if agency in held:
            return self.versions[held[agency]].limit
        said = {self.versions[version].limit for version in held.values()}
        return said.pop() if len(said) == 1 else None

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[ProcedureFact, ...]]:
        found: dict[str, list[ProcedureFact]] = defaultdict(list)
        for fact in self.by_code.values():
            found[_plain_name(fact.name)].append(fact)
        return {name: tuple(facts) for name, facts in found.items()}

    def named(self, name: str, agency: str) -> str | None:
        """The code of the one procedure with this name: of several that bear it the one that the agency offers. None
        where there is none, or several are left."""
        facts = self._by_name.get(_plain_name(name), ())
        offered = [fact for fact in facts if agency in self.offering.get(fact.id, {})]
        left = offered if len(facts) > 1 else facts
        return left[0].code if len(left) == 1 else None

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

    def understand(self, query: str) -> Understood:
        """The place in a query, if what remains finds something better without it; else all of it as words."""
        pieces = query.split()
        counted = [words(piece) for piece in pieces]
        typed = [word for held in counted for word in held]
        if len(typed) == 1 and "." in typed[0]:
            return self._of_code(query, typed[0])
        mentions = self.places.mentions(typed, marked_words(query), query[-1:].isalnum())
        if not mentions:
            mentions = self._mended(query, typed)
        if not mentions:
            return Understood(query)
        whole = self.index.search(query, limit=1)
        for mention in mentions:
            rest, place = _parted(pieces, counted, mention)
            found = self.index.search(rest, limit=1)
            if self._better(found, whole, rest, typed, mention):
                return self._at(mention, rest, place, found)
        return Understood(query)

    def _mended(self, query: str, typed: list[str]) -> list[Mention]:
        """Places in the query without its errors, where no words were glued together."""
        tokens = self.index.tokens(query)
        read = [token.word for token in self.index.repaired(tokens)]
        return self.places.mentions(read) if len(read) == len(typed) and read != typed else []

    def _of_code(self, query: str, code: str) -> Understood:
        """A procedure's code with the code of an agency behind it: 2.000815.H17."""
        start, _, key = code.rpartition(".")
        keys = self.places.synonyms.get((key,)) if not key.isdigit() else None
        found = self.index.search(query, limit=1)
        return self._at(Mention(keys, 0, 1), start, key.upper(), found) if keys and found.hits else Understood(query)

    def _better(self, found: Found, whole: Found, rest: str, typed: list[str], mention: Mention) -> bool:
        named = tuple(typed[mention.start:mention.end])
        if not mention.surely and self.index.side_by_side(named):
            return False  # a ward that is called like ordinary words
        if not words(rest):
            return True
        if whole.all_words and whole.hits and whole.score >= IN_NAME and \
                self.index.named_so(whole.hits[0].id, named):
            return False  # the name itself says it: "Bằng khen của Bộ Xây dựng"
        return bool(found.hits) and _quality(found) > _quality(whole)

    def _at(self, mention: Mention, rest: str, place: str, found: Found) -> Understood:
        named = [self.agencies[key] for key in mention.keys]
        here = mention.localities
        locality = here[0].name if len({one.name for one in here}) == 1 else ""
        if here and len(named) > 1:
            return Understood(rest, place, locality=locality, choices=tuple(
                (next(one.name for one in here if one.gso == agency.gso_code), agency)
                for agency in self.agencies.values() if agency in named))
        first = self.offering.get(found.hits[0].id, {}) if found.hits else {}
        offering = next((agency for agency in named if agency.key in first or not found.hits), None)
        if len(here) == 1 and here[0].within:
            locality = f"{locality} ({here[0].within})"
        return Understood(rest, place, offering, None if offering else named[0], locality,
                          here[0].now if len(here) == 1 else ())


def build(facts: Facts) -> Directory:
    """A directory of these facts; the order in which the rows come makes no difference."""
    agencies = {a.id: a for a in sorted(facts.agencies, key=lambda a: (a.is_province, vi_key(a.short_name)))}
    versions = {v.id: v for v in facts.versions}
    procedures = {p.id: p for p in facts.procedures}
    extra = _with_english(procedures.values(), facts.extra_words)
    table = read_abbreviations()
    places = Places.of(_bodies(agencies, facts.former), table, all_localities(),
                       {a.gso_code: a.key for a in agencies.values() if a.gso_code})
    index = Index.build(
        (Row(p.id, p.code, p.name, p.sector.name, extra.get(p.id, ""), p.popularity)
         for p in sorted(procedures.values(), key=lambda p: p.code)),
        {said: meant for said, meant in table.items() if not any(map(places.named_by, meant))}, places.synonyms)
    offering: dict[int, dict[str, int]] = defaultdict(dict)

    def rows() -> Iterator[ServiceRow]:
        for agency_id, procedure_id, version_id in facts.offers:
            agency, p = agencies[agency_id], procedures[procedure_id]
            offering[procedure_id][agency.key] = version_id
            yield ServiceRow(procedure_id, agency.key, versions[version_id].level, p.sector.slug, p.for_citizens,
                             p.for_businesses)

    facets = Facets.build(rows(), index.position)
    wanted = sorted(procedures.values(), key=lambda p: (-p.popularity, vi_key(p.name), p.code))
    return Directory(
        number=facts.number, index=index, facets=facets,
        agencies={a.key: a for a in agencies.values()},
        sectors={s.slug: s for s in sorted(facts.sectors, key=lambda s: vi_key(s.name))},
        by_id=procedures, by_code={p.code: p for p in procedures.values()}, versions=versions,
        offering=dict(offering), browsing=tuple((p.id, index.position(p.id)) for p in wanted), places=places)


def _with_english(procedures: Iterable[ProcedureFact], extra: Mapping[int, str]) -> dict[int, str]:
    """Further words of each procedure, with the English ones that no procedure says in Vietnamese."""
    facts = list(procedures)
    known = {word for p in facts for word in words(f"{p.name} {p.sector.name} {extra.get(p.id, '')}")}
    return {p.id: f"{extra.get(p.id, '')} {english.searched(p.code, known)}".strip() for p in facts}


def _bodies(agencies: Mapping[int, AgencyFact], former: Iterable[FormerFact]) -> Iterator[Named]:
    """Every agency under its names: today's, then those before them by key."""
    for agency in agencies.values():
        yield Named((agency.key,), agency.name, agency.abbreviation, agency.is_province)
    for gone in sorted(former, key=lambda gone: (gone.key, gone.name)):
        heirs = [agencies[heir] for heir in gone.heirs if heir in agencies]
        keys = tuple(heir.key for heir in sorted(heirs, key=lambda heir: (heir.code is None, heir.key)))
        if keys:
            yield Named(keys, gone.name, gone.abbreviation or gone.key, gone.kind == "province")


def _parted(pieces: list[str], counted: list[list[str]], mention: Mention) -> tuple[str, str]:
    """The query without the words of a place, and those words."""
    rest: list[str] = []
    place: list[str] = []
    at = 0
    for piece, held in zip(pieces, counted, strict=True):
        outside = not held or at + len(held) <= mention.start or at >= mention.end
        (rest if outside else place).append(piece)
        at += len(held)
    return " ".join(rest), " ".join(place)


def _quality(found: Found) -> tuple[bool, float, int]:
    share = found.matched / found.words if found.words and found.hits else 0.0
    return bool(found.hits) and found.all_words, share, found.score


def _plain_name(name: str) -> str:
    """A procedure's name as people and systems vary it: folded, without "thủ tục" before it and signs in it."""
    return re.sub(r"[\W_]+", " ", fold(name)).strip().removeprefix("thu tuc ")


def limit_of(amount: int | None, unit: str, assumed: bool) -> Limit:
    """A limit from its columns."""
    return Limit(amount, LimitUnit(unit), assumed)
