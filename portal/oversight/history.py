"""The facts that were published of 1 March 2016, Q2 and Q3/2016 and Q1/2017, and the places in indices of others as far
as they are known: read from data/. Pure."""
import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from portal.oversight.figures import Figure

DATA = Path(__file__).parent / "data"


class Rank(NamedTuple):
    """A place in an index that others publish. `component`: the whole or a part of it. `rank` None: known only as one
    of the last three. `key`: which index. `confidence`: see figures.Figure."""

    year: int
    group: str
    name: str
    component: str
    rank: int | None
    score: str
    source: str
    key: str = "ict-readiness"
    confidence: str = "H"


class Survey(NamedTuple):
    """Viet Nam in one survey of the United Nations' index: decimals as published, None where not known."""

    year: int
    rank: int
    countries: int
    egdi: Decimal
    osi: Decimal | None
    tii: Decimal | None
    hci: Decimal | None
    confidence: str
    source: str

    @property
    def parts(self) -> dict[str, Decimal | None]:
        return {"osi": self.osi, "tii": self.tii, "hci": self.hci}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def figures() -> tuple[Figure, ...]:
    """Every published figure, in the order of the file."""
    names = defaultdict(list)
    for row in _rows("history_names.csv"):
        names[row["on"], row["indicator"], row["group"]].append(row["name"])
    return tuple(Figure(
        row["indicator"], row["group"], Decimal(row["value"]), row["as_published"], _number(row["denominator"]),
        date.fromisoformat(row["on"]), row["source"], row["share"], _number(row["other_denominator"]),
        row["confidence"], tuple(names[row["on"], row["indicator"], row["group"]])) for row in _rows("history.csv"))


@cache
def ranks() -> tuple[Rank, ...]:
    """The places in indices of agencies that were found in sources; gaps are gaps."""
    return tuple(Rank(int(row["year"]), row["group"], row["name"], row["indicator"], _rank(row["rank"]), row["score"],
                      row["source"], row["index"], row["confidence"]) for row in _rows("published_ranks.csv"))


@cache
def surveys() -> tuple[Survey, ...]:
    """The E-Government Development Index of Viet Nam, the oldest first."""
    return tuple(Survey(int(row["year"]), int(row["rank"]), int(row["countries"]), Decimal(row["egdi"]),
                        _decimal(row["osi"]), _decimal(row["tii"]), _decimal(row["hci"]),
                        row["confidence"], row["source"]) for row in _rows("egdi_vietnam.csv"))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _number(text: str) -> int | None:
    return int(text) if text else None


def _rank(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
