"""The nation's codes of sectors, where they are known: `data/sector_codes.csv`. Pure.

They were seen in the public code of agencies' systems, as of 2023: most sectors kept their code when ministries were
merged. A name that two ministries' sectors share, and that of neither is the better known, is left out.
"""
import csv
import re
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "data" / "sector_codes.csv"
_OF_A_MINISTRY = re.compile(r"(G\d{2})-", re.ASCII)


@cache
def codes() -> dict[str, str]:
    """Each code by the name of its sector."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["code"] for row in csv.DictReader(lines)}


def code_of(name: str) -> str | None:
    """The nation's code of the sector with this name."""
    return codes().get(name)


def ministry_of(code: str) -> str:
    """The code of the ministry whose sector it is, nothing where the code does not say it."""
    found = _OF_A_MINISTRY.match(code)
    return found[1] if found else ""
