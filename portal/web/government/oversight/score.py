"""The score of Decision 766 of one's own agency or unit: as measured, with the dossiers behind every lost point.
Whoever watches sees the same counts of every agency, and no dossier."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, say
from portal.oversight.periods import before, called, days_of, period_of
from portal.oversight.score import comparing, jobs, population, queries
from portal.oversight.score.comparing import Sheet
from portal.oversight.score.formulas import GROUP_WORDS, INDICATORS, WHY_WORDS, Of, needed
from portal.oversight.score.judging import LOST_WORDS
from portal.oversight.score.measuring import EVERY, WHOLE
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Agency, Unit
from portal.people.permissions import READ, Place
from portal.web.government import bp
from portal.web.guard import me, permission
from portal.web.paging import around

MONTHS = 4
FIRST = date(2022, 1, 1)  # the Decision is of 2022
HIGHEST = 2**31 - 1
FORMULAS: Mapping[str, Any] = {
    "linear": _l("%(most)s points × %(part)s ÷ %(whole)s"),
    "capped": _l("%(most)s points × %(part)s ÷ %(whole)s ÷ %(share)s %%, and never more than %(most)s")}
SOURCES: Mapping[str, Any] = {
    "H": _l("Points and shape read in answers of the national portal of September 2026."),
    "M": _l("Rebuilt from answers of the national portal of September 2026, with an error of at most 0.015."),
    "L": _l("How it becomes points is not known.")}


@dataclass(frozen=True)
class Here:
    """Whose score is shown, of which period. `unit` None: the agency as a whole."""

    agency: Agency
    unit: Unit | None
    period: str

    @property
    def place(self) -> Place:
        return Place(self.agency.id, self.unit.id if self.unit else None)

    @property
    def name(self) -> str:
        return self.unit.name if self.unit else self.agency.name

    def address(self, endpoint: str, **more: Any) -> str:
        """Of a page about the same place and period."""
        return url_for(endpoint, **{"agency": self.agency.key, "unit": self.unit.id if self.unit else None,
                                    "period": self.period} | more)


def periods_to_choose(today: date) -> list[str]:
    """The running month and those before it, then quarters and years: the newest of each first."""
    found = []
    for every, n in zip(EVERY, (MONTHS, 2, 2), strict=True):
        period = period_of(today, every)
        for _turn in range(n):
            found.append(period)
            period = before(period)
    return found


def period_asked() -> str:
    """The period of the address, the running month for what is none."""
    said, today = request.args.get("period", "")[:8], clock.today()
    try:
        known = FIRST <= days_of(said)[0] <= today
    except ValueError:
        known = False
    return said if known else period_of(today, "month")


@bp.get("/oversight/score")
@permission("score.read")
def score() -> Any:
    """Where one works: the first place that one's roles name."""
    place = next((one for one in roles.places(me(), "score.read") if one is not None), None) or abort(404)
    agency = people.agency(place.agency_id) or abort(404)
    return redirect(url_for("government.score_of", agency=agency.key, unit=place.unit_id,
                            period=request.args.get("period")), 303)


@bp.get("/oversight/score/<agency>")
@permission("score.read", "score.watch")
def score_of(agency: str) -> Any:
    """One place: its six groups, the total with how far the rest may reach, the change, its units."""
    here = _here(agency)
    kept = queries.readings(here.agency.id, here.period)
    sheet = queries.sheet(here.agency, kept.get(here.unit.id if here.unit else WHOLE, {}), here.unit)
    earlier = queries.sheet(here.agency, queries.of_place(here.agency.id, here.unit.id if here.unit else WHOLE,
                                                          before(here.period)), here.unit)
    return render_template(
        "government/oversight/score_of.html", place=here, sheet=sheet, change=comparing.change(sheet, earlier),
        earlier=before(here.period), at=queries.measured_at(one for of in kept.values() for one in of.values()),
        running=days_of(here.period)[1] >= clock.today(), units=_units(here, kept), periods=_periods(here),
        differences=_differences(here, sheet), **words())


@bp.get("/oversight/score/<agency>/<indicator>")
@permission("score.read", "score.watch")
def score_indicator(agency: str, indicator: str) -> Any:
    """One indicator: its formula, its numbers, and what lost points."""
    here = _here(agency)
    kept = queries.of_place(here.agency.id, here.unit.id if here.unit else WHOLE, here.period)
    one = queries.sheet(here.agency, kept, here.unit).scored.get(indicator) or abort(404)
    span = population.span(here.period, _measured(kept))
    reads = roles.may(me(), "score.read", here.place) and roles.may(me(), READ, here.place)
    return render_template(
        "government/oversight/score_indicator.html", place=here, one=one, needed=needed, facts=_facts(kept, indicator),
        formula=formula(one.indicator), source=SOURCES[one.indicator.confidence], reads=reads,
        lost=_lost(here, indicator, span) if reads else None, elsewhere=_elsewhere(here, indicator, span, reads),
        services=_services(here, indicator, span), periods=_periods(here, indicator), lost_words=LOST_WORDS, **words())


