"""The values of an index for a year, as they stand: of each member and indicator the newest, with where it is from.

A row that corrects another comes after it, and the older one stays to be read (`corrections`).
"""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.kit.db import session
from portal.kit.text import N_, fold, vi_key
from portal.oversight.models import IndexValue
from portal.oversight.rankings.definitions import NATION, Definition, From
from portal.people.models import Agency, AgencyKind

#: as a row's `kind` says it; `published`: taken over with the place that it gave, from who publishes the index
PUBLISHED, WORD = "published", "word"
KINDS: Mapping[From, tuple[str, ...]] = {
    From.measure: (From.measure.value,), From.report: (From.report.value,), From.survey: (From.survey.value, WORD),
    From.taken_over: (From.taken_over.value, From.survey.value, WORD, PUBLISHED)}


KIND_WORDS: Mapping[str, str] = {
    From.measure.value: N_("Measured"), From.report.value: N_("Reported"), From.survey.value: N_("Survey"),
    WORD: N_("A person's word"), From.taken_over.value: N_("Taken over"), PUBLISHED: N_("As published")}


class Member(NamedTuple):
    """`key`: the agency's, or made of the name of one that is not known here."""

    key: str
    name: str
    agency_id: int | None = None


@dataclass(frozen=True)
class Elsewhere:
    """A place as others published it. `rank` None: known only as one of the last three."""

    year: int
    group: str
    member: Member
    indicator: str
    rank: int | None
    score: str | None
    of: int | None
    source: str
    confidence: str


def slug(name: str) -> str:
    """A name in an address: "Đà Nẵng" is "da-nang"."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in fold(name)).split())


def group_of(agency: Agency) -> str:
    """The group in which an agency is ranked."""
    return "provinces" if agency.kind == AgencyKind.province else "central"


def members(agencies: Iterable[Agency], group: str) -> list[Member]:
    """The agencies of a group, by name."""
    found = [Member(one.key, one.name, one.id) for one in agencies if group != NATION and group_of(one) == group]
    return sorted(found, key=lambda one: vi_key(one.name))


def gathered(definition: Definition, year: int, agencies: Iterable[Agency]) -> list[dict[str, Any]]:
    """The groups with their members and values as plain data (see results). Members are `agencies`; in an index that
    others publish those that a value names."""
    rows = _newest(definition.key, year)
    current = list(agencies)
    made = []
    for group in definition.groups:
        of_group = [(one, row) for one, row in rows if row.group == group and _counts(definition, row)]
        named = {one.key: one for one, _row in of_group}
        found = list(named.values()) if definition.published_by else members(current, group)
        values: dict[str, dict[str, Any]] = {one.key: {} for one in found}
        for one, row in of_group:
            if one.key in values:
                values[one.key][row.indicator] = plain(row)
        made.append({"group": group, "members": [
            {"key": one.key, "name": one.name, "values": values[one.key]} for one in found]})
    return made


def plain(row: IndexValue) -> dict[str, Any]:
    """A value as it is frozen: with its record, so that everybody can read on there."""
    record = dict(row.record)
    return {"value": row.value, "denominator": record.pop("denominator", None), "kind": row.kind, "source": row.source,
            "confidence": row.confidence, "at": row.at.isoformat(), "row": row.id, "record": record}


def elsewhere(index_key: str, year: int | None = None) -> list[Elsewhere]:
    """What others published of an index, by year, group and indicator, the best first."""
    wanted = [IndexValue.kind == PUBLISHED] + ([IndexValue.year == year] if year else [])
    found = [Elsewhere(row.year, row.group, one, row.indicator, row.record.get("rank"), row.value,
                       row.record.get("of"), row.source, row.confidence)
             for one, row in _newest(index_key, year, *wanted)
             if row.record.get("rank") or row.record.get("among_last")]
    return sorted(found, key=lambda one: (one.year, one.group, one.indicator, one.rank is None, one.rank or 0,
                                          vi_key(one.member.name)))


def parts_elsewhere(index_key: str, year: int | None = None) -> dict[tuple[int, str], dict[str, Decimal]]:
    """The scores that others published: by year and member, of each indicator where they are known."""
    found: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for one, row in _newest(index_key, year, IndexValue.kind == PUBLISHED):
        if row.value is not None:
            found[row.year, one.key][row.indicator] = Decimal(row.value)
    return dict(found)


def years_elsewhere(index_key: str) -> list[int]:
    """The years of which others published places, the oldest first."""
    return list(session.scalars(select(IndexValue.year).where(
        IndexValue.index_key == index_key, IndexValue.kind == PUBLISHED).distinct().order_by(IndexValue.year)))


def corrections(index_key: str, year: int, group: str, name: str, indicator: str) -> list[IndexValue]:
    """Every row of a value, the newest first: what was said before stays."""
    return list(session.scalars(select(IndexValue).where(
        IndexValue.index_key == index_key, IndexValue.year == year, IndexValue.group == group,
        IndexValue.member == name, IndexValue.indicator == indicator).order_by(IndexValue.id.desc())))


def _counts(definition: Definition, row: IndexValue) -> bool:
    source = definition.sources.get(row.indicator)
    return source is not None and row.kind in KINDS[source.kind]


def _newest(index_key: str, year: int | None, *wanted: Any) -> list[tuple[Member, IndexValue]]:
    """Of each year, group, member and indicator the newest row."""
    of = [IndexValue.index_key == index_key, *([IndexValue.year == year] if year else []), *wanted]
    newest = select(func.max(IndexValue.id)).where(*of).group_by(
        IndexValue.year, IndexValue.group, IndexValue.member, IndexValue.indicator)
    rows = session.execute(select(IndexValue, Agency.key).outerjoin(Agency, Agency.id == IndexValue.agency_id).where(
        IndexValue.id.in_(newest)).order_by(IndexValue.id))
    return [(Member(key or slug(row.member), row.member, row.agency_id), row) for row, key in rows]
