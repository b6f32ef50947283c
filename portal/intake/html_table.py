"""The lines of the tables of an HTML page, as systems save it under the name of a spreadsheet. Pure."""
from collections.abc import Iterator
from html.parser import HTMLParser

MOST_LINES = 10_000
LONGEST = 2_000


class _Ends(Exception):
    """More lines than anybody reads."""


class _Reader(HTMLParser):
    def __init__(self, most_columns: int) -> None:
        super().__init__(convert_charrefs=True)
        self.most = most_columns
        self.lines: list[list[str | None]] = []
        self.row: list[str | None] | None = None
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_row()
            self.row = []
        elif tag in ("td", "th"):
            self._end_cell()
            span = dict(attrs).get("colspan") or "1"
            self.span = int(span) if span.isascii() and span.isdecimal() and len(span) < 4 else 1
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data[:LONGEST])

    def _end_cell(self) -> None:
        if self.cell is not None and self.row is not None:
            text = " ".join("".join(self.cell).split())[:LONGEST]
            cells: list[str | None] = [text or None, *[None] * (min(self.span, self.most) - 1)]
            self.row += cells[:self.most - len(self.row)]
        self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.row:
            self.lines.append(self.row)
            if len(self.lines) >= MOST_LINES:
                raise _Ends
        self.row = None


def lines(text: str, most_columns: int) -> Iterator[tuple[int, list[str | None]]]:
    """The rows of all tables one after another, numbered from 1; a cell that spans columns stands in the first."""
    reader = _Reader(most_columns)
    try:
        reader.feed(text)
        reader.close()
        reader._end_row()
    except _Ends:
        pass
    yield from enumerate(reader.lines, 1)
