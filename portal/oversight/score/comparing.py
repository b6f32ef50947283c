"""The score of one place put together from what was measured; against the period before, against other agencies, and
against what the national portal answered. Pure."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from portal.kit.text import N_
from portal.oversight.score.formulas import (
    GROUPS,
    INDICATORS,
    SCORED,
    ZERO,
    Group,
    Level,
    Of,
    Scored,
    Total,
    outside,
    total,
)

NEAR = Decimal("0.015")  # as near as the formulas were rebuilt
NO_DATA, PROVISIONAL = "NO_NATIONAL_REPORT_DATA", "TEMP_NATIONAL_REPORT_DENOMINATOR"


class Kept(Protocol):
    """A reading as it is kept; points are decimal numbers as text."""

    numerator: int | None
    denominator: int | None
    points: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """Every indicator that earns points, in the order of the table."""

    scored: Mapping[str, Scored]

    @property
    def total(self) -> Total:
        return total(self.scored.values())

    @property
    def groups(self) -> list[tuple[Group, Total, list[Scored]]]:
        found = ((group, [self.scored[one.key] for one in of]) for group, of in GROUPS.items())
        return [(group, total(of), of) for group, of in found]

    @property
    def wins(self) -> list[Scored]:
        """What would win most, the most first: indicators that lost points, if all that lost them were mended."""
        losing = [one for one in self.scored.values() if one.lost]
        return sorted(losing, key=lambda one: (-(one.lost or ZERO), one.indicator.number))


def sheet(kept: Mapping[str, Kept], level: Level, *, unit: bool = False, fewest: int = 0) -> Sheet:
    """The score of an agency, or (`unit`) of one of its units, from its readings by indicator. `fewest`: of fewer
    dossiers no points are said, as on public pages."""
    return Sheet({one.key: _scored(one.key, kept.get(one.key), level, unit, fewest) for one in SCORED})


def _scored(key: str, kept: Kept | None, level: Level, unit: bool, fewest: int) -> Scored:
    indicator = INDICATORS[key]
    if (apart := outside(indicator, level)) is not None:
        return apart
    if not indicator.measurable:
        return Scored(indicator, why=indicator.why)
    if unit and not indicator.by_unit:
        return Scored(indicator, why="whole_agency")
    if kept is None:
        return Scored(indicator, why="not_yet")
    said = kept.facts.get("at_most")
    found = Scored(indicator, kept.numerator, kept.denominator, Decimal(kept.points) if kept.points else None,
                   str(kept.facts.get("why", "")), Decimal(said) if said else None)
    if indicator.of == Of.dossiers and 0 < (kept.denominator or kept.facts.get("received") or 0) < fewest:
        return replace(found, points=None, why="too_few", limit=None)
    return found


@dataclass(frozen=True)
class Change:
    """By how many points more, of those that both periods measured (`of`). None where they share none."""

    by: Decimal | None
    of: Decimal


def change(now: Sheet, before: Sheet) -> Change:
    """What is measured in one of them alone says nothing of a change."""
    both = [(one.points, before.scored[key].points, one.indicator.most) for key, one in now.scored.items()]
    known = [(new, old, most) for new, old, most in both if new is not None and old is not None]
    return Change(sum((new - old for new, old, _most in known), ZERO) if known else None,
                  sum((most for _new, _old, most in known), ZERO))


@dataclass(frozen=True)
class Standing:
    """An agency among the others. `rank`: as many have a larger share of what is measured, plus one; those of one share
    are `tied`. None with fewer than the fewest dossiers (`small`), or nothing measured."""

    agency: Any
    total: Total
    received: int
    small: bool
    rank: int | None = None
    tied: bool = False


def standings(sheets: Iterable[tuple[Any, Sheet]], fewest: int) -> list[Standing]:
    """The best first; those without a rank last, in the order given. By the share of what is measured, since not as
    much is measured of every agency."""
    found = []
    for agency, of in sheets:
        received = of.scored["progress"].whole or 0
        found.append(Standing(agency, of.total, received, received < fewest))
    shares = sorted((one.total.share or ZERO for one in found if not one.small and one.total.measured), reverse=True)
    placed = []
    for one in found:
        if not one.small and one.total.measured:
            share = one.total.share or ZERO
            placed.append(replace(one, rank=shares.index(share) + 1, tied=shares.count(share) > 1))
        else:
            placed.append(one)
    return sorted(placed, key=lambda one: (one.rank is None, one.rank or 0))


class Answer(Protocol):
    """What the national portal answered, as it is kept."""

    indicator: str
    numerator: int | None
    denominator: int | None
    points: str | None
    captured_on: date
    raw: dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """Ours beside theirs: `by` how many points theirs is larger, None where one of them is no number. `reason`: the
    likely one, a msgid."""

    ours: Scored
    theirs: Answer
    by: Decimal | None
    reason: str


SAME = N_("Both agree.")
NO_NUMBER = N_("The national portal gave no number, which is no nought.")
NO_REPORT = N_("The national portal had no report to divide by.")
IS_PROVISIONAL = N_("The national portal divided by a provisional number until the report comes.")
EMPTY_IS_FULL = N_("The national portal gives all points where there is nothing to divide by.")
NOT_HERE = N_("It is not measured here.")
MORE_THERE = N_("The national portal counts more cases: some did not come to this portal, or agencies' systems did not "
                "tell of them here.")
EARLIER = N_("The national portal was asked before the period had ended: later cases are missing there.")
MORE_HERE = N_("More cases are known here: some were not passed on to the national portal.")
JUDGED = N_("As many cases on both sides, judged differently: compare the dossiers that lost points here.")
ROUNDED = N_("The same counts; the points were rounded or worked out differently there.")


def difference(ours: Scored, theirs: Answer, last_day: date) -> Difference:
    """`last_day`: of the period."""
    points = Decimal(theirs.points) if theirs.points is not None else None
    by = points - ours.points if points is not None and ours.points is not None else None
    return Difference(ours, theirs, by, _reason(ours, theirs, points, by, last_day))


def _reason(ours: Scored, theirs: Answer, points: Decimal | None, by: Decimal | None, last_day: date) -> str:
    flags = theirs.raw.get("flags") or ()
    if by is not None and abs(by) <= NEAR:
        return SAME
    if NO_DATA in flags or PROVISIONAL in flags:
        return NO_REPORT if NO_DATA in flags else IS_PROVISIONAL
    if points is None:
        return NO_NUMBER
    if theirs.denominator == 0 and points > 0:
        return EMPTY_IS_FULL
    if by is None:
        return NOT_HERE
    if theirs.denominator is None or ours.whole is None or theirs.denominator > ours.whole:
        return MORE_THERE
    if theirs.denominator < ours.whole:
        return EARLIER if theirs.captured_on < last_day else MORE_HERE
    return ROUNDED if theirs.numerator == ours.part else JUDGED


def differences(of: Sheet, answers: Sequence[Answer], last_day: date) -> list[Difference]:
    """Of each indicator that was answered, the newest answer, in the order of the table."""
    newest: dict[str, Answer] = {}
    for one in sorted(answers, key=lambda each: each.captured_on):
        newest[one.indicator] = one
    return [difference(of.scored[key], newest[key], last_day) for key in of.scored if key in newest]
