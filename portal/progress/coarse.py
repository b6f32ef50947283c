"""Figures as they may be published: small counts coarsened, in a table and across its sums. Pure."""
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from portal.progress import disclosure
from portal.progress.disclosure import Shown
from portal.progress.figures import Figures, per_hundred, summed

__all__ = ["Line", "Number", "alone", "published", "share", "summed"]
K = TypeVar("K", bound=Hashable)
Number = int | Shown | None  # None: there is nothing to say, such as a share of nothing
Line = dict[str, Number]

# what adds up to what in a line, so that one can be subtracted from the other
SUMS = {"done": ("early", "on_time", "late"), "open": ("open_in_time", "open_late", "paused")}
CHANNELS = {"received": ("online", "counter", "post")}
ALONE = ("submitted", "refused", "withdrawn", "carried")


def published(figures: Mapping[K, Figures], *, by_channel: bool = False,
              sums: Line | None = None) -> tuple[dict[K, Line], Line]:
    """Each line as it may be published, and the line of the sums of all.

    `by_channel`: whether `received` is told by channel. `sums`: what another page shows of the sums.
    """
    keys = list(figures)
    lines: dict[K, Line] = {key: {} for key in keys}
    total: Line = {}
    groups = SUMS | CHANNELS if by_channel else SUMS
    for name, parts in groups.items():
        _add_group(lines, total, figures, (*parts, name), sums)
    for name in (*ALONE, *(() if by_channel else CHANNELS)):
        _add_group(lines, total, figures, (name,), sums)
    for key in keys:
        lines[key]["share"] = share(lines[key])
    total["share"] = share(total)
    return lines, total


def alone(figures: Figures) -> Line:
    """The figures of one agency or month by itself, beside no others."""
    return published({None: figures})[0][None]


def share(line: Line) -> Number:
    """Of every hundred done, how many in time; hidden where the counts are, since it would tell them."""
    early, on_time, late = (line[name] for name in SUMS["done"])
    if not isinstance(early, int) or not isinstance(on_time, int) or not isinstance(late, int):
        return Shown.hidden
    done = early + on_time + late
    return per_hundred(early + on_time, done) if done else None


def _add_group(lines: Mapping[K, Line], total: Line, figures: Mapping[K, Figures], names: Sequence[str],
               sums: Line | None) -> None:
    """`names`: the parts and their sum; or one count alone."""
    parts = names[:-1] or names
    rows = [[getattr(each, name) for name in parts] for each in figures.values()]
    given = [said if isinstance(said := (sums or {}).get(name), Shown) else Shown.as_it_is for name in names]
    if len(names) == 1:
        guarded = [[how] for how in disclosure.column([row[0] for row in rows], given[0])]
    else:
        guarded = disclosure.guard(rows, given)
    for line, row, each in zip([*lines.values(), total], guarded or [[Shown.as_it_is] * len(names)],
                               [*figures.values(), summed(figures.values())], strict=True):
        for name, how in zip(names, row, strict=True):
            line[name] = getattr(each, name) if how is Shown.as_it_is else how
