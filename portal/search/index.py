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
from itertools import chain, pairwise
from operator import and_, or_

from portal.kit.text import fold, marked_words, normal, words
from portal.search.asides import without_asides
from portal.search.codes import Codes
from portal.search.elsewhere import topics
from portal.search.hits import Found, Hit, Row
from portal.search.intents import Intents
from portal.search.nearest import Nearest, Unit, readings
from portal.search.spelling import Speller, spoken
from portal.search.synonyms import in_full, read_abbreviations, spoken_synonyms
from portal.search.typing_errors import Reader, Token
from portal.search.vocabulary import Bits, Vocabulary, as_bits, each

Words = tuple[str, ...]

#: "Thủ tục" before a name says nothing: left out of names and of queries.
_LEAD: Words = ("thu", "tuc")
_LETTERS = re.compile(r"[^\W_]+")
_LONGEST = 24  # words of a query that count
_VARIANTS = 8  # readings of a query with several abbreviations
_LOOKED_AT = 400  # names that are compared as texts
_POPULAR_STEP = 300  # ranks within one step count as alike, so that a short name comes before a long one
_START = "^"
_PAIRS = 150  # pairs of words that one half-typed word may end
_DOUBTED = 2  # other readings that are tried as intents

CODE, CODE_BEGINS = 1000, 900
#: Scores of what is found by name; every word in its right marks puts a name above those found without marks.
STARTS, PHRASE, IN_NAME, ANYWHERE, MARKED, WHOLE = 60, 50, 40, 20, 100, 5


Tiers = list[tuple[int, Bits]]


