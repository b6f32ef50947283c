"""A table of figures: on the page, as CSV and as JSON, always the same figures, with what each of them means."""
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import StringIO
from typing import Any

from flask import Response, get_template_attribute, request, stream_with_context, url_for
from markupsafe import Markup

from portal.intake import workbook
from portal.kit import clock
from portal.kit.hot.frame import piece
from portal.kit.i18n import _, lang, moment
from portal.kit.web import for_every_site
from portal.statistics.coarse import plain
from portal.statistics.disclosure import SMALL, WITHHELD, Between, Number, bounds, said
from portal.web.progress import bp

FORMS = "<any(csv, json):form>"
KEPT_S = 60
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it spreadsheets take Vietnamese letters apart
PIECES = "progress/_figures.html"
NARROW = 10  # bounds that lie within a tenth of each other are said as one number
NEAR = 5  # and shares that lie within so many points


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
    cells: Mapping[str, Any]
    url: str | None = None
    means: Any = None
    share: bool = False
    sum: bool = False


@dataclass(frozen=True)
class Table:
    """`about`: what the lines are ("Sector"). `month`: the month that the figures are of, None where they stand
    now. `address`: the permanent path of the table, without a host; `files`: those of its files by their form,
    where they are not the page's path with an ending."""

    key: str
    title: Any
    about: Any
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None
    address: str
    made_at: datetime
    month: date | None = None
    files: Mapping[str, str] | None = None

    @property
    def all_rows(self) -> list[Row]:
        return [*self.rows, *([self.total] if self.total else [])]

    def written(self, rows: Sequence[Row]) -> Iterator[Markup]:
        """These lines as pages have them."""
        language, keys, shares = lang(), *zip(*((column.key, column.share) for column in self.columns), strict=True)
        for row in rows:
            yield _line_of(str(row.title), row.url, row.sum or row is self.total, tuple(map(row.cells.get, keys)),
                           (True,) * len(keys) if row.share else shares, language)

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

    @property
    def coarse(self) -> bool:
        """Whether anything in it was coarsened."""
        return any(isinstance(row.cells.get(column.key), Between) or row.cells.get(column.key) is WITHHELD
                   for row in self.all_rows for column in self.columns)


@lru_cache(maxsize=2_000)
def _line_of(title: str, url: str | None, strong: bool, cells: tuple[Number | str, ...], shares: tuple[bool, ...],
             language: str) -> Markup:
    """A commit moves the figures of few agencies: the lines of all others are those of the page before it."""
    said = [_said(cell, share, language) for cell, share in zip(cells, shares, strict=True)]
    return Markup(get_template_attribute("progress/_line.html", "line")(title, url, strong, said))


bp.app_template_global("piece")(piece)


@bp.app_template_filter("figure")
def shown(n: Number | str, share: bool = False) -> str:
    """A number as pages write it."""
    return _said(n, share, lang())


def _said(n: Number | str, share: bool, language: str) -> str:
    if isinstance(n, int):
        return _number(n, share, language)
    if isinstance(n, Between):
        return _between(n, share, language)
    return "–" if n is None else "…" if n is WITHHELD else str(n)


