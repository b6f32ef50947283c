"""What goes into an index and what comes out of a search."""
from collections.abc import Iterator
from dataclasses import dataclass

from portal.search.elsewhere import Topic
from portal.search.vocabulary import Bits


@dataclass(frozen=True)
class Row:
    """One procedure. `extra` are further words to find it by; of equals the higher `rank` comes first."""

    id: int
    code: str
    name: str
    sector: str = ""
    extra: str = ""
    rank: float = 0


@dataclass(frozen=True)
class Hit:
    """A procedure found. Scores order hits of one search; they mean nothing between searches."""

    id: int
    score: int


@dataclass(frozen=True)
class Found:
    """The answer to a search: the first hits, best first, and what was found in all.

    `bits` is the set of all that was found, `total` its size. `words` counts the words looked for and
    `matched` how many of them the best hit has; `all_words` is False when nothing has them all and the
    hits are only near. `score` is the best one whatever is shown, without what right marks add.
    `corrected` is the query as it was read where errors were taken out of it, else empty. `surely`: everyday words
    name it; `far`: what was found has little of what tells in the query. `topic` is asked for elsewhere.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    bits: Bits = 0
    words: int = 0
    matched: int = 0
    score: int = 0
    corrected: str = ""
    surely: bool = False
    far: bool = False
    topic: Topic | None = None

    @property
    def all_words(self) -> bool:
        return self.matched == self.words

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)
