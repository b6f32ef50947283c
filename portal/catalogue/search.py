"""Searching procedures in memory: no database, no lock, well under a millisecond.

An index is immutable: it is built from the catalogue, shared by all requests and replaced when the catalogue
changes. Every word owns a bitset (a Python int) of the procedures that have it. The positions in a bitset are
ordered by what breaks ties (shorter names, then popularity, then code), so walking a bitset from its low end
gives the final order.
"""

import csv
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain, islice, product
from operator import and_, or_
from pathlib import Path

from portal.kit.text import fold, marked_words, tone_of, words

Words = tuple[str, ...]
Bits = int

ABBREVIATIONS = Path(__file__).parent / "data" / "abbreviations.csv"
#: "Thủ tục" before a name says nothing: left out of names and of queries.
_LEAD: Words = ("thu", "tuc")
#: What people write around the thing that they look for; dropped only when the query finds nothing with it.
_AROUND = frozenset((
    "lam", "xin", "muon", "toi", "cho", "can", "gi", "o", "dau", "the", "nao", "nhu", "thu", "tuc", "ho", "so", "giay",
    "to", "nop", "online"))
_CODE = re.compile(r"\d\.?\d{3,}(?:\.[a-z]?\d+)*|\d\.\d+")
_LONGEST = 24  # words of a query that count
_VARIANTS = 8  # readings of a query with several abbreviations
_MOST = 1 << 20

CODE, CODE_BEGINS = 1000, 900
#: Scores of what is found by name; every word in its right marks puts a name above those found without marks.
STARTS, PHRASE, IN_NAME, ANYWHERE, MARKED, WHOLE = 60, 50, 40, 20, 100, 5


@dataclass(frozen=True)
class Row:
    """One procedure. `extra` are further words to find it by; of equals the higher `rank` comes first."""

    id: int
    code: str
    name: str
    sector: str = ""
    extra: str = ""
    rank: float = 0


@dataclass(frozen=True)
class Hit:
    """A procedure found. Scores order hits of one search; they mean nothing between searches."""

    id: int
    score: int


