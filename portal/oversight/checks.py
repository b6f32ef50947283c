"""Cross-checks of published figures: what does not close is said beside the figure, and hidden nowhere. Pure.

What belongs together is data (SUMS, PARTITIONS, CARRIED); the rules know no indicator by name. Published and live
figures go through the same rules.
"""
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from portal.kit.text import N_
from portal.oversight.figures import Figure, Group


class Check(NamedTuple):
    """`says`: a msgid with its `facts`."""

    rule: str
    ok: bool
    says: str
    facts: Mapping[str, object] = {}


#: (total, its parts), of one group, day and source.
SUMS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("services_deployed", ("services_level_3", "services_level_4")),
    ("listed_services", ("listed_services_level_3", "listed_services_level_4")),
    ("own_services", ("own_services_level_3", "own_services_level_4")),
    ("dossiers_in_time", ("dossiers_early", "dossiers_on_time")),
    ("tasks_done", ("tasks_done_in_time", "tasks_done_late")),
)
#: Indicators that together count each of their denominator once.
PARTITIONS: Sequence[tuple[str, ...]] = (
    ("provinces_22_to_44_services", "provinces_2_to_20_services", "provinces_without_services"),
    ("agencies_with_plan", "agencies_without_plan"),
    ("agencies_connected", "agencies_not_connected"),
    ("agencies_publishing", "agencies_not_publishing"),
    ("dossiers_in_time", "dossiers_late"),
    ("documents_answered_in_time", "documents_answered_late"),
    ("reports_on_time", "reports_late", "reports_missing"),
)
#: What a quarter begins with is what the one before ended with: (carried over, open at the end).
CARRIED: Sequence[tuple[str, str]] = (("dossiers_carried", "dossiers_open"),)
JUMP = Decimal(50)  # percentage points from one figure to the next within a year
YEAR = timedelta(days=400)
_OPPOSITES = {one: pair for pair in PARTITIONS if len(pair) == 2 for one in pair}
_SUMS: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    name: [each for each in SUMS if name in (each[0], *each[1])] for each in SUMS for name in (each[0], *each[1])}
_PARTITIONS: Mapping[str, Sequence[tuple[str, ...]]] = {
    name: [each for each in PARTITIONS if name in each] for each in PARTITIONS for name in each}
_CARRIED = dict(CARRIED)


def opposite(indicator: str) -> str | None:
    """The indicator that counts all those that this one does not."""
    return next((one for one in _OPPOSITES.get(indicator, ()) if one != indicator), None)


