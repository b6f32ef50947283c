"""Finding a procedure by its code, as people have it from papers and old pages."""
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.kit.text import fold
from portal.law import codes
from portal.search.vocabulary import Bits, as_bits

_LAST = "\uffff"  # after every letter

Held = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Codes:
    """The codes of procedures by their positions. Build it with `of`."""

    _whole: Held = field(repr=False)  # code without dots, position; sorted
    _tails: Held = field(repr=False)  # the same without the first digit

    @classmethod
    def of(cls, listed: Sequence[str]) -> "Codes":
        """The codes in the order of the positions."""
        held = [(fold(code).replace(".", ""), at) for at, code in enumerate(listed)]
        return cls(tuple(sorted(held)), tuple(sorted((code[1:], at) for code, at in held)))

    def find(self, query: str) -> tuple[Bits, Bits]:
        """What has this code, and what has one that begins so: as written, without the dot or the first digit,
        with the place behind (1.000948.H38, 2.001218.000.00.00.H38). Nothing for what is no code.
        """
        typed = codes.typed_procedure(fold(query))
        if typed is None:
            return 0, 0
        if typed.is_tail:
            return _held(self._tails, typed.pieces[0], False)
        for end in range(len(typed.pieces), 0, -1):
            exact, begun = _held(self._whole, "".join(typed.pieces[:end]), end == len(typed.pieces))
            if exact or begun:
                return exact, begun
        return 0, 0


def _held(known: Held, asked: str, half_typed: bool) -> tuple[Bits, Bits]:
    first, last = bisect_left(known, (asked, -1)), bisect_left(known, (asked + _LAST * half_typed, len(known)))
    held = known[first:last]
    exact = [at for code, at in held if code == asked]
    return as_bits(exact, len(known)), as_bits((at for _, at in held[len(exact):]), len(known))
