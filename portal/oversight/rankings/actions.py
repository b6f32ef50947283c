"""Values come in, an index is published. Actions flush, the edge commits."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session
from portal.oversight import measures, publishing
from portal.oversight.indices import rounded
from portal.oversight.measures import Known
from portal.oversight.models import IndexDefinition, IndexValue, Publication
from portal.oversight.publishing import digest
from portal.oversight.rankings import criteria, definitions, queries, results, values
from portal.oversight.rankings.definitions import Definition, From, Source
from portal.oversight.reports import queries as reports
from portal.people import queries as people
from portal.people.models import Agency, Person

MEASURED = "Cổng dịch vụ công"  # the source of what the portal knows by itself
#: whose word a value is, for everybody: the office; the person stands in the row
WORD_OF = "Cán bộ theo dõi của Văn phòng Chính phủ"
DIGITS = 6  # of a measured share, after the comma
LONGEST_SOURCE, LONGEST_REASON = 300, 2000


class NothingKnown(ValueError):
    """No member has a value: there is nothing to publish."""


class Changed(Exception):
    """What would be published is no longer what was looked at."""


class NoSuchIndicator(ValueError):
    """The index takes no word or survey for it in that year."""


@dataclass(frozen=True)
class Told:
    """A value that somebody brings: from a survey (with the cell that it stood in) or as a word with its reason."""

    agency: Agency
    indicator: str
    value: Decimal | None
    record: Mapping[str, Any]


def load_shipped() -> int:
    """Keep the definitions of this release as versions; returns how many are new."""
    new = [one for one in definitions.shipped() if _kept(one) is None]
    for one in new:
        version_of(one)
    return len(new)


def version_of(definition: Definition, by: Person | None = None) -> IndexDefinition:
    """The version with exactly this data; a new one where there is none."""
    kept = _kept(definition)
    if kept is None:
        last = session.scalar(select(func.max(IndexDefinition.version)).where(IndexDefinition.key == definition.key))
        kept = IndexDefinition(
            key=definition.key, version=(last or 0) + 1, method=definition.index.method, definition=definition.raw,
            digest=digest(definition.raw), source=definition.source, created_by_id=by.id if by else None)
        session.add(kept)
        session.flush()
    return kept


def measured(definition: Definition, year: int) -> list[IndexValue]:
    """What the portal knows by itself now and what was reported, for every agency of today: rows that are not kept yet.
    Slow, and writes nothing."""
    agencies = _ranked(definition)
    first, last = date(year, 1, 1), min(date(year, 12, 31), clock.today())
    rows = []
    for key, source in definition.sources.items():
        if source.kind == From.measure:
            seen = _look(source, agencies, first, last)
        elif source.kind == From.report:
            seen = _reported(source, agencies, year)
        else:
            continue
        rows += [_row(definition, year, one, key, source, seen[one.id]) for one in agencies]
    return rows


def keep(definition: Definition, year: int, rows: Sequence[IndexValue]) -> int:
    """Keep what was measured; returns how many values moved. One that has not moved is not written again."""
    newest = {(group["group"], member["name"], key): value
              for group in values.gathered(definition, year, _ranked(definition))
              for member in group["members"] for key, value in member["values"].items()}
    moved = [row for row in rows if _moved(newest.get((row.group, row.member, row.indicator)), row)]
    session.add_all(moved)
    session.flush()
    return len(moved)


def measure(definition: Definition, year: int) -> int:
    """Measure and keep at once; returns how many values moved."""
    return keep(definition, year, measured(definition, year))


def take(definition: Definition, year: int, told: Sequence[Told], *, source: str, by: Person,
         kind: str = From.survey.value) -> int:
    """Take in the values of a survey, or a word: all of them, or none. Raises NoSuchIndicator."""
    for one in told:
        if one.indicator not in definition.sources or kind not in values.KINDS[definition.sources[one.indicator].kind]:
            raise NoSuchIndicator(one.indicator)
    session.add_all([IndexValue(
        index_key=definition.key, year=year, group=values.group_of(one.agency), member=one.agency.name,
        agency_id=one.agency.id, indicator=one.indicator, value=None if one.value is None else str(one.value),
        kind=kind, source=source.strip()[:LONGEST_SOURCE], record=dict(one.record), by_id=by.id) for one in told])
    session.flush()
    return len(told)


def say(definition: Definition, year: int, agency: Agency, indicator: str, value: Decimal | None, reason: str, *,
        by: Person) -> None:
    """A person's word, with its reason, for what nothing measures. None takes back what was said before. Raises
    NoSuchIndicator."""
    told = Told(agency, indicator, value, {"reason": reason.strip()[:LONGEST_REASON]})
    take(definition, year, [told], source=WORD_OF, by=by, kind=values.WORD)


def worked_out(definition: Definition, year: int) -> list[dict[str, Any]]:
    """The groups as they would be published now: members, values, places."""
    groups = values.gathered(definition, year, people.current_agencies())
    return [{**group, "places": results.places(definition, group["members"])} for group in groups]


def as_shown(groups: Sequence[Mapping[str, Any]]) -> str:
    """By what a page that showed these groups knows them again."""
    return digest({"groups": groups})


def publish(definition: Definition, year: int, *, by: Person, reason: str = "", seen: str | None = None) -> Publication:
    """Publish the index of a year with a frozen copy of its definition, values and results. `seen`: `as_shown` of what
    was looked at. Raises NothingKnown, Changed, and what publishing.publish raises."""
    groups = worked_out(definition, year)
    if seen is not None and seen != as_shown(groups):
        raise Changed
    if not any(value["value"] is not None for group in groups for one in group["members"]
               for value in one["values"].values()):
        raise NothingKnown
    kept = version_of(definition, by)
    until = min(date(year, 12, 31), clock.today())
    content = {"format": 1, "index": definition.key, "version": kept.version, "definition": definition.raw,
               "definition_digest": kept.digest, "year": year, "until": until.isoformat(),
               "year_over": until == date(year, 12, 31), "groups": groups}
    title = {lang: f"{name}, {year}" for lang, name in definition.index.words.items()}
    return publishing.publish(queries.KIND, definition.key, queries.day_of(year), title, content, by=by, reason=reason)


def _ranked(definition: Definition) -> list[Agency]:
    return [one for one in people.current_agencies() if values.group_of(one) in definition.groups]


def _kept(definition: Definition) -> IndexDefinition | None:
    return session.scalar(select(IndexDefinition).where(
        IndexDefinition.key == definition.key, IndexDefinition.digest == digest(definition.raw)))


def _look(source: Source, agencies: Sequence[Agency], first: date, last: date) -> dict[int, Known]:
    own = criteria.MEASURES.get(source.name)
    seen = own.look(agencies, first, last) if own else measures.look(source.name, agencies, first, last)
    days = {"first": first.isoformat(), "last": last.isoformat(), "measure": source.name}
    return {key: Known(one.value, one.denominator, {**one.facts, **days}, one.why) for key, one in seen.items()}


def _reported(source: Source, agencies: Sequence[Agency], year: int) -> dict[int, Known]:
    """What the approved report of each agency says of a field."""
    template, _dot, field = source.name.partition(".")
    period = f"{year}-{source.period}" if source.period else str(year)
    found = {}
    for one in agencies:
        said = reports.value(template, period, one.id, field)
        facts = {"report": source.name, "period": period} | ({"report_id": said[1].id} if said else {})
        found[one.id] = Known(said[0], facts=facts) if said else Known(None, facts=facts, why="not_reported")
    return found


def _row(definition: Definition, year: int, agency: Agency, indicator: str, source: Source, seen: Known) -> IndexValue:
    number = None if seen.value is None else Decimal(seen.value)
    if number is not None and source.share:
        number = rounded(number / seen.denominator, DIGITS) if seen.denominator else None
    record = {**seen.facts, "denominator": seen.denominator} | ({"why": seen.why} if seen.why else {})
    return IndexValue(index_key=definition.key, year=year, group=values.group_of(agency), member=agency.name,
                      agency_id=agency.id, indicator=indicator, value=None if number is None else str(number),
                      kind=source.kind.value, source=MEASURED, record=record)


def _moved(before: Mapping[str, Any] | None, row: IndexValue) -> bool:
    """The last day of the measured time alone is no news."""
    def told(value: Any, denominator: Any, record: Mapping[str, Any]) -> Any:
        return value, denominator, {key: fact for key, fact in record.items() if key not in ("last", "denominator")}

    return before is None or told(before["value"], before["denominator"], before["record"]) != told(
        row.value, row.record["denominator"], row.record)
