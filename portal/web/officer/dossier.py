"""One dossier with everything an officer needs, and its files."""
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from portal.dossiers import looks, permissions, queries
from portal.dossiers.models import Dossier, Event
from portal.dossiers.permissions import READ
from portal.dossiers.states import STATES, State, Step, now_look
from portal.files import queries as stored
from portal.forms.parties import Parties, Party
from portal.kit.db import transaction
from portal.kit.forms import size_words
from portal.kit.i18n import _, moment
from portal.kit.text import name_key
from portal.kit.web import is_safe_next
from portal.papers import kinds as _kinds  # noqa: F401  registers them
from portal.papers import queries as issued_papers
from portal.papers.facts import from_plain
from portal.papers.models import Paper
from portal.people.contacts import shown
from portal.web.due_dates import explained, hand_on
from portal.web.files import send
from portal.web.guard import dossier_for, me
from portal.web.officer import bp
from portal.web.officer.answers import handed_in
from portal.web.officer.forms import Why
from portal.web.officer.opinion_words import history as of_opinions
from portal.web.officer.opinion_words import lines, may_ask
from portal.web.officer.words import buttons, due, limit, refusals, what_next
from portal.web.words import DESK_STATES, STATE_LOOKS, STEP_WORDS, paper_name

HIGHEST = 2**31 - 1  # of a row's number: a larger one is no row's, on either database
ONE = f"/dossiers/<int(max={HIGHEST}):dossier_id>"


@bp.get(ONE)
@dossier_for(READ)
def show(dossier: Dossier) -> Any:
    """The dossier as it is now, with the steps that can be taken."""
    attachments = stored.attachments_of(dossier.owner, replaced=True, refused=True)
    issued = issued_papers.of(dossier.owner)
    counting = [a for a in attachments if a.replaced_at is None and not stored.is_refused(a)]
    application = queries.application(dossier, counting)
    parties = queries.parties(dossier)
    mine, steps = permissions.is_mine(me(), dossier), permissions.steps_for(me(), dossier)
    asked = lines(dossier)
    return render_template(
        "officer/dossier.html", dossier=dossier, due=due(dossier), limit=limit(dossier), mine=mine,
        next_words=what_next(dossier, mine), hand_on=hand_on(dossier) if mine else None,
        buttons=buttons(dossier, steps), refusals=refusals(dossier, steps),
        state_words=DESK_STATES[State(dossier.state)], look=STATE_LOOKS[State(dossier.state)],
        answers=[s for s in application.sections if not s.of_papers], handed=handed_in(application, attachments),
        results=queries.results(dossier), may_take_out=Step.take_out in steps,
        result_codes=issued_papers.entries(dossier.owner), gaps=application.gaps, papers=_papers(issued),
        papers_coming=any(not paper.sheets for paper in issued), history=_history(dossier, of_opinions(asked)),
        opinions=asked, may_ask_opinion=may_ask(dossier), parties=parties, account=_account(dossier, parties),
        size_words=size_words)


def _account(dossier: Dossier, parties: Parties) -> Party | None:
    """The account that handed it in and is told of it, where that is somebody else than the applicant."""
    who = dossier.applicant
    return None if name_key(who.name) == name_key(parties.applicant.name) else Party(
        who.name, phone=shown(who.phone), email=who.email or "")


def _papers(issued: Iterable[Paper]) -> list[dict[str, Any]]:
    """Each paper with the sizes that it was drawn in."""
    return [{"name": paper_name(paper.kind, paper.issued_at), "number": paper.number, "code": paper.code,
             "at": paper.issued_at, "sizes": paper.sheets} for paper in issued]


def _history(dossier: Dossier, besides: Iterable[tuple[datetime, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What happened, the oldest first, with what was asked of others; the last line is where the dossier stands."""
    told = [(event.at, {"title": _title(event), "state": "done", "when": moment(event.at), "who": event.who,
                        "text": event.note, "flagged": event.flagged}) for event in dossier.events]
    steps: list[dict[str, Any]] = [step for _at, step in sorted([*told, *besides], key=lambda one: one[0])]
    state = State(dossier.state)
    if steps and not STATES[state].final:
        steps[-1] |= {"state": now_look(state), "word": DESK_STATES[state]}
    return steps


def _title(event: Event) -> str:
    """The step, and into whose hands it went where it did."""
    words = str(STEP_WORDS[Step(event.step)])
    return f"{words}: {event.to_name}" if event.to_name else words


@bp.route(f"{ONE}/why", methods=["GET", "POST"])
@dossier_for(READ, look=False)
def why(dossier: Dossier) -> Any:
    """Ask for the reason to look at what is not one's own work; it counts until one signs out."""
    form, here = Why(), url_for("officer.show", dossier_id=dossier.id)
    target = request.args.get("next") or here
    if not is_safe_next(target) or not target.startswith(here):
        target = here
    if form.validate_on_submit():
        if form.reason.data == looks.OTHER and not form.note.data:
            form.note.errors = [_("Write the reason in your own words")]
        else:
            with transaction():
                looks.give_reason(me(), dossier, form.reason.data, form.note.data or None)
            return redirect(target, 303)
    return render_template("officer/why.html", dossier=dossier, form=form), 422 if form.problems() else 200


@bp.get(f"{ONE}/due")
@dossier_for(READ)
def due_date(dossier: Dossier) -> Any:
    """Why it is due when it is: rules, days, stops and who caused them."""
    return render_template("officer/due.html", dossier=dossier, due=due(dossier), limit=limit(dossier),
                           explained=explained(dossier, lambda fact: fact.who))


@bp.get(f"{ONE}/attachments/<int(max={HIGHEST}):attachment_id>")
@dossier_for(READ)
def attachment(dossier: Dossier, attachment_id: int) -> Response:
    """A file of this dossier, to be saved."""
    found = stored.attachment(attachment_id)
    if found is None or found.owner != dossier.owner:
        abort(404)
    return send(found.file, found.name)


@bp.get(f"{ONE}/papers/<int(max={HIGHEST}):paper_id>")
@dossier_for(READ)
def paper(dossier: Dossier, paper_id: int) -> Response:
    """A sealed paper of this dossier, to be saved."""
    found = issued_papers.sheet(paper_id)
    if found is None or found.paper.owner != dossier.owner:
        abort(404)
    name = f"{from_plain(found.paper.facts).name} {found.paper.dossier_code} {found.size_name}.pdf"
    return send(found.file, name)
