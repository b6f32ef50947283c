"""The open dossiers of a unit or an agency, the most pressing first. Nothing here moves by itself."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, render_template, request, url_for

from portal.dossiers import permissions, queues
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queues import After, Part
from portal.dossiers.ranks import Rank
from portal.dossiers.states import STATES, State, Step, Tab, Turn, in_tab
from portal.kit import clock
from portal.kit.forms.fields import tidy
from portal.kit.i18n import _, _l, number
from portal.notices import queries as notices
from portal.people import queries as people
from portal.people import security_log
from portal.people.models import Person
from portal.people.permissions import READ, Place, places
from portal.web.guard import me, permission
from portal.web.officer import bp
from portal.web.officer.words import Due, due
from portal.web.paging import around
from portal.web.words import DESK_STATES, STATE_LOOKS

LONGEST_SEARCH = 200
SHORTEST_SEARCH = 2

ALL, NEW, MINE, ANSWERED, LATE, TODAY, STRANDED = "all", "new", "mine", "answered", "late", "today", "stranded"
# the words of each part, and what is said when nothing is in it
TABS: Mapping[str, tuple[Any, Any]] = {
    ALL: (_l("All open"), _l("No dossier waits. New ones appear here when somebody hands them in.")),
    ANSWERED: (_l("Supplement handed in"), _l("Every supplement that came has been looked at.")),
    LATE: (_l("Late"), _l("Nothing is late.")),
    TODAY: (_l("Falls due today"), _l("Nothing more is due today.")),
    NEW: (_l("Not yet taken"), _l("Every dossier has been taken up.")),
    MINE: (_l("Mine"), _l("You hold no dossier. Take one up from the list of those not yet taken.")),
    Tab.waiting: (_l("Waiting for the applicant"), _l("No applicant has been asked for anything.")),
    Tab.ready: (_l("Ready to hand over"), _l("No result waits to be handed over.")),
    STRANDED: (_l("Nobody can act on it"), _l("Somebody can act on every dossier.")),
}
COUNTED_SO_FAR = (ANSWERED, LATE, TODAY, STRANDED)


@dataclass(frozen=True)
class Row:
    """A line of the table. `claimable`: one press takes it; `next`: (words, url) of the next step,
    or None; `idle` then says why there is none."""

    dossier: Dossier
    words: Any
    look: str
    due: Due
    mine: bool
    claimable: bool
    next: tuple[Any, str] | None
    idle: str


@dataclass(frozen=True)
class Desk:
    """Where somebody works: a unit, or a whole agency. `key` names it in addresses."""

    key: str
    name: str
    place: Place


@bp.route("/queue", methods=["GET", "POST"])
@permission(READ)
def queue() -> Any:
    """What a desk has to do; with `q`, any of its dossiers by code or holder's name.

    It is posted, because a name must not stand in an address, which is logged and kept; a code may."""
    typed = tidy(request.values.get("q", ""))[0][:LONGEST_SEARCH]
    if request.method == "GET" and not any(sign.isdigit() for sign in typed):
        typed = ""
    tab = request.args.get("tab", ALL) if request.args.get("tab") in TABS else ALL
    person, (desk, others), now = me(), _desks(request.values.get("desk", "")), clock.now()
    if typed:
        found = dossiers.find_at(desk.place, typed) if len(typed) >= SHORTEST_SEARCH else []
        security_log.record("list.searched", by=person, agency_id=desk.place.agency_id, found=len(found))
        page = dossiers.Page(found, None)
    else:
        page = queues.queue(desk.place, _part(tab, person, now), after=_after(request.args.get("after", "")))
    chosen = desk.key if others else None
    return render_template(
        "officer/queue.html", rows=_rows(page.rows, person), typed=typed, tab=tab,
        tabs=_tabs(tab, _numbers(desk, person, now), typed, chosen),
        pages=around("after", None if typed else page.next or None, tab=tab, desk=chosen),
        further=bool(request.args.get("after")) and not typed, nothing=TABS[tab][1], most=dossiers.PAGE,
        too_short=bool(typed) and len(typed) < SHORTEST_SEARCH, desk=desk, chosen=chosen, unread=notices.unread(person),
        sends=any(place and place.unit_id is None for place in places(person, "upload.send")),
        desks=[(one.name, url_for("officer.queue", desk=one.key), one == desk) for one in others])


def _desks(key: str) -> tuple[Desk, list[Desk]]:
    """The desk of this key, else the first; and all of them where there are several."""
    desks = [desk for place in places(me(), READ) if place for desk in (_desk(place),) if desk]
    if not desks:
        abort(404)
    return next((desk for desk in desks if desk.key == key), desks[0]), desks if len(desks) > 1 else []


def _desk(place: Place) -> Desk | None:
    if place.unit_id is not None:
        unit = people.unit(place.unit_id)
        return Desk(str(unit.id), unit.name, place) if unit else None
    agency = people.agency(place.agency_id)
    return Desk(agency.key, agency.name, place) if agency else None


def _after(key: str) -> After | None:
    """The place that a page's `next` named; None, the first page, for anything else."""
    rank, _mark, rest = key.partition("~")
    at, _mark, last_id = rest.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        number = int(last_id) if last_id.isascii() and last_id.isdigit() and len(last_id) < 10 else 0
        order = Rank(int(rank)) if rank.isascii() and rank.isdigit() and len(rank) == 1 else None
    except ValueError:
        return None
    return After(order, moment, number) if number and moment.tzinfo and order is not None else None


