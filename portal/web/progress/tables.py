"""A table of figures: on the page, as CSV and as JSON, always the same figures, with what each of them means."""
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Response, get_template_attribute, request, stream_with_context, url_for
from markupsafe import Markup

from portal.kit import clock
from portal.kit.csv_lines import csv_lines
from portal.kit.hot.frame import piece
from portal.kit.i18n import _, lang, moment, origin
from portal.kit.web import for_every_site
from portal.statistics.figures import Cell, Share
from portal.web.progress import bp
from portal.web.progress.months import typed

FORMS = "<any(csv, json):form>"
KEPT_S = 60
PIECES = "progress/_figures.html"


@dataclass(frozen=True)
class Column:
    """A column: its key in files, its name, what it means. `share`: of every hundred. `counts`: what is counted,
    "" where nothing is."""

    key: str
    title: Any
    means: Any
    share: bool = False
    counts: str = "dossiers"


@dataclass(frozen=True)
class Row:
    """A line: the key and name of what it is about, where that leads, its cells by the columns' keys. Where the
    lines are measures: what this one means, and whether it is a share. `sum`: whether it sums others up."""

    key: str
    title: Any
    cells: Mapping[str, Cell]
    url: str | None = None
    means: Any = None
    share: bool = False
    sum: bool = False


@dataclass(frozen=True)
class Table:
    """`about`: what the lines are ("Sector"). `months`: the first and the last month that the figures are of; None
    where the lines or the columns name theirs, or the figures stand now. `address`: the permanent path of the table,
    without a host; `files`: those of its files by their form, where they are not the page's path with an ending."""

    key: str
    title: Any
    about: Any
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None
    address: str
    made_at: datetime
    months: tuple[date, date] | None = None
    files: Mapping[str, str] | None = None

    @property
    def all_rows(self) -> list[Row]:
        return [*self.rows, *([self.total] if self.total else [])]

    @property
    def period(self) -> str:
        """The months that the figures are of, as files write them: "2026-10", "2025-11/2026-10", or nothing."""
        return "/".join(dict.fromkeys(map(typed, self.months))) if self.months else ""

    def written(self, rows: Sequence[Row]) -> Iterator[Markup]:
        """These lines as pages have them."""
        language, keys = lang(), [column.key for column in self.columns]
        for row in rows:
            yield _line_of(str(row.title), row.url, row.sum or row is self.total, tuple(map(row.cells.get, keys)),
                           language)

    @property
    def head(self) -> Markup:
        """The names of its columns."""
        return piece(PIECES, "head", str(self.about), tuple([str(column.title) for column in self.columns]))

    @property
    def meanings(self) -> Markup:
        """What is counted, and how."""
        told: Sequence[Any] = self.rows if self.rows and self.rows[0].means else self.columns
        return piece(PIECES, "meanings", tuple([(str(each.title), str(each.means)) for each in told]))

    @property
    def source(self) -> Markup:
        """As of when it is, and where it and its files stand."""
        return piece(PIECES, "source", str(self.title), moment(self.made_at), self.address, self.file("csv"),
                     self.file("json"))

    def file(self, form: str) -> str:
        """The address of the same figures as a file."""
        if self.files:
            return self.files[form]
        path, _mark, query = self.address.partition("?")
        return f"{path}.{form}" + (f"?{query}" if query else "")


@lru_cache(maxsize=2_000)
def _line_of(title: str, url: str | None, strong: bool, cells: tuple[Cell, ...], language: str) -> Markup:
    """A commit moves the figures of few agencies: the lines of all others are those of the page before it."""
    return Markup(get_template_attribute("progress/_line.html", "line")(
        title, url, strong, [_written(cell, language) for cell in cells]))


bp.app_template_global("piece")(piece)


@bp.app_template_filter("figure")
def figure(cell: Cell) -> str:
    """A figure as pages write it."""
    return _written(cell, lang())


@bp.app_template_filter("share_of")
def share_of(part: int, whole: int) -> Share:
    """So many of so many."""
    return Share(part, whole)


def _written(cell: Cell, language: str) -> str:
    """A share says of how many it is: "94 % (1.234)"; of few, "3/4"."""
    if isinstance(cell, int):
        return _number(cell, language)
    if isinstance(cell, Share):
        return f"{cell.part}/{cell.whole}" if cell.rate is None else \
            f"{cell.rate}\N{NO-BREAK SPACE}% ({_number(cell.whole, language)})"
    return "–" if cell is None else cell


