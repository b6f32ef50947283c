"""Finding a ward or commune of today by what people write: its name, the one before 1 July 2025, or a former district.

Knows neither files nor database; provinces are named by the code of the statistics office.
"""
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from portal.kit.text import fold, words
from portal.search.localities import FORMS, bare, form_at

MOST = 20
_GLUED = re.compile(r"([pq])0*(\d+)")  # p12, q1
_KINDS = frozenset(word for form in FORMS.values() for word in form.split())


class By(IntEnum):
    """What the name was that a commune was found by; the lower, the likelier."""

    own = 0
    former_ward = 1
    former_district = 2


@dataclass(frozen=True, slots=True)
class Commune:
    """A ward, commune or special zone of today."""

    code: str
    name: str
    gso: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name, whose it was, and what it lies in today. `within`: the district that it belonged to."""

    name: str
    by: By
    gso: str
    codes: tuple[str, ...]
    within: str = ""

    @property
    def whole(self) -> str:
        return f"{self.name}, {self.within}" if self.within else self.name


@dataclass(frozen=True, slots=True)
class Match:
    """A commune that was found. `was`: the former name that found it, "" for its own."""

    commune: Commune
    was: str = ""


@dataclass(frozen=True)
class Communes:
    """Every commune of today by its code, and by all names that its ground ever had. Build it with `of`."""

    by_code: Mapping[str, Commune]
    _names: Mapping[str, Sequence[tuple[Name, tuple[str, ...]]]] = field(repr=False)

    @classmethod
    def of(cls, communes: Iterable[Commune], former: Iterable[Name]) -> "Communes":
        """`former`: wards and districts of before, each with the codes of today's communes on its ground."""
        found, held = {one.code: one for one in communes}, defaultdict[str, list[tuple[Name, tuple[str, ...]]]](list)
        for name in (*(Name(one.name, By.own, one.gso, (one.code,)) for one in found.values()), *former):
            held[name.gso].append((name, _spoken(name.whole)))
        return cls(found, dict(held))

    def find(self, typed: str, gso: str, most: int = MOST) -> list[Match]:
        """The communes of a province that these words may mean, the likeliest first, each once."""
        asked = _spoken(typed)
        fits = self._fitting(asked, gso) or self._fitting(tuple(w for w in asked if w not in _KINDS), gso)
        found = dict[str, Match]()
        for name in sorted(fits, key=lambda name: (_distance(name, asked), name.by, name.name, name.within)):
            for code in name.codes:
                found.setdefault(code, Match(self.by_code[code], "" if name.by is By.own else name.whole))
        return list(found.values())[:most]

    def _fitting(self, asked: tuple[str, ...], gso: str) -> list[Name]:
        """Names that hold every word that was typed; the last letters of a word may still be missing."""
        if not asked:
            return []
        return [name for name, spoken in self._names.get(gso, ())
                if all(any(_begins(word, one) for one in spoken) for word in asked)]


def _begins(typed: str, word: str) -> bool:
    return word == typed if typed.isdigit() else word.startswith(typed)


def _distance(name: Name, asked: tuple[str, ...]) -> int:
    """0: the very name, 1: it begins so, 2: the words stand somewhere in it, or it was said to be something else."""
    form, wanted = form_at(asked, 0)[0], tuple(word for word in asked if word not in _KINDS)
    kind, own = bare(name.name)
    if form and form != kind:
        return 2
    return 0 if own == wanted[:len(own)] else 1 if own[:len(wanted)] == wanted else 2


def _spoken(text: str) -> tuple[str, ...]:
    """Words as they are compared: folded, "p." and "q1" written out, numbers without noughts."""
    return tuple(_written_out(words(fold(_GLUED.sub(r"\1 \2", fold(text))))))


def _written_out(said: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(said):
        form, after = form_at(tuple(said), at)
        if form and after < len(said):
            yield from form.split()
            at = after
        else:
            yield said[at].lstrip("0") or said[at]
            at += 1
