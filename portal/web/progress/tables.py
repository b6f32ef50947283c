"""A table of figures: on the page, as CSV and as JSON, always the same figures, with what each of them means."""
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from flask import Response, request, stream_with_context, url_for

from portal.kit import clock
from portal.kit.i18n import _, number
from portal.progress import disclosure, workbook
from portal.progress.coarse import Number
from portal.progress.disclosure import Shown
from portal.web.progress import bp

FORMS = "<any(csv, json):form>"
KEPT_S = 60
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it spreadsheets take Vietnamese letters apart
COARSE = {Shown.small: "<5", Shown.hidden: "…"}


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
    """A line: the key and name of what it is about, where that leads, its cells by the columns' keys."""

    key: str
    title: str
    cells: Mapping[str, Number]
    url: str | None = None


@dataclass(frozen=True)
class Table:
    """`about`: what the lines are ("Sector"). `month`: the month that the figures are of, None where they stand
    now. `address`: the permanent path of the page, without a host."""

    key: str
    title: Any
    about: Any
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None
    address: str
    made_at: datetime
    month: date | None = None

    @property
    def all_rows(self) -> list[Row]:
        return [*self.rows, *([self.total] if self.total else [])]

    def file(self, form: str) -> str:
        """The address of the same figures as a file."""
        path, _mark, query = self.address.partition("?")
        return f"{path}.{form}" + (f"?{query}" if query else "")

    @property
    def coarse(self) -> bool:
        """Whether anything in it was coarsened."""
        return any(isinstance(n, Shown) for row in self.all_rows for n in row.cells.values())


@bp.app_template_filter("figure")
def shown(n: Number | str, share: bool = False) -> str:
    """A number as pages write it."""
    if n is None:
        return "–"
    if isinstance(n, Shown):
        return COARSE[n]
    if isinstance(n, str):
        return n
    return f"{n}\N{NO-BREAK SPACE}%" if share else number(n)


@bp.app_template_filter("coarse_count")
def coarse_count(n: int) -> str:
    """A single count as it may be published."""
    return shown(Shown.small if disclosure.small(n) else n)


def table_of(key: str, title: Any, about: Any, columns: Sequence[Column], rows: Sequence[Row], *,
             endpoint: str, total: Row | None = None, month: date | None = None, **address: Any) -> Table:
    """A table made now, whose permanent address is that of `endpoint`."""
    where = url_for(endpoint, month=month.strftime("%Y-%m") if month else None, **address)
    return Table(key, title, about, columns, rows, total, where, clock.now(), month)


def as_file(table: Table, form: str) -> Response:
    """The table as a stream of CSV or JSON that any cache may keep as long as the page."""
    stream, media_type = (_csv(table), "text/csv") if form == "csv" else (_json(table), "application/json")
    response = Response(stream_with_context(stream), mimetype=media_type)
    if form == "csv":
        name = f"{table.key}{table.month.strftime('-%Y-%m') if table.month else ''}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(table: Table) -> Iterator[str]:
    yield BOM + _line([_("Key"), table.about, *(str(column.title) for column in table.columns)])
    for row in table.all_rows:
        yield _line([row.key, row.title, *(_plain(row.cells.get(column.key)) for column in table.columns)])


def _line(cells: Sequence[Any]) -> str:
    out = StringIO()
    plain = [cell if isinstance(cell, int) else str(cell) for cell in cells]  # a title may be said later
    csv.writer(out, lineterminator="\r\n").writerow([workbook.tame(cell) for cell in plain])
    return out.getvalue()


def _plain(n: Number | str) -> int | str:
    if n is None:
        return ""
    return COARSE[n] if isinstance(n, Shown) else n


def _json(table: Table) -> Iterator[str]:
    head = {"title": str(table.title), "address": request.host_url.rstrip("/") + table.address,
            "month": table.month.strftime("%Y-%m") if table.month else None,
            "made_at": table.made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "coarsened": {"<5": _("1 to 4"), "…": _("Left out, so that no small count can be worked out")},
            "columns": [{"key": column.key, "title": str(column.title), "means": str(column.means),
                         "unit": "of 100" if column.share else column.counts} for column in table.columns]}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    for n, row in enumerate(table.all_rows):
        cells = {column.key: _or_none(row.cells.get(column.key)) for column in table.columns}
        yield (",\n" if n else "\n") + json.dumps({"key": row.key, "name": row.title, **cells}, ensure_ascii=False)
    yield "\n]}\n"


def _or_none(n: Number | str) -> int | str | None:
    return COARSE[n] if isinstance(n, Shown) else n
