"""The cases that a procedure tells apart: the law sets limits and fees by case, not by the way of filing. Pure.

Which case a dossier is, an answer of its form says where the form asks; else it is not known, and the longest limit
is promised, so that no case is late by rule.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portal.catalogue.limits import length
from portal.law.limits import Limit, LimitUnit

LISTED = Path(__file__).parent / "data" / "cases.csv"


class UnknownCase(LookupError):
    """The procedure tells no such case apart."""

    def __init__(self, key: str, known: Iterable[str]) -> None:
        self.key, self.known = key, tuple(known)
        super().__init__(f"no case {key!r}; there is {', '.join(self.known) or 'none'}")


@dataclass(frozen=True)
class Case:
    """`name` in both languages, None where the record gives several limits and does not say when which holds.

    `limit` None: the case has that of the procedure. `field`, `equals`: the answer that says it is this one.
    """

    key: str
    name: Mapping[str, str] | None = None
    limit: Limit | None = None
    field: str = ""
    equals: str = ""


@cache
def listed() -> Mapping[str, tuple[Case, ...]]:
    """The cases that were read in a text of law, by procedure code."""
    found: dict[str, list[Case]] = {}
    with LISTED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            limit = Limit(int(row["limit_amount"]), LimitUnit(row["limit_unit"])) if row["limit_unit"] else None
            found.setdefault(row["procedure"], []).append(Case(
                row["key"], {"vi": row["vi"], "en": row["en"]}, limit, row["field"], row["equals"]))
    return {code: tuple(cases) for code, cases in found.items()}


def of_record(limits: Iterable[Limit]) -> tuple[Case, ...]:
    """A record that gives several limits took one line of several cases for each way: all of them, shortest first."""
    told = sorted({limit for limit in limits if limit.amount is not None}, key=length)
    return tuple(Case(f"{limit.amount}-{limit.unit.replace('_', '-')}", limit=limit) for limit in told
                 if len(told) > 1)


def chosen(cases: Iterable[Case], answers: Mapping[str, Any]) -> str:
    """The key of the case that the answers name, "" where they name none."""
    return next((case.key for case in cases if case.field and answers.get(case.field) == case.equals), "")


def limit_of(cases: Iterable[Case], key: str, otherwise: Limit) -> Limit:
    """The limit of this case; `otherwise`, the procedure's own, for none. Raises UnknownCase."""
    if not key:
        return otherwise
    by_key = {case.key: case for case in cases}
    if key not in by_key:
        raise UnknownCase(key, by_key)
    return by_key[key].limit or otherwise


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Case, ...]:
    """The cases of a version's column."""
    return tuple(Case(row["key"], row.get("name"), _limit(row.get("limit")), row.get("field", ""),
                      row.get("equals", "")) for row in rows)


def plain(case: Case) -> dict[str, Any]:
    """A case as a row of JSON; what it does not say is left out."""
    limit = case.limit and {"amount": case.limit.amount, "unit": str(case.limit.unit), "assumed": case.limit.assumed}
    said = {"key": case.key, "name": case.name, "limit": limit, "field": case.field, "equals": case.equals}
    return {name: value for name, value in said.items() if value}


def _limit(said: Mapping[str, Any] | None) -> Limit | None:
    return said and Limit(said["amount"], LimitUnit(said["unit"]), said["assumed"])  # type: ignore[return-value]