def _part(tab: str, person: Person, now: datetime) -> Part:
    return {ALL: queues.EVERYTHING, NEW: Part(nobodys=True), MINE: Part(officer_id=person.id),
            STRANDED: Part(stranded=True), ANSWERED: queues.answered(person),
            LATE: queues.late(now), TODAY: queues.due_today(now)}.get(tab) \
        or Part(states=in_tab(Tab(tab)))


def _numbers(desk: Desk, person: Person, now: datetime) -> dict[str, int]:
    """How many are in each part."""
    counts = queues.queue_counts(desk.place, person.id)
    found = {str(part): sum(counts.get(state, 0) for state in in_tab(part)) for part in Tab}
    found |= {ALL: counts["all"], MINE: counts["mine"], NEW: counts["nobodys"]}
    return found | {tab: queues.count_of(desk.place, _part(tab, person, now)) for tab in COUNTED_SO_FAR}


def _tabs(tab: str, numbers: Mapping[str, int], typed: str,
          desk: str | None) -> list[tuple[Any, str, bool, str]]:
    """(words, url, chosen, how many) of each tab."""
    return [(words, url_for("officer.queue", tab=name if name != ALL else None, desk=desk), name == tab and not typed,
             counted(numbers[name], exact=name not in COUNTED_SO_FAR))
            for name, (words, _nothing) in TABS.items() if name != STRANDED or numbers[name] or name == tab]


def counted(n: int, exact: bool = False) -> str:
    """A number; more than are counted is said to be that."""
    return number(n) if exact or n < queues.MANY else f"{number(queues.MANY - 1)}+"


def _rows(found: list[Dossier], person: Person) -> list[Row]:
    now = clock.now()
    return [_row(dossier, person, now) for dossier in found]


def _row(dossier: Dossier, person: Person, now: datetime) -> Row:
    mine, state = permissions.is_mine(person, dossier), State(dossier.state)
    steps = permissions.steps_for(person, dossier)
    claimable = Step.claim in steps
    rule, following = STATES[state], None
    # what a colleague decided may be anybody's to hand over
    if rule.work and rule.turn is Turn.office and (mine or rule.work_step in steps):
        following = (_(rule.work), url_for(f"officer.{rule.work_step or 'show'}", dossier_id=dossier.id))
    return Row(dossier, DESK_STATES[state], STATE_LOOKS[state], due(dossier, now), mine, claimable, following,
               _idle(dossier))


def _idle(dossier: Dossier) -> str:
    rule = STATES[State(dossier.state)]
    if rule.final:
        return _("Closed")
    if rule.turn is Turn.applicant:
        return _("Wait for the applicant")
    return _("With a colleague") if dossier.officer_id is not None else _("Waits for a case officer")
