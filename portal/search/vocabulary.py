"""Words and the set of texts that have each of them: the parts that a search index is made of.

A set is a Python int, bit n for the n-th text. A word of few texts among very many keeps a list of them instead:
100,000 names and their pairs of words then take tens of megabytes, not hundreds.
"""
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from portal.kit.text import tone_of
from portal.search.spelling import spoken

Bits = int

_MANY_TEXTS = 8192  # from here on rare words keep lists
_RARE = 1024  # one text in so many
_SHORT = 2  # beginnings up to this length have their sets ready
_PART = 512  # bytes of a set that are looked through at once
_MOST = 1 << 20


@dataclass(frozen=True)
class Vocabulary:
    """Words, sorted, so that those with one beginning stand together, and where each is. Build it with `of`."""

    _sets: Mapping[str, Bits] = field(repr=False)
    _lists: Mapping[str, "array[int]"] = field(repr=False)
    _begun: Mapping[str, Bits] = field(repr=False)
    sorted: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> "Vocabulary":
        """The vocabulary of these texts; the position of a text is its place in the row."""
        where: dict[str, list[int]] = {}
        count = 0
        for at, text in enumerate(texts):
            count = at + 1
            for word in text:
                places = where.get(word)
                if places is None:
                    where[word] = [at]
                elif places[-1] != at:
                    places.append(at)
        few = count // _RARE if count > _MANY_TEXTS else 0
        sets = {word: as_bits(places, count) for word, places in where.items() if len(places) > few}
        lists = {word: array("I", places) for word, places in where.items() if len(places) <= few}
        begun: dict[str, list[int]] = {}
        for word, places in where.items():
            for size in range(1, min(_SHORT, len(word)) + 1):
                begun.setdefault(word[:size], []).extend(places)
        return cls(sets, lists, {start: as_bits(places, count) for start, places in begun.items()},
                   tuple(sorted(where)))

    def __contains__(self, word: str) -> bool:
        return word in self._sets or word in self._lists

    def __getitem__(self, word: str) -> Bits:
        """The set of a word; empty for an unknown one."""
        found = self._sets.get(word)
        if found is not None:
            return found
        places = self._lists.get(word)
        return as_bits(places, places[-1] + 1) if places else 0

    def beginning(self, start: str) -> Iterator[str]:
        """The words that begin so."""
        for at in range(bisect_left(self.sorted, start), len(self.sorted)):
            if not self.sorted[at].startswith(start):
                return
            yield self.sorted[at]

    def begins(self, start: str) -> bool:
        """Whether any word begins so."""
        return next(self.beginning(start), None) is not None

    def find(self, word: str, half_typed: bool = False) -> Bits:
        """Where a word is; a half-typed one counts as every word that begins with it."""
        whole = self[spoken(word)]
        if not half_typed:
            return whole
        ready = self._begun.get(word)
        if ready is not None or len(word) <= _SHORT:
            return whole | (ready or 0)
        return whole | self._any(self.beginning(word))

    def _any(self, words: Iterable[str]) -> Bits:
        """The texts that have one of these words; the lists of rare ones become one set together."""
        found, places = 0, list[int]()
        for word in words:
            held = self._sets.get(word)
            if held is None:
                places.extend(self._lists[word])
            else:
                found |= held
        return found | as_bits(places, max(places) + 1) if places else found

    def many_begin(self, start: str, most: int) -> bool:
        """Whether more than `most` words begin so."""
        at = bisect_left(self.sorted, start) + most
        return at < len(self.sorted) and self.sorted[at].startswith(start)

    def find_marked(self, word: str, half_typed: bool) -> Bits:
        """Like find, for words with the tone at the end, which a half-typed word may have or not yet."""
        tone = tone_of(word)
        if not half_typed or not tone:
            return self.find(word, half_typed)
        letters = word.removesuffix(tone)
        return self[spoken(word)] | self._any(w for w in self.beginning(letters) if tone in w)


def as_bits(places: Iterable[int], count: int) -> Bits:
    """The set of these positions, all below `count`."""
    held = bytearray((count >> 3) + 1)
    for at in places:
        held[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(held, "little")


def each(bits: Bits, limit: int = _MOST) -> Iterator[int]:
    """The positions in a set from the low end, at most `limit`. By parts: a large int is slow to take apart."""
    if not bits or limit <= 0:
        return
    held = bits.to_bytes((bits.bit_length() + 7) >> 3, "little")
    for start in range(0, len(held), _PART):
        form = bin(int.from_bytes(held[start:start + _PART], "little"))[:1:-1]
        at = form.find("1")
        while at >= 0:
            yield (start << 3) + at
            limit -= 1
            if not limit:
                return
            at = form.find("1", at + 1)