@lru_cache(maxsize=20_000)
def _between(n: Between, share: bool, language: str) -> str:
    if n == SMALL:
        return "<5"
    if n.high - n.low <= NEAR if share else (n.high - n.low) * NARROW <= n.low:
        return _("about %(n)s", n=_number(middle(n) if share else (middle(n) + 2) // 5 * 5, share, language))
    return f"{_number(n.low, False, language)}–{_number(n.high, share, language)}"


def _number(n: int, share: bool, language: str) -> str:
    """12.345 in Vietnamese, 12,345 in English. Pages are full of these: they are not asked of Babel one by one."""
    if share:
        return f"{n}\N{NO-BREAK SPACE}%"
    return f"{n:,}" if language == "en" else f"{n:,}".replace(",", ".")


@bp.app_template_filter("middle")
def middle(n: Number) -> int:
    """How long a bar is: what is said with bounds is drawn in the middle of them."""
    return sum(bounds(n)) // 2


@bp.app_template_filter("roughly")
def roughly(n: Between) -> str:
    """A share in a sentence that says "about": the middle of near bounds, else both."""
    return str(middle(n)) if n.high - n.low <= NEAR else f"{n.low}–{n.high}"


@bp.app_template_filter("coarse_count")
def coarse_count(n: int) -> str:
    """A single count as it may be published."""
    return shown(said(n))


def table_of(key: str, title: Any, about: Any, columns: Sequence[Column], rows: Sequence[Row], /, *,
             endpoint: str, total: Row | None = None, month: date | None = None, source: str | None = None,
             **address: Any) -> Table:
    """A table made now, whose permanent address is that of `endpoint`; its files are at the endpoint `source`,
    which takes the table's key, or beside the page."""
    given = address | {"month": typed(month) if month else None}
    where = address_of(endpoint, **given, _anchor=key if source else None)
    files = {form: address_of(source, table=key, form=form, **given) for form in ("csv", "json")} if source else None
    return Table(key, title, about, columns, rows, total, where, clock.now(), month, files)


def address_of(endpoint: str, **values: str | None) -> str:
    """The path of a page: a page of figures leads to a hundred of them."""
    return _address_of(request.root_path, endpoint, *values.items())


@lru_cache(maxsize=2_000)
def _address_of(_root: str, endpoint: str, *values: tuple[str, str | None]) -> str:
    given: dict[str, Any] = dict(values)
    return url_for(endpoint, **given)


def rank(n: Number) -> tuple[int, int]:
    """Where a cell stands in an order: by what is shown, which tells nothing that is not."""
    return (n, n) if isinstance(n, int) else (n.low, n.high) if isinstance(n, Between) else (-1, -1)


def typed(month: date) -> str:
    """A month as addresses have it."""
    return month.strftime("%Y-%m")


def as_file(table: Table, form: str) -> Response:
    """The table as a stream of CSV or JSON that any cache may keep as long as the page, and any site may read."""
    for_every_site()
    stream, media_type = (_csv(table), "text/csv") if form == "csv" else (_json(table), "application/json")
    response = Response(stream_with_context(stream), mimetype=media_type)
    if form == "csv":
        name = f"{table.key}{table.month.strftime('-%Y-%m') if table.month else ''}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(table: Table) -> Iterator[str]:
    yield BOM + _line([_("Key"), table.about, *(str(column.title) for column in table.columns)])
    for row in table.all_rows:
        yield _line([row.key, row.title, *("" if cell is None else cell for cell in _cells(table, row).values())])


def _line(cells: Sequence[Any]) -> str:
    out = StringIO()
    written = [cell if isinstance(cell, int) else str(cell) for cell in cells]  # a title may be said later
    csv.writer(out, lineterminator="\r\n").writerow([workbook.tame(cell) for cell in written])
    return out.getvalue()


def _json(table: Table) -> Iterator[str]:
    head = {"title": str(table.title), "address": request.host_url.rstrip("/") + table.address,
            "month": table.month.strftime("%Y-%m") if table.month else None,
            "made_at": table.made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "coarsened": {"<5": _("1 to 4"), "40–44": _("A number from 40 to 44: more would tell a small count"),
                          "…": _("A share that could only be said roughly")},
            "columns": [{"key": column.key, "title": str(column.title), "means": str(column.means),
                         "unit": "of 100" if column.share else column.counts} for column in table.columns]}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    for n, row in enumerate(table.all_rows):
        told = {"key": row.key, "name": str(row.title), **_cells(table, row)}
        if row.means:
            told |= {"means": str(row.means), "unit": "of 100" if row.share else "dossiers"}
        yield (",\n" if n else "\n") + json.dumps(told, ensure_ascii=False)
    yield "\n]}\n"


def _cells(table: Table, row: Row) -> dict[str, int | str | None]:
    return {column.key: plain(row.cells.get(column.key)) for column in table.columns}
