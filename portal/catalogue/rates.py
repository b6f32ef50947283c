"""What procedures cost, as `data/fees.csv` has it from the texts of law; and a rate as a row of JSON. Pure.

Whoever has no row there has what the record of the national portal says, which nobody checked (`fees.rate`).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from portal.law.fees import FeeKind, Rate, fee
from portal.law.texts import Confidence

LISTED = Path(__file__).parent / "data" / "fees.csv"
#: Who files online with e-ID level 2 and has put five basic papers and those of the procedure into it (Resolution
#: 66.22/2026). The portal cannot know it, so that it is told and never granted.
DIGITAL_CITIZEN = "digital_citizen"
#: Pupils, students, people with merit and their like, for the judicial record (Circular 16/2025/TT-BTC).
PUPIL_STUDENT_MERIT = "pupil_student_merit"
#: What an agency's record says was nobody's check.
RECORD = "bản ghi của Cổng Dịch vụ công quốc gia, khoảng 7/2026"

_NUMBERS = ("amount", "most", "base")
_DAYS = ("valid_from", "valid_to")


@cache
def listed() -> Mapping[str, tuple[Rate, ...]]:
    """The rates that were read in a text of law, by procedure code."""
    found: dict[str, list[Rate]] = {}
    with LISTED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            said: dict[str, Any] = {name: value for name, value in row.items() if name != "procedure" and value}
            said |= {name: int(said[name]) for name in _NUMBERS if name in said}
            found.setdefault(row["procedure"], []).append(rate_of({**said, "from_prose": "from_prose" in said}))
    return {code: tuple(rates) for code, rates in found.items()}


def rate_of(said: Mapping[str, Any]) -> Rate:
    """A rate from its row of JSON."""
    values = dict(said) | {name: date.fromisoformat(said[name]) for name in _DAYS if said.get(name)}
    values["kind"] = FeeKind(values["kind"])
    values["confidence"] = Confidence(values.get("confidence", Confidence.medium))
    return Rate(**values)


def plain(rate: Rate) -> dict[str, Any]:
    """A rate as a row of JSON; what it does not say is left out."""
    said = {each.name: getattr(rate, each.name) for each in fields(rate)}
    return {name: _plain(value) for name, value in said.items() if value not in (None, "") and value is not False}


def known_amount(rates: Iterable[Rate], *, day: date, channel: str, case: str = "") -> int | None:
    """The one amount that holds for this case, without one for every case; None where there is none, or "free" was
    never checked."""
    due = fee(rates, day=day, channel=channel, case=case)
    unchecked = due.kind is FeeKind.free and due.rate is not None and due.rate.confidence is not Confidence.high
    return None if unchecked else due.amount


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Rate, ...]:
    """The rates of a version's column."""
    return tuple(rate_of(row) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
