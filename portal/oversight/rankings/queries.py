"""Which indices there are, in which versions and years, and what was published of them."""
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from portal.kit.db import session
from portal.oversight import publishing
from portal.oversight.models import IndexDefinition, Publication
from portal.oversight.publishing import digest
from portal.oversight.rankings import definitions, values
from portal.oversight.rankings.definitions import Definition

KIND = "index"  # of publications


class Version(NamedTuple):
    """A definition with its number; None: shipped with this release and not used yet."""

    definition: Definition
    version: int | None
    row: IndexDefinition | None = None


class YearOf(NamedTuple):
    """The places of one group in one year: by member its name and rank. Years of another `method` are never compared,
    nor those of one that is not `comparable`. `here`: published by this portal."""

    year: int
    method: str
    comparable: bool
    here: bool
    places: dict[str, tuple[str, int | None]]


def versions(key: str | None = None) -> list[Version]:
    """Every version that was ever used, the oldest first, then what this release ships and nobody has used."""
    wanted = select(IndexDefinition).order_by(IndexDefinition.key, IndexDefinition.version)
    rows = session.scalars(wanted.where(IndexDefinition.key == key) if key else wanted).all()
    found = [Version(definitions.read(row.definition), row.version, row) for row in rows]
    used = {row.digest for row in rows}
    new = [one for one in definitions.shipped() if key in (None, one.key) and digest(one.raw) not in used]
    return found + [Version(one, None) for one in new]


def of_year(key: str, year: int) -> Version | None:
    """The newest version of the index of that year."""
    return next((one for one in reversed(versions(key)) if one.definition.holds(year)), None)


def newest_of_each() -> dict[str, Version]:
    """The version of the latest years of each index, by key."""
    found: dict[str, Version] = {}
    for one in versions():
        before = found.get(one.definition.key)
        if before is None or one.definition.first >= before.definition.first:
            found[one.definition.key] = one
    return found


def day_of(year: int) -> date:
    """The day under which an index of a year is published."""
    return date(year, 12, 31)


def published(key: str, year: int, edition: int | None = None) -> Publication | None:
    """The edition that holds, or the one that is asked for."""
    if edition is None:
        return publishing.newest(KIND, key, day_of(year))
    return next((one for one in publishing.editions(KIND, key, day_of(year)) if one.edition == edition), None)


def editions(key: str, year: int) -> Sequence[Publication]:
    """Every edition of that year, the oldest first."""
    return publishing.editions(KIND, key, day_of(year))


def published_years(key: str) -> list[int]:
    """The years of which something is published here, the oldest first."""
    return sorted(day.year for day in publishing.days(KIND, key))


def years(key: str) -> list[int]:
    """The years of which something is published, here or elsewhere, the oldest first."""
    return sorted({*published_years(key), *values.years_elsewhere(key)})


def over_years(key: str) -> dict[str, list[YearOf]]:
    """The places of every member in every year, by group, the oldest first: what is published here, else what others
    published of the whole."""
    found: dict[str, list[YearOf]] = defaultdict(list)
    here, known, there = set(published_years(key)), versions(key), values.elsewhere(key)
    for year in sorted(here | {one.year for one in there}):
        copy = published(key, year) if year in here else None
        if copy is not None:
            definition = definitions.read(copy.content["definition"])
            for group in copy.content["groups"]:
                found[group["group"]].append(_year_of(definition, year, True, {
                    one["key"]: (one["name"], one["rank"]) for one in group["places"]}))
            continue
        version = next((one.definition for one in reversed(known) if one.definition.holds(year)), None)
        if version is not None:
            rows = [one for one in there if one.year == year and one.indicator == version.index.root.key]
            for group_key in version.groups:
                places = {one.member.key: (one.member.name, one.rank) for one in rows if one.group == group_key}
                if places:
                    found[group_key].append(_year_of(version, year, False, places))
    return dict(found)


def _year_of(definition: Definition, year: int, here: bool, places: dict[str, tuple[str, int | None]]) -> YearOf:
    return YearOf(year, definition.index.method, definition.comparable, here, places)