@bp.post("/oversight/score/<agency>/measure")
@permission("score.read", "score.watch")
def measure_score(agency: str) -> Any:
    """Have the period measured now instead of at night."""
    here = _here(agency)
    with transaction():
        jobs.ask_for(here.period)
    flash(_("The period is being measured anew. Look again in a moment."), "working")
    return redirect(here.address("government.score_of"), 303)


def words() -> dict[str, Any]:
    """What pages of the score say."""
    return {"group_words": GROUP_WORDS, "why_words": WHY_WORDS, "called": called}


def formula(indicator: Any) -> str:
    """How a share becomes points, in words."""
    shape = FORMULAS["linear" if indicator.full_at == 100 else "capped"]
    return str(shape) % {"most": indicator.most, "part": _(indicator.part), "whole": _(indicator.whole),
                         "share": indicator.full_at}


def _here(key: str) -> Here:
    """The place of the address, where the person may read its score; else it is not there."""
    agency = people.agency_by_key(key) or abort(404)
    said = request.args.get("unit", "")
    unit = people.unit(int(said)) if said.isascii() and said.isdecimal() and len(said) < 11 and int(
        said) <= HIGHEST else None
    if said and (unit is None or unit.agency_id != agency.id):
        abort(404)
    here = Here(agency, unit, period_asked())
    if not roles.may(me(), "score.watch") and not roles.may(me(), "score.read", here.place):
        abort(404)
    return here


def _measured(kept: Mapping[str, Any]) -> datetime:
    """The moment at which the readings were taken: the lists are of the same dossiers as the counts."""
    return queries.measured_at(kept.values()) or clock.now()


def _facts(kept: Mapping[str, Any], indicator: str) -> Mapping[str, Any]:
    return kept[indicator].facts if indicator in kept else {}


def _units(here: Here, kept: Mapping[int, Mapping[str, Any]]) -> Sequence[tuple[Unit, Sheet]]:
    """The units with dossiers, those that lose most points for progress first; of an agency as a whole alone."""
    if here.unit is not None:
        return ()
    named = {unit.id: unit for unit in people.units_of(here.agency.id)}
    found = [(named[unit_id], queries.sheet(here.agency, of, named[unit_id])) for unit_id, of in kept.items()
             if unit_id in named]
    return sorted(found, key=lambda each: (-(each[1].scored["progress"].losing or 0), each[0].name))


def _differences(here: Here, sheet: Sheet) -> Sequence[comparing.Difference]:
    code = (here.unit.code or "") if here.unit else ""
    if here.unit is not None and not code:
        return ()
    said = queries.answers(here.agency.id, code, here.period)
    return comparing.differences(sheet, said, days_of(here.period)[1])


def _lost(here: Here, indicator: str, span: population.Span) -> Any:
    """(page, the pages round it) of the dossiers of this portal; None where the indicator is of none."""
    known = INDICATORS[indicator]
    if known.of != Of.dossiers or not known.by_unit:
        return None
    page = queries.lost(here.place, indicator, span, queries.after(request.args.get("after", "")[:60]))
    return page, around("after", page.next, **_kept(here))


def _elsewhere(here: Here, indicator: str, span: population.Span, reads: bool) -> Any:
    if not reads or here.unit is not None or indicator not in queries.LATE:
        return None
    page = queries.lost_elsewhere(here.agency.id, span, queries.after(request.args.get("told", "")[:60]))
    return page, here.address("government.score_indicator", indicator=indicator, told=page.next) if page.next else None


def _services(here: Here, indicator: str, span: population.Span) -> Any:
    """(page, the pages round it) of services, which are public."""
    if INDICATORS[indicator].of != Of.services or here.unit is not None:
        return None
    said = request.args.get("after", "")
    after = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
    page = queries.idle_services(here.agency.id, indicator, span, after)
    return page, around("after", page.next, **_kept(here))


def _kept(here: Here) -> dict[str, Any]:
    return {"unit": here.unit.id if here.unit else None, "period": here.period}


def _periods(here: Here, indicator: str | None = None) -> list[tuple[str, str, bool]]:
    """(words, address, chosen) of the periods that can be chosen."""
    endpoint = "government.score_indicator" if indicator else "government.score_of"
    more = {"indicator": indicator} if indicator else {}
    choices = periods_to_choose(clock.today())
    return [(say(called(one)), here.address(endpoint, period=one, **more), one == here.period)
            for one in (choices if here.period in choices else [here.period, *choices])]
