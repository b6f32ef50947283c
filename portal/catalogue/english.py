"""What the hundred most used procedures are called in English: `data/english_names.csv`. Pure.

The official names are Vietnamese alone; these are our own translations, for pages in English, and with some further
words for whoever searches in English. No paper and no file of figures says them.
"""
import csv
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from portal.kit.text import words as words_of

FILE: Final = Path(__file__).parent / "data" / "english_names.csv"
_SHORTEST = 4  # letters of a word to be found by: "the", "for", "to" are Vietnamese words without their marks


class English(NamedTuple):
    """The name, and other words that people search it by."""

    name: str
    words: str


@cache
def names() -> dict[str, English]:
    """Every procedure that has an English name, by its national code."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["procedure"]: English(row["name"], row["words"]) for row in csv.DictReader(lines)}


def name_of(code: str) -> str | None:
    """The English name of the procedure with this national code."""
    found = names().get(code)
    return found.name if found else None


def searched(code: str, known: Container[str]) -> str:
    """The words to find it by in English, without short ones and those of `known`, which mean something in
    Vietnamese already."""
    found = names().get(code)
    told = words_of(f"{found.name} {found.words}") if found else []
    return " ".join(word for word in dict.fromkeys(told) if len(word) >= _SHORTEST and word not in known)
