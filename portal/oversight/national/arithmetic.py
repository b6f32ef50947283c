"""The few rules by which a national report works anything out, so that anybody can do it again. Pure.

Each derived number names its rule and what it was worked out from; tools/recompute.py has the same rules, written a
second time on purpose. Results are whole numbers, or decimal numbers as text with the digits that are printed.
"""
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

HUNDREDTH = Decimal("0.01")
Cell = Any  # a whole number, text, words in both languages, or None where it is not known
Row = dict[str, Cell]


def plain(number: Decimal) -> str:
    """All digits and no exponent; a whole number without a point."""
    return str(int(number)) if number == number.to_integral_value() else format(number, "f")


def hundredths(number: Decimal) -> str:
    """At most two digits after the point, half up: "86.67", "100"."""
    return plain(number.quantize(HUNDREDTH, ROUND_HALF_UP))


def share(value: Decimal, denominator: Decimal) -> Decimal:
    """In percent, exact as far as decimals go. The denominator is not zero."""
    return value * 100 / denominator


def fits(said: str, exact: Decimal) -> bool:
    """Whether a published share ("94", ">46") is what was worked out."""
    if said.startswith(">"):
        low = Decimal(said[1:])
        return low < exact < low + 1
    return exact.quantize(Decimal(1), ROUND_HALF_UP) == Decimal(said)


def _sum(cells: Sequence[Cell], _rule: Mapping[str, Any]) -> Cell:
    return None if None in cells else _whole(sum((Decimal(str(cell)) for cell in cells), Decimal(0)))


def _difference(cells: Sequence[Cell], _rule: Mapping[str, Any]) -> Cell:
    first, second = cells
    return None if None in cells else _whole(Decimal(str(first)) - Decimal(str(second)))


def _percent_down(cells: Sequence[Cell], _rule: Mapping[str, Any]) -> Cell:
    """Whole percent, rounded down: 100 is all of them."""
    part, whole = cells
    return int(Decimal(str(part)) * 100 // Decimal(str(whole))) if part is not None and whole else None


def _share(cells: Sequence[Cell], _rule: Mapping[str, Any]) -> Cell:
    part, whole = cells
    return hundredths(share(Decimal(str(part)), Decimal(str(whole)))) if part is not None and whole else None


def _delivery(cells: Sequence[Cell], rule: Mapping[str, Any]) -> Cell:
    """Days as "2026-10-05" compare as they are. What is not there is only missing once it was due."""
    handed_in, due = cells
    if handed_in is None:
        return "missing" if str(due) < rule["on"] else "awaited"
    return "in_time" if str(handed_in) <= str(due) else "late"


#: Rules of a column over other cells of its row.
OF_CELLS: Mapping[str, Callable[[Sequence[Cell], Mapping[str, Any]], Cell]] = {
    "sum": _sum, "difference": _difference, "percent_down": _percent_down, "share": _share, "delivery": _delivery}


def _whole(number: Decimal) -> Cell:
    return int(number) if number == number.to_integral_value() else plain(number)


def fill(columns: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> None:
    """Write the derived columns of every row, from left to right."""
    for column in columns:
        if column.get("rule") == "rank":
            of = [row[column["of"][0]] for row in rows]
            known = [Decimal(str(cell)) for cell in of if cell is not None]
            for row, cell in zip(rows, of, strict=True):
                row[column["key"]] = None if cell is None else 1 + sum(one > Decimal(str(cell)) for one in known)
        elif rule := OF_CELLS.get(column.get("rule", "")):
            for row in rows:
                row[column["key"]] = rule([row[key] for key in column["of"]], column)


def totals(columns: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> Row:
    """The sum of each column that is added up, and what the rules make of these sums."""
    found: Row = {}
    for column in columns:
        key, rule = column["key"], column.get("rule", "")
        if column.get("total"):
            found[key] = _sum([row[key] for row in rows], {})
        elif rule in OF_CELLS and all(of in found for of in column["of"]):
            found[key] = OF_CELLS[rule]([found[of] for of in column["of"]], column)
    return found


def grouped(rows: Sequence[Row], by: str, columns: Sequence[Mapping[str, Any]]) -> list[Row]:
    """One row for each value of `by`, in the order of their first: how many there are, and what they add up to."""
    found: dict[Cell, list[Row]] = {}
    for row in rows:
        found.setdefault(row[by], []).append(row)
    made: list[Row] = []
    for name, of_one in found.items():
        line: Row = {"name": name}
        for column in columns:
            if column.get("rule") == "count":
                line[column["key"]] = len(of_one)
            elif column.get("rule") == "total":
                line[column["key"]] = _sum([row[column["of"][0]] for row in of_one], {})
            elif column.get("rule") == "same":
                line[column["key"]] = of_one[0][column["of"][0]]
        made.append(line)
    fill(columns, made)
    return made


def picked(rows: Sequence[Row], column: str, is_: Cell) -> list[str]:
    """The names of the rows whose cell is just that."""
    return [str(row["name"]) for row in rows if row[column] == is_]
