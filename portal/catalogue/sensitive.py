"""Procedures of which to know that somebody asked already tells something private: `data/sensitive_procedures.csv`.

The public line of their dossiers names the agency alone, and no breakdown below the nation counts them. The list is
part of the release: who changes it has counters counted anew (`flask progress recount`, or the coming night). Pure.
"""
import csv
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).parent / "data" / "sensitive_procedures.csv"


class Sensitive(NamedTuple):
    """Why a procedure is sensitive, as a key, and the law that says so."""

    reason: str
    source: str


@cache
def procedures() -> dict[str, Sensitive]:
    """Every sensitive procedure by its national code."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["ma_thu_tuc"]: Sensitive(row["reason"], row["source"]) for row in csv.DictReader(lines)}


def is_sensitive(procedure: str | None) -> bool:
    """Whether the procedure with this national code is on the list."""
    return procedure in procedures()
