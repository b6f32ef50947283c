"""The files of open data: what they hold and how they are made. Counts are those of the pages, to the digit.

Each file is made twice, as CSV (UTF-8 with a byte order mark) and as JSON lines, both packed by gzip without a
time in them: the same facts make the same bytes, so a file that says nothing new keeps its tag and its moment.
"""
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from io import BytesIO, TextIOWrapper
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.catalogue import queries as catalogue
from portal.catalogue.models import Procedure, Sector, Service, ServiceVersion
from portal.catalogue.rates import known_amount
from portal.kit import clock, files
from portal.kit.csv_lines import csv_lines
from portal.kit.db import session
from portal.people.models import Agency
from portal.statistics import breakdowns, queries
from portal.statistics.figures import BY_CHANNEL, Line, is_nothing
from portal.statistics.measures import months_back
from portal.statistics.models import OpenDataFile, ProgressMonth

MEDIA = "application/gzip"
MEASURES = ("submitted", "received", *BY_CHANNEL, "early", "on_time", "late", "untimed", "done", "refused",
            "withdrawn", "stopped")
BATCH = 2000
COLUMNS: dict[str, tuple[str, ...]] = {
    "agencies": ("key", "code", "name", "kind", "valid_from", "valid_to"),
    "services": ("agency", "procedure", "name", "sector", "level", "class", "basis", "limit_amount", "limit_unit",
                 "fee"),
    "counters": ("month", "agency", *MEASURES),
    "sectors": ("month", "sector", *(name for name in MEASURES if name not in BY_CHANNEL)),
}
Rows = Iterable[Sequence[Any]]


class Made(NamedTuple):
    """A file as it would be: its name, its packed content, how many rows."""

    name: str
    content: bytes
    rows: int


class Stored(NamedTuple):
    """A file that is stored, and that no row names yet."""

    name: str
    blob: files.Blob
    rows: int


def make(today: date | None = None) -> list[str]:
    """Make every file anew; those that would say the same stay. Returns the names of the files that changed."""
    return publish(store(fresh(today)))


def fresh(today: date | None = None) -> list[Made]:
    """The files that would say something else than they do. Only reads."""
    known = {file.name: (file.size, file.sha256) for file in listed()}
    return [file for file in made(today)
            if known.get(file.name) != (len(file.content), files.digest(file.content))]


def store(found: Sequence[Made]) -> list[Stored]:
    """Put them among the kept files. No transaction may be open."""
    return [Stored(name, files.keep_bytes(content, MEDIA), rows) for name, content, rows in found]


def made(today: date | None = None) -> list[Made]:
    """Every file as it would be today. Only reads."""
    months = _months(today or clock.today())
    found = _both("agencies", COLUMNS["agencies"], _agencies)
    found += _both("services", COLUMNS["services"], _services)
    found += _both("counters", COLUMNS["counters"], lambda: _counters(months))
    found += _both("sectors", COLUMNS["sectors"], lambda: _sectors(months))
    for month in months:
        name = f"counters-{month:%Y-%m}"
        found += _both(name, COLUMNS["counters"], lambda month=month: _counters([month]))  # type: ignore[misc]
    return found


def publish(stored: Sequence[Stored]) -> list[str]:
    """Put these files in the place of those of their names. Returns the names."""
    for name, blob, rows in stored:
        file = by_name(name)
        if file is None:
            file = OpenDataFile(name=name, media_type=MEDIA)
            session.add(file)
        file.blob, file.size, file.sha256 = blob.path, blob.size, blob.sha256
        file.rows, file.made_at = rows, clock.now()
        session.flush()
    return [file.name for file in stored]


def listed() -> list[OpenDataFile]:
    """The files that there are, by name."""
    return list(session.scalars(select(OpenDataFile).order_by(OpenDataFile.name)))


def by_name(name: str) -> OpenDataFile | None:
    """The file with this name."""
    return session.scalar(select(OpenDataFile).where(OpenDataFile.name == name))


