"""What the national portal answered, read from a file: a table or a list of ours, or answers as captured. Pure.

A row says: agency, unit (code of a commune, or nothing), period, indicator (key, number or the national portal's own
name), numerator, denominator, points, captured_on, and where there are any flags. A capture says: agency, unit,
period, captured_on, endpoint, and the answer as it came, {code: "OK", data, message}; of it only the keys are read
whose meaning is known. `null` is no nought. What cannot be read is told by its line, and then nothing of the file is
taken.
"""
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any

from portal.kit.text import N_, storable
from portal.oversight.periods import days_of
from portal.oversight.score.formulas import INDICATORS, SCORED, Indicator, national_points

MOST_BYTES, MOST_ROWS = 2_000_000, 20_000
COLUMNS = ("agency", "unit", "period", "indicator", "numerator", "denominator", "points", "captured_on", "flags")
NEEDED = ("agency", "period", "indicator", "captured_on")
HIGHEST = 2**31 - 1
MOST_PLACES = 8  # after the comma of points: more fit no column
WIDE = "more cells than columns"
Sums = tuple[tuple[str, ...], tuple[str, ...]]
#: by endpoint and indicator: the keys whose sum is the numerator, and those of the denominator
ENDPOINTS: Mapping[str, Mapping[str, Sums]] = {
    "dvc-progress-tree": {"progress": (("onTime",), ("received",))},
    "provide-online-tree": {
        "services_online": (("partial", "full"), ("authority",)),
        "services_used": (("onlineDossierCount",), ("onlineServiceTotal",)),
        "dossiers_online": (("channelOnline",), ("channelTotal",))},
    "formality-online-payment-tree": {
        "fees_offered": (("totalFeeDossierFormality",), ("totalFeeFormality",)),
        "fees_paid": (("totalDossierOnlineFormalityPaymentSuccess",), ("totalFeeFormality",))},
}
_NAMES = {name: one for one in SCORED for name in (one.key, one.number, one.metric) if name and name != "—"}


@dataclass(frozen=True)
class Problem:
    """`line` of the file (of a list: the place in it, from 1); `says`: a msgid with its `facts`."""

    line: int
    says: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """One indicator of one place, as it was answered. `raw`: what was read."""

    line: int
    agency: str
    unit: str
    period: str
    indicator: str
    numerator: int | None
    denominator: int | None
    points: Decimal | None
    captured_on: date
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    """Rows count only where there are no problems."""

    rows: Sequence[Answered]
    problems: Sequence[Problem]


class Wrong(ValueError):
    """Something in a row. `says`: a msgid with its facts."""

    def __init__(self, says: str, **facts: object) -> None:
        super().__init__(says)
        self.says, self.facts = says, facts


NOT_TEXT = N_("The file is no text in UTF-8.")
NOT_STORED = N_("There is a character in it that no text has, such as half of a letter or a null. Take it out.")
TOO_LARGE = N_("The file is larger than %(most)s bytes, or has more than %(rows)s rows.")
NOT_JSON = N_("The file begins like JSON and is none: %(why)s")
NO_LIST = N_("A list of rows or captures is expected.")
NO_COLUMNS = N_("These columns are missing: %(names)s")
WIDER = N_("The row has more cells than there are columns: is there a comma in a number?")
MISSING = N_("“%(name)s” is missing.")
NO_PERIOD = N_("“%(typed)s” is no period: write 2026-09, 2026-Q3 or 2026.")
NO_DAY = N_("“%(typed)s” is no day: write it like 2026-09-27.")
COMING = N_("The day on which it was captured lies ahead.")
NO_INDICATOR = N_("“%(typed)s” is no indicator of the score.")
NO_NUMBER = N_("“%(typed)s” in “%(name)s” is no whole number; leave it empty where there was none.")
NO_POINTS = N_("“%(typed)s” is no number of points from 0 to %(most)s.")
MORE_THAN_ALL = N_("%(part)s of %(whole)s is more than all.")
NO_ENDPOINT = N_("Of “%(name)s” no key is known: enter its numbers as rows.")
NOT_OK = N_("The answer does not say OK: %(code)s")
NO_DATA = N_("Nothing is known to be read in this answer; expected: %(names)s")
NOTHING = N_("There is nothing in the file.")


