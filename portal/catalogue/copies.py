"""What copies cost, by the number that is asked for. Pure.

A certified copy of an extract has a fee of its own (2.000635); whoever registers a birth, a death or a marriage can ask
for copies at the same time, and pays that fee for each beside the procedure's own.
"""
from dataclasses import dataclass
from datetime import date

from portal.catalogue.rates import known_amount, listed

EXTRACTS = "2.000635"
OFFERED_WITH = frozenset(("1.000656", "1.000894", "1.001193"))
ASKED_BY = "copies_count"  # the question that says how many


@dataclass(frozen=True)
class Copies:
    """`each`: whole đồng; `count`: how many are asked for, None where that is not known yet; `only`: the procedure
    costs nothing else."""

    each: int
    count: int | None
    only: bool

    @property
    def total(self) -> int:
        return self.each * (self.count or 0)


def of(code: str, *, day: date, channel: str, count: int | None = None) -> Copies | None:
    """Of a procedure; None where copies cost nothing of their own there."""
    if code != EXTRACTS and code not in OFFERED_WITH:
        return None
    each = known_amount(listed()[EXTRACTS], day=day, channel=channel)
    return Copies(each, count, code == EXTRACTS) if each else None
