"""What comes nearest to a query that no name answers as it stands: what has some of its words, best together."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, islice, pairwise, product
from operator import and_, or_

from portal.search.intents import Intent
from portal.search.synonyms import AROUND
from portal.search.vocabulary import Bits, Vocabulary

Words = tuple[str, ...]

_TELLING = 7  # words that decide what comes nearest
_APART = 10  # weights below the best that are told apart
#: Weights of a word and of two that follow each other, by whether many texts, some or few have them; of a synonym,
#: of what many people come for, of every word at once, of a word in its right marks.
_WORDS, _PAIRS = (2, 3, 4), (1, 3, 4)
_SAID, _POPULAR, _WHOLE, _MARKED = 4, 3, 2, 2
_INTENDED = 8  # of what answers an intent that the query may have
_SURELY = 1_000  # more than any weight: what answers an intent that the query has


@dataclass(frozen=True)
class Unit:
    """One thing asked for: a word, or an abbreviation with its readings. `open` when it may be half typed."""

    readings: tuple[Words, ...]
    marked: str = ""
    open: bool = False

    @property
    def around(self) -> bool:
        """Whether it is only written around what is wanted."""
        return set(self.readings[0]) <= AROUND

    def bits(self, vocabulary: Vocabulary) -> Bits:
        """The texts that have every word of one of its readings."""
        return reduce(or_, (reduce(and_, (vocabulary.find(word, self.open) for word in reading))
                            for reading in self.readings))


@dataclass(frozen=True)
class Nearest:
    """Ranks texts by the weight of what they have of a query; what many people come for weighs a little itself."""

    _words: Vocabulary = field(repr=False)
    _pairs: Vocabulary = field(repr=False)
    _marks: Vocabulary = field(repr=False)
    _count: int = 0
    _popular: Bits = field(default=0, repr=False)

    def find(self, units: Sequence[Unit], intents: Sequence[Intent] = ()) -> tuple[list[tuple[int, Bits]], int]:
        """Tiers (weight, set), best first, down to half of the best, and how many units the best text has.

        Rare words weigh most; words that follow each other as in the query add to it. What answers an intent for sure
        comes before all else, in the order of the intents.
        """
        sets = [unit.bits(self._words) for unit in units]
        order = sorted((at for at in range(len(units)) if sets[at]), key=lambda at: (sets[at].bit_count(), at))
        kept = sorted(order[:_TELLING])
        weighed = [(self._weight(units[at], sets[at]), sets[at]) for at in kept]
        for at in kept:
            together = reduce(or_, (self._together(one) for one in units[at].readings if len(one) > 1), 0)
            if together:
                weighed.append((_SAID + 2 * len(units[at].readings[0]), together))
            if units[at].marked and not units[at].around:
                weighed.append((_MARKED, self._marks.find_marked(units[at].marked, units[at].open)))
        for one, two in pairwise(kept):
            if two == one + 1 and not (units[one].around and units[two].around):
                beside = self._beside(units[one], units[two])
                weighed.append((_PAIRS[self._rarity(beside)], beside))
        if len(kept) == len(units):
            weighed.append((_WHOLE, reduce(and_, sets)))
        asked = reduce(or_, sets, 0)
        weighed.append((_POPULAR, self._popular & asked))
        sure = [intent.answers for intent in intents if intent.surely]
        weighed += [(_INTENDED, intent.answers) for intent in intents if not intent.surely]
        levels = _weights(weighed)
        best = _highest(levels)
        if best <= _POPULAR:
            return (_in_turn(sure, []), _matched(units, sets, 0, intents[0].said)) if sure else ([], 0)
        least = max(best // 2, _POPULAR) + 1
        apart = max(best - _APART, least)  # further down the order makes no difference to anybody
        tiers = [(n, _exactly(levels, n)) for n in range(best, apart, -1)] + [(apart, _at_least(levels, least))]
        if sure:
            tiers = _in_turn(sure, tiers)
        first = next(bits & -bits for _, bits in tiers if bits)
        return tiers, _matched(units, sets, first, intents[0].said if sure else frozenset())

    def far(self, units: Sequence[Unit], best: Bits) -> bool:
        """Whether the first of `best` has less than half of what tells in the query, rare words weighing most.

        Where a word was typed with its marks, it must have them: thương hiệu is not thường.
        """
        first, told, had = best & -best, 0, 0
        for unit in units:
            if not unit.around:
                bits = unit.bits(self._words)
                weight = _WORDS[self._rarity(bits)]
                told += weight
                has = bits & first and (not unit.marked or self._marks.find_marked(unit.marked, unit.open) & first)
                had += weight if has else 0
        return 2 * had < told

    def _together(self, reading: Words) -> Bits:
        return reduce(and_, (self._pairs[f"{one} {two}"] for one, two in pairwise(reading)))

    def _beside(self, one: Unit, two: Unit) -> Bits:
        return reduce(or_, (self._pairs.find(f"{a[-1]} {b[0]}", two.open and len(b) == 1)
                            for a in one.readings for b in two.readings))

    def _weight(self, unit: Unit, bits: Bits) -> int:
        if unit.around:
            return 1
        if len(unit.readings) > 1 and len(unit.readings[-1]) > 1:
            return _SAID
        return _WORDS[self._rarity(bits)]

    def _rarity(self, bits: Bits) -> int:
        """0 for what many texts have, 1 for some, 2 for few."""
        share = bits.bit_count() / self._count
        return 0 if share > 0.1 else 1 if share > 0.02 else 2


def readings(units: Sequence[Unit], most: int) -> list[Words]:
    """The word sequences that a query may mean, at most so many."""
    return [tuple(chain.from_iterable(choice)) for choice in islice(product(*(one.readings for one in units)), most)]


def _in_turn(sure: Sequence[Bits], tiers: list[tuple[int, Bits]]) -> list[tuple[int, Bits]]:
    """What answers intents before all else: the best for each of them first, then the others."""
    best = [next((bits & answers for _, bits in tiers if bits & answers), answers) for answers in sure]
    first = [(_SURELY * (2 * len(sure) - n), bits & -bits) for n, bits in enumerate(best)]
    rest = [(_SURELY * (len(sure) - n) + score, bits & answers)
            for n, answers in enumerate(sure) for score, bits in (*tiers, (0, answers))]
    return [*first, *rest, *tiers]


def _matched(units: Sequence[Unit], sets: Sequence[Bits], first: Bits, said: frozenset[int]) -> int:
    """How many units the best text has, or says in other words: at the places `said` of the query."""
    found = at = 0
    for unit, bits in zip(units, sets, strict=True):
        size = len(unit.readings[0])
        found += bool(bits & first) or not said.isdisjoint(range(at, at + size))
        at += size
    return found


def _weights(sets: Sequence[tuple[int, Bits]]) -> list[Bits]:
    """What every text weighs, as the digits of binary numbers: the first set has those that end in 1."""
    digits = [0] * sum(weight for weight, _ in sets).bit_length()
    for weight, bits in sets:
        for at in range(weight.bit_length()):
            carried, place = bits if weight >> at & 1 else 0, at
            while carried:
                digits[place], carried = digits[place] ^ carried, digits[place] & carried
                place += 1
    return digits


def _highest(digits: Sequence[Bits]) -> int:
    """The greatest weight that any text has."""
    best, left = 0, -1
    for at in range(len(digits) - 1, -1, -1):
        if left & digits[at]:
            best, left = best | 1 << at, left & digits[at]
    return best


def _at_least(digits: Sequence[Bits], weight: int) -> Bits:
    """The texts of this weight or more."""
    more, same = 0, -1
    for at in range(len(digits) - 1, -1, -1):
        if weight >> at & 1:
            same &= digits[at]
        else:
            more, same = more | same & digits[at], same & ~digits[at]
    return more | same


def _exactly(digits: Sequence[Bits], weight: int) -> Bits:
    """The texts of this weight; more than nought, or there would be no end of them."""
    found = -1
    for at in sorted(range(len(digits)), key=lambda at: not weight >> at & 1):
        found &= digits[at] if weight >> at & 1 else ~digits[at]
    return found
