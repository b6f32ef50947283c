#!/usr/bin/env python3
"""Work a published national report out again from its open data. Needs Python 3.11 and nothing else.

    python3 recompute.py https://portal.example/oversight/national/2017-03-31.json
    python3 recompute.py report.json --language en --digest 5f2c…

Reads the file that the portal gives beside each report, works out every number that was derived (shares, changes, sums,
ranks, counts, who is on which list, whether sums close) from the figures and rows that it names, and the digest of it
all. Then prints the report as the portal prints it. With --digest, the digest that is printed on the page or the paper,
nobody can have exchanged the file either.

Ends with 0: everything is as it was published; 1: something differs (each is named); 2: called wrongly, or no report.
"""
import argparse
import hashlib
import json
import sys
import urllib.request
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

FORM = "portal-national-report/1"
LARGEST = 64 << 20  # bytes
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
Plain = dict[str, Any]


class NoReport(Exception):
    """What was given is no published report."""


# ---- the rules ----

def short(number: Decimal) -> str:
    """As the report writes it: without a point where it is whole."""
    return str(int(number)) if number == int(number) else format(number, "f")


def percent(part: Any, whole: Any) -> Decimal:
    return Decimal(str(part)) * 100 / Decimal(str(whole))


def two(number: Decimal) -> str:
    """Rounded half up to two digits after the point."""
    return short(number.quantize(Decimal("0.01"), ROUND_HALF_UP))


def whole(number: Decimal) -> int | str:
    return int(number) if number == int(number) else short(number)


def from_figures(one: Plain, known: dict[str, Plain]) -> str:
    """The result of a number that was derived from figures, by its rule. `known`: figures and derived by id."""
    values = [Decimal(known[id_].get("value") or known[id_]["result"]) for id_ in one["from"]]
    of: list[Any] = [known[id_].get("denominator") for id_ in one["from"]]
    match one["rule"]:
        case "share":
            return two(percent(values[0], of[0]))
        case "rest":
            return short(of[0] - values[0])
        case "sum":
            return short(sum(values, Decimal(0)))
        case "difference":
            return short(values[0] - values[1])
        case "points":
            return two(percent(values[0], of[0]) - percent(values[1], of[1]))
    raise NoReport(f"it has a rule that this program does not know: {one['rule']}")


def agrees(one: Plain, known: dict[str, Plain]) -> bool:
    """Whether a derived number is what was published."""
    figure, part = known[one["against"]["id"]], one["against"]["part"]
    if part != "share":
        return Decimal(from_figures(one, known)) == Decimal(figure[part])
    exact, said = percent(figure["value"], figure["denominator"]), figure["share"]
    if said.startswith(">"):
        return Decimal(said[1:]) < exact < Decimal(said[1:]) + 1
    return exact.quantize(Decimal(1), ROUND_HALF_UP) == Decimal(said)


