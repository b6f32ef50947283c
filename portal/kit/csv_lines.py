"""CSV as spreadsheets open it: UTF-8 with a mark, lines that end as theirs do, and no cell that is a formula."""
import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it spreadsheets take Vietnamese letters apart
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(rows: Iterable[Sequence[Any]], delimiter: str = ",", *, quoted: bool = False) -> Iterator[str]:
    """The rows one after another; the first begins with the mark. `quoted`: every text stands in quotation marks, so
    that readers can tell a code from a number."""
    writer = csv.writer(_Line(), delimiter=delimiter, lineterminator="\r\n",
                        quoting=csv.QUOTE_NONNUMERIC if quoted else csv.QUOTE_MINIMAL)
    mark = BOM
    for row in rows:
        yield mark + str(writer.writerow([tame(cell) for cell in row]))
        mark = ""


def tame(cell: Any) -> Any:
    """A text that no spreadsheet takes for a formula (OWASP): an apostrophe stands before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class _Line:
    """What csv writes a row to."""

    def write(self, line: str) -> str:
        return line