def _both(name: str, columns: Sequence[str], rows: Callable[[], Rows]) -> list[Made]:
    return [Made(f"{name}.csv.gz", *_packed(csv_lines(chain([columns], rows()), quoted=True))),
            Made(f"{name}.jsonl.gz", *_packed(_json(columns, rows())))]


class Typed(NamedTuple):
    """A column as the dictionary has it: its name, and the type of its values (Table Schema). Codes are texts, though
    they look like numbers: 1.000010 is another procedure than 1.00001."""

    name: str
    type: str


def typed(dataset: str) -> list[Typed]:
    """The columns of a dataset with their types."""
    kinds = {"month": "yearmonth", "valid_from": "date", "valid_to": "date"} | dict.fromkeys(
        (*MEASURES, "level", "limit_amount", "fee"), "integer")
    return [Typed(name, kinds.get(name, "string")) for name in COLUMNS[dataset]]


def _packed(lines: Iterator[str]) -> tuple[bytes, int]:
    """The lines packed, and how many rows there are; only what is packed is held in memory."""
    out, n = BytesIO(), 0
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packing, \
            TextIOWrapper(packing, "utf-8", newline="") as text:
        for line in lines:
            text.write(line)
            n += 1
    return out.getvalue(), n - 1


def _json(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    yield ""
    for row in rows:
        yield json.dumps({name: value.isoformat() if isinstance(value, date) else value
                          for name, value in zip(columns, row, strict=True)}, ensure_ascii=False) + "\n"


def _agencies() -> Rows:
    table: Any = Agency.__table__
    return session.execute(select(*(table.c[name] for name in COLUMNS["agencies"])).order_by(
        table.c.key, table.c.valid_from, table.c.id))


def _services() -> Rows:
    fees = _fees_today()
    rows = session.execute(
        select(Agency.key, Procedure.code, Procedure.name, Sector.slug, ServiceVersion.level,
               ServiceVersion.service_class, Service.basis, ServiceVersion.limit_amount, ServiceVersion.limit_unit,
               ServiceVersion.id)
        .join(Service.agency).join(Service.procedure).join(Procedure.sector).join(Service.version)
        .where(Agency.valid_to.is_(None)).order_by(Agency.key, Procedure.code),
        execution_options={"yield_per": BATCH})
    return ((*row[:-1], fees[row[-1]]) for row in rows)


def _fees_today() -> dict[int, int | None]:
    """What each version costs today by its main way, where one amount is known for all; a version by its id."""
    rows = session.scalars(select(ServiceVersion).where(ServiceVersion.id.in_(select(Service.version_id))),
                           execution_options={"yield_per": BATCH})
    return {version.id: known_amount(version.fee_rates, day=clock.today(), channel=version.main_channel)
            for version in rows}


def _months(today: date) -> list[date]:
    """Every full month since the first count, newest first: this month still changes and is on the pages."""
    first = session.scalar(select(func.min(ProgressMonth.month)))
    if first is None:
        return []
    full = months_back(today, 2)[1]
    span = (full.year - first.year) * 12 + full.month - first.month + 1
    return months_back(full, max(span, 0))


def _counters(months: Sequence[date]) -> Iterator[Sequence[Any]]:
    """Counts by agency and month."""
    listed_agencies = queries.agencies()
    for month in months:
        lines = breakdowns.by_agency([month])[month]
        for agency in listed_agencies:
            if agency.id in lines:
                yield (f"{month:%Y-%m}", agency.key, *_numbers(lines[agency.id], MEASURES))


def _sectors(months: Sequence[date]) -> Iterator[Sequence[Any]]:
    """Counts by sector and month, of the whole country."""
    slugs = {str(sector.id): sector.slug for sector in catalogue.sectors()} | {breakdowns.REST: "none"}
    for month in months:
        found = breakdowns.by_value("sector", queries.nation([month]), [*slugs][:-1])[month]
        for key, line in found.items():
            if not is_nothing(line):
                yield (f"{month:%Y-%m}", slugs[key], *_numbers(line, COLUMNS["sectors"][2:]))


def _numbers(line: Line, names: Sequence[str]) -> list[int]:
    return [line[name] for name in names]
