"""Finding a procedure by its code, as people have it from papers and old pages."""
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.kit.text import fold
from portal.search.vocabulary import Bits, as_bits

_CODE = re.compile(r"\d\.?\d{3,}(?:\.[a-z]?\d+)*|\d\.\d+")
_TAIL = re.compile(r"\d{6}")  # a code without its first digit: 001193
_LAST = "\uffff"  # after every letter

Held = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Codes:
    """The codes of procedures by their positions. Build it with `of`."""

    _whole: Held = field(repr=False)  # code without dots, position; sorted
    _tails: Held = field(repr=False)  # the same without the first digit

    @classmethod
    def of(cls, codes: Sequence[str]) -> "Codes":
        """The codes in the order of the positions."""
        held = [(fold(code).replace(".", ""), at) for at, code in enumerate(codes)]
        return cls(tuple(sorted(held)), tuple(sorted((code[1:], at) for code, at in held)))

    def find(self, query: str) -> tuple[Bits, Bits]:
        """What has this code, and what has one that begins so: as written, without the dot or the first digit,
        with the place behind (1.000948.H38, 2.001218.000.00.00.H38). Nothing for what is no code.
        """
        code = "".join(fold(query).split())
        if _TAIL.fullmatch(code):
            return _held(self._tails, code, False)
        if not _CODE.fullmatch(code):
            return 0, 0
        parts = code.split(".")
        for end in range(len(parts), 0, -1):
            exact, begun = _held(self._whole, "".join(parts[:end]), end == len(parts))
            if exact or begun:
                return exact, begun
        return 0, 0


def _held(codes: Held, asked: str, half_typed: bool) -> tuple[Bits, Bits]:
    first, last = bisect_left(codes, (asked, -1)), bisect_left(codes, (asked + _LAST * half_typed, len(codes)))
    held = codes[first:last]
    exact = [at for known, at in held if known == asked]
    return as_bits(exact, len(codes)), as_bits((at for _, at in held[len(exact):]), len(codes))
