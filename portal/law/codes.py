"""The codes of dossiers, agencies and procedures: how ours are written, how any is read. Pure.

A dossier's code is `<agency>-<date>-<number>`: the agency as H17, H56.14 or 000.00.01.G03, the date as yyMMdd or
yyyyMMdd, the running number with four digits or more (Circular 01/2018/TT-VPCP art. 19 as practised; Decree
118/2025/NĐ-CP art. 28 names the same three parts). It is an identifier, never a secret. Codes given here are of a
series of their own, which no agency's system numbers (0031).
"""
import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

LONGEST = 40
DAY_DIGITS = 6  # yyMMdd, as codes are given here
FEWEST_DIGITS = 6  # of a running number in a series: whose it is, then four or more
_CODE = re.compile(r"[A-Z0-9]{1,8}(?:\.[A-Z0-9]{1,8}){0,5}-(\d{6}|\d{8})-\d{4,8}", re.ASCII)
_DASHES = re.compile(r"[\u2010-\u2015\u2212_]")
_TOP_FIRST = re.compile(r"([A-Z]\d{2})((?:\.\d{1,3}){0,5})", re.ASCII)
_TOP_LAST = re.compile(r"((?:\d{2,3}\.){1,5})([A-Z]\d{2})", re.ASCII)
_HALF_PROCEDURE = re.compile(r"\d\.?\d{3,}(?:\.[a-z]?\d+)*|\d\.\d+", re.ASCII)
_PROCEDURE_TAIL = re.compile(r"\d{6}", re.ASCII)
_PROCEDURE = re.compile(r"(\d\.\d{6})(?:(?:\.\d{2,3}){0,4}\.[A-Z]\d{2}(?:\.\d{1,3}){0,4})?", re.ASCII)


class UnitId(NamedTuple):
    """A unit of the State: the key of its ministry or province, and the path down from there."""

    key: str
    path: tuple[str, ...]


def series(owner: str) -> str:
    """The two digits with which every running number of a portal begins: they say whose series it is (Circular
    04/2025/TT-VPCP for central services). Raises ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{2}", owner):
        raise ValueError("a series is named by two digits")
    return owner


def compose(agency_code: str, day: date, number: int, owner: str) -> str:
    """H17, 22 November 2026, 1, series 99 → H17-261122-990001. The number restarts each day for each agency; past
    9,999 it widens to five digits instead of failing or starting again."""
    if number < 1:
        raise ValueError("numbers start at 1")
    return f"{agency_code}-{day:%y%m%d}-{series(owner)}{number:04}"


def is_of_series(code: str, owner: str) -> bool:
    """Whether a code, in its written form, is one that the portal with these two digits gave or may give some day."""
    if f"-{owner}" not in code:  # as most have not: this is asked of every row of every batch
        return False
    _agency, day, number = code.rsplit("-", 2)
    return number.startswith(owner) and len(number) >= FEWEST_DIGITS and len(day) == DAY_DIGITS


class TypedProcedure(NamedTuple):
    """A procedure's code as somebody types it: the pieces between its dots, or only its six last digits."""

    pieces: tuple[str, ...]
    is_tail: bool


def parse(typed: str) -> str | None:
    """The code that was meant, in its one written form, or None when it has not the form of a code.

    Small letters, blanks, long dashes and blanks in place of dashes are forgiven; a date that cannot be
    is not.
    """
    if len(typed) > 2 * LONGEST:
        return None
    if (as_is := _CODE.fullmatch(typed)) and len(typed) <= LONGEST:
        return typed if _is_day(as_is[1]) else None
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", typed)).strip().upper()
    code = re.sub(r"\s+", "" if plain.count("-") >= 2 else "-", plain)
    code = re.sub("-+", "-", code)
    found = _CODE.fullmatch(code)
    return code if found and len(code) <= LONGEST and _is_day(found[1]) else None


def agency_id(text: str) -> UnitId | None:
    """The unit that an agency id names, None for what has not the form of one.

    Decision 20/2020/QĐ-TTg writes the top first (H56.22.17), QCVN 102:2016 wrote it last (000.17.22.H56), with
    zeros where there is no unit. Both name the same unit.
    """
    plain = text.strip().upper()
    if found := _TOP_FIRST.fullmatch(plain):
        return UnitId(found[1], _without_zeros(found[2].split(".")[1:]))
    if found := _TOP_LAST.fullmatch(plain):
        return UnitId(found[2], _without_zeros(found[1].split(".")[-2::-1]))
    return None


def procedure_code(text: str) -> str | None:
    """The nation's code of a procedure, also from what an agency made of it; None for another form.

    `1.000948`, `1.000948.H38` and `1.000948.000.00.00.H38` are the same procedure.
    """
    found = _PROCEDURE.fullmatch(text.strip().upper())
    return found[1] if found else None


def typed_procedure(text: str) -> TypedProcedure | None:
    """What may be a procedure's code or its beginning: 1.001193, 1001193, 1.0011, 001193, with the place behind
    (1.000948.h38). None for what is no code. Letters are small, blanks are gone."""
    plain = "".join(text.split()).lower()
    if _PROCEDURE_TAIL.fullmatch(plain):
        return TypedProcedure((plain,), True)
    return TypedProcedure(tuple(plain.split(".")), False) if _HALF_PROCEDURE.fullmatch(plain) else None


def agency_of(code: str) -> str:
    """The agency that a dossier's code names, as it is written there."""
    return code.partition("-")[0]


def number_of(code: str) -> str:
    """The running number in a dossier's code."""
    return code.rpartition("-")[2]


def _without_zeros(groups: list[str]) -> tuple[str, ...]:
    while groups and not groups[-1].strip("0"):
        groups.pop()
    return tuple(groups)


@lru_cache(maxsize=4096)
def _is_day(digits: str) -> bool:
    try:
        datetime.strptime(digits, "%y%m%d" if len(digits) == 6 else "%Y%m%d")
    except ValueError:
        return False
    return True
