"""The score of Decision 766/QĐ-TTg as the national portal counts it in 2026: its indicators as data, how a share
becomes points, and how points add up. Pure.

The points and the shapes were read in answers of the national portal of September 2026 (confidence H) or rebuilt from
them (M, error at most 0.015); the words behind them come from an operator's document of October 2026, the Decision
itself only from excerpts. What is not measured is its own outcome: neither full points nor a zero.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.kit.text import N_

ZERO, HUNDRED, CENT = Decimal(0), Decimal(100), Decimal("0.01")


class Group(StrEnum):
    CKMB = "CKMB"
    TDGQ = "TDGQ"
    CLGQ = "CLGQ"
    TTTT = "TTTT"
    MDSH = "MDSH"
    MDHL = "MDHL"


class Empty(StrEnum):
    """What the national portal gives where there is nothing to divide by: nothing, no points, or all of them."""

    nothing = "nothing"
    zero = "zero"
    full = "full"


class Of(StrEnum):
    """What is counted."""

    dossiers = "dossiers"
    services = "services"
    procedures = "procedures"
    petitions = "petitions"


class Level(StrEnum):
    ministry = "ministry"
    province = "province"
    commune = "commune"


GROUP_WORDS: Mapping[Group, str] = {
    Group.CKMB: N_("Publicity and transparency"), Group.TDGQ: N_("Progress of handling"),
    Group.CLGQ: N_("Online public services"), Group.TTTT: N_("Online payment"),
    Group.MDSH: N_("Digitisation of dossiers"), Group.MDHL: N_("Satisfaction")}
EVERYWHERE = frozenset(Level)


@dataclass(frozen=True)
class Indicator:
    """`number` as the table of the Decision has it; `most`: its points, 0 where it is not scored. `full_at`: of a
    hundred, the share that earns them all. `metric`: its name in the national portal's answers. `words`, `part` (of
    what), `whole`: msgids; `covers`: which cases this portal counts. `why`: the name of the reason (WHY_WORDS) where
    this portal cannot measure it at all. `levels`: to whom it applies."""

    key: str
    number: str
    group: Group
    most: Decimal
    words: str
    part: str
    whole: str
    of: Of
    full_at: int = 100
    empty: Empty = Empty.nothing
    metric: str = ""
    covers: str = ""
    why: str = ""
    confidence: str = "H"
    by_unit: bool = False
    levels: frozenset[Level] = EVERYWHERE

    @property
    def measurable(self) -> bool:
        return not self.why


_OWN = N_("Dossiers that were accepted in the period and are handled on this portal. What agencies' own systems "
          "publish says nothing of files.")
_BOTH = N_("Dossiers that were accepted in the period: those handled on this portal, and those whose progress "
           "agencies' own systems publish.")
_SERVICES = N_("The services of the agency in today's catalogue.")
_UPTO_PROVINCES = frozenset({Level.ministry, Level.province})


def _one(key: str, number: str, group: Group, most: int, words: str, part: str, whole: str, of: Of,
         **more: object) -> Indicator:
    return Indicator(key, number, group, Decimal(most), words, part, whole, of, **more)  # type: ignore[arg-type]


_ALL: Sequence[Indicator] = (
    _one("publish_on_time", "1.1", Group.CKMB, 6, N_("Procedures published in time"), N_("published in time"),
         N_("published in the period"), Of.procedures, metric="PUBLISH_ON_TIME", why="decisions"),
    _one("update_on_time", "1.2", Group.CKMB, 4, N_("Procedures updated and made public in time"),
         N_("made public in time"), N_("decided in the period"), Of.procedures, metric="PUBLIC_UPDATE_ON_TIME",
         why="decisions", levels=_UPTO_PROVINCES),
    _one("content_full", "1.3", Group.CKMB, 2, N_("Procedures made public with all their parts"),
         N_("with all seven parts"), N_("made public"), Of.procedures, metric="PUBLIC_CONTENT_FULL", why="contents"),
    _one("dossier_sync", "1.4", Group.CKMB, 6, N_("Dossiers known to the portal"), N_("known to the portal"),
         N_("the larger of the agency's report and of the portal's count"), Of.dossiers, metric="DOSSIER_SYNC",
         covers=_BOTH),
    _one("progress", "2.1", Group.TDGQ, 20, N_("Dossiers handled early or in time"), N_("handled in time"),
         N_("received"), Of.dossiers, covers=_BOTH, by_unit=True),
    _one("handling_time", "2.2", Group.TDGQ, 0, N_("Mean time of handling"), N_("time"), N_("dossiers"), Of.dossiers,
         why="unscored"),
    _one("services_online", "3.1", Group.CLGQ, 2, N_("Procedures offered online"), N_("online in whole or in part"),
         N_("within the agency's authority"), Of.services, full_at=80, covers=_SERVICES, confidence="M"),
    _one("services_used", "3.2", Group.CLGQ, 4, N_("Online services with dossiers"), N_("with an online dossier"),
         N_("online services"), Of.services, covers=_SERVICES, confidence="M"),
    _one("dossiers_online", "3.3", Group.CLGQ, 6, N_("Dossiers handed in online"),
         N_("online, with an electronic result where the procedure gives a paper"), N_("received"), Of.dossiers,
         full_at=50, covers=_OWN, confidence="M", by_unit=True),
    _one("fees_offered", "3.5a", Group.TTTT, 2, N_("Procedures with a fee that can be paid on the portal"),
         N_("with data of their fee"), N_("with a fee"), Of.procedures, full_at=80, why="payment", confidence="M"),
    _one("fees_paid", "3.5b", Group.TTTT, 2, N_("Procedures with payments online"), N_("with a payment online"),
         N_("with a fee"), Of.procedures, full_at=80, why="payment", confidence="M"),
    _one("dossiers_paid", "3.6", Group.TTTT, 6, N_("Dossiers paid online"), N_("paid online"),
         N_("with something to pay"), Of.dossiers, why="payment", confidence="M"),
    _one("electronic_result", "4.1", Group.MDSH, 6, N_("Dossiers with an electronic result"),
         N_("with a file of the result"), N_("decided, of procedures that give a paper"), Of.dossiers,
         metric="ORIGINAL_RESULT_AVAILABLE", covers=_OWN, by_unit=True),
    _one("digitised", "4.2", Group.MDSH, 4, N_("Dossiers with digitised papers"),
         N_("with files of papers and of the result"), N_("decided"), Of.dossiers, metric="SO_HOA_GIAY_TO_GIAI_QUYET",
         covers=_OWN, by_unit=True),
    _one("certified_copy", "—", Group.MDSH, 2, N_("Electronic copies certified from originals"),
         N_("certified electronically"), N_("certified copies"), Of.dossiers, metric="ELECTRONIC_CERTIFIED_COPY",
         why="certified", levels=frozenset({Level.province, Level.commune})),
    _one("reused", "4.3", Group.MDSH, 2, N_("Dossiers that use digitised data again"), N_("using them again"),
         N_("dossiers"), Of.dossiers, full_at=80, metric="REUSED_DIGITIZED_DATA", why="reuse"),
    _one("shared", "4.4", Group.MDSH, 4, N_("Dossiers shared to be used again"), N_("shared"), N_("dossiers"),
         Of.dossiers, metric="SYNCED_WITH_DVCQG_PERSONAL_STORAGE", why="storage", confidence="L"),
    _one("citizen_dossiers", "4.5b", Group.MDSH, 2, N_("Dossiers that use population data"), N_("using them"),
         N_("dossiers"), Of.dossiers, metric="CITIZEN_DATA_CONNECTED_DOSSIER", why="identity"),
    _one("citizen_procedures", "4.5a", Group.MDSH, 2, N_("Procedures connected to population data"), N_("connected"),
         N_("procedures of citizens"), Of.procedures, metric="CITIZEN_DATA_CONNECTED_FORMALITY", why="identity"),
    _one("petition_kinds", "5.1", Group.MDHL, 0, N_("Petitions by kind"), N_("of a kind"), N_("petitions"),
         Of.petitions, why="unscored"),
    _one("petitions_on_time", "5.2", Group.MDHL, 6, N_("Petitions handled in time"), N_("handled in time"),
         N_("petitions"), Of.petitions, empty=Empty.full, metric="PETITION_PROCESSING_ON_TIME", why="petitions"),
    _one("petitions_satisfied", "5.3", Group.MDHL, 6, N_("Satisfied with how petitions were handled"),
         N_("satisfied"), N_("petitions"), Of.petitions, empty=Empty.full, metric="PETITION_HANDLING_SATISFACTION",
         why="petitions"),
    _one("satisfied", "5.4", Group.MDHL, 6, N_("Satisfied with how procedures were handled"),
         N_("neither late nor complained of"), N_("dossiers"), Of.dossiers, full_at=90, empty=Empty.zero,
         metric="DOSSIER_RECEIVING_SATISFACTION", covers=_BOTH, by_unit=True),
)
INDICATORS: Mapping[str, Indicator] = {one.key: one for one in _ALL}
SCORED: Sequence[Indicator] = tuple(one for one in _ALL if one.most)
GROUPS: Mapping[Group, tuple[Indicator, ...]] = {
    group: tuple(one for one in SCORED if one.group == group) for group in Group}

WHY_WORDS: Mapping[str, str] = {
    "decisions": N_("The portal does not know on which days procedures were decided and made public."),
    "contents": N_("Of most procedures the catalogue holds one line of the national portal, so nobody can say here "
                   "which of the seven parts are public."),
    "payment": N_("Nothing is paid on this portal yet."),
    "certified": N_("This portal certifies no electronic copies yet."),
    "reuse": N_("It is not kept yet whether a paper was digitised before."),
    "storage": N_("Nothing is shared to citizens' stores of papers yet; how this becomes points is not known either."),
    "identity": N_("Nobody signs in here with the electronic identity yet."),
    "petitions": N_("This portal takes no petitions yet."),
    "ratings": N_("Late dossiers are known here; petitions and complaints about dossiers are not."),
    "unscored": N_("It earns no points."),
    "no_report": N_("No report of the agency says how many dossiers it received, so there is nothing to compare with. "
                    "The national portal would take last year's number, and give nothing where there is none."),
    "no_dossiers": N_("There was no such dossier in the period."),
    "no_services": N_("The catalogue knows no such service of the agency."),
    "not_for_level": N_("It does not apply here."),
    "whole_agency": N_("It is measured for the agency as a whole."),
    "too_few": N_("Too few cases: one more or less would move it by much."),
    "not_yet": N_("Not measured yet."),
}


def rounded(number: Decimal) -> Decimal:
    """As points are published: two digits, half up."""
    return number.quantize(CENT, ROUND_HALF_UP)


def points(indicator: Indicator, part: int, whole: int) -> Decimal | None:
    """What `part` of `whole` earns, None where there is nothing to divide by: an empty whole is no merit. ValueError
    for more than all, or less than none."""
    if not 0 <= part <= max(whole, 0):
        raise ValueError(f"{part} of {whole}")
    if whole == 0:
        return None
    return rounded(min(indicator.most, indicator.most * part * HUNDRED / (whole * indicator.full_at)))


def national_points(indicator: Indicator, part: int, whole: int) -> Decimal | None:
    """The same by the national portal's own rule, which gives 6 of 6 where nobody petitioned, and nothing for
    satisfaction where nobody applied."""
    if whole == 0 and indicator.empty != Empty.nothing:
        return rounded(indicator.most if indicator.empty == Empty.full else ZERO)
    return points(indicator, part, whole)


def needed(indicator: Indicator, part: int, whole: int) -> int:
    """How many of those that lost points must be mended for all the points."""
    least = -(-indicator.full_at * whole // 100)
    return max(0, least - part)


@dataclass(frozen=True)
class Scored:
    """One indicator at one place. `points` None: not measured, and `why` names the reason; `at_most`: what it may be
    then, by what is known."""

    indicator: Indicator
    part: int | None = None
    whole: int | None = None
    points: Decimal | None = None
    why: str = ""
    limit: Decimal | None = None

    @property
    def at_most(self) -> Decimal:
        """The points, or what they may be at most."""
        if self.points is not None:
            return self.points
        return self.indicator.most if self.limit is None else self.limit

    @property
    def lost(self) -> Decimal | None:
        """Points that are not earned."""
        return None if self.points is None else self.indicator.most - self.points

    @property
    def losing(self) -> int | None:
        """How many lost points."""
        return None if self.points is None or self.part is None or self.whole is None else self.whole - self.part

    @property
    def gain_of_one(self) -> Decimal | None:
        """What mending one of them earns, to four digits; 0 where the points are full already."""
        if self.part is None or not self.whole or not self.losing:
            return None
        one = self.indicator.most * HUNDRED / (self.whole * self.indicator.full_at)
        return min(one, self.indicator.most - (self.points or ZERO)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Total:
    """`points` of the `measured` points; `most` of all there are. What is not measured may add up to `at_most`."""

    points: Decimal
    measured: Decimal
    most: Decimal
    at_most: Decimal

    @property
    def share(self) -> Decimal | None:
        """Of a hundred of what is measured; None where nothing is."""
        return rounded(self.points * HUNDRED / self.measured) if self.measured else None


def total(scored: Iterable[Scored]) -> Total:
    """The sum of points as they are published, so that anybody can add them up again."""
    found = list(scored)
    known = [one for one in found if one.points is not None]
    return Total(sum((one.points for one in known if one.points is not None), ZERO),
                 sum((one.indicator.most for one in known), ZERO), sum((one.indicator.most for one in found), ZERO),
                 sum((one.at_most for one in found), ZERO))


def outside(indicator: Indicator, level: Level) -> Scored | None:
    """An indicator that does not apply at a level: a commune has its full points then (rule of the operator's table,
    of which it is only partly known which indicators it means); elsewhere it is not measured. None where it applies."""
    if level in indicator.levels:
        return None
    return Scored(indicator, points=rounded(indicator.most) if level == Level.commune else None, why="not_for_level")
