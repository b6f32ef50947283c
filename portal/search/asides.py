"""What people write around a question when they tell it as a story: greetings, courtesy, who asks, since when.

"Dạ cho em hỏi ba em mới mất tuần trước, giờ phải làm giấy tờ gì ạ" asks about "ba em mới mất". In short queries
a single word is left where it is: it may be part of a name.
"""
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unicodedata import normalize

from portal.kit.text import words
from portal.search.typing_errors import Token

Words = tuple[str, ...]

_ASIDES = Path(__file__).parent / "data" / "asides.txt"
_FROM = 4  # words from which a query may have some
_STORY = 6  # words from which single words are taken out too
_LEFT = 1  # words that must remain


def without_asides(tokens: Sequence[Token], least: int = _FROM) -> list[Token]:
    """The words that ask, of a query told as a story; all of them where nothing else would remain."""
    if len(tokens) < least:
        return list(tokens)
    table, longest = _table()
    marked = any(token.mark for token in tokens)
    texts = [normalize("NFC", token.text.lower()) for token in tokens]
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        size = next((n for n in range(min(longest, len(tokens) - at), 0 if len(tokens) >= _STORY else 1, -1)
                     if _is_aside(tokens[at:at + n], texts[at:at + n], table, marked)), 0)
        if not size:
            kept.append(tokens[at])
        at += size or 1
    return kept if len(kept) >= _LEFT else list(tokens)


def _is_aside(tokens: Sequence[Token], texts: Sequence[str], table: dict[Words, set[Words]], marked: bool) -> bool:
    """Whether these words are one; where the query has marks, theirs must be right: thì is not thi."""
    written = table.get(tuple(token.word for token in tokens))
    if not written or any(token.mended for token in tokens):
        return False
    if not marked:
        return len(tokens) > 1
    return tuple(texts) in written


@cache
def _table() -> tuple[dict[Words, set[Words]], int]:
    table: dict[Words, set[Words]] = {}
    for line in _ASIDES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            table.setdefault(tuple(words(line)), set()).add(tuple(normalize("NFC", line).split()))
    return table, max(map(len, table))
