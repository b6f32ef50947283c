"""What people's fingers do to words: telex and VNI keys left in, letters swapped, doubled, lost or mistaken for
those that sound alike, spaces forgotten. Words here are folded: lower case, without marks.
"""
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

Words = tuple[str, ...]

_LEAST = 4  # letters of a word in which a free error is looked for
_MOST_GLUED = 32  # letters of words written without spaces
_SYLLABLE = re.compile(r"([^aeiouy]*)([aeiouy].*)")
_DOUBLED = (("aa", "a"), ("ee", "e"), ("oo", "o"), ("dd", "d"))
_TONE_KEYS = str.maketrans("", "", "sfrxjzw")
_DIGITS = str.maketrans("", "", "0123456789")
#: Sounds that Vietnamese of one region or another writes for each other, at the start and at the end of a word.
_STARTS = (("tr", "ch"), ("s", "x"), ("d", "gi"), ("d", "r"), ("gi", "r"), ("l", "n"), ("v", "d"), ("k", "c"),
           ("ng", "ngh"), ("g", "gh"))
_ENDS = (("n", "ng"), ("c", "t"), ("n", "nh"), ("i", "y"), ("uu", "iu"), ("uou", "ieu"))
_Y_AS_I = re.compile(r"(h|k|l|m|s|t|qu)y([\u0300-\u0323]?)")
ALIKE, SWAPPED, LENGTH, OTHER = 0, 1, 2, 3


@lru_cache(maxsize=65_536)
def spoken(word: str) -> str:
    """One form for two ways of writing a sound: ký and kí, lý and lí, quý and quí. Folded or marked words."""
    found = _Y_AS_I.fullmatch(word)
    return f"{found[1]}i{found[2]}" if found else word


def from_keys(word: str) -> str:
    """A word without the keys of telex ("giaasy" → "giay") or VNI ("gia61y" → "giay"); as it is without any."""
    if not word[:1].isalpha():
        return word
    bare = word.translate(_DIGITS)
    for twice, once in _DOUBLED:
        bare = bare.replace(twice, once)
    parts = _SYLLABLE.fullmatch(bare)
    if not parts:
        return bare.removesuffix("w") + "u" * bare.endswith("w")
    rest = parts[2].translate(_TONE_KEYS)
    if parts[1].endswith("d") or parts[1].startswith("d"):
        rest = rest.removesuffix("d")  # dangd: the stroke of đ typed last
    return parts[1].replace("w", "") + rest


def sounds_like(word: str) -> Iterator[str]:
    """Other spellings of what sounds alike somewhere in the country."""
    for one, two in _STARTS:
        for have, want in ((one, two), (two, one)):
            if word.startswith(have):
                yield want + word[len(have):]
    for one, two in _ENDS:
        for have, want in ((one, two), (two, one)):
            if word.endswith(have):
                yield word[:len(word) - len(have)] + want


@dataclass(frozen=True)
class Speller:
    """Known words, found by a word with one error. Build it with `of`."""

    known: frozenset[str] = field(repr=False)
    _without: Mapping[str, Words] = field(repr=False)  # a word less one letter → the words it may be

    @classmethod
    def of(cls, known: Iterable[str]) -> "Speller":
        """A speller of these words; what is not made of letters takes no part."""
        usable = frozenset(known)
        without: dict[str, list[str]] = {}
        for word in sorted(usable):
            if len(word) > 1 and word.isalpha():
                for shorter in _shorter(word):
                    without.setdefault(shorter, []).append(word)
        return cls(usable, {shorter: tuple(words) for shorter, words in without.items()})

    def near(self, word: str) -> list[tuple[int, str]]:
        """(kind of error, known word) one error away, likelier kinds first: sound, order or doubling, length."""
        found = {other: ALIKE for other in map(spoken, sounds_like(word)) if other in self.known}
        if len(word) < _LEAST - 1:
            return [(ALIKE, other) for other in found]
        shorter = set(_shorter(word))
        for other in (w for key in (word, *shorter) for w in self._without.get(key, ())):
            if other != word and other not in found:
                kind = _error(word, other)
                if kind is not None:
                    found[other] = kind
        for other in shorter & self.known:
            kind = _error(word, other)
            if kind is not None:
                found.setdefault(other, kind)
        allowed = OTHER if len(word) >= _LEAST else LENGTH
        return sorted((kind, other) for other, kind in found.items() if kind <= allowed)

    def split(self, word: str, paired: Callable[[str, str], bool]) -> Words:
        """The words that were written without spaces, the fewest first; each two neighbours must be `paired`."""
        if not _LEAST <= len(word) <= _MOST_GLUED:
            return ()
        best: dict[int, dict[str, Words]] = {0: {"": ()}}  # letters used → last word → words
        for end in range(2, len(word) + 1):
            for start in range(max(end - 7, 0), end - 1):
                piece = spoken(word[start:end])
                if start not in best or piece not in self.known:
                    continue
                for last, before in best[start].items():
                    held = best.setdefault(end, {}).get(piece)
                    if (not last or paired(last, piece)) and (held is None or len(before) + 1 < len(held)):
                        best[end][piece] = (*before, piece)
            if end in best and not best[end]:
                del best[end]
        ways = [way for way in best.get(len(word), {}).values() if len(way) > 1]
        return min(ways, key=lambda way: (len(way), way), default=())


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1:] for at in range(len(word)))


def _error(typed: str, meant: str) -> int | None:
    """The one error between two words: letters swapped or doubled, one too many or few, one for another."""
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    a, b = typed[same:], meant[same:]
    if len(a) == len(b):
        if len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]:
            return SWAPPED
        return OTHER if a[1:] == b[1:] else None
    if len(a) == len(b) + 1 and a[1:] == b:
        return SWAPPED if same and a[0] == typed[same - 1] else LENGTH
    return LENGTH if len(b) == len(a) + 1 and b[1:] == a else None
