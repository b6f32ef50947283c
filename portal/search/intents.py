"""What people want, in their own words: a thing and what is the matter with it, wherever the two stand in a query.

"rớt ví mất căn cước", "căn cước của tôi bị mất" and "lost my id card" are one intent: the thing "căn cước" in the case
"mất". `data/intent_words.csv` says how people name things and cases, `data/intents.csv` which names of procedures
answer a thing in its cases. Both may be edited: a new word for a thing at once goes with every case.
"""
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import chain, pairwise, product
from operator import and_, or_
from pathlib import Path

from portal.kit.text import marked_words, words
from portal.search.spelling import spoken
from portal.search.synonyms import AROUND
from portal.search.typing_errors import Token
from portal.search.vocabulary import Bits, Vocabulary, as_bits, each

Words = tuple[str, ...]

_DATA = Path(__file__).parent / "data"
_CHOICES = re.compile(r"(\[[^]]*\])")
_THING, _DETAIL, _CASE = "thing", "detail", "case"
_COUNTED = frozenset(("con", "cai", "chiec", "can", "cay", "dua", "nguoi", "thang", "ngay", "nam", "m2", "cm", "tuoi"))
_SPEAKER = frozenset(("toi", "minh", "em"))
_LONGEST = 16  # words of a query: who writes more copies a name
_MOST = 3  # intents that one query is taken for
_TELLING = 3  # a further word of names outweighs so many words of an intent


@dataclass(frozen=True)
class Saying:
    """A thing or a case under one of its names; `marks` are the words with their marks, the tone last."""

    kind: str
    name: str
    marks: Words


@dataclass(frozen=True)
class Intent:
    """What a query asks for: the answers, the places of its words in the query, and whether it says little else."""

    answers: Bits
    said: frozenset[int]
    surely: bool


@dataclass(frozen=True)
class Intents:
    """The intents that procedures of an index answer. Build it with `of`."""

    _said: Mapping[Words, tuple[Saying, ...]] = field(repr=False)
    _rows: Mapping[str, tuple[tuple[frozenset[str], Bits], ...]] = field(repr=False)  # thing → (cases, answers)
    _cases: frozenset[Words] = field(repr=False)  # single words that name a case
    _sizes: Mapping[str, tuple[int, ...]] = field(repr=False)  # first word → how long its synonyms are, longest first

    @classmethod
    def of(cls, pairs: Vocabulary, names: Sequence[str]) -> "Intents":
        """The intents of the package that these names answer ("words of the name "), by their pairs of words."""
        rows: dict[str, dict[frozenset[str], Bits]] = defaultdict(dict)
        for thing, cases, meant in _intents():
            answers = _named(meant, pairs, names)
            if answers:
                rows[thing][cases] = rows[thing].get(cases, 0) | answers
        used = {name for held in rows.values() for cases in held for name in cases}
        said = {phrase: kept for phrase, held in _words().items() if (kept := tuple(
            one for one in held if one.name in (used if one.kind == _CASE else rows) or not one.name))} if rows else {}
        sizes: dict[str, set[int]] = defaultdict(set)
        for phrase in said:
            sizes[phrase[0]].add(len(phrase))
        lone = frozenset(phrase for phrase, held in said.items() if len(phrase) == 1 and any(
            one.kind == _CASE for one in held))
        return cls(said, {thing: tuple(held.items()) for thing, held in rows.items()}, lone,
                   {first: tuple(sorted(held, reverse=True)) for first, held in sizes.items()})

    @property
    def synonyms(self) -> Iterable[Words]:
        """Everything that is understood, as spoken words."""
        return self._said.keys()

    def find(self, tokens: Sequence[Token], known: Vocabulary) -> list[Intent]:
        """The intents of a query, likeliest first: those with most cases, then in the order of their things.

        One is sure where few other words are left that are `known` to names, and none where no case was named.
        """
        if len(tokens) > _LONGEST:
            return []
        return self._found(tokens, known) or (
            self._found(fewer, known) if len(fewer := _without_counting(tokens)) < len(tokens) else [])

    def _found(self, tokens: Sequence[Token], known: Vocabulary) -> list[Intent]:
        spans = list(self._spans(tokens))
        cases = {one.name for _, _, one in spans if one.kind == _CASE}
        found: list[tuple[int, bool, int, Bits]] = []
        for start, _, one in spans:
            if one.kind in (_THING, _DETAIL):
                fitting = [(len(asked), answers) for asked, answers in self._rows[one.name] if asked <= cases]
                most = max((size for size, _ in fitting), default=-1)
                answers = reduce(or_, (answers for size, answers in fitting if size == most), 0)
                if answers:
                    found.append((-most, one.kind == _DETAIL, start, answers))
        if not found:
            return []
        found.sort()
        told = [one for one in found if one[0] or not one[1]] or found
        said = frozenset(at for start, end, one in spans if one.name for at in range(start, end))
        heard = said.union(*(range(start, end) for start, end, _ in spans))
        others = sum(at not in heard and token.word not in AROUND and spoken(token.word) in known
                     for at, token in enumerate(tokens))
        return [Intent(answers, said, others * _TELLING <= (len(said) if fewer else 0))
                for fewer, _, _, answers in told[:_MOST]]

    def _spans(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int, Saying]]:
        """Sayings in a query; none inside a longer one of its kind, no case inside a thing."""
        said = tuple(spoken(token.word) for token in tokens)
        marked = any(token.mark for token in tokens)
        begins = {start for start, first in enumerate(said) for size in self._sizes.get(first, ())
                  for one in self._said.get(said[start:start + size], ()) if one.kind in (_THING, _DETAIL)}
        last: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))  # kind → the synonym that reaches furthest
        for start, first in enumerate(said):
            for end in (start + size for size in self._sizes.get(first, ()) if start + size <= len(said)):
                for one in self._said.get(said[start:end], ()):
                    kind = _THING if one.kind == _DETAIL else one.kind
                    inside = end <= last[kind][1] and (start, end) != last[kind]
                    # "mẹ em mất căn cước": what is lost follows, so nobody died
                    inside |= kind == _THING and end in begins and said[end - 1:end] in self._cases
                    inside |= kind == _CASE and end <= last[_THING][1] and (start, end) != last[_THING]
                    if not inside and _agrees(one, tokens[start:end], marked):
                        last[kind] = (start, end)
                        yield start, end, one