@dataclass(frozen=True)
class Found:
    """The answer to a search: the first hits, best first, and what was found in all.

    `bits` is the set of all that was found, `total` its size. `words` counts the words looked for and
    `matched` how many of them the best hit has; `all_words` is False when nothing has them all and the
    hits are only near.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    bits: Bits = 0
    words: int = 0
    matched: int = 0

    @property
    def all_words(self) -> bool:
        return self.matched == self.words

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True)
class _Unit:
    """One thing asked for: a word, or an abbreviation with its readings. `open` when it may be half typed."""

    readings: tuple[Words, ...]
    marked: str = ""
    open: bool = False


@dataclass(frozen=True)
class _Vocabulary:
    """Words and the bitset of each; words sorted, so that those with one beginning stand together."""

    bits: Mapping[str, Bits]
    sorted: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> "_Vocabulary":
        where: dict[str, Bits] = defaultdict(int)
        for at, text in enumerate(texts):
            for word in text:
                where[word] |= 1 << at
        return cls(dict(where), tuple(sorted(where)))

    def beginning(self, start: str) -> Iterator[str]:
        """The words that begin so."""
        for at in range(bisect_left(self.sorted, start), len(self.sorted)):
            if not self.sorted[at].startswith(start):
                return
            yield self.sorted[at]

    def find(self, word: str, half_typed: bool) -> Bits:
        if not half_typed:
            return self.bits.get(word, 0)
        return reduce(or_, (self.bits[w] for w in self.beginning(word)), 0)

    def find_marked(self, word: str, half_typed: bool) -> Bits:
        """Like find, for words with the tone at the end, which a half-typed word may have or not yet."""
        if not half_typed:
            return self.bits.get(word, 0)
        tone = tone_of(word)
        letters = word.removesuffix(tone) if tone else word
        return reduce(or_, (self.bits[w] for w in self.beginning(letters) if tone in w), 0)


def read_abbreviations(path: Path = ABBREVIATIONS) -> dict[Words, tuple[Words, ...]]:
    """What people say → what names say, folded; one saying may have several meanings (CSV: said, meant)."""
    meanings: dict[Words, list[Words]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            meanings[tuple(words(row["said"]))].append(tuple(words(row["meant"])))
    return {said: tuple(meant) for said, meant in meanings.items()}


@dataclass(frozen=True)
class Index:
    """The search index. Build it with `Index.build(rows)`."""

    ids: tuple[int, ...]
    _positions: Mapping[int, int] = field(repr=False)
    _names: tuple[str, ...] = field(repr=False)  # " folded words of the name " without the lead
    _first: _Vocabulary = field(repr=False)
    _name: _Vocabulary = field(repr=False)
    _anywhere: _Vocabulary = field(repr=False)
    _marks: _Vocabulary = field(repr=False)
    _codes: tuple[tuple[str, int], ...] = field(repr=False)  # code without dots, position; sorted
    _abbreviations: Mapping[Words, tuple[Words, ...]] = field(repr=False)

    @classmethod
    def build(
        cls, rows: Iterable[Row], abbreviations: Mapping[Words, tuple[Words, ...]] | None = None
    ) -> "Index":
        """An index of these procedures; without a table of abbreviations, that of the package."""
        said = [(row, _without_lead(tuple(words(row.name)))) for row in rows]
        said.sort(key=lambda pair: (len(pair[1]), -pair[0].rank, pair[0].code, pair[0].id))
        ordered = [row for row, _ in said]
        names = [name for _, name in said]
        return cls(
            ids=tuple(row.id for row in ordered),
            _positions={row.id: at for at, row in enumerate(ordered)},
            _names=tuple(f" {' '.join(name)} " for name in names),
            _first=_Vocabulary.of(name[:1] for name in names),
            _name=_Vocabulary.of(names),
            _anywhere=_Vocabulary.of(_all_words(row) for row in ordered),
            _marks=_Vocabulary.of(marked_words(f"{r.name} {r.sector} {r.extra}") for r in ordered),
            _codes=tuple(sorted((_compact(row.code), at) for at, row in enumerate(ordered))),
            _abbreviations=read_abbreviations() if abbreviations is None else abbreviations,
        )

    @property
    def everything(self) -> Bits:
        """The set of all procedures."""
        return (1 << len(self.ids)) - 1

    def position(self, id: int) -> int:
        """The place of a procedure in every bitset. Raises KeyError for an unknown one."""
        return self._positions[id]

    def bits(self, ids: Iterable[int]) -> Bits:
        """The set of these procedures; unknown ones are left out."""
        return reduce(or_, (1 << self._positions[i] for i in ids if i in self._positions), 0)

    def members(self, bits: Bits) -> Iterator[int]:
        """The procedures of a set, in the order that breaks ties."""
        return (self.ids[at] for at in _each(bits))

    def search(self, query: str, within: Bits | None = None, limit: int = 20) -> Found:
        """Procedures for a query, best first; `within` is the set allowed by filters.

        Words that nothing has all of give the nearest instead; filters never make an exact answer a near one.
        """
        allowed = self.everything if within is None else within & self.everything
        by_code = self._by_code(query)
        if any(bits for _, bits in by_code):
            return self._found(by_code, allowed, limit, words=1, matched=1)
        units = self._units(query)
        if not units:
            return Found()
        tiers = self._with_all(units)
        if not tiers and len(units) > 1:
            fewer = [unit for unit in units if not set(unit.readings[0]) <= _AROUND]
            tiers = self._with_all(fewer) if 0 < len(fewer) < len(units) else []
            units = fewer if tiers else units
        if tiers:
            return self._found(tiers, allowed, limit, len(units), len(units))
        near, matched = self._with_most(units)
        return self._found(near, allowed, limit, len(units), matched)

    def _found(
        self, tiers: Sequence[tuple[int, Bits]], allowed: Bits, limit: int, words: int, matched: int
    ) -> Found:
        hits: list[Hit] = []
        seen = 0
        for score, bits in tiers:
            new = bits & allowed & ~seen
            seen |= new
            for at in _each(new, limit - len(hits)):
                hits.append(Hit(self.ids[at], score))
        return Found(tuple(hits), seen.bit_count(), seen, words, matched)

    def _by_code(self, query: str) -> list[tuple[int, Bits]]:
        """Codes as typed, without the dot, with the place behind (1.000948.H38), or only begun."""
        code = "".join(fold(query).split())
        if not _CODE.fullmatch(code):
            return []
        parts = code.split(".")
        for end in range(len(parts), 0, -1):
            asked = "".join(parts[:end])
            start = bisect_left(self._codes, (asked, -1))
            exact = begun = 0
            for known, at in self._codes[start:]:
                if not known.startswith(asked):
                    break
                if known == asked:
                    exact |= 1 << at
                else:
                    begun |= 1 << at
            if exact or (begun and end == len(parts)):
                return [(CODE, exact), (CODE_BEGINS, begun)]
        return []

    def _units(self, query: str) -> list[_Unit]:
        """The query as units: abbreviations opened, the longest first; the last word may be half typed."""
        typed = words(query)[:_LONGEST]
        marks = marked_words(query)[:_LONGEST]
        if len(marks) != len(typed):
            marks = typed
        if tuple(typed[:2]) == _LEAD and len(typed) > 2:
            typed, marks = typed[2:], marks[2:]
        longest = max(map(len, self._abbreviations), default=0)
        units: list[_Unit] = []
        at = 0
        while at < len(typed):
            size = next(
                (n for n in range(longest, 0, -1) if tuple(typed[at : at + n]) in self._abbreviations), 0
            )
            if size:
                said = tuple(typed[at : at + size])
                units.append(_Unit((said, *self._abbreviations[said])))
                at += size
                continue
            mark = marks[at] if marks[at] != typed[at] else ""
            units.append(_Unit(((typed[at],),), mark, open=at == len(typed) - 1 and query[-1:].isalnum()))
            at += 1
        return units

    def _unit_bits(self, unit: _Unit, vocabulary: _Vocabulary) -> Bits:
        found = 0
        for reading in unit.readings:
            found |= reduce(and_, (vocabulary.find(word, unit.open) for word in reading))
        return found

    def _with_all(self, units: Sequence[_Unit]) -> list[tuple[int, Bits]]:
        """Tiers (score, set) of what has every unit, best first; an empty list when nothing has."""
        every = reduce(and_, (self._unit_bits(unit, self._anywhere) for unit in units))
        if not every:
            return []
        named = reduce(and_, (self._unit_bits(unit, self._name) for unit in units))
        tiers = [*self._phrases(units, named), *self._in_name(units, named), (ANYWHERE, every)]
        typed = [unit for unit in units if unit.marked]
        if not typed:
            return tiers
        marked = reduce(and_, (self._marks.find_marked(unit.marked, unit.open) for unit in typed))
        return [(score + MARKED, bits & marked) for score, bits in tiers] + tiers

    def _in_name(self, units: Sequence[_Unit], named: Bits) -> list[tuple[int, Bits]]:
        return [(IN_NAME + WHOLE, named & self._finished(units[-1])), (IN_NAME, named)]

    def _finished(self, last: _Unit) -> Bits:
        """Where the last word stands as typed, marks and all, and is not only the beginning of another."""
        if last.marked:
            return self._marks.bits.get(last.marked, 0)
        return self._unit_bits(replace(last, open=False), self._name)

    def _phrases(self, units: Sequence[_Unit], named: Bits) -> list[tuple[int, Bits]]:
        """Names that start with the words in this order, or have them so; whole words before half-typed."""
        tiers = {STARTS + WHOLE: 0, STARTS: 0, PHRASE + WHOLE: 0, PHRASE: 0}
        last = units[-1]
        half_typed, finished = last.open, self._finished(last)
        if len(units) == 1 and all(len(reading) == 1 for reading in last.readings):
            begins = self._unit_bits(last, self._first)
            return [
                (STARTS + WHOLE, begins & finished),
                (STARTS, begins),
                (PHRASE + WHOLE, named & finished),
                (PHRASE, named),
            ]
        candidates = list(_each(named)) if named else []
        for variant in _readings(units):
            phrase = " " + " ".join(variant)
            for at in candidates:
                name = self._names[at]
                found = name.find(phrase)
                if found < 0:
                    continue
                whole = phrase + " " in name
                if not whole and not half_typed:
                    continue
                whole = whole and bool(finished >> at & 1)
                tiers[(PHRASE if found else STARTS) + (WHOLE if whole else 0)] |= 1 << at
        return list(tiers.items())

    def _with_most(self, units: Sequence[_Unit]) -> tuple[list[tuple[int, Bits]], int]:
        """Tiers by how many units match, names before other words; and the best number. Half must match."""
        anywhere = _at_least([self._unit_bits(unit, self._anywhere) for unit in units])
        named = _at_least([self._unit_bits(unit, self._name) for unit in units])
        best = max((n for n, bits in enumerate(anywhere) if bits and n), default=0)
        tiers = []
        for n in range(best, 0, -1):
            if n < best and 2 * n < len(units):
                break
            tiers += [(2 * n + 1, anywhere[n] & named[n]), (2 * n, anywhere[n])]
        return tiers, best


def _at_least(sets: Sequence[Bits]) -> list[Bits]:
    """For n = 0, 1, 2 …: the set of what is in n or more of the sets."""
    counts = [-1] + [0] * len(sets)
    for bits in sets:
        for n in range(len(sets), 0, -1):
            counts[n] |= counts[n - 1] & bits
    return counts


def _readings(units: Sequence[_Unit]) -> list[Words]:
    """The word sequences that a query may mean, at most a few."""
    choices = islice(product(*(unit.readings for unit in units)), _VARIANTS)
    return [tuple(chain.from_iterable(choice)) for choice in choices]


def _each(bits: Bits, limit: int = _MOST) -> Iterator[int]:
    """The positions in a set from the low end; finding the next 1 in its binary form is fastest in Python."""
    form = bin(bits)[:1:-1]
    at = form.find("1")
    while at >= 0 and limit > 0:
        yield at
        limit -= 1
        at = form.find("1", at + 1)


def _without_lead(name: Words) -> Words:
    return name[2:] if name[:2] == _LEAD and len(name) > 2 else name


def _all_words(row: Row) -> list[str]:
    return [*words(f"{row.name} {row.sector} {row.extra}"), fold(row.code)]


def _compact(code: str) -> str:
    return fold(code).replace(".", "")
