"""How late news arrives: what batches say of their own rows, put together. Pure."""
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Lateness(NamedTuple):
    """Of `rows` rows: half arrived within `half_s` seconds after what they tell of happened, nine of ten within
    `most_s`."""

    half_s: int
    most_s: int
    rows: int


class Timed(NamedTuple):
    """A batch: how many rows told something new; half of them were up to `p50_s` seconds late, nine of ten `p90_s`."""

    rows: int
    p50_s: int
    p90_s: int


def together(batches: Iterable[Timed]) -> Lateness | None:
    """The lateness of all rows of these batches; None where no row tells.

    Two numbers of each batch are kept, so its rows are taken as spread evenly up to its half, from there to its nine of
    ten, and the rest just there. For one batch, or many alike, that is exact; each weighs as much as its rows.
    """
    known = [batch for batch in batches if batch.rows]
    if not known:
        return None
    rows = sum(batch.rows for batch in known)
    return Lateness(_within(known, 0.5 * rows), _within(known, 0.9 * rows), rows)


def _within(batches: Sequence[Timed], rows: float) -> int:
    """The fewest seconds within which so many rows arrived."""
    least, most = 0, max(batch.p90_s for batch in batches)
    while least < most:
        middle = (least + most) // 2
        if sum(batch.rows * _share(batch, middle) for batch in batches) >= rows:
            most = middle
        else:
            least = middle + 1
    return least


def _share(batch: Timed, seconds: int) -> float:
    if seconds >= batch.p90_s:
        return 1.0
    if seconds >= batch.p50_s:
        return 0.5 + 0.4 * (seconds - batch.p50_s) / (batch.p90_s - batch.p50_s)
    return 0.5 * seconds / batch.p50_s
