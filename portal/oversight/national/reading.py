"""A report as it is read: its frozen data put in the order in which pages, paper, workbook and text say it. Pure.

Words come out in one language; numbers as that language writes them.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.oversight.national.content import ROMAN

Plain = Mapping[str, Any]
DASH = "—"


def number(text: str | int, language: str) -> str:
    """"1102" as 1.102, "86.67" as 86,67 in Vietnamese; 1,102 and 86.67 in English."""
    whole, _point, rest = str(text).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    thousands, decimal = (".", ",") if language == "vi" else (",", ".")
    return sign + f"{int(digits):,}".replace(",", thousands) + (decimal + rest if rest else "")


def signed(text: str | int, language: str) -> str:
    """A change: +7, -5, 0."""
    said = number(text, language)
    return said if said.startswith("-") or not said.strip("0,.") else f"+{said}"


def day(iso: str) -> str:
    """2017-03-31 as 31/03/2017, in both languages."""
    year, month, of = iso.split("-")
    return f"{of}/{month}/{year}"


@dataclass(frozen=True)
class Line:
    """A figure as it is said, never without indicator, unit, denominator, day and source. `iso`: its day for addresses;
    `share_exact`: a decimal number."""

    id: str
    theme: str
    iso: str
    indicator: str
    group: str
    value: str
    unit: str
    share: str
    share_exact: str
    on: str
    as_published: str
    source: str
    confidence: str
    names: Sequence[str]
    changes: str
    sums: Sequence[str]
    failed: Sequence[str]
    checked: bool


@dataclass(frozen=True)
class Bar:
    """`value`: of a hundred, as a decimal number; `text`: beside the bar."""

    label: str
    value: str
    text: str


@dataclass(frozen=True)
class Chart:
    key: str
    title: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Grid:
    """A table: `head` and `rows` as they are printed, `align` "num" or "", `picks` (words, names). `detail`: long."""

    key: str
    title: str
    source: str
    on: str
    head: Sequence[str]
    align: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[str]
    picks: Sequence[tuple[str, Sequence[str]]]
    detail: bool


@dataclass(frozen=True)
class Section:
    key: str
    numeral: str
    title: str
    paragraph: str
    notes: Sequence[str]
    lines: Sequence[Line]
    charts: Sequence[Chart]
    grids: Sequence[Grid]

    @property
    def empty(self) -> bool:
        return not (self.lines or self.grids)


class Reading:
    """A report in one language."""

    def __init__(self, content: Plain, language: str) -> None:
        self.content, self.language = content, language
        self.figures = {one["id"]: one for one in content["figures"]}
        self.derived = {one["id"]: one for one in content["derived"]}
        self.tables = {one["key"]: one for one in content["tables"]}

    def say(self, words: Any) -> str:
        """Words of both languages in this one; what is no such words as it is."""
        return str(words[self.language]) if isinstance(words, Mapping) else str(words)

    def word(self, key: str) -> str:
        """One of the fixed words."""
        return self.say(self.content["words"][key])

    def number(self, text: str | int) -> str:
        return number(text, self.language)

    @property
    def title(self) -> str:
        return self.say(self.content["title"])

    @property
    def on(self) -> str:
        return day(self.content["on"])

    @property
    def open(self) -> list[tuple[str, str]]:
        """What does not close: (in words, of which indicator and group), each once, in the order of the figures."""
        found: dict[str, str] = {}
        for one in self.content["figures"]:
            about = f"{self.say(one['words'])}; {self.say(one['group_words'])}"
            for check in one["checks"] if one["shown"] else ():
                if not check["ok"]:
                    found.setdefault(self.say(check["says"]), about)
        return list(found.items())

    @property
    def sections(self) -> list[Section]:
        return [self._section(one, ROMAN[n]) for n, one in enumerate(self.content["sections"])]

    def _section(self, one: Plain, numeral: str) -> Section:
        charts = [self._chart(chart) for chart in one["charts"]]
        return Section(one["key"], numeral, self.say(one["words"]), one["paragraph"],
                       [self.say(note) for note in one["notes"]], [self.line(id_) for id_ in one["figures"]],
                       [chart for chart in charts if chart.bars], [self.grid(key) for key in one["tables"]])

    def line(self, id_: str) -> Line:
        """A figure with what was worked out from it."""
        one = self.figures[id_]
        mine = [each for each in self.content["derived"] if each["of"] == id_]
        share = next((each["result"] for each in mine if each["rule"] == "share"), "")
        of = f"/{self.number(one['denominator'])}" if one["denominator"] else ""
        return Line(
            id_, one["theme"], one["on"], self.say(one["words"]), self.say(one["group_words"]),
            self.number(one["value"]) + of, self.say(one["unit_words"]),
            f"{self.number(share)}\N{NO-BREAK SPACE}%" if share else "", share,
            day(one["on"]), one["as_published"], one["source"],
            self.word(f"confidence_{one['confidence']}") if one["confidence"] != "H" else "", one["names"],
            self._changes(mine), [self._sum(each) for each in mine if each["rule"] == "sum"],
            [self.say(check["says"]) for check in one["checks"] if not check["ok"]], bool(one["checks"]))

    def _changes(self, mine: Sequence[Plain]) -> str:
        found = [each for each in mine if each["rule"] in ("difference", "points")]
        if not found:
            return ""
        said = "; ".join(signed(each["result"], self.language) + (
            f" {self.word('points')}" if each["rule"] == "points" else "") for each in found)
        return f"{self.word('since')} {day(found[0]['since'])}: {said}"

    def _sum(self, one: Plain) -> str:
        parts = " + ".join(self.number(self.figures[id_]["value"]) for id_ in one["from"])
        return f"{parts} = {self.number(one['result'])}"

    def _chart(self, chart: Plain) -> Chart:
        title = self.say(chart["words"])
        if "of" in chart:
            lines = [self.line(self.derived[id_]["of"]) for id_ in chart["of"]]
            return Chart(chart["key"], title, [Bar(one.group, one.share_exact,
                                                   f"{one.value} ({one.share})") for one in lines])
        rows = [row for row in self.tables[chart["table"]]["rows"] if row[chart["column"]] is not None]
        rows.sort(key=lambda row: (-row[chart["column"]], row["name"]))
        return Chart(chart["key"], title, [Bar(row["name"], str(row[chart["column"]]),
                                               self.number(row[chart["column"]])) for row in rows[:chart["most"]]])

    def grid(self, key: str, *, hidden: bool = False) -> Grid:
        """A table; `hidden`: with the columns that only machines need."""
        one = self.tables[key]
        columns = [column for column in one["columns"] if hidden or not column.get("hidden")]
        totals = one["totals"] and [self.word("total")] + [
            self.cell(column, one["totals"][column["key"]]) if column["key"] in one["totals"] else ""
            for column in columns[1:]]
        return Grid(
            key, self.say(one["words"]), self.say(one["source"]), day(one["on"]),
            [self.say(column["words"]) for column in columns],
            ["num" if self._is_number(one["rows"], column) else "" for column in columns],
            [[self.cell(column, row[column["key"]]) for column in columns] for row in one["rows"]], totals or [],
            [(self.say(pick["words"]), pick["names"]) for pick in one["picks"]], bool(one.get("detail")))

    @staticmethod
    def _is_number(rows: Sequence[Plain], column: Plain) -> bool:
        return column.get("unit") in ("percent", "signed", "decimal") or any(
            isinstance(row[column["key"]], int) for row in rows)

    def cell(self, column: Plain, cell: Any) -> str:
        """A cell as this language writes it."""
        unit = column.get("unit")
        if cell is None:
            return DASH
        if unit == "day":
            return day(cell)
        if unit == "code":
            return self.word(cell)
        if unit == "signed":
            return signed(cell, self.language)
        if isinstance(cell, int) or unit in ("percent", "decimal"):
            return self.number(cell)
        return self.say(cell)
