"""Cross-checks of published figures: what does not close is said beside the figure, and hidden nowhere. Pure."""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from portal.kit.text import N_
from portal.oversight.figures import INDICATORS, Figure


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
)
#: Indicators that together count each agency of their denominator once.
PARTITIONS: Sequence[tuple[str, ...]] = (
    ("provinces_22_to_44_services", "provinces_2_to_20_services", "provinces_without_services"),
    ("agencies_with_plan", "agencies_without_plan"),
    ("agencies_connected", "agencies_not_connected"),
    ("agencies_publishing", "agencies_not_publishing"),
)
_OPPOSITES = {one: pair for pair in PARTITIONS if len(pair) == 2 for one in pair}


def checks(figure: Figure, all_: Iterable[Figure]) -> list[Check]:
    """What can be checked of `figure` against the others that are known, in the order of the rules."""
    known = [one for one in all_ if one.group == figure.group]
    return [check for rule in RULES for check in rule(figure, known)]


def _beside(figure: Figure, known: list[Figure], indicator: str) -> Figure | None:
    return next((one for one in known if one.indicator == indicator and one.on == figure.on
                 and (one.source == figure.source or one.indicator in _OPPOSITES)), None)


def _parts(figure: Figure, known: list[Figure]) -> Iterator[Check]:
    for total, names in SUMS:
        if figure.indicator not in (total, *names):
            continue
        whole, parts = _beside(figure, known, total), [_beside(figure, known, name) for name in names]
        found = [part for part in parts if part]
        if whole and len(found) == len(names):
            yield _sum("parts_equal_total", found, whole.value)


def _partition(figure: Figure, known: list[Figure]) -> Iterator[Check]:
    for names in PARTITIONS:
        if figure.indicator not in names:
            continue
        found = [part for part in (_beside(figure, known, name) for name in names) if part]
        whole = next((part.denominator for part in found if part.denominator), None)
        if whole and len(found) == len(names):
            yield _sum("groups_cover_all", found, Decimal(whole))


def _sum(rule: str, parts: Sequence[Figure], whole: Decimal) -> Check:
    total = sum(part.value for part in parts)
    facts = {"parts": " + ".join(str(part.value) for part in parts), "sum": str(total), "total": str(whole)}
    if total == whole:
        return Check(rule, True, N_("%(parts)s = %(total)s."), facts)
    return Check(rule, False, N_("%(parts)s = %(sum)s, and not %(total)s."), facts)


def _denominators(figure: Figure, known: list[Figure]) -> Iterator[Check]:
    """One denominator a period, for the same group and unit."""
    if figure.denominator is None:
        return
    said = sorted({number for one in known if one.on == figure.on and one.source == figure.source
                   and one.unit == figure.unit and _counts_same(one, figure)
                   for number in (one.denominator, one.other_denominator) if number})
    if figure.other_denominator:
        yield Check("one_denominator", False, N_("The source divides by %(a)s in one place and by %(b)s in another."),
                    {"a": figure.denominator, "b": figure.other_denominator})
    elif len(said) == 1:
        yield Check("one_denominator", True, N_("The period knows one denominator: %(a)s."), {"a": said[0]})


def _counts_same(one: Figure, other: Figure) -> bool:
    return INDICATORS[one.indicator].theme == INDICATORS[other.indicator].theme


def _share(figure: Figure, _known: list[Figure]) -> Iterator[Check]:
    if not figure.share or figure.percent is None:
        return
    said, exact = Decimal(figure.share.lstrip(">")), figure.percent
    fits = exact > said and exact < said + 1 if figure.share.startswith(">") else \
        exact.quantize(Decimal(1), ROUND_HALF_UP) == said
    facts = {"value": figure.value, "of": figure.denominator, "percent": f"{exact:.2f}", "said": figure.share}
    words = N_("%(value)s of %(of)s is %(percent)s %%: the published share fits.") if fits else \
        N_("%(value)s of %(of)s is %(percent)s %%, and not %(said)s.")
    yield Check("share", fits, words, facts)


def _within(figure: Figure, _known: list[Figure]) -> Iterator[Check]:
    if figure.denominator is not None and figure.value > figure.denominator:
        yield Check("within", False, N_("%(value)s is more than all of %(of)s."),
                    {"value": figure.value, "of": figure.denominator})


def _names(figure: Figure, _known: list[Figure]) -> Iterator[Check]:
    if figure.names:
        yield Check("names", len(figure.names) == figure.value, N_("%(n)s names are given for %(value)s."),
                    {"n": len(figure.names), "value": figure.value})


def _back(figure: Figure, known: list[Figure]) -> Iterator[Check]:
    """What grows does not fall; its opposite says what it must have been before."""
    if not INDICATORS[figure.indicator].grows:
        return
    earlier = [(one.on, _as(one, figure)) for one in known if one.on < figure.on]
    before = max(((day, value) for day, value in earlier if value is not None), default=None)
    if before is None:
        return
    facts = {"before": before[1], "day": before[0].isoformat(), "now": figure.value}
    if figure.value < before[1]:
        yield Check("never_falls", False, N_("It was %(before)s on %(day)s by what was published then."), facts)
    else:
        yield Check("never_falls", True, N_("Not less than the %(before)s of %(day)s."), facts)


def _as(one: Figure, figure: Figure) -> Decimal | None:
    """The value that `one` gives for the indicator of `figure`: its own, or what its opposite leaves."""
    if one.indicator == figure.indicator:
        return one.value
    if one.denominator and one.indicator in _OPPOSITES.get(figure.indicator, ()):
        return Decimal(one.denominator) - one.value
    return None


def _reports(figure: Figure, known: list[Figure]) -> Iterator[Check]:
    others = {one.value for one in known if one.indicator == figure.indicator and one.on == figure.on
              and one.source != figure.source and one.value != figure.value}
    if others:
        yield Check("reports_agree", False, N_("Another report of that day says %(other)s."),
                    {"other": ", ".join(map(str, sorted(others)))})


RULES: Sequence[Callable[[Figure, list[Figure]], Iterator[Check]]] = (
    _within, _share, _parts, _partition, _denominators, _names, _back, _reports)
