"""Cross-checks of a report: what does not add up, jumps, or is said otherwise elsewhere. Pure.

    {"key": "received", "kind": "sum", "level": "error", "total": "dossiers.received", "parts": ["dossiers.online", …]}

A check speaks of questions by key, of a column of a table by "table.column": a check all of whose parts are columns of
one table is put to every row; beside other questions a column counts as the sum of its rows. An `error` keeps a report
from being submitted; a `warning` needs a note. A cell that is empty is not answered and is no nought: where the rest of
a sum is there, the check says which cell it waits for.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from portal.kit.text import N_, fold
from portal.oversight.reports.check_parts import Amount, Check, Ref, amount, label_of, rows_of
from portal.oversight.reports.numbers_in_text import fits, numbers_beside, share_in

Values = Mapping[str, Any]


class Other(NamedTuple):
    """What another report says of the same: whose it is ("Form 07a, 2026-Q4, Đà Nẵng"), and its number."""

    whose: str
    value: int


@dataclass(frozen=True)
class Beside:
    """What a report is held against. `previous`: the values of the report of the period before, None where there is
    none; `others`: by the key of a check that asks for them, what other reports say."""

    previous: Values | None = None
    period: str = ""
    others: Mapping[str, Sequence[Other]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """`says`: a msgid with its `facts`, of which words in two languages are told in the reader's. `row`: the label of
    the row that it is about. `waits`: it cannot be told before something is answered. `note`: what was noted of it."""

    check: str
    level: str
    fields: tuple[str, ...]
    says: str
    facts: Mapping[str, Any]
    row: str = ""
    waits: bool = False
    note: str = ""

    @property
    def key(self) -> str:
        """By which it is noted: of the check and its row."""
        return f"{self.check}:{fold(self.row)}" if self.row else self.check

    @property
    def stops(self) -> bool:
        """Whether the report cannot be submitted as it is."""
        return self.level == "error" or not self.note


class Seen(NamedTuple):
    """What a check looks at."""

    check: Check
    values: Values
    beside: Beside


Said = tuple[str, Mapping[str, Any], str, bool]  # msgid, facts, row, waits


def check(checks: Iterable[Check], values: Values, beside: Beside | None = None,
          notes: Mapping[str, str] | None = None) -> list[Finding]:
    """What is found in a report whose questions that apply have these `values`, in the order of the checks."""
    found = [Finding(one.key, one.level, one.fields, says, facts, row, waits) for one in checks
             for says, facts, row, waits in KINDS[one.kind](Seen(one, values, beside or Beside()))]
    return [replace(one, note=(notes or {}).get(one.key, "")) for one in found]


def _places(seen: Seen) -> list[tuple[str, Mapping[str, Any] | None]]:
    """(label, row) of each row that the check is about; one without a row where it is about none."""
    table = seen.check.table
    if table is None:
        return [("", None)]
    return [(label_of(seen.check.labels, row, n), row) for n, row in enumerate(rows_of(seen.values, table))]


def _sum(seen: Seen) -> Iterator[Said]:
    """The parts are the total."""
    total, parts = seen.check.refs["total"][0], seen.check.refs["parts"]
    for label, row in _places(seen):
        whole, amounts = amount(total, seen.values, row), [amount(part, seen.values, row) for part in parts]
        waited = [one for one in (whole, *amounts) if not one.whole]
        there, facts = sum(one.there for one in amounts), {"total_name": total.words, **_counted(whole, amounts)}
        if all(one.nothing for one in amounts):
            continue  # nothing was split yet; what must be is among what is missing
        never = all(part.least >= 0 for part in parts) and whole.whole and there > whole.there
        if never or (not waited and there != whole.there):
            yield (N_("“%(total_name)s” is %(total)s, and its parts are %(parts)s = %(sum)s."), facts, label, False)
        elif waited:
            yield (N_("“%(total_name)s” cannot be checked while “%(empty)s” is empty. Enter 0 where there is none."),
                   {**facts, "empty": waited[0].empty}, label, True)


def _counted(whole: Amount, parts: Sequence[Amount]) -> dict[str, Any]:
    return {"total": whole.there, "parts": tuple(one.there for one in parts), "sum": sum(one.there for one in parts)}


def _within(seen: Seen) -> Iterator[Said]:
    """A part is no more than the whole."""
    part, whole = seen.check.refs["part"][0], seen.check.refs["of"][0]
    for label, row in _places(seen):
        a, b = amount(part, seen.values, row), amount(whole, seen.values, row)
        if a.whole and b.whole and a.there > b.there:
            yield (N_("“%(part_name)s” is %(part)s, more than all of “%(of_name)s”: %(of)s."),
                   {"part_name": part.words, "part": a.there, "of_name": whole.words, "of": b.there}, label, False)


def _one_denominator(seen: Seen) -> Iterator[Said]:
    """What the period divides by is one number."""
    found = [(ref, one.there) for ref in seen.check.refs["fields"]
             if (one := amount(ref, seen.values)).whole and not one.nothing]
    for ref, value in found[1:]:
        if value != found[0][1]:
            yield (N_("The report divides by %(a)s in “%(a_name)s” and by %(b)s in “%(b_name)s”."),
                   {"a": found[0][1], "a_name": found[0][0].words, "b": value, "b_name": ref.words}, "", False)


def _share(seen: Seen) -> Iterator[Said]:
    """A share as it is written is the one that its numbers make."""
    part, whole, share = (seen.check.refs[name][0] for name in ("part", "of", "share"))
    for label, row in _places(seen):
        a, b = amount(part, seen.values, row), amount(whole, seen.values, row)
        said = share_in(_value(share, seen.values, row))
        if said is None or not (a.whole and b.whole):
            continue
        facts = {"part": a.there, "of": b.there, "said": said.typed, "share_name": share.words}
        if not b.there:
            yield (N_("“%(share_name)s” says %(said)s %%, and there is nothing to divide by."), facts, label, False)
        elif not fits(said, exact := Decimal(a.there * 100) / b.there):
            yield (N_("%(part)s of %(of)s is %(exact)s %%; “%(share_name)s” says %(said)s %%."),
                   {**facts, "exact": exact.quantize(Decimal("0.01"))}, label, False)


def _jump(seen: Seen) -> Iterator[Said]:
    """The figure is not far from that of the last period."""
    ref, most, least = seen.check.refs["field"][0], seen.check.given["percent"], seen.check.given.get("at_least", 1)
    pair = _now_and_before(seen, ref, ref)
    if pair is not None and abs(pair[0] - pair[1]) >= least and abs(pair[0] - pair[1]) * 100 > most * abs(pair[1]):
        words = N_("“%(name)s” was %(before)s in %(period)s and is %(now)s: a change of more than %(percent)s %%.") \
            if most else N_("“%(name)s” was %(before)s in %(period)s and is %(now)s now.")
        yield words, {**_compared(seen, ref, pair), "percent": most}, "", False


def _grows(seen: Seen) -> Iterator[Said]:
    """What is once reached stays."""
    ref = seen.check.refs["field"][0]
    pair = _now_and_before(seen, ref, ref)
    if pair is not None and pair[0] < pair[1]:
        yield (N_("“%(name)s” was %(before)s in %(period)s already and is %(now)s now."), _compared(seen, ref, pair),
               "", False)


def _carried_over(seen: Seen) -> Iterator[Said]:
    """What was left at the end of the last period is what this one begins with; of tables row by row, by their
    labels."""
    opening, closing = seen.check.refs["field"][0], seen.check.refs["from"][0]
    if seen.check.table is None or not seen.check.labels:
        pair = _now_and_before(seen, opening, closing)
        pairs = {} if pair is None else {"": pair}
    else:
        pairs = _by_label(seen, opening, closing)
    for label, pair in pairs.items():
        if pair[0] != pair[1]:
            yield (N_("“%(name)s” is %(now)s, and “%(before_name)s” at the end of %(period)s was %(before)s."),
                   {**_compared(seen, opening, pair), "before_name": closing.words}, label, False)


def _by_label(seen: Seen, opening: Ref, closing: Ref) -> dict[str, tuple[int, int]]:
    if seen.beside.previous is None:
        return {}
    now, before, labels = dict[str, int](), dict[str, int](), dict[str, str]()
    table, key = str(seen.check.table), seen.check.labels
    for values, ref, sums in ((seen.values, opening, now), (seen.beside.previous, closing, before)):
        for n, row in enumerate(rows_of(values, table)):
            if (one := amount(ref, values, row)).whole:
                label = label_of(key, row, n)
                labels.setdefault(fold(label), label)
                sums[fold(label)] = sums.get(fold(label), 0) + one.there
    return {label: (now.get(plain, 0), before.get(plain, 0)) for plain, label in labels.items()} if now else {}


def _now_and_before(seen: Seen, now: Ref, before: Ref) -> tuple[int, int] | None:
    if seen.beside.previous is None:
        return None
    a, b = amount(now, seen.values), amount(before, seen.beside.previous)
    return (a.there, b.there) if a.whole and b.whole and not (a.nothing or b.nothing) else None


def _compared(seen: Seen, ref: Ref, pair: tuple[int, int]) -> dict[str, Any]:
    return {"name": ref.words, "now": pair[0], "before": pair[1], "period": seen.beside.period}


def _text(seen: Seen) -> Iterator[Said]:
    """A number that a text says of a figure is the figure's."""
    text = _value(seen.check.refs["field"][0], seen.values)
    if not isinstance(text, str):
        return
    for named, ref in zip(seen.check.given["says"], seen.check.refs["says"], strict=True):
        figure = amount(ref, seen.values)
        for number in numbers_beside(text, named["words"]):
            if figure.whole and not figure.nothing and number.value != figure.there:
                yield (N_("The text says “%(words)s”; “%(name)s” is %(value)s."),
                       {"words": number.words, "name": ref.words, "value": figure.there}, "", False)