def _without_counting(tokens: Sequence[Token]) -> list[Token]:
    """"nuôi 200 con heo" as "nuôi heo": without numbers and what is counted in, and without who speaks."""
    return [token for at, token in enumerate(tokens)
            if not token.word.isdigit() and not (at and tokens[at - 1].word.isdigit() and token.word in _COUNTED)
            and token.word not in _SPEAKER]


def _named(phrase: Words, pairs: Vocabulary, names: Sequence[str]) -> Bits:
    """The names that are these words, else those that have them side by side."""
    text = f"{' '.join(phrase)} "
    near = reduce(and_, (pairs[f"{one} {two}"] for one, two in pairwise(phrase)))
    held = [at for at in each(near) if f" {text}" in f" {names[at]}"]
    return as_bits([at for at in held if names[at] == text] or held, len(names))


def _agrees(one: Saying, tokens: Sequence[Token], marked: bool) -> bool:
    """Whether the marks are right, where the query has any: mất is not mặt. Things of several words need none."""
    if not marked or (len(tokens) > 1 and one.kind != _CASE):
        return True
    return all(token.mended or spoken(token.mark or token.word) == mark
               for token, mark in zip(tokens, one.marks, strict=True))


def _each_way(said: str) -> Iterator[str]:
    """All that "[ba|mẹ] [|tôi] mất" stands for."""
    pieces = [piece.strip("[]").split("|") if piece.startswith("[") else [piece]
              for piece in _CHOICES.split(said) if piece]
    return ("".join(chosen) for chosen in product(*pieces))


@cache
def _words() -> dict[Words, tuple[Saying, ...]]:
    found: dict[Words, list[Saying]] = defaultdict(list)
    for row in _lines("intent_words.csv"):
        for said in chain.from_iterable(map(_each_way, row["said"].split(";"))):
            one = Saying(row["kind"], row["name"], tuple(map(spoken, marked_words(said))))
            held = found[tuple(map(spoken, words(said)))]
            if one not in held:
                held.append(one)
    return {said: tuple(held) for said, held in found.items()}


@cache
def _intents() -> tuple[tuple[str, frozenset[str], Words], ...]:
    return tuple((row["thing"], frozenset(filter(None, row["cases"].split("+"))),
                  tuple(map(spoken, words(row["meant"])))) for row in _lines("intents.csv"))


def _lines(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
