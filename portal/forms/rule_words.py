"""A rule that does not hold, for people: which question mends it, and what to say."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.forms.expressions import Gives
from portal.forms.rules import Broken, RuleBook, filled
from portal.forms.types import TYPES, Question
from portal.forms.types.rows import Rows
from portal.kit import i18n
from portal.kit.i18n import say

WORDS: dict[Gives, Callable[[Any], str]] = {
    Gives.money: i18n.money, Gives.number: i18n.number, Gives.date: i18n.short_day}


@dataclass(frozen=True)
class Place:
    """The question of the form, and the key of the very field: that of a row within it is "people-0-name"."""

    question: str
    key: str


def where(broken: Broken, asked: Mapping[str, Question]) -> Place | None:
    """Where a broken rule is mended; None when that question does not apply."""
    root, _dot, column = broken.rule.field.partition(".")
    if root not in asked:
        return None
    if not column or broken.row is None:
        return Place(root, root)
    kind = TYPES[asked[root]["kind"]]
    applies = isinstance(kind, Rows) and any(
        inner["key"] == column for inner in kind.asked(asked[root], broken.known.row or {}))
    return Place(root, f"{root}-{broken.row}-{column}") if applies else None


def message(broken: Broken, book: RuleBook, asked: Mapping[str, Question]) -> str:
    """What to say, in the reader's language, with the answers that it names."""
    return filled(say(broken.rule.message), lambda key: _words(key, broken, book, asked))


def _words(key: str, broken: Broken, book: RuleBook, asked: Mapping[str, Question]) -> str:
    if key in book.named:
        named = book.named[key]
        value = named.work_out(broken.known)
        return "" if value is None else WORDS.get(named.gives, str)(value)
    root, _dot, column = key.partition(".")
    q, values = asked.get(root), broken.known.values
    if q is not None and column:
        q = next(inner for inner in q["fields"] if inner["key"] == column)
        values, root = broken.known.row or {}, column
    return "" if q is None else _answer(q, values.get(root))


def _answer(q: Question, value: Any) -> str:
    return "" if value is None else TYPES[q["kind"]].words(q, value)