def _agrees(seen: Seen) -> Iterator[Said]:
    """Another report says the same; where it does not, both stand side by side."""
    ref = seen.check.refs["field"][0]
    here = amount(ref, seen.values)
    for other in seen.beside.others.get(seen.check.key, ()):
        if here.whole and not here.nothing and here.there != other.value:
            yield (N_("“%(name)s” is %(here)s here and %(there)s in another report: %(whose)s."),
                   {"name": ref.words, "here": here.there, "there": other.value, "whose": other.whose}, "", False)


def _value(ref: Ref, values: Values, row: Mapping[str, Any] | None = None) -> Any:
    return (row or {}).get(ref.column) if ref.column else values.get(ref.field)


KINDS: Mapping[str, Callable[[Seen], Iterator[Said]]] = {
    "sum": _sum, "within": _within, "one_denominator": _one_denominator, "share": _share, "jump": _jump,
    "grows": _grows, "carried_over": _carried_over, "text": _text, "agrees": _agrees}
KIND_WORDS: Mapping[str, str] = {
    "sum": N_("Parts equal the total"), "within": N_("A part within the whole"),
    "one_denominator": N_("One denominator for the period"), "share": N_("The share follows from its numbers"),
    "jump": N_("No jump against the last period"), "grows": N_("What is reached stays"),
    "carried_over": N_("Carried over from the last period"), "text": N_("The text agrees with the figures"),
    "agrees": N_("Agrees with another report")}