class Beside:
    """Figures, found by what they stand beside."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._of: defaultdict[tuple[str, str], list[Figure]] = defaultdict(list)
        self._at: defaultdict[tuple[str, str, date], list[Figure]] = defaultdict(list)
        self._divide: defaultdict[tuple[object, ...], set[int]] = defaultdict(set)
        for one in figures:
            self._of[one.group, one.indicator].append(one)
            self._at[one.group, one.indicator, one.on].append(one)
            self._divide[_counted_with(one)] |= {each for each in (one.denominator, one.other_denominator) if each}
        for found in self._of.values():
            found.sort(key=lambda one: one.on)

    def on(self, figure: Figure, indicator: str, group: str | None = None) -> Figure | None:
        """Another figure of that day: by the same source, or of what its opposite counts by any."""
        return next((one for one in self._at.get((group or figure.group, indicator, figure.on), ())
                     if one.source == figure.source or one.indicator in _OPPOSITES), None)

    def all_on(self, figure: Figure) -> Sequence[Figure]:
        """Every figure of that indicator, group and day."""
        return self._at.get((figure.group, figure.indicator, figure.on), ())

    def before(self, figure: Figure, indicator: str) -> Sequence[Figure]:
        """Those of the newest earlier day."""
        found = self._of.get((figure.group, indicator), ())
        at = bisect_left(found, figure.on, key=lambda one: one.on)
        return [one for one in found[:at] if one.on == found[at - 1].on]

    def denominators(self, figure: Figure) -> set[int]:
        """By what the source divides on that day, for this group, theme and unit."""
        return self._divide.get(_counted_with(figure), set())


def _counted_with(one: Figure) -> tuple[object, ...]:
    return one.group, one.on, one.source, one.about.theme, one.unit


def checks(figure: Figure, all_: Iterable[Figure] | Beside) -> list[Check]:
    """What can be checked of `figure` against the others that are known, in the order of the rules. Of many figures:
    make one Beside and ask it for each."""
    known = all_ if isinstance(all_, Beside) else Beside(all_)
    return [check for rule in RULES for check in rule(figure, known)]


def _within(figure: Figure, _known: Beside) -> Iterator[Check]:
    if figure.denominator is not None and figure.value > figure.denominator:
        yield Check("within", False, N_("%(value)s is more than all of %(of)s."),
                    {"value": figure.value, "of": figure.denominator})


def _share(figure: Figure, _known: Beside) -> Iterator[Check]:
    if not figure.share or figure.percent is None:
        return
    said, exact = Decimal(figure.share.lstrip(">")), figure.percent
    fits = exact > said and exact < said + 1 if figure.share.startswith(">") else \
        exact.quantize(Decimal(1), ROUND_HALF_UP) == said
    facts = {"value": figure.value, "of": figure.denominator, "percent": f"{exact:.2f}", "said": figure.share}
    words = N_("%(value)s of %(of)s is %(percent)s %%: the published share fits.") if fits else \
        N_("%(value)s of %(of)s is %(percent)s %%, and not %(said)s.")
    yield Check("share", fits, words, facts)


def _parts(figure: Figure, known: Beside) -> Iterator[Check]:
    for total, names in _SUMS.get(figure.indicator, ()):
        whole, parts = known.on(figure, total), [known.on(figure, name) for name in names]
        found = [part for part in parts if part]
        if whole and len(found) == len(names):
            yield _sum("parts_equal_total", found, whole.value)


def _partition(figure: Figure, known: Beside) -> Iterator[Check]:
    for names in _PARTITIONS.get(figure.indicator, ()):
        found = [part for part in (known.on(figure, name) for name in names) if part]
        whole = next((part.denominator for part in found if part.denominator), None)
        if whole and len(found) == len(names):
            yield _sum("groups_cover_all", found, Decimal(whole))


def _groups(figure: Figure, known: Beside) -> Iterator[Check]:
    """The country is its central bodies and its provinces together, and so is what it is divided by."""
    if figure.group not in tuple(Group) or figure.unit == "points":
        return
    found = [known.on(figure, figure.indicator, group) for group in (Group.nation, Group.central, Group.provinces)]
    same = [one for one in found if one and one.source == figure.source]
    if len(same) == len(Group):
        whole, *parts = same
        yield _sum("country_is_its_groups", parts, whole.value)
        divided = [Decimal(one.denominator) for one in same if one.denominator is not None]
        if len(divided) == len(Group) and sum(divided[1:]) != divided[0]:
            yield _added("one_denominator", divided[1:], divided[0])


def _sum(rule: str, parts: Sequence[Figure], whole: Decimal) -> Check:
    return _added(rule, [part.value for part in parts], whole)


def _added(rule: str, parts: Sequence[Decimal], whole: Decimal) -> Check:
    total = sum(parts)
    facts = {"parts": " + ".join(map(str, parts)), "sum": str(total), "total": str(whole)}
    if total == whole:
        return Check(rule, True, N_("%(parts)s = %(total)s."), facts)
    return Check(rule, False, N_("%(parts)s = %(sum)s, and not %(total)s."), facts)


def _denominators(figure: Figure, known: Beside) -> Iterator[Check]:
    """One denominator a period, for the same group, theme and unit. Of agencies alone a second one is a question: what
    is counted otherwise is divided by many things."""
    if figure.denominator is None:
        return
    said = sorted(known.denominators(figure))
    if figure.other_denominator or (len(said) > 1 and figure.unit == "agencies"):
        other = figure.other_denominator or next(each for each in said if each != figure.denominator)
        yield Check("one_denominator", False, N_("The source divides by %(a)s in one place and by %(b)s in another."),
                    {"a": figure.denominator, "b": other})
    elif len(said) == 1:
        yield Check("one_denominator", True, N_("The period knows one denominator: %(a)s."), {"a": said[0]})


def _names(figure: Figure, _known: Beside) -> Iterator[Check]:
    if figure.names:
        yield Check("names", len(figure.names) == figure.value, N_("%(n)s names are given for %(value)s."),
                    {"n": len(figure.names), "value": figure.value})


def _back(figure: Figure, known: Beside) -> Iterator[Check]:
    """What grows does not fall among as many; its opposite says what it must have been before."""
    before = _before(figure, known) if figure.about.grows else None
    if before is None:
        return
    facts = {"before": before[1], "day": _day(before[0]), "now": figure.value}
    if figure.value < before[1]:
        yield Check("never_falls", False, N_("It was %(before)s on %(day)s by what was published then."), facts)
    else:
        yield Check("never_falls", True, N_("Not less than the %(before)s of %(day)s."), facts)


def _jump(figure: Figure, known: Beside) -> Iterator[Check]:
    """More than half of all moved from one figure to the next."""
    before = _before(figure, known) if figure.denominator and not figure.about.over else None
    if before is None or figure.denominator is None or figure.on - before[0] > YEAR or figure.denominator < _FEW:
        return
    if abs(figure.value - before[1]) * 100 > JUMP * figure.denominator:
        yield Check("jump", False, N_(
            "It was %(before)s of %(of)s on %(day)s: more than half of all have moved since."),
                    {"before": before[1], "of": figure.denominator, "day": _day(before[0])})


_FEW = 10  # of fewer, one or two moving says nothing


def _before(figure: Figure, known: Beside) -> tuple[date, Decimal] | None:
    """What the newest earlier figures give for the indicator of `figure`, of as many as now: the largest where several
    were published of that day."""
    other = opposite(figure.indicator)
    earlier = [*known.before(figure, figure.indicator), *(known.before(figure, other) if other else ())]
    return max(((one.on, value) for one in earlier if one.denominator == figure.denominator
                and (value := _as(one, figure)) is not None), default=None)


def _as(one: Figure, figure: Figure) -> Decimal | None:
    """The value that `one` gives for the indicator of `figure`: its own, or what its opposite leaves."""
    if one.indicator == figure.indicator:
        return one.value
    return Decimal(one.denominator) - one.value if one.denominator else None


def _carried(figure: Figure, known: Beside) -> Iterator[Check]:
    """What a quarter begins with is what the one before ended with."""
    if figure.indicator not in _CARRIED:
        return
    begun = date(figure.on.year, (figure.on.month - 1) // 3 * 3 + 1, 1)
    ended = [one for one in known.before(figure, _CARRIED[figure.indicator]) if one.on == begun - timedelta(days=1)]
    for one in ended[:1]:
        facts = {"carried": figure.value, "open": one.value, "day": _day(one.on)}
        words = N_("%(carried)s carried over, as many as were open on %(day)s.") if one.value == figure.value else \
            N_("%(carried)s carried over, and %(open)s were open on %(day)s.")
        yield Check("carried_over", one.value == figure.value, words, facts)


def _reports(figure: Figure, known: Beside) -> Iterator[Check]:
    others = {one.value for one in known.all_on(figure) if one.source != figure.source and one.value != figure.value}
    if others:
        yield Check("reports_agree", False, N_("Another report of that day says %(other)s."),
                    {"other": ", ".join(map(str, sorted(others)))})


def _day(day: date) -> str:
    """As it is written in both languages: the order is the country's."""
    return f"{day:%d/%m/%Y}"


RULES: Sequence[Callable[[Figure, Beside], Iterator[Check]]] = (
    _within, _share, _parts, _partition, _groups, _denominators, _names, _back, _jump, _carried, _reports)
