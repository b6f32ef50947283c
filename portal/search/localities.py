"""Wards and communes, and the districts and wards that were there before 1 July 2025: people go on writing their names.

Where each lies today. Knows neither files nor database; provinces are named by the code of the statistics office.
"""
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache

from portal.kit.text import fold, marked_words, words
from portal.search.spelling import spoken

Words = tuple[str, ...]

#: What people write before a name for what it is, and what the name then begins with. Folded.
FORMS: Mapping[Words, str] = {
    ("phuong",): "phuong", ("p",): "phuong", ("xa",): "xa", ("thi", "tran"): "thi tran", ("tt",): "thi tran",
    ("quan",): "quan", ("q",): "quan", ("huyen",): "huyen", ("h",): "huyen", ("thi", "xa"): "thi xa",
    ("tx",): "thi xa", ("thanh", "pho"): "thanh pho", ("tp",): "thanh pho", ("dac", "khu"): "dac khu"}
_LONGEST_FORM = 2
_GLUED = {"p": "phuong", "q": "quan"}  # p12, q1
_KINDS = tuple(sorted({*FORMS.values()}, key=len, reverse=True))


class Kind(IntEnum):
    """What a locality is; of one name the lower means the likelier."""

    former_district = 0
    ward = 1
    former_ward = 2


@dataclass(frozen=True, slots=True)
class Locality:
    """A place smaller than a province. `gso` is its province of today, `within` the district it belonged to.

    `now` are the names of today's wards where it was a ward itself.
    """

    name: str
    kind: Kind
    gso: str
    within: str = ""
    now: tuple[str, ...] = ()


@dataclass(frozen=True)
class Localities:
    """Every locality by its bare name. Build it with `of`."""

    _named: Mapping[Words, tuple[Locality, ...]] = field(repr=False)
    _longest: int = 0

    @classmethod
    def of(cls, localities: Iterable[Locality]) -> "Localities":
        """These localities, found by their names without what they are: "Bến Nghé"."""
        named: dict[Words, list[Locality]] = defaultdict(list)
        for one in localities:
            named[bare(one.name)[1]].append(one)
        return cls({said: tuple(sorted(held, key=lambda one: (one.kind, one.name, one.gso, one.within)))
                    for said, held in named.items()}, max(map(len, named), default=0))

    def at(self, said: Words, marks: Sequence[str], start: int) -> tuple[int, tuple[Locality, ...]]:
        """The longest name from here on: where it ends and all that it may mean, likelier first; (start, ()) for none.

        `said` are spoken words, `marks` the same as they were typed. With what it is before it ("phường", "q.1")
        any name counts, without only one of two words or more, and then every mark must be right.
        """
        kind, at = form_at(said, start)
        if said[start][1:].isdigit() and said[start][0] in _GLUED:
            return start + 1, tuple(self._held((said[start][1:],), _GLUED[said[start][0]]))
        for size in range(min(self._longest, len(said) - at), 0 if kind else 1, -1):
            held = [one for one in self._held(said[at:at + size], kind)
                    if _agrees(one, marks[at:at + size], every=not kind)]
            if held:
                return at + size, tuple(held)
        return start, ()

    def _held(self, name: Words, kind: str) -> list[Locality]:
        return [one for one in self._named.get(name, ()) if not kind or bare(one.name)[0] == kind]

    def first_words(self) -> set[str]:
        """Words that a locality may begin with, alone or after what it is."""
        glued = {f"{letter}{said[0]}" for said in self._named if said[0].isdigit() for letter in _GLUED}
        return {said[0] for said in self._named} | {form[0] for form in FORMS} | glued

    def beginnings(self) -> Iterator[tuple[str, str]]:
        """(name, code of the province) of what may be found half typed: districts by their bare names of two words
        or more, and everything with what it is before it. Folded.
        """
        for said, held in self._named.items():
            name = " ".join(said)
            for one in held:
                yield f"{bare(one.name)[0]} {name}", one.gso
                if len(said) > 1 and one.kind is Kind.former_district:
                    yield name, one.gso


@cache
def bare(name: str) -> tuple[str, Words]:
    """What a locality is and its name without that, spoken: ("phuong", ("ben", "nghe")). Numbers without noughts."""
    folded = fold(name)
    kind = next((kind for kind in _KINDS if folded.startswith(f"{kind} ")), "")
    return kind, tuple(spoken(word.lstrip("0") or word) for word in words(folded.removeprefix(kind)))


def form_at(said: Words, start: int) -> tuple[str, int]:
    """What the words from here on say it is, and where its name begins."""
    for size in range(_LONGEST_FORM, 0, -1):
        kind = FORMS.get(said[start:start + size])
        if kind:
            return kind, start + size
    return "", start


def _agrees(one: Locality, marks: Sequence[str], *, every: bool) -> bool:
    """Whether a name typed with marks has those of the locality; typed without any, every name agrees."""
    if all(mark == fold(mark) for mark in marks):
        return True
    right = [spoken(mark) for mark in marked_words(one.name)[-len(marks):]]
    return all(spoken(mark) == meant or (not every and mark == fold(mark))
               for mark, meant in zip(marks, right, strict=True))


def likeliest(held: Sequence[Locality]) -> tuple[Locality, ...]:
    """Former districts before today's wards, those before former wards."""
    first = min((one.kind for one in held), default=None)
    return tuple(one for one in held if one.kind == first)
