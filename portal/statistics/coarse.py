"""A line of figures as they may be published: what can be said of its counts, its sums and its share. Pure."""
from collections.abc import Mapping, Sequence
from functools import lru_cache

from portal.statistics.disclosure import WITHHELD, Between, Number, between, bounds, parted, said, total
from portal.statistics.figures import BY_CHANNEL, DONE, FIELDS, OPEN, per_hundred

Line = dict[str, Number]  # made once and never changed
COUNTED = (*FIELDS.values(), *OPEN)
WORKED_OUT = ("done", "open", "share")  # from those
PLACES = tuple((name, 3 * at) for at, name in enumerate(FIELDS.values()))  # in a row of sums
MOST = 2_000  # lines kept in memory: agencies whose counters stay are not reckoned again
PARTS = 4_000  # of sectors and procedures, by the month: more than one page of them has
SUMS = 300  # and sums of lines
WIDEST = 20  # points of a hundred within which a share is still said


def line(counts: Mapping[str, Number]) -> Line:
    """These counts, nought for the others, with how many were done, are open, and were done in time."""
    made: Line = dict.fromkeys(COUNTED, 0)
    made.update(counts)
    made["done"] = total(made[name] for name in DONE)
    made["open"] = total(made[name] for name in OPEN)
    made["share"] = share(made)
    return made


def of_counts(counts: Mapping[str, int]) -> Line:
    """The line of one agency in one month, of which these are the true counts."""
    return line({name: said(n) for name, n in counts.items()})


@lru_cache(maxsize=MOST)
def of_month(counts: tuple[int, ...]) -> Line:
    """The same of true counts in the order of FIELDS."""
    return of_counts(dict(zip(FIELDS.values(), counts, strict=True)))


@lru_cache(maxsize=MOST)
def of_open(counts: tuple[int, ...]) -> Line:
    """The line of one agency's open dossiers, of which these are the true counts in the order of OPEN."""
    return of_counts(dict(zip(OPEN, counts, strict=True)))


@lru_cache(maxsize=MOST)
def of_sums(sums: tuple[int, ...]) -> Line:
    """The line of one agency in some months, of each of FIELDS the sum between its bounds (see queries.SUMS). An
    agency's own sums are no columns."""
    return line({name: between(sums[at], sums[at + 2]) for name, at in PLACES})


@lru_cache(maxsize=MOST)
def by_channel(received: int, told: tuple[int, ...]) -> Line:
    """What an agency received in one month by channel; `received` and `told` (in the order of CHANNELS) are true
    counts."""
    parts = [*told, max(received - sum(told), 0)]
    return dict(zip(BY_CHANNEL, parted(said(received), parts), strict=True))


@lru_cache(maxsize=PARTS)
def of_parts(names: tuple[str, ...], parts: tuple[Number, ...]) -> Line:
    """The line of what is said of these counts already."""
    return line(dict(zip(names, parts, strict=True)))


def summed(lines: Sequence[Line]) -> Line:
    """All of them together, of the counts that the first one tells."""
    names = tuple(name for name in lines[0] if name not in WORKED_OUT) if lines else ()
    return _summed(names, tuple([tuple([each.get(name, 0) for name in names]) for each in lines]))


@lru_cache(maxsize=SUMS)
def _summed(names: tuple[str, ...], lines: tuple[tuple[Number, ...], ...]) -> Line:
    return line({name: total(column) for name, *column in zip(names, *lines, strict=True)})


def carried(open_now: Line, since: Line) -> Number:
    """What was open when some months began: what is open now, with what ended since and without what came since."""
    (open_low, open_high), (came_low, came_high) = bounds(open_now["open"]), bounds(since["received"])
    ended_low, ended_high = bounds(total([since["done"], since["dropped"]]))
    low, high = max(open_low + ended_low - came_high, 0), max(open_high + ended_high - came_low, 0)
    return said(low) if low == high else between(low, high)


def with_carried(months: Sequence[Line], open_now: Line) -> list[Line]:
    """The lines of months one after another, the running one first, each with what was open when it began."""
    found: list[Line] = []
    since: Line = dict.fromkeys(("received", "done", "dropped"), 0)
    for each in months:
        since = {name: total((n, each[name])) for name, n in since.items()}
        found.append(each | {"carried": carried(open_now, since)})
    return found


def share(made: Line) -> Number:
    """Of every hundred done, how many in time; withheld where that could only be said roughly."""
    (least_in, most_in), (least_late, most_late) = bounds(total([made["early"], made["on_time"]])), bounds(made["late"])
    if most_in + most_late == 0:
        return None
    if least_in + least_late == 0:
        return WITHHELD
    least = per_hundred(least_in, least_in + most_late)
    most = per_hundred(most_in, most_in + least_late)
    return between(least, most) if most - least <= WIDEST else WITHHELD


def nothing(made: Line) -> bool:
    """Whether a line tells of no dossier for certain."""
    return not any(n.low if isinstance(n, Between) else isinstance(n, int) and n for n in made.values())


def open_to_some(made: Line) -> bool:
    """Whether a line may tell of dossiers for all that is said."""
    return any(isinstance(n, Between) for n in made.values())


def plain(n: Number | str) -> int | str | None:
    """A number as files have it: small counts "<5", other bounds "40–44", "…" where nothing is said."""
    if isinstance(n, Between):
        return "<5" if n == (1, 4) else f"{n.low}–{n.high}"
    return "…" if n is WITHHELD else n
