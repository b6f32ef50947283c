"""Searching procedures in memory: no database, no lock, well under a millisecond.

An index is immutable: it is built from the catalogue, shared by all requests and replaced when the catalogue
changes. Every word owns a bitset (a Python int) of the procedures that have it. The positions in a bitset are
ordered by what breaks ties (what many people come for, then shorter names, popularity and code), so walking a
bitset from its low end gives the final order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain, islice, pairwise, product
from operator import and_, or_

from portal.catalogue.codes import Codes
from portal.catalogue.sayings import AROUND, read_abbreviations, spoken_sayings
from portal.catalogue.spelling import Speller, spoken
from portal.catalogue.typing_errors import Reader, Token
from portal.catalogue.vocabulary import Bits, Vocabulary
from portal.kit.text import fold, marked_words, words

Words = tuple[str, ...]

#: "Thủ tục" before a name says nothing: left out of names and of queries.
_LEAD: Words = ("thu", "tuc")
_LETTERS = re.compile(r"[^\W_]+")
_LONGEST = 24  # words of a query that count
_VARIANTS = 8  # readings of a query with several abbreviations
_TELLING = 7  # words that decide what comes nearest
_LOOKED_AT = 400  # names that are compared as texts
_MOST = 1 << 20
_POPULAR_STEP = 300  # ranks within one step count as alike, so that a short name comes before a long one
_START = "^"
_PAIRS = 150  # pairs of words that one half-typed word may end

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
    hits are only near. `score` is the best one whatever is shown, without what right marks add.
    `corrected` is the query as it was read where errors were taken out of it, else empty.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    bits: Bits = 0
    words: int = 0
    matched: int = 0
    score: int = 0
    corrected: str = ""

    @property
    def all_words(self) -> bool:
        return self.matched == self.words

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


Tiers = list[tuple[int, Bits]]


@dataclass(frozen=True)
class _Unit:
    """One thing asked for: a word, or an abbreviation with its readings. `open` when it may be half typed."""

    readings: tuple[Words, ...]
    marked: str = ""
    open: bool = False


@dataclass(frozen=True)
class _Answer:
    """What some units lead to: tiers of all that have them, or of what comes nearest."""

    tiers: Tiers
    words: int
    matched: int

    @property
    def score(self) -> int:
        """The best score of what has every word, 0 for what is only near."""
        if self.matched < self.words:
            return 0
        return next((score % MARKED for score, bits in self.tiers if bits), 0)


@dataclass(frozen=True)
class Index:
    """The search index. Build it with `Index.build(rows)`."""

    ids: tuple[int, ...]
    _positions: Mapping[int, int] = field(repr=False)
    _names: tuple[str, ...] = field(repr=False)
    _folded: tuple[str, ...] = field(repr=False)  # "words of the name " without the lead
    _name: Vocabulary = field(repr=False)
    _anywhere: Vocabulary = field(repr=False)
    _marks: Vocabulary = field(repr=False)
    _pairs: Vocabulary = field(repr=False)  # "two words" that follow each other in a name; "^ first"
    _codes: Codes = field(repr=False)
    _abbreviations: Mapping[Words, tuple[Words, ...]] = field(repr=False)
    _longest_saying: int = field(repr=False)
    _reader: Reader = field(repr=False)

    @classmethod
    def build(
        cls, rows: Iterable[Row], abbreviations: Mapping[Words, tuple[Words, ...]] | None = None,
        also_known: Iterable[Words] = (),
    ) -> "Index":
        """An index of these procedures; without a table of abbreviations, that of the package.

        `also_known` are sayings that are no errors although no name has them, such as places.
        """
        said = [(row, _without_lead(tuple(map(spoken, words(row.name))))) for row in rows]
        said.sort(key=lambda pair: (-(pair[0].rank // _POPULAR_STEP), len(pair[1]), -pair[0].rank, pair[0].code,
                                    pair[0].id))
        ordered, names = [row for row, _ in said], [name for _, name in said]
        anywhere = Vocabulary.of(
            [*map(spoken, words(f"{row.name} {row.sector} {row.extra}")), fold(row.code)] for row in ordered)
        pairs = Vocabulary.of([f"{a} {b}" for a, b in pairwise((_START, *name))] for name in names)
        table = spoken_sayings(read_abbreviations() if abbreviations is None else abbreviations, anywhere)
        sayings = [*table, *(tuple(map(spoken, saying)) for saying in also_known)]
        return cls(
            ids=tuple(row.id for row in ordered), _positions={row.id: at for at, row in enumerate(ordered)},
            _names=tuple(row.name for row in ordered), _folded=tuple(f"{' '.join(name)} " for name in names),
            _name=Vocabulary.of(names), _anywhere=anywhere,
            _marks=Vocabulary.of(map(spoken, marked_words(f"{r.name} {r.sector} {r.extra}")) for r in ordered),
            _pairs=pairs, _codes=Codes.of([row.code for row in ordered]),
            _abbreviations=table, _longest_saying=max(map(len, table), default=0),
            _reader=Reader(anywhere, pairs, frozenset(chain.from_iterable(sayings)),
                           frozenset(pair for saying in sayings for pair in pairwise(saying)),
                           Speller.of(chain(anywhere.sorted, chain.from_iterable(sayings)))))

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

    def search(self, query: str, within: Bits | None = None, limit: int = 20, *, literal: bool = False) -> Found:
        """Procedures for a query, best first; `within` is the set allowed by filters.

        Words that nothing has all of give the nearest instead; filters never make an exact answer a near one.
        Errors of typing are taken out where the query then finds something better; never when `literal`.
        """
        allowed = self.everything if within is None else within & self.everything
        exact, begun = self._codes.find(query)
        if exact or begun:
            return self._found(_Answer([(CODE, exact), (CODE_BEGINS, begun)], 1, 1), allowed, limit)
        typed = self.tokens(query)
        if not typed:
            return Found()
        read = typed if literal else self._reader.repaired(typed)
        answer = self._answer(read)
        if not literal and answer.score <= PHRASE:
            for other in self._reader.alternatives(read):
                tried = self._answer(other)
                if tried.score > max(answer.score, PHRASE):
                    answer, read = tried, other
        return self._found(answer, allowed, limit, typed, read)

    def named_so(self, id: int, phrase: Words) -> bool:
        """Whether the name of a procedure has these folded words one after the other."""
        return f" {' '.join(map(spoken, phrase))} " in f" {self._folded[self._positions[id]]}"

    def tokens(self, query: str) -> list[Token]:
        """The words of a query that count."""
        typed, marks = words(query)[:_LONGEST], marked_words(query)[:_LONGEST]
        if len(marks) != len(typed):
            marks = typed
        if tuple(typed[:2]) == _LEAD and len(typed) > 2:
            typed, marks = typed[2:], marks[2:]
        last = len(typed) - 1 if query[-1:].isalnum() else -1
        return [Token(word, mark if mark != word else "", at == last)
                for at, (word, mark) in enumerate(zip(typed, marks, strict=True))]

    def repaired(self, tokens: Sequence[Token]) -> list[Token]:
        """The words with those that nothing knows read as what was meant."""
        return self._reader.repaired(tokens)

    def _answer(self, tokens: Sequence[Token]) -> _Answer:
        units = self._units(tokens)
        best = _Answer(self._with_all(units), len(units), len(units))
        for fewer in self._without_around(units):
            if best.score >= PHRASE:
                break
            tried = _Answer(self._with_all(fewer), len(fewer), len(fewer))
            if tried.score > best.score and (tried.score >= PHRASE or not best.score):
                best = tried
        return best if best.tiers else _Answer(*self._with_most(units))

    def _without_around(self, units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
        """The query without the words around what is wanted: first those that no name has beside their neighbours."""
        around = [set(unit.readings[0]) <= AROUND for unit in units]
        if not any(around) or all(around):
            return
        loose = [is_around and not any(
            f"{one.readings[0][-1]} {two.readings[0][0]}" in self._pairs
            for one, two in pairwise(units[max(at - 1, 0):at + 2])) for at, is_around in enumerate(around)]
        if any(loose) and loose != around:
            yield [unit for unit, left_out in zip(units, loose, strict=True) if not left_out]
        yield [unit for unit, left_out in zip(units, around, strict=True) if not left_out]

    def _found(self, answer: _Answer, allowed: Bits, limit: int, typed: Sequence[Token] = (),
               read: Sequence[Token] = ()) -> Found:
        hits: list[Hit] = []
        seen = 0
        for score, bits in answer.tiers:
            new = bits & allowed & ~seen
            seen |= new
            for at in _each(new, limit - len(hits)):
                hits.append(Hit(self.ids[at], score))
        best = next((bits for _, bits in answer.tiers if bits), 0)
        corrected = self._as_written(read, best) if read != typed and best else ""
        return Found(tuple(hits), seen.bit_count(), seen, answer.words, answer.matched, answer.score, corrected)

    def _as_written(self, read: Sequence[Token], best: Bits) -> str:
        """The query as it was read, with the marks of the best name for the words that were mended."""
        forms = {spoken(fold(word)): word for word in _LETTERS.findall(self._names[next(_each(best))].lower())}
        return " ".join(forms.get(spoken(token.word), token.word) if token.mended else token.text for token in read)

    def _units(self, tokens: Sequence[Token]) -> list[_Unit]:
        """The query as units: abbreviations opened, the longest first; the last word may be half typed."""
        said = tuple(spoken(token.word) for token in tokens)
        units: list[_Unit] = []
        at = 0
        while at < len(said):
            size = next((n for n in range(min(self._longest_saying, len(said) - at), 0, -1)
                         if said[at:at + n] in self._abbreviations), 0)
            if size:
                units.append(_Unit((said[at:at + size], *self._abbreviations[said[at:at + size]])))
                at += size
                continue
            token = tokens[at]
            units.append(_Unit(((token.word if token.open else said[at],),), spoken(token.mark), token.open))
            at += 1
        return units

    def _unit_bits(self, unit: _Unit, vocabulary: Vocabulary) -> Bits:
        found = 0
        for reading in unit.readings:
            found |= reduce(and_, (vocabulary.find(word, unit.open) for word in reading))
        return found

    def _with_all(self, units: Sequence[_Unit]) -> Tiers:
        """Tiers (score, set) of what has every unit, best first; an empty list when nothing has."""
        every = reduce(and_, (self._unit_bits(unit, self._anywhere) for unit in units))
        if not every:
            return []
        named = reduce(and_, (self._unit_bits(unit, self._name) for unit in units))
        finished = self._finished(units[-1])
        tiers = [*self._phrases(units, named, finished), (IN_NAME + WHOLE, named & finished), (IN_NAME, named),
                 (ANYWHERE, every)]
        typed = [unit for unit in units if unit.marked]
        if not typed:
            return tiers
        marked = reduce(and_, (self._marks.find_marked(unit.marked, unit.open) for unit in typed))
        return [(score + MARKED, bits & marked) for score, bits in tiers] + tiers

    def _finished(self, last: _Unit) -> Bits:
        """Where the last word stands as typed, marks and all, and is not only the beginning of another."""
        if last.marked:
            return self._marks[last.marked]
        return self._unit_bits(replace(last, open=False), self._name)

    def _phrases(self, units: Sequence[_Unit], named: Bits, finished: Bits) -> Tiers:
        """Names that start with the words in this order, or have them so; whole words before half-typed."""
        starts = whole_starts = phrase = whole_phrase = 0
        half_typed = units[-1].open
        for variant in _readings(units) if named else ():
            *before, last = variant
            kept = reduce(and_, (self._pairs[f"{a} {b}"] for a, b in pairwise(before)), named)
            pair = f"{before[-1] if before else ''} {last}"
            whole = kept & finished & (self._pairs[f"{before[-1]} {spoken(last)}"] if before else -1)
            begun = whole
            if half_typed:
                begun = kept & self._pairs.find(pair, True) if before and not self._pairs.many_begin(pair, _PAIRS) \
                    else kept
            first = self._starting(begun, " ".join((*before, last)), bool(before))
            whole_starts |= whole & first
            starts |= first
            whole_phrase |= whole
            phrase |= begun
        return [(STARTS + WHOLE, whole_starts), (STARTS, starts), (PHRASE + WHOLE, whole_phrase), (PHRASE, phrase)]

    def _starting(self, within: Bits, phrase: str, several: bool) -> Bits:
        """Those whose name starts with the phrase; looked at one by one where they are few enough."""
        first = within & self._pairs.find(f"{_START} {phrase.partition(' ')[0]}", not several)
        if not several or first.bit_count() > _LOOKED_AT:
            return first
        other = " ".join(map(spoken, phrase.split()))
        return reduce(or_, (1 << at for at in _each(first) if self._folded[at].startswith((phrase, other))), 0)

    def _with_most(self, units: Sequence[_Unit]) -> tuple[Tiers, int, int]:
        """Tiers by the weight of what matches: rare words weigh most, words that follow each other as in the query
        add to it. With them the number of words, and how many of them the best has. Half the weight must match.
        """
        sets = [self._unit_bits(unit, self._anywhere) for unit in units]
        order = sorted((at for at in range(len(units)) if sets[at]), key=lambda at: (sets[at].bit_count(), at))
        kept = sorted(order[:_TELLING])
        weighed = [(self._weight(units[at], sets[at]), sets[at]) for at in kept]
        for one, two in pairwise(kept):
            if two == one + 1:
                a, b = units[one].readings[-1][-1], units[two].readings[-1][0]
                weighed.append((2, self._pairs.find(f"{a} {b}", units[two].open)))
        levels = _at_least(weighed)
        best = max((n for n, bits in enumerate(levels) if bits and n), default=0)
        tiers = [(n, levels[n]) for n in range(best, max(best // 2, 0), -1)]
        first = next(_each(levels[best]), None) if best else None
        return tiers, len(units), sum(bits >> first & 1 for bits in sets) if first is not None else 0

    def _weight(self, unit: _Unit, bits: Bits) -> int:
        if set(unit.readings[0]) <= AROUND:
            return 1
        if len(unit.readings) > 1:
            return 8
        share = bits.bit_count() / len(self.ids)
        return 2 if share > 0.1 else 3 if share > 0.02 else 4


def _at_least(sets: Sequence[tuple[int, Bits]]) -> list[Bits]:
    """For n = 0, 1, 2 …: the set of what is in sets that together weigh n or more."""
    counts = [-1] + [0] * sum(weight for weight, _ in sets)
    top = 0
    for weight, bits in sets:
        top += weight
        for n in range(top, 0, -1):
            held = counts[max(n - weight, 0)]
            if held:
                counts[n] |= held & bits
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
