"""Reading a query with errors in it: which words nobody knows, and what was meant beside the words around them."""
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.search.spelling import ALIKE, Speller, from_keys, sounds_like, spoken
from portal.search.syllables import is_syllable
from portal.search.vocabulary import Vocabulary

_FREE = 4  # letters from which a word may be mended without a neighbour that fits
_LONG = 9  # words of a query in which known words are doubted
_TRIED = 12  # other readings that are tried


@dataclass(frozen=True)
class Token:
    """A word of a query, folded; `mark` is it with its marks (the tone last), if it has any, `text` as it was typed.

    `open` when it may be half typed.
    """

    word: str
    mark: str = ""
    open: bool = False
    mended: bool = False
    text: str = ""


@dataclass(frozen=True)
class Reader:
    """What is known, to read a query by: words of names, pairs of them, words and pairs of synonyms."""

    words: Vocabulary = field(repr=False)
    pairs: Vocabulary = field(repr=False)
    said: frozenset[str] = field(repr=False)
    said_sorted: tuple[str, ...] = field(repr=False)
    said_pairs: frozenset[tuple[str, str]] = field(repr=False)
    speller: Speller = field(repr=False)

    def repaired(self, tokens: Sequence[Token]) -> list[Token]:
        """The words with those that nothing knows read as what was meant, if that is known."""
        read = list(tokens)
        if all(self._known(token) for token in read):
            return read
        done: list[Token] = []
        for at, token in enumerate(read):
            if self._known(token):
                done.append(token)
                continue
            after = read[at + 1].word if at + 1 < len(read) else ""
            meant = self._meant(token.word, done[-1].word if done else "", after)
            done += [Token(word, open=token.open and len(meant) == 1 and n == len(meant) - 1, mended=True)
                     for n, word in enumerate(meant)] or [token]
        return done

    def alternatives(self, tokens: Sequence[Token]) -> list[list[Token]]:
        """Other readings of the query, each with one known word that is never beside its neighbours taken for one
        that is: by sound first, then by any one error in a longer word.
        """
        if len(tokens) > _LONG:
            return []
        found: list[tuple[int, int, str]] = []
        for at, token in enumerate(tokens):
            before = tokens[at - 1].word if at else ""
            after = tokens[at + 1].word if at + 1 < len(tokens) else ""
            beside = bool(before) + bool(after)
            if not beside or self._fits(before, token.word, after):
                continue
            # what was typed with its marks and spelled right may still be written by another sound, but is no slip
            if len(token.word) >= _FREE and not (token.mark and is_syllable(token.text.lower())):
                others = self.speller.near(token.word)
            else:
                others = [(ALIKE, word) for word in dict.fromkeys(map(spoken, sounds_like(token.word)))]
            found += [(kind, at, word) for kind, word in others if self._fits(before, word, after) == beside]
        found.sort()
        return [[*tokens[:at], Token(word, mended=True), *tokens[at + 1:]] for _, at, word in found[:_TRIED]]

    def _known(self, token: Token) -> bool:
        word = spoken(token.word)
        return word in self.words or word in self.said or any(ch.isdigit() for ch in word[:1]) or (
            # a word with its marks that is spelled right is meant, though nothing here has it: răng is not tang
            token.mark and is_syllable(token.text.lower())) or (
            token.open and (self.words.begins(token.word) or self._said_begins(token.word)))

    def _said_begins(self, start: str) -> bool:
        at = bisect_left(self.said_sorted, start)
        return at < len(self.said_sorted) and self.said_sorted[at].startswith(start)

    def _meant(self, word: str, before: str, after: str) -> tuple[str, ...]:
        plain = spoken(from_keys(word))
        if plain != word and (plain in self.speller.known):
            return (plain,)
        glued = self.speller.split(word, self.paired)
        if glued:
            return glued
        best: tuple[tuple[int, int, int, str], str] | None = None
        for typed in dict.fromkeys((word, plain)):
            for kind, other in self.speller.near(typed):
                fits = self._fits(before, other, from_keys(after))
                if not fits and len(typed) < _FREE:
                    continue
                key = (-fits, kind, -self.words[other].bit_count(), other)
                if best is None or key < best[0]:
                    best = key, other
        return (best[1],) if best else ()

    def paired(self, one: str, two: str) -> bool:
        """Whether two words follow each other in a name or a synonym."""
        return f"{spoken(one)} {spoken(two)}" in self.pairs or (spoken(one), spoken(two)) in self.said_pairs

    def _fits(self, before: str, word: str, after: str) -> int:
        """How many neighbours a word is known beside."""
        return bool(before and self.paired(before, word)) + bool(after and self.paired(word, after))
