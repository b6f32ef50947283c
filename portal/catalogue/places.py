"""Agencies and places named in a query: "khai sinh đà nẵng", "gplx bộ công an", "kết hôn sài gòn".

Names of today's agencies, of those before them through their successors, and what people call them in short.
"""
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.catalogue.spelling import spoken
from portal.kit.text import words

Words = tuple[str, ...]

_FORMS: tuple[Words, ...] = (("thanh", "pho"), ("tinh",), ("tp",))
#: Words that lead to a place: "ở Đà Nẵng", "tại tỉnh An Giang".
_TOWARDS = frozenset(("o", "tai", "thuoc", "tinh", "tp"))


@dataclass(frozen=True)
class Named:
    """A body of the State under one of its names; `keys` are those of today's agencies that do its work."""

    keys: tuple[str, ...]
    name: str
    abbreviation: str | None = None
    is_province: bool = False


@dataclass(frozen=True)
class Mention:
    """A place found in a query: the words from `start` to `end` mean one of the agencies `keys`, likeliest first."""

    keys: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Places:
    """Every saying for an agency. Build it with `of`."""

    sayings: Mapping[Words, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _longest: int = 0

    @classmethod
    def of(cls, bodies: Iterable[Named], nicknames: Mapping[Words, Sequence[Words]]) -> "Places":
        """Places of these bodies, today's first; `nicknames` is the table of abbreviations, of which those that
        mean a body count.
        """
        sayings: dict[Words, tuple[str, ...]] = {}
        for body in bodies:
            for said in _sayings(body):
                sayings.setdefault(said, body.keys)
        known: dict[Words, tuple[str, ...]] = defaultdict(tuple)
        for said, meant in nicknames.items():
            for one in meant:
                known[_spoken(said)] += sayings.get(_spoken(one), ())
        for said, keys in known.items():
            if keys:
                sayings.setdefault(said, tuple(dict.fromkeys(keys)))
        return cls(sayings, max(map(len, sayings), default=0))

    def named_by(self, said: Words) -> bool:
        """Whether these words are a saying for some agency."""
        return _spoken(said) in self.sayings

    def mentions(self, typed: Sequence[str]) -> list[Mention]:
        """Agencies named in a query (its folded words), the longest name first, then the last one."""
        said = _spoken(typed)
        found, start = [], 0
        while start < len(said):
            size = next((n for n in range(min(self._longest, len(said) - start), 0, -1)
                         if said[start:start + n] in self.sayings), 0)
            if size:
                found.append(Mention(self.sayings[said[start:start + size]], _widened(said, start), start + size))
            start += size or 1
        return sorted(found, key=lambda one: (one.start - one.end, -one.start))


def _widened(said: Words, start: int) -> int:
    """Where the words that lead to the place begin."""
    while start and said[start - 1] in _TOWARDS:
        start -= 1
    return start


def _spoken(said: Sequence[str]) -> Words:
    return tuple(map(spoken, said))


def _sayings(body: Named) -> list[Words]:
    """What a body is called: its name, short and with every form; its abbreviation; its code."""
    name = tuple(words(body.name))
    found = [tuple(words(body.abbreviation))] if body.abbreviation else []
    found += [(key.lower(),) for key in body.keys[:1] if body.keys]
    if body.is_province:
        form = next((form for form in _FORMS if name[:len(form)] == form), ())
        bare = name[len(form):]
        found += [bare, *((*form, *bare) for form in _FORMS)]
    else:
        found.append(name)
    return [_spoken(said) for said in found]