def cell_of(column: Plain, cells: list[Any]) -> Any:
    """A cell that was derived from others of its row; an empty one (None) makes no number."""
    if column["rule"] == "delivery":
        handed_in, due = cells
        if handed_in is None:
            return "missing" if due < column["on"] else "awaited"
        return "in_time" if handed_in <= due else "late"
    if None in cells or (column["rule"] in ("percent_down", "share") and not cells[1]):
        return None
    numbers = [Decimal(str(cell)) for cell in cells]
    match column["rule"]:
        case "sum":
            return whole(sum(numbers, Decimal(0)))
        case "difference":
            return whole(numbers[0] - numbers[1])
        case "percent_down":
            return int(numbers[0] * 100 // numbers[1])
        case "share":
            return two(percent(*numbers))
    raise NoReport(f"it has a rule that this program does not know: {column['rule']}")


FROM_ROWS = ("rank", "count", "total", "same")


def rows_of(table: Plain, tables: dict[str, Plain]) -> list[Plain]:
    """The rows of a table as they should be: the sources as they stand, everything else worked out."""
    rows = [dict(row) for row in table["rows"]]
    if "groups" in table:
        rows = []
        for name in dict.fromkeys(row[table["by"]] for row in tables[table["groups"]]["rows"]):
            of_one = [row for row in tables[table["groups"]]["rows"] if row[table["by"]] == name]
            rows.append({"name": name} | {one["key"]: from_group(one, of_one) for one in table["columns"]
                                          if one.get("rule") in FROM_ROWS})
    for one in table["columns"]:
        if one.get("rule") == "rank":
            cells = [row[one["of"][0]] for row in rows]
            for row, cell in zip(rows, cells, strict=True):
                row[one["key"]] = None if cell is None else 1 + sum(
                    Decimal(str(other)) > Decimal(str(cell)) for other in cells if other is not None)
        elif one.get("rule") and one["rule"] not in FROM_ROWS:
            for row in rows:
                row[one["key"]] = cell_of(one, [row[key] for key in one["of"]])
    return rows


def from_group(column: Plain, rows: list[Plain]) -> Any:
    if column["rule"] == "count":
        return len(rows)
    cells = [row[column["of"][0]] for row in rows]
    return cells[0] if column["rule"] == "same" else cell_of({"rule": "sum"}, cells)


def totals_of(table: Plain, rows: list[Plain]) -> Plain:
    found: Plain = {}
    for one in table["columns"] if rows and "groups" not in table else ():
        if one.get("total"):
            found[one["key"]] = cell_of({"rule": "sum"}, [row[one["key"]] for row in rows])
        elif one.get("rule") and one["rule"] not in FROM_ROWS and all(key in found for key in one["of"]):
            found[one["key"]] = cell_of(one, [found[key] for key in one["of"]])
    return found


# ---- what differs ----

def differences(file: Plain, digest: str | None = None) -> Iterator[str]:
    """Everything in the file that is not what its sources make of it."""
    content = file["content"]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    found = hashlib.sha256(text.encode()).hexdigest()
    for words, said in (("the file", file["digest"]), ("you", digest)):
        if said is not None and said.lower() != found:
            yield f"the digest is {found}, and not {said} as {words} said"
    known = {one["id"]: one for one in [*content["figures"], *content["derived"]]}
    for one in content["derived"]:
        if (made := from_figures(one, known)) != one["result"]:
            yield f"{one['id']} ({one['rule']} of {', '.join(one['from'])}) is {made}, and not {one['result']}"
        if "against" in one and agrees(one, known) != one["agrees"]:
            yield f"{one['id']} {'agrees' if agrees(one, known) else 'does not agree'} with what was published"
    tables = {one["key"]: one for one in content["tables"]}
    for table in content["tables"]:
        yield from _of_table(table, tables)


def _of_table(table: Plain, tables: dict[str, Plain]) -> Iterator[str]:
    rows = rows_of(table, tables)
    if len(rows) != len(table["rows"]):
        yield f"{table['key']} has {len(table['rows'])} rows, and not {len(rows)}"
    for made, said in zip(rows, table["rows"], strict=False):
        for key in made:
            if made[key] != said.get(key):
                yield f"{table['key']}, {made['name']}: {key} is {made[key]}, and not {said.get(key)}"
    totals = totals_of(table, rows)
    for key in totals.keys() | table["totals"].keys():
        if totals.get(key) != table["totals"].get(key):
            yield f"{table['key']}: {key} of all is {totals.get(key)}, and not {table['totals'].get(key)}"
    for pick in table["picks"]:
        names = [row["name"] for row in rows if row[pick["column"]] == pick["is"]]
        if names != pick["names"]:
            yield f"{pick['key']} names {', '.join(names)}, and not {', '.join(pick['names'])}"


# ---- the report as text ----

class Printed:
    """The report in one language."""

    def __init__(self, file: Plain, language: str) -> None:
        self.file, self.content, self.language = file, file["content"], language
        self.figures = {one["id"]: one for one in self.content["figures"]}
        self.tables = {one["key"]: one for one in self.content["tables"]}

    def say(self, words: Any) -> str:
        return str(words[self.language]) if isinstance(words, dict) else str(words)

    def word(self, key: str) -> str:
        return self.say(self.content["words"][key])

    def number(self, number: Any) -> str:
        before, _point, after = str(number).partition(".")
        grouped = f"{int(before):,}" if before.strip("-") != "0" else before
        if self.language == "vi":
            return grouped.replace(",", ".") + (f",{after}" if after else "")
        return grouped + (f".{after}" if after else "")

    def signed(self, number: Any) -> str:
        return ("+" if Decimal(str(number)) > 0 else "") + self.number(number)

    @staticmethod
    def day(iso: str) -> str:
        return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"

    def lines(self) -> Iterator[str]:
        yield self.say(self.content["title"])
        yield f"{self.word('as_of')}: {self.day(self.content['on'])}"
        yield self.word("unofficial")
        if self.file.get("edition"):
            yield (f"{self.word('edition')} {self.file['edition']}, {self.word('published')} "
                   f"{self.day(self.file['published_at'])}, {self.say(self.file['published_by'])}. "
                   f"SHA-256: {self.file['digest']}")
        else:
            yield self.word("draft")
        if self.file.get("reason"):
            yield f"{self.word('correction')}: {self.file['reason']}"
        yield from self.open()
        for numeral, section in zip(ROMAN, self.content["sections"], strict=False):
            yield ""
            yield f"{numeral}. {self.say(section['words'])}"
            if section["paragraph"]:
                yield section["paragraph"]
            yield from map(self.say, section["notes"])
            if not section["figures"] and not section["tables"]:
                yield self.word("nothing")
            for id_ in section["figures"]:
                yield from self.figure(self.figures[id_])
            for key in section["tables"]:
                yield from self.table(self.tables[key])

    def open(self) -> Iterator[str]:
        found: dict[str, str] = {}
        for one in self.content["figures"]:
            about = f"{self.say(one['words'])}; {self.say(one['group_words'])}"
            for check in one["checks"]:
                if one["shown"] and not check["ok"]:
                    found.setdefault(self.say(check["says"]), about)
        if found:
            yield from ("", self.word("open"))
        for says, about in found.items():
            yield f"- {says} ({about})"

    def figure(self, one: Plain) -> Iterator[str]:
        mine = [each for each in self.content["derived"] if each["of"] == one["id"]]
        share = "".join(f" ({self.number(each['result'])}\N{NO-BREAK SPACE}%)" for each in mine
                        if each["rule"] == "share")
        of = f"/{self.number(one['denominator'])}" if one["denominator"] else ""
        yield (f"- {self.say(one['words'])}; {self.say(one['group_words'])}: {self.number(one['value'])}{of} "
               f"{self.say(one['unit_words'])}{share}, {self.word('on')} {self.day(one['on'])}, "
               f"{self.word('as_published')}: {one['as_published']}")
        sure = "" if one["confidence"] == "H" else f" ({self.word('confidence_' + one['confidence'])})"
        yield f"  {self.word('source')}: {one['source']}{sure}"
        if one["names"]:
            yield f"  {self.word('names')}: {'; '.join(one['names'])}"
        changes = [each for each in mine if each["rule"] in ("difference", "points")]
        if changes:
            yield f"  {self.word('since')} {self.day(changes[0]['since'])}: " + "; ".join(
                self.signed(each["result"]) + (f" {self.word('points')}" if each["rule"] == "points" else "")
                for each in changes)
        for each in mine:
            if each["rule"] == "sum":
                parts = " + ".join(self.number(self.figures[id_]["value"]) for id_ in each["from"])
                yield f"  {self.word('sum')}: {parts} = {self.number(each['result'])}"
        for check in one["checks"]:
            if not check["ok"]:
                yield f"  {self.word('fails')}: {self.say(check['says'])}"

    def table(self, table: Plain) -> Iterator[str]:
        yield (f"{self.say(table['words'])} ({self.word('on')} {self.day(table['on'])}; {self.word('source')}: "
               f"{self.say(table['source'])})")
        columns = [one for one in table["columns"] if not one.get("hidden")]
        if not table.get("detail"):
            yield " | ".join(self.say(one["words"]) for one in columns)
            for row in table["rows"]:
                yield " | ".join(self.cell(one, row[one["key"]]) for one in columns)
            if table["totals"]:
                yield " | ".join([self.word("total"), *(
                    self.cell(one, table["totals"][one["key"]]) if one["key"] in table["totals"] else ""
                    for one in columns[1:])])
        for pick in table["picks"]:
            yield f"{self.say(pick['words'])} ({len(pick['names'])}): {'; '.join(pick['names']) or self.word('nobody')}"

    def cell(self, column: Plain, cell: Any) -> str:
        if cell is None:
            return "—"
        match column.get("unit"):
            case "day":
                return self.day(cell)
            case "code":
                return self.word(cell)
            case "signed":
                return self.signed(cell)
            case "percent" | "decimal":
                return self.number(cell)
        return self.number(cell) if isinstance(cell, int) else self.say(cell)


def read(place: str) -> Plain:
    """The open data of a report, from a file or an address. Raises NoReport."""
    try:
        if place.startswith(("https://", "http://")):
            with urllib.request.urlopen(place, timeout=60) as answer:
                found = json.loads(answer.read(LARGEST))
        else:
            with open(place, "rb") as file:
                found = json.loads(file.read(LARGEST))
    except (OSError, ValueError) as error:
        raise NoReport(str(error)) from error
    if not isinstance(found, dict) or not isinstance(found.get("content"), dict):
        raise NoReport("it is not the open data of a report")
    if found["content"].get("form") != FORM:
        raise NoReport(f"its form is {found['content'].get('form')}, and this program knows {FORM}")
    return found


def main(given: list[str] | None = None) -> int:
    """Work out one report and print it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("report", help="a file or an address")
    asked.add_argument("--language", choices=("vi", "en"), default="vi")
    asked.add_argument("--digest", help="SHA-256 as it is printed on the page or the paper")
    options = asked.parse_args(given)
    try:
        file = read(options.report)
        wrong = list(differences(file, options.digest))
        text = "\n".join(Printed(file, options.language).lines()) + "\n"
    except (NoReport, KeyError, TypeError, ValueError, IndexError, InvalidOperation, ArithmeticError) as error:
        print(f"{options.report}: no report that can be worked out: {error!r}", file=sys.stderr)
        return 2
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
    for words in wrong:
        print(f"DIFFERS    {words}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
