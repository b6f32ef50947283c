"""A spreadsheet with the values of a survey: one line an agency, one column an indicator. Everything that is wrong is
told with its cell, and where anything is wrong nothing is taken. Pure, but for the process that reads workbooks.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.kit.text import N_, fold
from portal.oversight import tables
from portal.oversight.rankings.definitions import Definition
from portal.oversight.tables import Doubtful, Heading, Problem, Row, Table

MOST_BYTES, MOST_ROWS, MOST_PROBLEMS = 2_000_000, 2_000, 200
KINDS = ("xlsx", "xls", "ods", "csv")
AGENCY, LONGEST_NAME = "agency", 200
LONGEST_VALUE = 24  # letters: as many as the column of values holds
WORDS: Mapping[str, str] = {
    **tables.WORDS,
    "agency": N_("No agency of today that is ranked is called “%(value)s”."),
    "agency_twice": N_("%(value)s has a line already: %(of)s."),
    "no_agency": N_("The line has values and no agency."),
    "shifted": N_("“%(value)s” stands where the agency should: are the columns of this line shifted?"),
    "agency_as_value": N_("“%(value)s” is an agency and stands where a number should: are the columns shifted?"),
    "date": N_("This is a date (%(value)s): the spreadsheet program took a number for one. Type the number as text."),
    "percent": N_("“%(value)s”: type the number without the percent sign."),
    "range": N_("%(value)s does not lie between %(least)s and %(most)s."),
    "nothing": N_("The file has no value for any indicator that a survey may tell.")}


@dataclass(frozen=True)
class Answer:
    """A value of an agency (its key) as it stands in the cell `ref`."""

    agency: str
    indicator: str
    value: Decimal
    ref: str


@dataclass(frozen=True)
class Survey:
    """`answers` count only where there are no `problems`. `notes`: what was passed over, to be known. `sheet`: the one
    that was read."""

    sheet: str
    answers: list[Answer]
    problems: list[Problem]
    notes: list[Problem]


def headings(definition: Definition, told: Sequence[str]) -> list[Heading]:
    """The columns of the table: the agency, and each indicator that may be told so."""
    return [Heading(AGENCY, {"vi": "Cơ quan", "en": "Agency"}, (
        "Tên cơ quan", "Mã cơ quan", "Đơn vị", "Tên đơn vị", "Tỉnh, thành phố", "member"), required=True),
        *(Heading(key, definition.names[key]) for key in told)]


def read(content: bytes, ending: str, definition: Definition, told: Sequence[str],
         agencies: Mapping[str, str]) -> Survey:
    """`told`: the indicators that may be told so; `agencies`: by folded name or key, the key. Raises Unreadable."""
    table = tables.read(content, ending, headings(definition, told), MOST_ROWS)
    problems = [one for one in table.problems if one.stops]
    answers: list[Answer] = []
    lines: dict[str, str] = {}
    for row in table.rows:
        agency = _agency(table, row, agencies, lines, problems)
        for key in told:
            try:
                found = number(row.cells.get(key), definition, key, agencies)
            except Doubtful as error:
                problems.append(Problem(table.at(row, key), error.reason, error.facts))
                continue
            if found is not None:
                answers.append(Answer(agency or "", key, found, table.at(row, key)))
    if not answers and not problems:
        problems.append(Problem("", "nothing", {}))
    return Survey(table.sheet, [] if problems else answers, problems[:MOST_PROBLEMS],
                  [one for one in table.problems if not one.stops])


def number(cell: Any, definition: Definition, key: str, agencies: Mapping[str, str]) -> Decimal | None:
    """A cell as a value of an indicator; None where nothing stands. Raises Doubtful with a reason of WORDS."""
    said = tables.shown("" if cell is None else cell)
    if isinstance(cell, date):
        raise Doubtful("date", value=f"{cell:%d/%m/%Y}")
    if said.endswith("%"):
        raise Doubtful("percent", value=said)
    if fold(said) in agencies:
        raise Doubtful("agency_as_value", value=said)
    found = tables.number(cell)
    if found is not None and not found.is_finite():  # whatever is added up with it would be none either
        raise Doubtful("no_number", said=said)
    if found is not None and len(str(found)) > LONGEST_VALUE:
        raise Doubtful("too_long", n=len(str(found)), most=LONGEST_VALUE)
    least, most = definition.ranges[key]
    if found is not None and not least <= found <= most:
        raise Doubtful("range", value=said, least=str(least), most=str(most))
    return found


def _agency(table: Table, row: Row, agencies: Mapping[str, str], lines: dict[str, str],
            problems: list[Problem]) -> str | None:
    at = table.at(row, AGENCY)
    try:
        said = tables.text(row.cells.get(AGENCY), LONGEST_NAME)
    except Doubtful as error:
        problems.append(Problem(at, error.reason, error.facts))
        return None
    key = agencies.get(fold(said))
    if not said:
        problems.append(Problem(at, "no_agency", {}))
    elif key is None:
        is_number = said.replace(",", "").replace(".", "").isdecimal()
        problems.append(Problem(at, "shifted" if is_number else "agency", {"value": said}))
    elif key in lines:
        problems.append(Problem(at, "agency_twice", {"value": said, "of": lines[key]}))
    else:
        lines[key] = at
        return key
    return None
