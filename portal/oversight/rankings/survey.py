"""A spreadsheet with the values of a survey: one line an agency, one column an indicator. Everything that is wrong is
told with its cell, and where anything is wrong nothing is taken. Pure.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.kit.text import N_, fold
from portal.oversight import sheets
from portal.oversight.rankings.definitions import Definition
from portal.oversight.sheets import Cell, Grid, NotANumber

HEADERS_WITHIN, MOST_PROBLEMS = 60, 200
MEMBER_HEADERS = frozenset(map(fold, (
    "agency", "member", "cơ quan", "tên cơ quan", "mã cơ quan", "đơn vị", "tên đơn vị", "bộ, tỉnh", "tỉnh, thành phố")))
WORDS: Mapping[str, str] = {
    **sheets.ODD_WORDS, **sheets.NUMBER_WORDS,
    "headers": N_("No line names a column for the agency and one for an indicator. Take the headers of the template."),
    "column_twice": N_("“%(value)s” stands there twice."),
    "agency": N_("No agency of today that is ranked is called “%(value)s”."),
    "agency_twice": N_("%(value)s has a line already: %(of)s."),
    "no_agency": N_("The line has values and no agency."),
    "shifted": N_("“%(value)s” stands where the agency should: are the columns of this line shifted?"),
    "agency_as_value": N_("“%(value)s” is an agency and stands where a number should: are the columns shifted?"),
    "range": N_("%(value)s does not lie between %(least)s and %(most)s."),
    "nothing": N_("The file has no value for any indicator that a survey may tell.")}


@dataclass(frozen=True)
class Problem:
    """`ref`: the cell; `reason`: a key of WORDS; `facts`: what its words need."""

    ref: str
    reason: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """A value of an agency (its key) as it stands in the cell `ref`."""

    agency: str
    indicator: str
    value: Decimal
    ref: str


@dataclass(frozen=True)
class Survey:
    """`answers` count only where there are no `problems`. `not_kept`: headers of columns that are no indicator that a
    survey may tell."""

    answers: list[Answer]
    problems: list[Problem]
    not_kept: list[str]


def read(grid: Grid, definition: Definition, told: Sequence[str], agencies: Mapping[str, str]) -> Survey:
    """`told`: the indicators that may be told so; `agencies`: by folded name or key, the key."""
    columns = {fold(word): key for key in told for word in (key, *definition.names[key].values())}
    head = next((n for n, row in enumerate(grid.rows[:HEADERS_WITHIN]) if _is_head(row, columns)), None)
    if head is None:
        return Survey([], [Problem(sheets.reference(0, 0), "headers", {})], [])
    at, member, not_kept, problems = _columns(grid.rows[head], columns)
    answers: list[Answer] = []
    lines: dict[str, str] = {}
    for y, row in enumerate(grid.rows[head + 1:], start=head + 1):
        if all(cell.blank or (cell.odd == "merged" and n not in (member, *at)) for n, cell in enumerate(row)):
            continue
        agency = _agency(grid, row, y, member, at, agencies, lines, problems)
        for x, key in at.items():
            if x < len(row) and (found := _answer(grid, row[x], y, x, key, definition, agencies, problems)) is not None:
                answers.append(Answer(agency or "", key, found, row[x].ref))
    if not answers and not problems:
        problems.append(Problem(sheets.reference(head, 0), "nothing", {}))
    return Survey([] if problems else answers, problems[:MOST_PROBLEMS], not_kept)


def _is_head(row: Sequence[Cell], columns: Mapping[str, str]) -> bool:
    said = [fold(cell.text) for cell in row]
    return any(word in MEMBER_HEADERS for word in said) and any(word in columns for word in said)


def _columns(row: Sequence[Cell], columns: Mapping[str, str]) -> tuple[dict[int, str], int, list[str], list[Problem]]:
    """Where the indicators stand, where the agency does, what is left, and what stands there twice."""
    at: dict[int, str] = {}
    member, not_kept, problems = -1, [], []
    for n, cell in enumerate(row):
        word = fold(cell.text)
        if word in MEMBER_HEADERS and member < 0:
            member = n
        elif word in columns and columns[word] not in at.values():
            at[n] = columns[word]
        elif word in columns:
            problems.append(Problem(cell.ref, "column_twice", {"value": cell.text}))
        elif word:
            not_kept.append(cell.text)
    return at, member, not_kept, problems


def _agency(grid: Grid, row: Sequence[Cell], y: int, member: int, at: Mapping[int, str], agencies: Mapping[str, str],
            lines: dict[str, str], problems: list[Problem]) -> str | None:
    cell = row[member] if member < len(row) else Cell(sheets.reference(y, member), None)
    odd = grid.odd(cell, y, member)
    key = agencies.get(fold(cell.text))
    if odd:
        problems.append(_odd(cell, odd))
    elif cell.blank:
        if any(x < len(row) and not row[x].blank for x in at):
            problems.append(Problem(cell.ref, "no_agency", {}))
    elif key is None:
        problems.append(Problem(cell.ref, "shifted" if _is_number(cell) else "agency", {"value": cell.text}))
    elif key in lines:
        problems.append(Problem(cell.ref, "agency_twice", {"value": cell.text, "of": lines[key]}))
    else:
        lines[key] = cell.ref
        return key
    return None


def _answer(grid: Grid, cell: Cell, y: int, x: int, key: str, definition: Definition, agencies: Mapping[str, str],
            problems: list[Problem]) -> Decimal | None:
    if cell.blank:
        return None
    if odd := grid.odd(cell, y, x):
        problems.append(_odd(cell, odd))
        return None
    try:
        found = sheets.number(cell.value)
    except NotANumber as error:
        reason = "agency_as_value" if fold(cell.text) in agencies else error.reason
        problems.append(Problem(cell.ref, reason, {"value": cell.text}))
        return None
    least, most = definition.ranges[key]
    if not least <= found <= most:
        problems.append(Problem(cell.ref, "range", {"value": cell.text, "least": str(least), "most": str(most)}))
        return None
    return found


def _odd(cell: Cell, odd: str) -> Problem:
    return Problem(cell.ref, odd, {"value": cell.text, "of": cell.of})


def _is_number(cell: Cell) -> bool:
    try:
        sheets.number(cell.value)
    except NotANumber:
        return False
    return True
