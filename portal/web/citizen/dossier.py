"""My dossiers: the list, the page of one, answering a request, withdrawing."""
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.documents import actions as documents
from portal.documents import queries as papers
from portal.dossiers import actions, permissions, queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import FINAL, STATUS, NotNow, State, Step, possible
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.files import Refused
from portal.kit.forms import Form
from portal.kit.i18n import _
from portal.kit.web import row_number
from portal.law import deadlines
from portal.notices import actions as notices
from portal.notices import queries as messages
from portal.web.citizen import bp, forms
from portal.web.files import refusal_words
from portal.web.guard import citizen, dossier_for, me
from portal.web.words import NEXT_WORDS, STATE_WORDS, STEP_WORDS

LOOKS = {State.returned: "done", State.decided: "done", State.withdrawn: "still", State.not_received: "still"}


@bp.get("/my/dossiers")
@citizen
def dossiers() -> Any:
    """Everything of mine, newest first, with what needs me on top."""
    before = request.args.get("before", type=row_number)
    page = queries.of_applicant(me(), before=before)
    return render_template("citizen/dossiers.html", page=page, words=STATE_WORDS, states=State,
                           news=messages.newest(me().id, limit=3) if before is None else [])


@bp.post("/my/messages/read")
@citizen
def read_messages() -> Any:
    """Mark my messages as read."""
    with transaction():
        notices.read_all(me().id)
    return redirect(url_for(".dossiers"), 303)


@bp.get("/my/dossiers/<int:dossier_id>")
@dossier_for(permissions.may_own, "citizen")
def show(dossier: Dossier) -> Any:
    """One dossier: where it stands, why, what is next, its papers and its story."""
    if dossier.state == State.draft:
        return redirect(url_for(".draft", dossier_id=dossier.id), 303)
    attached, issued = papers.attachments_of(dossier.id), papers.papers_of(dossier.id)
    state = State(dossier.state)
    return render_template(
        "citizen/show.html", dossier=dossier, state=state, words=STATE_WORDS, next_words=NEXT_WORDS[state],
        status=STATUS[state], steps=permissions.steps_for(me(), dossier), clock=_clock(dossier),
        timeline=_timeline(dossier), papers=issued, final=state in FINAL,
        paper_coming=dossier.received_at is not None and not any(p.kind == "receipt" for p in issued),
        files=[a for a in attached if a.key != "result"],
        results=[a for a in attached if a.key == "result" and state == State.returned],
        asked=_open_request(dossier), form=Form())


def _clock(dossier: Dossier) -> deadlines.Clock | None:
    if dossier.received_at is None:
        return None
    now = dossier.decided_at or (dossier.changed_at if dossier.state in FINAL else clock.now())
    return deadlines.clock(dossier.received_at, dossier.due_at, now, dossier.stopped_at, catalogue.calendar())


def _timeline(dossier: Dossier) -> list[dict[str, Any]]:
    """What happened, newest last, then where it stands now."""
    events = list(dossier.events)
    rows: list[dict[str, Any]] = []
    for i, event in enumerate(events):
        last = i == len(events) - 1 and dossier.state not in FINAL
        look = "done" if not last else "waiting" if dossier.state in (State.asked, State.waiting) else "working"
        hidden = event.step in (Step.claim, Step.release)
        rows.append({"title": str(STEP_WORDS[Step(event.step)]), "when": event.at, "state": look,
                     "word": str(STATE_WORDS[State(dossier.state)]) if last else None,
                     "text": None if hidden else event.note})
    return rows


def _open_request(dossier: Dossier) -> SupplementRequest | None:
    waiting = dossier.state in (State.asked, State.waiting)
    return dossier.requests[-1] if waiting and dossier.requests else None


def _items(dossier: Dossier, request_: SupplementRequest) -> list[tuple[str, str, str]]:
    return [(f"item_{item.id}", item.label, item.reason) for item in request_.items]


@bp.route("/my/dossiers/<int:dossier_id>/answer", methods=["GET", "POST"])
@dossier_for(permissions.may_own, "citizen")
def answer(dossier: Dossier) -> Any:
    """Hand in what was asked: a file for each item, or words."""
    asked = _open_request(dossier)
    if asked is None:
        raise NotNow(State(dossier.state), Step.answer)
    form = forms.reply_form(_items(dossier, asked), current_app.config["ATTACHMENT_BYTES"])()
    if form.validate_on_submit():
        if not form.reply.data and not any(form[name].data for name, _l, _r in _items(dossier, asked)):
            form.reply.errors = [_("Attach at least one file or write an answer")]
        elif _hand_in_answer(dossier, asked, form):
            flash(_("Your supplement was handed in. The clock goes on."), "done")
            return redirect(url_for(".show", dossier_id=dossier.id), 303)
    return render_template("citizen/answer.html", dossier=dossier, asked=asked, form=form), 422 if form.errors else 200


def _hand_in_answer(dossier: Dossier, asked: SupplementRequest, form: Any) -> bool:
    """All or nothing: when one file is refused, nothing is handed in and the page says which."""
    field = None
    try:
        with transaction():
            began = clock.now()
            for item in asked.items:
                field = form[f"item_{item.id}"]
                for upload in field.data or ():
                    documents.attach(dossier.id, item.key, item.label, upload.stream, upload.filename, by_id=me().id)
                if field.data:
                    documents.supersede(dossier.id, item.key, before=began)
            actions.answer(dossier, by=me(), reply=form.reply.data)
    except Refused as refused:
        if field is not None:
            field.errors = [refusal_words(refused)]
        return False
    return True


@bp.route("/my/dossiers/<int:dossier_id>/withdraw", methods=["GET", "POST"])
@dossier_for(permissions.may_own, "citizen")
def withdraw(dossier: Dossier) -> Any:
    """Take it back: said plainly that it cannot be undone."""
    if Step.withdraw not in possible(State(dossier.state)):
        raise NotNow(State(dossier.state), Step.withdraw)
    form = forms.Withdrawal()
    if form.validate_on_submit():
        with transaction():
            actions.withdraw(dossier, by=me(), note=form.reason.data)
        flash(_("The dossier was withdrawn."), "done")
        return redirect(url_for(".show", dossier_id=dossier.id), 303)
    return render_template("citizen/withdraw.html", dossier=dossier, form=form), 422 if form.errors else 200
