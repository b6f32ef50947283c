"""Agencies and places named in a query: "khai sinh đà nẵng", "gplx bộ công an", "kết hôn phường bến nghé".

Names of today's agencies, of those before them through their successors, what people call them in short, and the
wards and former districts that lie in a province.
"""
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.kit.text import words
from portal.search.localities import Kind, Localities, Locality, form_at, likeliest
from portal.search.spelling import spoken

Words = tuple[str, ...]

_FORMS: tuple[Words, ...] = (("thanh", "pho"), ("tinh",), ("tp",))
#: Words that lead to a place: "ở Đà Nẵng", "tại tỉnh An Giang".
_TOWARDS = frozenset(("o", "tai", "thuoc", "tinh", "tp"))
_LAST = "\uffff"  # after every letter


@dataclass(frozen=True)
class Named:
    """A body of the State under one of its names; `keys` are those of today's agencies that do its work."""

    keys: tuple[str, ...]
    name: str
    abbreviation: str | None = None
    is_province: bool = False


@dataclass(frozen=True)
class Mention:
    """A place found in a query: the words from `start` to `end` mean one of the agencies `keys`, likeliest first.

    `localities` are the wards or former districts that were named, empty where the agency itself was. `surely` is
    False for a bare name of a ward, which may be ordinary words.
    """

    keys: tuple[str, ...]
    start: int
    end: int
    localities: tuple[Locality, ...] = ()
    surely: bool = True


@dataclass(frozen=True)
class Places:
    """Every synonym for an agency, and the localities of each province. Build it with `of`."""

    synonyms: Mapping[Words, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _longest: int = 0
    _localities: Localities = field(default_factory=lambda: Localities({}), repr=False)
    _provinces: Mapping[str, str] = field(default_factory=dict, repr=False)  # statistics code → agency key
    _begun: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (name, key), to be found half typed
    _first: frozenset[str] = field(default=frozenset(), repr=False)  # words that anything here begins with

    @classmethod
    def of(cls, bodies: Iterable[Named], nicknames: Mapping[Words, Sequence[Words]],
           localities: Localities | None = None, provinces: Mapping[str, str] | None = None) -> "Places":
        """Places of these bodies, today's first; `nicknames` is the table of abbreviations, of which those that
        mean a body count. `provinces` are the keys of provinces by the statistics code that localities have.
        """
        synonyms: dict[Words, tuple[str, ...]] = {}
        names: set[Words] = set()
        for body in bodies:
            for said in _synonyms(body):
                synonyms.setdefault(said, body.keys)
                names |= {said} if body.is_province else set()
        known: dict[Words, tuple[str, ...]] = defaultdict(tuple)
        for said, meant in nicknames.items():
            for one in meant:
                known[_spoken(said)] += synonyms.get(_spoken(one), ())
                names |= {_spoken(said)} if _spoken(one) in names else set()
        for said, keys in known.items():
            if keys:
                synonyms.setdefault(said, tuple(dict.fromkeys(keys)))
        for said in sorted(said for said in names if len(said) > 1):
            synonyms.setdefault(("".join(said),), synonyms.get(said, ()))  # danang, dalat
        held, provinces = localities or Localities({}), provinces or {}
        begun = {(" ".join(said), key) for said in names if len(said) > 1 for key in synonyms.get(said, ())}
        begun |= {(name, provinces[gso]) for name, gso in held.beginnings() if gso in provinces}
        first = {said[0] for said in synonyms} | {name.split()[0] for name, _ in begun} | held.first_words()
        longest = max(map(len, synonyms), default=0)
        return cls(synonyms, longest, held, provinces, tuple(sorted(begun)), frozenset(first))

    def named_by(self, said: Words) -> bool:
        """Whether these words are a synonym for some agency."""
        return _spoken(said) in self.synonyms

    def mentions(self, typed: Sequence[str], marks: Sequence[str] | None = None, open: bool = False) -> list[Mention]:
        """Agencies and localities named in a query, the longest name first, then the last one.

        `typed` are its folded words, `marks` the same as they were typed; `open` when the last may be half typed.
        """
        said = _spoken(typed)
        marks = typed if marks is None or len(marks) != len(typed) else marks
        found: list[Mention] = []
        start = 0
        while start < len(said):
            one = None
            if said[start] in self._first:
                one = self._from(said, marks, start) or (self._half_typed(said, start) if open else None)
            if one and found and found[-1].end == one.start and (both := self._within(found[-1], one)):
                found[-1] = both
            elif one:
                found.append(one)
            start = one.end if one else start + 1
        found = [self._settled(one, _widened(said, one.start)) for one in found
                 if one.surely or one.end == len(said) or not _widened(said, one.start)]
        return sorted(found, key=lambda one: (one.start - one.end, -one.start))

    def _from(self, said: Words, marks: Sequence[str], start: int) -> Mention | None:
        """The longest name from here on; an agency's before that of a locality."""
        size = next((n for n in range(min(self._longest, len(said) - start), 0, -1)
                     if said[start:start + n] in self.synonyms), 0)
        end, held = self._localities.at(said, marks, start)
        if end - start > size and (keys := self._keys(held)):
            named = form_at(said, start)[0] or end == start + 1
            return Mention(keys, start, end, held, bool(named) or held[0].kind is Kind.former_district)
        return Mention(self.synonyms[said[start:start + size]], start, start + size) if size else None

    def _keys(self, held: Iterable[Locality]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._provinces[one.gso] for one in held if one.gso in self._provinces))

    def _settled(self, one: Mention, start: int) -> Mention:
        """The mention from its first word on, with the likeliest localities only."""
        held = likeliest(one.localities)
        return replace(one, start=start, localities=held, keys=self._keys(held) if held else one.keys)

    def _half_typed(self, said: Words, start: int) -> Mention | None:
        """A province or former district whose last word is only begun, where all that begin so lie in one."""
        if len(said) - start < 2 or len(said) - start > self._longest:
            return None
        asked = " ".join(said[start:])
        keys = {key for name, key in self._begun[bisect_left(self._begun, (asked, "")):
                                                  bisect_left(self._begun, (asked + _LAST, ""))]
                if name.count(" ") == asked.count(" ")}
        return Mention((keys.pop(),), start, len(said), (), False) if len(keys) == 1 else None

    def _within(self, one: Mention, other: Mention) -> Mention | None:
        """Both names as one place, where the second says in which province or district the first is."""
        keys = tuple(key for key in one.keys if key in other.keys)
        if not keys:
            wider = one.localities and other.surely and set(other.keys) <= set(self._provinces.values())
            return replace(other, start=one.start) if wider else None
        inside = {here.name for here in other.localities}
        held = [here for here in one.localities if here.within in inside] or [
            here for here in one.localities if self._provinces.get(here.gso) in keys]
        return Mention(keys, one.start, other.end, tuple(held))


def _widened(said: Words, start: int) -> int:
    """Where the words that lead to the place begin."""
    while start and said[start - 1] in _TOWARDS:
        start -= 1
    return start


def _spoken(said: Sequence[str]) -> Words:
    return tuple(map(spoken, said))


def _synonyms(body: Named) -> list[Words]:
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
