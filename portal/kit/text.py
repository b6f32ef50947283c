"""Vietnamese text: folding for search, dictionary order for lists, words for an index."""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

#: Letters of the Vietnamese dictionary in their order, with f j w z where foreign words need them.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
#: Above every digit and mark of ASCII, so that letters come after them.
_LETTER_RANK = {letter: chr(0x100 + n) for n, letter in enumerate(_ALPHABET)}
#: Tones in dictionary order: none (à ả ã á ạ follow), by their combining marks.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_NO_TONE = "0"
#: A code such as 1.001193, 1.000948.H38 or H56.14 is one word, and so is a number such as 30.000.
_WORD = re.compile(r"[a-z]?\d+(?:\.[a-z]?\d+)+|[^\W_]+")


def N_(text: str) -> str:
    """Marks a msgid where it is only kept: a pure rule names the words, a page translates them."""
    return text


class Message(NamedTuple):
    """Words to be translated later, with what fills them in: text (also in both languages), numbers, đồng, days,
    moments, other messages.

    With a `plural`, the value `num` decides between the two forms.
    """

    msgid: str
    values: Mapping[str, object] = {}
    plural: str = ""


class Dong(int):
    """Whole đồng: a message shows them as money."""


def fold(s: str) -> str:
    """Lower case, without tones and marks, đ as d, spaces collapsed: "Đăng  ký" → "dang ky"."""
    plain = unicodedata.normalize("NFD", s.lower())
    bare = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(bare.replace("đ", "d").split())


def vi_key(s: str) -> str:
    """A sort key in Vietnamese dictionary order: letters of the whole text first, then tones, then capitals.

    a ă â b c d đ e ê …; for equal letters none, huyền, hỏi, ngã, sắc, nặng. Keys compare as plain strings.
    """
    letters, tones, capitals = [], [], []
    text = " ".join(unicodedata.normalize("NFC", s).split())
    for ch in text:
        letter, tone = _split_tone(ch.lower())
        letters.append("".join(_LETTER_RANK.get(part, part) for part in letter))
        tones.append(tone)
        capitals.append("1" if ch != ch.lower() else "0")
    return "\x00".join(("".join(letters), "".join(tones), "".join(capitals), text))


def words(s: str) -> list[str]:
    """The folded words in order; codes and numbers stay whole: "Mã 1.001193" → ["ma", "1.001193"]."""
    return _WORD.findall(fold(s))


def marked_words(s: str) -> list[str]:
    """The words of a text as typed, tone written last, so that hoà and hòa are the same word.

    The list runs parallel to `words(s)`; a word without any mark equals its folded form.
    """
    return [_tone_last(word) for word in _WORD.findall(unicodedata.normalize("NFC", s).lower())]


def tone_of(marked_word: str) -> str:
    """The tone at the end of a word of `marked_words`, or nothing."""
    return marked_word[-1] if marked_word and marked_word[-1] in _TONES else ""


def _split_tone(letter: str) -> tuple[str, str]:
    tone, rest = _NO_TONE, []
    for part in unicodedata.normalize("NFD", letter):
        if part in _TONES:
            tone = _TONES[part]
        else:
            rest.append(part)
    composed = unicodedata.normalize("NFC", "".join(rest))
    if composed in _LETTER_RANK or len(composed) != 1:
        return composed, tone
    bare = unicodedata.normalize("NFD", composed)[0]  # é of café keeps its place among the e
    return bare, tone


def _tone_last(word: str) -> str:
    rest: list[str] = []
    tones: list[str] = []
    for part in unicodedata.normalize("NFD", word):
        (tones if part in _TONES else rest).append(part)
    return unicodedata.normalize("NFC", "".join(rest)) + "".join(tones)