def read(data: bytes, today: date) -> Read:
    """Every row of a file, or every problem in it."""
    if len(data) > MOST_BYTES:
        return Read((), (_too_large(),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Read((), (Problem(1, NOT_TEXT),))
    if "\0" in text:  # which PostgreSQL stores in no text
        return Read((), (Problem(text[:text.index("\0")].count("\n") + 1, NOT_STORED),))
    found = _listed(text) if text.lstrip()[:1] in ("[", "{") else _table(text)
    if isinstance(found, Problem):
        return Read((), (found,))
    if len(found) > MOST_ROWS:
        return Read((), (_too_large(),))
    rows, problems = list[Answered](), list[Problem]()
    for line, one in found:
        try:
            rows += _answered(line, one, today)
        except Wrong as wrong:
            problems.append(Problem(line, wrong.says, wrong.facts))
    if not found:
        problems.append(Problem(1, NOTHING))
    return Read(rows, problems)


def _too_large() -> Problem:
    return Problem(1, TOO_LARGE, {"most": MOST_BYTES, "rows": MOST_ROWS})


Lines = list[tuple[int, Mapping[str, Any]]]


def _listed(text: str) -> Lines | Problem:
    try:
        said = json.loads(text, parse_float=Decimal)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        return Problem(line, NOT_JSON, {"why": getattr(error, "msg", "")})
    if not storable(said):
        return Problem(1, NOT_STORED)
    if isinstance(said, dict):
        said = said.get("answers", [said])
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        return Problem(1, NO_LIST)
    return list(enumerate(said, start=1))


def _table(text: str) -> Lines | Problem:
    first = text.partition("\n")[0]
    lines = csv.DictReader(StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    names = [(name or "").strip().lower() for name in lines.fieldnames or ()]
    if missing := [name for name in NEEDED if name not in names]:
        return Problem(1, NO_COLUMNS, {"names": ", ".join(missing)})
    lines.fieldnames = names
    found: Lines = []
    try:
        for row in lines:
            if any(value for value in row.values()):
                kept = {name: value for name, value in row.items() if name in COLUMNS}
                found.append((lines.line_num, kept | ({WIDE: True} if None in row else {})))
    except csv.Error as error:
        return Problem(lines.line_num, NOT_JSON, {"why": str(error)})
    return found


def _answered(line: int, one: Mapping[str, Any], today: date) -> Iterator[Answered]:
    """The indicators that a row or a capture tells of. Raises Wrong."""
    if WIDE in one:
        raise Wrong(WIDER)
    agency, unit = _text(one, "agency"), _text(one, "unit", needed=False)
    period, captured_on = _period(one), _day(one, today)

    def answer(indicator: Indicator, part: int | None, whole: int | None, points: Decimal | None,
               raw: Mapping[str, Any]) -> Answered:
        return Answered(line, agency, unit, period, indicator.key, part, whole, points, captured_on, raw)

    if "answer" in one:
        yield from _captured(one, answer)
        return
    typed = _text(one, "indicator")
    indicator = _NAMES.get(typed)
    if indicator is None:
        raise Wrong(NO_INDICATOR, typed=typed[:40])
    part, whole = _whole(one, "numerator"), _whole(one, "denominator")
    if part is not None and whole is not None and part > whole:
        raise Wrong(MORE_THAN_ALL, part=part, whole=whole)
    yield answer(indicator, part, whole, _points(one, indicator), {"flags": _flags(one)})


def _captured(one: Mapping[str, Any], answer: Callable[..., Answered]) -> Iterator[Answered]:
    """Points are worked out by the formulas, since the answers do not give them by indicator."""
    endpoint = _text(one, "endpoint")
    known = ENDPOINTS.get(endpoint)
    if known is None:
        raise Wrong(NO_ENDPOINT, name=endpoint[:60])
    said = one["answer"] if isinstance(one["answer"], dict) else {}
    if said.get("code") != "OK":
        raise Wrong(NOT_OK, code=str(said.get("code"))[:40])
    data = said.get("data")
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    keys = sorted({key for sums in known.values() for part in sums for key in part})
    if not isinstance(data, dict) or not any(key in data for key in keys):
        raise Wrong(NO_DATA, names=", ".join(keys))
    for name, (parts, wholes) in known.items():
        if not all(key in data for key in (*parts, *wholes)):
            continue
        part, whole = (_summed(data, of) for of in (parts, wholes))
        if part is not None and whole is not None and part > whole:
            raise Wrong(MORE_THAN_ALL, part=part, whole=whole)
        worked_out = national_points(INDICATORS[name], part, whole) if part is not None and whole is not None else None
        yield answer(INDICATORS[name], part, whole, worked_out, {
            "endpoint": endpoint, "flags": _flags(data), "worked_out": True,
            "data": {key: data[key] for key in (*parts, *wholes)}})


def _summed(data: Mapping[str, Any], keys: Sequence[str]) -> int | None:
    """None where one of them is null."""
    found = [_whole(data, key) for key in keys]
    return None if None in found else sum(one for one in found if one is not None)


def _flags(one: Mapping[str, Any]) -> list[str]:
    said = one.get("flags") or []
    listed = said.replace(";", ",").split(",") if isinstance(said, str) else said if isinstance(said, list) else []
    return [str(flag).strip()[:60] for flag in listed if flag][:10]


def _text(one: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    said = str(one.get(name) or "").strip()
    if needed and not said:
        raise Wrong(MISSING, name=name)
    return said[:100]


def _period(one: Mapping[str, Any]) -> str:
    typed = _text(one, "period")
    try:
        days_of(typed)
    except ValueError:
        raise Wrong(NO_PERIOD, typed=typed[:20]) from None
    return typed


def _day(one: Mapping[str, Any], today: date) -> date:
    typed = _text(one, "captured_on")
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Wrong(NO_DAY, typed=typed[:20]) from None
    if day > today:
        raise Wrong(COMING)
    return day


def _whole(one: Mapping[str, Any], name: str) -> int | None:
    said = one.get(name)
    if said is None or (isinstance(said, str) and said.strip().lower() in ("", "null")):
        return None
    typed = str(said).strip()
    if isinstance(said, bool) or not (typed.isascii() and typed.isdecimal() and len(typed) < 11 and int(
            typed) <= HIGHEST):
        raise Wrong(NO_NUMBER, typed=typed[:20], name=name)
    return int(typed)


def _points(one: Mapping[str, Any], indicator: Indicator) -> Decimal | None:
    said = one.get("points")
    if said is None or (isinstance(said, str) and said.strip().lower() in ("", "null")):
        return None
    try:
        found = Decimal(str(said).strip().replace(",", "."))
        if not 0 <= found <= indicator.most or -int(found.as_tuple().exponent) > MOST_PLACES:
            raise InvalidOperation
    except InvalidOperation:
        raise Wrong(NO_POINTS, typed=str(said)[:20], most=indicator.most) from None
    return found
