"""The registers of incoming and outgoing documents of a desk. Nothing here moves by itself."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request, url_for

from portal.exchange import registers
from portal.exchange.models import Copy
from portal.exchange.registers import Desk
from portal.kit import clock
from portal.kit.forms.fields import tidy
from portal.kit.i18n import _l, number
from portal.people import queries as people
from portal.people import security_log
from portal.people.models import UnitKind
from portal.people.permissions import Place, places
from portal.web.government import bp, words
from portal.web.guard import me, permission
from portal.web.paging import around

LONGEST_SEARCH, SHORTEST_SEARCH = 200, 1
FIRST_YEAR = 2018  # Decision 28/2018/QĐ-TTg: documents go between agencies electronically
IN_TABS: Mapping[str, tuple[Any, Any]] = {
    registers.NEW: (_l("New, not registered"), _l("Nothing waits to be registered.")),
    registers.REGISTER: (_l("In the register"), _l("Nothing is registered in this year yet.")),
    registers.GIVEN: (_l("Given to the unit"), _l("The unit has nothing to work on.")),
    registers.MINE: (_l("My work"), _l("Nothing is assigned to you.")),
    registers.DUE_SOON: (_l("Late or due soon"), _l("No answer is late, or due within three days.")),
    registers.DONE: (_l("Answered"), _l("Nothing was answered yet.")),
    registers.RECALL: (_l("Recall asked for"), _l("Nobody asks for a document back.")),
}
OUT_TABS: Mapping[str, tuple[Any, Any]] = {
    registers.DRAFTS: (_l("Drafts"), _l("No draft is kept.")),
    registers.SENT: (_l("Sent"), _l("Nothing was sent in this year yet.")),
    registers.OPEN: (_l("Answers awaited"), _l("No answer is awaited.")),
    registers.RECALLS: (_l("Recalls"), _l("Nothing was asked back in this year.")),
}
UNCOUNTED = {registers.REGISTER, registers.DONE, registers.SENT, registers.RECALLS}


@dataclass(frozen=True)
class At:
    """Where somebody works: a unit, or a whole agency. `key` names it in addresses."""

    key: str
    name: str
    desk: Desk


@bp.route("/incoming", methods=["GET", "POST"])
@permission("document.read")
def incoming() -> Any:
    """What came to a desk. A search is posted: words of a subject must not stand in an address, which is kept."""
    typed, before = _typed()
    (at, others), year, person = _desks(), _year(), me()
    tabs = {name: said for name, said in IN_TABS.items() if name != registers.GIVEN or at.desk.place.unit_id}
    tab = _tab(tabs, registers.NEW)
    if typed:
        page = registers.find_incoming(at.desk, typed, before=before)
        security_log.record("list.searched", by=person, agency_id=at.desk.place.agency_id, found=len(page.rows))
    else:
        page = registers.incoming(at.desk, tab, person_id=person.id, year=year, after=request.args.get("after", ""))
    return render_template(
        "government/incoming.html", rows=page.rows, due=words.due, registers_here=_may_register,
        unit_id=at.desk.place.unit_id,
        **_frame("government.incoming", at, others, year, tabs, tab, typed, page,
                 lambda name: registers.count_incoming(at.desk, name, person.id)))


@bp.route("/outgoing", methods=["GET", "POST"])
@permission("document.read")
def outgoing() -> Any:
    """What went from a desk, and what waits to go."""
    typed, before = _typed()
    (at, others), year, person = _desks(), _year(), me()
    tab = _tab(OUT_TABS, registers.SENT)
    if typed:
        page = registers.find_outgoing(at.desk, typed, before=before)
        security_log.record("list.searched", by=person, agency_id=at.desk.place.agency_id, found=len(page.rows))
    else:
        page = registers.outgoing(at.desk, tab, year=year, after=request.args.get("after", ""))
    return render_template(
        "government/outgoing.html", rows=page.rows, tallies=registers.tallies([one.id for one in page.rows]),
        summary=words.in_a_sentence, due_on=words.due_on, composes=any(
            place for name in ("document.send", "document.work") for place in places(person, name)),
        **_frame("government.outgoing", at, others, year, OUT_TABS, tab, typed, page,
                 lambda name: registers.count_outgoing(at.desk, name, year)))


def _frame(endpoint: str, at: At, others: list[At], year: int, tabs: Mapping[str, Any], tab: str, typed: str,
           page: registers.Page, count: Any) -> dict[str, Any]:
    """What both registers show round their lines."""
    chosen = at.key if others else None
    kept = year if year != clock.today().year else None
    return {
        "at": at, "typed": typed, "tab": tab, "year": year, "nothing": tabs[tab][1], "until": page.until,
        "years": range(clock.today().year, FIRST_YEAR - 1, -1), "chosen": chosen, "number_of": words.number_of,
        "state_words": words.STATE_WORDS, "looks": words.LOOKS, "recall_words": words.RECALL_WORDS,
        "recall_looks": words.RECALL_LOOKS, "by_year": tab in UNCOUNTED - {registers.DONE},
        "tabs": [(said, url_for(endpoint, tab=name, desk=chosen, year=kept), name == tab and not typed,
                  "" if name in UNCOUNTED else _counted(count(name))) for name, (said, _nothing) in tabs.items()],
        "pages": around("after", None if typed else page.next, tab=tab, desk=chosen, year=kept),
        "further": bool(request.args.get("after")) and not typed,
        "desks": [(one.name, url_for(endpoint, desk=one.key, tab=tab), one == at) for one in others]}


def _counted(n: int) -> str:
    return number(n) if n < registers.MANY else f"{number(registers.MANY - 1)}+"


def _typed() -> tuple[str, int | None]:
    """What is looked for, and before which line the search goes on."""
    typed = tidy(request.values.get("q", ""))[0][:LONGEST_SEARCH]
    if request.method == "GET" and not any(sign.isdigit() for sign in typed):
        typed = ""
    before = request.form.get("before", "")
    return typed, int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None


def _tab(tabs: Mapping[str, Any], first: str) -> str:
    asked = request.args.get("tab", "")
    return asked if asked in tabs else first


def _year() -> int:
    asked, now = request.args.get("year", ""), clock.today().year
    if asked.isascii() and asked.isdigit() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= now:
        return int(asked)
    return now


def _desks() -> tuple[At, list[At]]:
    """The desk of the key in the address, else the first; and all of them where there are several."""
    found = [at for place in places(me(), "document.read") if place for at in (_at(place),) if at]
    if not found:
        abort(404)
    key = request.values.get("desk", "")
    return next((at for at in found if at.key == key), found[0]), found if len(found) > 1 else []


def _at(place: Place) -> At | None:
    if place.unit_id is not None:
        unit = people.unit(place.unit_id)
        return At(str(unit.id), unit.name, Desk(place, unit.kind == UnitKind.central)) if unit else None
    agency = people.agency(place.agency_id)
    return At(agency.key, agency.name, Desk(place)) if agency else None


def _may_register(copy: Copy) -> bool:
    """Whether the line offers to register it; asked again, to the letter, when that is done."""
    return copy.in_number is None and copy.state in ("sent", "arrived") and copy.agency_id is not None and any(
        place and place.agency_id == copy.agency_id for place in places(me(), "document.register"))

