"""Filtering procedures by level, agency, sector and audience, as sets of positions in the search index.

A service is a procedure offered by an agency at a level (1–4), so "level 4 in this agency" asks for one
service that is both, not for a procedure that is level 4 somewhere and offered there at another level.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Bits = int
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class ServiceRow:
    """One service as the facets see it: which procedure, whose, at what level, in which sector, for whom."""

    procedure_id: int
    agency: str
    level: int
    sector: str
    for_citizens: bool = True
    for_businesses: bool = False


@dataclass(frozen=True)
class Facets:
    """Sets of procedures for each value of a facet. Build it with `Facets.build(rows, index.position)`."""

    _offered: Mapping[tuple[str, int], Bits] = field(repr=False)  # (agency, level)
    _agencies: Mapping[str, Bits] = field(repr=False)
    _levels: Mapping[int, Bits] = field(repr=False)
    _sectors: Mapping[str, Bits] = field(repr=False)
    _audiences: Mapping[str, Bits] = field(repr=False)
    everything: Bits = 0

    @classmethod
    def build(cls, rows: Iterable[ServiceRow], position: Callable[[int], int]) -> "Facets":
        """Facets of these services; `position` gives the place of a procedure in a bitset."""
        offered: dict[tuple[str, int], Bits] = defaultdict(int)
        sectors: dict[str, Bits] = defaultdict(int)
        audiences: dict[str, Bits] = {"citizen": 0, "business": 0}
        for row in rows:
            bit = 1 << position(row.procedure_id)
            offered[row.agency, row.level] |= bit
            sectors[row.sector] |= bit
            audiences["citizen"] |= bit * row.for_citizens
            audiences["business"] |= bit * row.for_businesses
        agencies: dict[str, Bits] = defaultdict(int)
        levels: dict[int, Bits] = dict.fromkeys(LEVELS, 0)
        for (agency, level), bits in offered.items():
            agencies[agency] |= bits
            levels[level] = levels.get(level, 0) | bits
        everything = 0
        for bits in agencies.values():
            everything |= bits
        return cls(dict(offered), dict(agencies), levels, dict(sectors), audiences, everything)

    def allowed(
        self,
        *,
        levels: Iterable[int] = (),
        agency: str | None = None,
        sector: str | None = None,
        audience: str | None = None,
    ) -> Bits:
        """The procedures that pass all filters; one left out lets all pass, an unknown value nothing.

        `levels` are alternatives; `audience` is "citizen" or "business".
        """
        bits = self._where(agency, tuple(levels))
        if sector is not None:
            bits &= self._sectors.get(sector, 0)
        if audience is not None:
            bits &= self._audiences.get(audience, 0)
        return bits

    def by_level(self, within: Bits | None = None, agency: str | None = None) -> dict[int, int]:
        """How many procedures each level has, in one agency or in any, among those of `within`."""
        return {level: (self._where(agency, (level,)) & _mask(within)).bit_count() for level in self._levels}

    def by_agency(self, within: Bits | None = None, levels: Iterable[int] = ()) -> dict[str, int]:
        """How many procedures each agency offers at these levels, among those of `within`."""
        asked = tuple(levels)
        return {key: (self._where(key, asked) & _mask(within)).bit_count() for key in self._agencies}

    def by_sector(self, within: Bits | None = None) -> dict[str, int]:
        """How many procedures each sector has, among those of `within`."""
        return {key: (bits & _mask(within)).bit_count() for key, bits in self._sectors.items()}

    def by_audience(self, within: Bits | None = None) -> dict[str, int]:
        """How many procedures are for citizens and how many for businesses; one may be for both."""
        return {key: (bits & _mask(within)).bit_count() for key, bits in self._audiences.items()}

    def levels_by_agency(self) -> dict[str, dict[int, int]]:
        """For each agency, how many services it offers at each level."""
        return {key: self.by_level(agency=key) for key in self._agencies}

    def _where(self, agency: str | None, levels: tuple[int, ...]) -> Bits:
        if not levels:
            return self.everything if agency is None else self._agencies.get(agency, 0)
        bits = 0
        for level in levels:
            bits |= self._levels.get(level, 0) if agency is None else self._offered.get((agency, level), 0)
        return bits


def _mask(within: Bits | None) -> Bits:
    return -1 if within is None else within
