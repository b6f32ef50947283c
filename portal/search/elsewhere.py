"""What this catalogue does not have, and who would know: a question about a school is not answered by what has the
word "trường" in its name. `data/elsewhere.csv` names topics of agencies whose procedures are not here, in the words
in which people ask; a line whose procedures come into the catalogue is taken out of it.
"""
import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from portal.kit.text import marked_words, words
from portal.search.spelling import spoken
from portal.search.typing_errors import Token

Words = tuple[str, ...]

_TOPICS = Path(__file__).parent / "data" / "elsewhere.csv"


@dataclass(frozen=True)
class Topic:
    """Something that is asked for elsewhere; words by language.

    `agencies` are keys, of the ministries that know; `ask` says whom to ask where that is no agency of the directory.
    """

    name: Mapping[str, str]
    agencies: tuple[str, ...] = ()
    ask: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Elsewhere:
    """The topics, found by words of a query. Build it with `of`."""

    _said: Mapping[Words, tuple[tuple[Words, Topic], ...]] = field(repr=False)  # folded → (with marks, topic)
    _longest: int = 0

    @classmethod
    def of(cls, topics: Iterable[tuple[Topic, Sequence[str]]]) -> "Elsewhere":
        """The topics with what people say for each."""
        said: dict[Words, list[tuple[Words, Topic]]] = defaultdict(list)
        for topic, phrases in topics:
            for phrase in phrases:
                said[tuple(map(spoken, words(phrase)))].append((tuple(map(spoken, marked_words(phrase))), topic))
        return cls({key: tuple(held) for key, held in said.items()}, max(map(len, said), default=0))

    def find(self, tokens: Sequence[Token]) -> Topic | None:
        """The topic of the longest words in a query that name one; None where none is named.

        Where the query has marks, a single word must have the right ones: đạo is not dao.
        """
        said = tuple(spoken(token.word) for token in tokens)
        marks = tuple(spoken(token.mark or token.word) for token in tokens)
        marked = any(token.mark for token in tokens)
        for size in range(min(self._longest, len(said)), 0, -1):
            for start in range(len(said) - size + 1):
                for written, topic in self._said.get(said[start:start + size], ()):
                    if marks[start:start + size] == written if marked else size > 1:
                        return topic
        return None


@cache
def topics() -> Elsewhere:
    """Those of the package."""
    with _TOPICS.open(encoding="utf-8", newline="") as lines:
        return Elsewhere.of([(Topic({"vi": row["topic"], "en": row["topic_en"]}, tuple(row["agencies"].split()),
                                    {"vi": row["ask"], "en": row["ask_en"]} if row["ask"] else {}),
                              [phrase.strip() for phrase in row["said"].split(";")]) for row in csv.DictReader(lines)])