@dataclass(frozen=True)
class _Answer:
    """What some units lead to: tiers of all that have them, or of what comes nearest."""

    tiers: Tiers
    words: int
    matched: int
    near: bool = False
    surely: bool = False
    far: bool = False

    @property
    def score(self) -> int:
        """The best score of what has every word, 0 for what is only near."""
        if self.matched < self.words:
            return 0
        if self.near:
            return STARTS if self.surely else ANYWHERE
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
    _in_full: Mapping[str, Words] = field(repr=False)  # a short form of one meaning → its words
    _longest_synonym: int = field(repr=False)
    _reader: Reader = field(repr=False)
    _nearest: Nearest = field(repr=False)
    _intents: Intents = field(repr=False)

    @classmethod
    def build(
        cls, rows: Iterable[Row], abbreviations: Mapping[Words, tuple[Words, ...]] | None = None,
        also_known: Iterable[Words] = (),
    ) -> "Index":
        """An index of these procedures; without a table of abbreviations, that of the package.

        `also_known` are synonyms that are no errors although no name has them, such as places.
        """
        said = [(row, _without_lead(tuple(map(spoken, words(row.name))))) for row in rows]
        said.sort(key=lambda pair: (-(pair[0].rank // _POPULAR_STEP), len(pair[1]), -pair[0].rank, pair[0].code,
                                    pair[0].id))
        ordered, names = [row for row, _ in said], [name for _, name in said]
        anywhere = Vocabulary.of(
            [*map(spoken, words(f"{row.name} {row.sector} {row.extra}")), fold(row.code)] for row in ordered)
        marks = Vocabulary.of(map(spoken, marked_words(f"{r.name} {r.sector} {r.extra}")) for r in ordered)
        pairs = Vocabulary.of([f"{a} {b}" for a, b in pairwise((_START, *name))] for name in names)
        table = spoken_synonyms(read_abbreviations() if abbreviations is None else abbreviations, anywhere)
        folded = tuple(f"{' '.join(name)} " for name in names)
        intents = Intents.of(pairs, folded)
        synonyms = [*table, *(tuple(map(spoken, synonym)) for synonym in also_known), *intents.synonyms]
        return cls(
            ids=tuple(row.id for row in ordered), _positions={row.id: at for at, row in enumerate(ordered)},
            _names=tuple(row.name for row in ordered), _folded=folded,
            _name=Vocabulary.of(names), _anywhere=anywhere,
            _marks=marks,
            _pairs=pairs, _codes=Codes.of([row.code for row in ordered]),
            _abbreviations=table, _in_full=in_full(table), _longest_synonym=max(map(len, table), default=0),
            _reader=Reader(anywhere, pairs, frozenset(chain.from_iterable(synonyms)),
                           tuple(sorted(set(chain.from_iterable(synonyms)))),
                           frozenset(pair for synonym in synonyms for pair in pairwise(synonym)),
                           Speller.of(chain(anywhere.sorted, chain.from_iterable(synonyms)))),
            _nearest=Nearest(anywhere, pairs, marks, len(ordered),
                             (1 << sum(row.rank >= _POPULAR_STEP for row in ordered)) - 1),
            _intents=intents)

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
        return (self.ids[at] for at in each(bits))

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
        if not literal:
            typed = self._asked(typed)
        read = typed if literal else self._reader.repaired(typed)
        answer = self._answer(read)
        if not literal and not answer.surely and (spelled := self._spelled_out(read)) != read:
            tried = self._answer(spelled)
            answer = tried if tried.score >= answer.score else answer
        if not literal and answer.score <= PHRASE and not answer.surely:
            others = self._reader.alternatives(read)
            for other in others:
                units = self._units(other)
                if not self._follow_in_a_name(units):
                    continue
                tried = self._exact(units)
                if tried.score > max(answer.score, PHRASE):
                    answer, read = tried, other
            if answer.score <= PHRASE and (intended := [one for one in others[:_DOUBTED] if self._surely(one)]):
                answer, read = self._answer(intended[0]), intended[0]
        return self._found(answer, allowed, limit, typed, read)

    def _asked(self, typed: list[Token]) -> list[Token]:
        """The words that ask, of a query told as a story; all of them where a name has them all."""
        asked = without_asides(typed)
        return typed if len(asked) < len(typed) and self._in_a_name(self._units(typed)) else asked

    def named_so(self, id: int, phrase: Words) -> bool:
        """Whether the name of a procedure has these folded words one after the other."""
        return f" {' '.join(map(spoken, phrase))} " in f" {self._folded[self._positions[id]]}"

    def side_by_side(self, phrase: Words) -> bool:
        """Whether these folded words stand beside each other in names or synonyms: then they are ordinary words."""
        return all(self._reader.paired(one, two) for one, two in pairwise(phrase))

    def tokens(self, query: str) -> list[Token]:
        """The words of a query that count."""
        typed, marks = words(query)[:_LONGEST], marked_words(query)[:_LONGEST]
        texts = _LETTERS.findall(normal("NFC", query.lower()))[:_LONGEST]
        if len(marks) != len(typed):
            marks = typed
        if len(texts) != len(typed):
            texts = marks
        if tuple(typed[:2]) == _LEAD and len(typed) > 2:
            typed, marks, texts = typed[2:], marks[2:], texts[2:]
        last = len(typed) - 1 if query[-1:].isalnum() else -1
        return [Token(word, mark if mark != word else "", at == last, text=text)
                for at, (word, mark, text) in enumerate(zip(typed, marks, texts, strict=True))]

    def repaired(self, tokens: Sequence[Token]) -> list[Token]:
        """The words with those that nothing knows read as what was meant."""
        return self._reader.repaired(tokens)

    def _spelled_out(self, tokens: Sequence[Token]) -> list[Token]:
        """The words with the short forms among them written in full, so that synonyms of full words are seen."""
        return list(chain.from_iterable(
            [Token(word, mended=token.mended) for word in full] if (full := self._in_full.get(spoken(token.word)))
            else [token] for token in tokens))

    def _answer(self, tokens: Sequence[Token]) -> _Answer:
        """What has all the words where they belong together; else what comes nearest."""
        units = self._units(tokens)
        intents = self._intents.find(tokens, self._anywhere)
        surely = any(intent.surely for intent in intents)
        if not surely or self._begins_so(units):
            best = self._exact(units)
            if best.score >= PHRASE or (best.score >= IN_NAME + WHOLE and self._in_a_name(units)):
                return best
        tiers, matched = self._nearest.find(units, intents)
        far = not intents and self._nearest.far(units, next((bits for _, bits in tiers if bits), 0))
        return _Answer(tiers, len(units), matched, near=True, surely=surely, far=far)

    def _surely(self, tokens: Sequence[Token]) -> bool:
        return any(intent.surely for intent in self._intents.find(tokens, self._anywhere))

    def _begins_so(self, units: Sequence[Unit]) -> bool:
        """Whether some name begins with the words as they were typed."""
        tiers = self._with_all([replace(unit, readings=unit.readings[:1]) for unit in units])
        return next((score % MARKED for score, bits in tiers if bits), 0) >= STARTS

    def _exact(self, units: Sequence[Unit]) -> _Answer:
        """What has all the words, or all but those around what is wanted."""
        best = _Answer(self._with_all(units), len(units), len(units))
        for fewer in self._without_around(units):
            if best.score >= PHRASE:
                break
            tried = _Answer(self._with_all(fewer), len(fewer), len(fewer))
            if tried.score > best.score and (tried.score >= PHRASE or not best.score):
                best = tried
        return best

    def _follow_in_a_name(self, units: Sequence[Unit]) -> bool:
        """False where no name can have these words one after the other; cheap, and True where it is not sure."""
        if any(len(unit.readings) > 1 or unit.around for unit in units):
            return True
        whole = [unit.readings[0][0] for unit in units if not unit.open]
        found = -1
        for one, two in pairwise(whole):
            found &= self._pairs[f"{one} {two}"]
            if not found:
                return False
        return True

    def _in_a_name(self, units: Sequence[Unit]) -> bool:
        """Whether some name has every word as it was typed: other readings of scattered words prove little."""
        return bool(reduce(and_, (replace(unit, readings=unit.readings[:1]).bits(self._name) for unit in units)))

    def _without_around(self, units: Sequence[Unit]) -> Iterator[list[Unit]]:
        """The query without the words around what is wanted: first those that no name has beside their neighbours."""
        around = [unit.around for unit in units]
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
            if len(hits) < limit:
                hits += [Hit(self.ids[at], score) for at in each(new, limit - len(hits))]
        best = next((bits for _, bits in answer.tiers if bits), 0)
        corrected = self._as_written(read, best) if read != typed and best else ""
        topic = topics().find(read or typed) if answer.near and not answer.surely else None
        return Found(tuple(hits), seen.bit_count(), seen, answer.words, answer.matched, answer.score, corrected,
                     answer.surely, answer.far, topic)

    def _as_written(self, read: Sequence[Token], best: Bits) -> str:
        """The query as it was read, with the marks of the best name for the words that were mended."""
        forms = {spoken(fold(word)): word for word in _LETTERS.findall(self._names[next(each(best))].lower())}
        return " ".join(forms.get(spoken(token.word), token.word) if token.mended else token.text for token in read)

    def _units(self, tokens: Sequence[Token]) -> list[Unit]:
        """The query as units: abbreviations opened, the longest first; the last word may be half typed."""
        said = tuple(spoken(token.word) for token in tokens)
        units: list[Unit] = []
        at = 0
        while at < len(said):
            size = next((n for n in range(min(self._longest_synonym, len(said) - at), 0, -1)
                         if said[at:at + n] in self._abbreviations), 0)
            if size:
                units.append(Unit((said[at:at + size], *self._abbreviations[said[at:at + size]])))
                at += size
                continue
            token = tokens[at]
            units.append(Unit(((token.word if token.open else said[at],),), spoken(token.mark), token.open))
            at += 1
        return units

    def _with_all(self, units: Sequence[Unit]) -> Tiers:
        """Tiers (score, set) of what has every unit, best first; an empty list when nothing has."""
        every = reduce(and_, (unit.bits(self._anywhere) for unit in units))
        if not every:
            return []
        named = reduce(and_, (unit.bits(self._name) for unit in units))
        finished = self._finished(units[-1])
        tiers = [*self._phrases(units, named, finished), (IN_NAME + WHOLE, named & finished), (IN_NAME, named),
                 (ANYWHERE, every)]
        typed = [unit for unit in units if unit.marked]
        if not typed:
            return tiers
        marked = reduce(and_, (self._marks.find_marked(unit.marked, unit.open) for unit in typed))
        return [(score + MARKED, bits & marked) for score, bits in tiers] + tiers

    def _finished(self, last: Unit) -> Bits:
        """Where the last word stands as typed, marks and all, and is not only the beginning of another."""
        if last.marked:
            return self._marks[last.marked]
        return replace(last, open=False).bits(self._name)

    def _phrases(self, units: Sequence[Unit], named: Bits, finished: Bits) -> Tiers:
        """Names that start with the words in this order, or have them so; whole words before half-typed."""
        starts = whole_starts = phrase = whole_phrase = 0
        half_typed = units[-1].open
        for variant in readings(units, _VARIANTS) if named else ():
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
        return as_bits((at for at in each(first) if self._folded[at].startswith((phrase, other))), len(self.ids))


def _without_lead(name: Words) -> Words:
    return name[2:] if name[:2] == _LEAD and len(name) > 2 else name
