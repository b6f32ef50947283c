"""Vietnamese text: folding for search, dictionary order for lists, words for an index; names as they are written."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple

from portal.kit.letters import PRINTED

#: Letters of the Vietnamese dictionary in their order, with f j w z where foreign words need them.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
#: Above every digit and mark of ASCII, so that letters come after them.
_LETTER_RANK = {letter: chr(0x100 + n) for n, letter in enumerate(_ALPHABET)}
#: Tones in dictionary order: none (à ả ã á ạ follow), by their combining marks.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_NO_TONE = "0"
#: A code such as 1.001193, 1.000948.H38 or H56.14 is one word, and so is a number such as 30.000.
_WORD = re.compile(r"[a-z]?\d+(?:\.[a-z]?\d+)+|[^\W_]+")
#: Letters whose mark is part of them: taking Unicode's letters apart leaves them whole.
_WHOLE = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d", "ƀ": "b", "ɓ": "b", "ł": "l", "ø": "o", "ħ": "h", "ŧ": "t",
                        "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})
#: Signs that show nothing and are no control characters: fillers, a blank pattern of Braille, joiners, variations.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MOST_MARKS = 30
_LONG_RUN = re.compile(r"\W{31,}")  # no mark is a letter; this is nearly always blanks
#: Between the letters of a name, as they are typed: H’Hen, O'Brien, Nguyễn - Trần, Y·Blô, St. John.
_IN_NAMES = "’'-·."
_AS_TYPED = str.maketrans({"‘": "’", "ʼ": "’", "ʻ": "’", "`": "’", "´": "’", "′": "’", "＇": "'",
                           "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "－": "-",
                           "•": "·", "‧": "·", "・": "·", "∙": "·", "\u0387": "·", "Ð": "Đ", "Ɖ": "Đ"})


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


def storable(said: object) -> bool:
    """Whether data out of JSON can be stored and shown: no half of a surrogate pair, which is no letter and no UTF-8,
    and no null, which PostgreSQL has in no text."""
    try:
        text = json.dumps(said, ensure_ascii=False, default=str)
        text.encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return "\\u0000" not in text


def normal(form: Literal["NFC", "NFD", "NFKC", "NFKD"], s: str) -> str:
    """A text in one of Unicode's forms, in time that grows with its length. Python's own sorts the marks on one letter
    in the square of their number, and holds every thread meanwhile: of more than 30 (UAX #15, Stream-Safe Text; no
    language comes near) the rest is left out."""
    if not s.isascii():
        s = _LONG_RUN.sub(_cut_marks, s)
    return unicodedata.normalize(form, s)


def _cut_marks(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for ch in run[0]:
        marks = marks + 1 if unicodedata.category(ch)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(ch)
    return "".join(kept)


def fold(s: str) -> str:
    """Lower case, without tones and marks, đ as d, spaces collapsed: "Đăng  ký" → "dang ky"."""
    plain = normal("NFD", s.lower())
    # put together again: the syllables of Korean names are letters of their own, and three each when taken apart
    bare = unicodedata.normalize("NFC", "".join(ch for ch in plain if not unicodedata.combining(ch)))
    return " ".join(bare.translate(_WHOLE).split())


def without_invisible(s: str) -> str:
    """A text without what nobody sees and that comes along when it is pasted: joiners, marks of direction, soft
    hyphens, variation and tag signs, fillers. Spaces of all widths become plain ones; line breaks stay."""
    if s.isascii():
        return s
    plain = (" " if unicodedata.category(ch) == "Zs" else ch for ch in s)
    return "".join(ch for ch in plain if unicodedata.category(ch) != "Cf" and not _UNSEEN.match(ch))


def clean_name(typed: str) -> str:
    """A person's name as it is kept: composed (NFC), single spaces, without invisible signs, emoji, digits and other
    signs. It keeps every letter, ’ ' - · and a full stop; the look-alikes of these become them."""
    text = normal("NFC", without_invisible(typed)).translate(_AS_TYPED)
    kept = "".join(ch if unicodedata.category(ch)[0] in "LM" or ch in _IN_NAMES else
                   " " if ch.isspace() or unicodedata.category(ch)[0] in "PZ" else "" for ch in text)
    parts = (part if any(unicodedata.category(ch)[0] == "L" for ch in part) or part == "-" else ""
             for part in kept.split())
    return " ".join(part for part in parts if part).lstrip("-·. ").rstrip("-·’' ")


def letters_no_font_has(s: str) -> list[str]:
    """The letters and signs of a text that no paper can print, each once, in their order; none in a good text."""
    text = normal("NFC", without_invisible(s))
    return list(dict.fromkeys(ch for ch in text if ch not in PRINTED and not ch.isspace()))


def name_key(s: str) -> str:
    """By what a name is found, however it is typed: folded, letters and digits only. H’Hen Niê, h hen nie, HHEN NIE
    → "hhennie"."""
    return "".join(ch for ch in fold(without_invisible(s).translate(_AS_TYPED)) if ch.isalnum())


def vi_key(s: str) -> str:
    """A sort key in Vietnamese dictionary order: letters of the whole text first, then tones, then capitals.

    a ă â b c d đ e ê …; for equal letters none, huyền, hỏi, ngã, sắc, nặng. Keys compare as plain strings.
    """
    letters, tones, capitals = [], [], []
    text = " ".join(normal("NFC", s).split())
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
    return [_tone_last(word) for word in _WORD.findall(normal("NFC", s).lower())]


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