def _number(n: int, language: str) -> str:
    """12.345 in Vietnamese, 12,345 in English. Pages are full of these: they are not asked of Babel one by one."""
    return f"{n:,}" if language == "en" else f"{n:,}".replace(",", ".")


def table_of(key: str, title: Any, about: Any, columns: Sequence[Column], rows: Sequence[Row], /, *,
             endpoint: str, total: Row | None = None, month: date | None = None,
             months: tuple[date, date] | None = None, source: str | None = None, **address: Any) -> Table:
    """A table made now, of a month that its address names or of some `months`, whose permanent address is that of
    `endpoint`; its files are at the endpoint `source`, which takes the table's key, or beside the page."""
    given = address | {"month": typed(month) if month else None}
    where = address_of(endpoint, **given, _anchor=key if source else None)
    files = {form: address_of(source, table=key, form=form, **given) for form in ("csv", "json")} if source else None
    return Table(key, title, about, columns, rows, total, where, clock.now(),
                 months or ((month, month) if month else None), files)


def address_of(endpoint: str, **values: str | None) -> str:
    """The path of a page: a page of figures leads to a hundred of them."""
    return _address_of(request.root_path, endpoint, *values.items())


@lru_cache(maxsize=2_000)
def _address_of(_root: str, endpoint: str, *values: tuple[str, str | None]) -> str:
    given: dict[str, Any] = dict(values)
    return url_for(endpoint, **given)


def rank(cell: Cell) -> tuple[int, int]:
    """Where a cell stands in an order. A share of few is no rate and comes after those that are."""
    if isinstance(cell, Share):
        return (-1, cell.whole) if cell.rate is None else (cell.rate, cell.whole)
    return (cell, 0) if isinstance(cell, int) else (-2, 0)


def as_file(table: Table, form: str) -> Response:
    """The table as a stream of CSV or JSON that any cache may keep as long as the page, and any site may read."""
    for_every_site()
    stream, media_type = (_csv(table), "text/csv") if form == "csv" else (_json(table), "application/json")
    response = Response(stream_with_context(stream), mimetype=media_type)
    if form == "csv":
        name = "-".join(filter(None, (table.key, table.period.replace("/", "-"))))
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _csv(table: Table) -> Iterator[str]:
    shares = _with_shares(table)
    head = [_("Key"), str(table.about), *([_("Month")] if table.period else ())]
    for column in table.columns:
        head += [str(column.title), *((f"{column.title}: {word}" for word in (_("cases in time"), _("all cases")))
                                      if column.key in shares else ())]
    return csv_lines([head, *([row.key, str(row.title), *([table.period] if table.period else ()), *(
        "" if value is None else value for value in _values(table, row, shares).values())] for row in table.all_rows)])


def _json(table: Table) -> Iterator[str]:
    shares = _with_shares(table)
    head = {"title": str(table.title), "address": origin() + table.address,
            "month": table.period or None,
            "made_at": table.made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "columns": [{"key": column.key, "title": str(column.title), "means": str(column.means),
                         "unit": "of 100" if column.share else column.counts} for column in table.columns]}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    for n, row in enumerate(table.all_rows):
        told = {"key": row.key, "name": str(row.title), **_values(table, row, shares)}
        if row.means:
            told |= {"means": str(row.means), "unit": "of 100" if row.share else "dossiers"}
        yield (",\n" if n else "\n") + json.dumps(told, ensure_ascii=False)
    yield "\n]}\n"


def _with_shares(table: Table) -> set[str]:
    """The keys of the columns in which any line has a share."""
    return {column.key for column in table.columns
            if column.share or any(isinstance(row.cells.get(column.key), Share) for row in table.all_rows)}


def _values(table: Table, row: Row, shares: set[str]) -> dict[str, int | str | None]:
    """The line as files have it. A share is its rate, empty where there is none, and both of its counts."""
    found: dict[str, int | str | None] = {}
    for column in table.columns:
        cell = row.cells.get(column.key)
        found[column.key] = cell.rate if isinstance(cell, Share) else cell
        if column.key in shares:
            part, whole = cell if isinstance(cell, Share) else (None, None)
            found |= {f"{column.key}_part": part, f"{column.key}_of": whole}
    return found
