"""My dossiers: the list, the page of one, answering a request, withdrawing."""
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.dossiers import actions, looks, permissions, queries
from portal.dossiers.models import Dossier, Event, SupplementRequest
from portal.dossiers.states import STATES, STEPS, Clock, Look, NotNow, State, Step, Turn, now_look, permission, possible
from portal.exchange import opinions
from portal.files import actions as documents
from portal.files import queries as files
from portal.files.models import RESULT
from portal.kit import clock, waiting
from portal.kit.db import transaction
from portal.kit.files import Refused
from portal.kit.forms import Form
from portal.kit.i18n import _, _l, day, moment, other_language_url, short_day, translated
from portal.kit.web import row_number
from portal.law import clocks
from portal.law.clocks import ClockLook
from portal.notices import actions as notices
from portal.notices import queries as messages
from portal.papers import queries as papers
from portal.people.permissions import READ
from portal.people.words import ROLE_WORDS
from portal.web import resending
from portal.web.citizen import bp, forms
from portal.web.due_dates import answering, explained
from portal.web.files import refusal_words
from portal.web.guard import citizen, me, own_dossier
from portal.web.paging import around
from portal.web.words import NEXT_WORDS, STATE_LOOKS, STATE_WORDS, STEP_WORDS, paper_name

# the parts of the list, in this order: every state has a turn, so none is left out
PARTS = {Turn.applicant: _l("Waiting for you"), Turn.office: _l("With the agency"), Turn.nobody: _l("Finished")}


@bp.get("/my/dossiers")
@citizen
def dossiers() -> Any:
    """Everything of mine, newest first, with what needs me on top."""
    before = request.args.get("before", type=row_number)
    page = queries.of_applicant(me(), before=before)
    parts = [(words, [_line(d) for d in page.rows if STATES[State(d.state)].turn is turn])
             for turn, words in PARTS.items()]
    return render_template("citizen/dossiers.html", page=page, pages=around("before", page.next),
                           parts=[part for part in parts if part[1]],
                           news=messages.newest(me(), limit=3) if before is None else [])


def _line(dossier: Dossier) -> dict[str, Any]:
    """One dossier of the list: how it stands, and where to go on with it when that is the applicant's turn."""
    rule, todo = STATES[State(dossier.state)], None
    if rule.turn is Turn.applicant and rule.work:
        page = "draft" if rule.work_step is Step.submit else str(rule.work_step)
        todo = (_(rule.work), url_for(f".{page}", dossier_id=dossier.id), "secondary" if rule.status is None else "")
    return {"dossier": dossier, "words": STATE_WORDS[State(dossier.state)], "look": rule.look, "todo": todo,
            "due": dossier.due_at if rule.clock is Clock.running else None}


@bp.post("/my/messages/read")
@citizen
def read_messages() -> Any:
    """Mark my messages as read."""
    with transaction():
        notices.read_all(me())
    return redirect(url_for(".dossiers"), 303)


@bp.get("/my/dossiers/<int:dossier_id>")
@own_dossier(permissions.READ)
def show(dossier: Dossier) -> Any:
    """One dossier: where it stands, why, what is next, its papers and its story."""
    if dossier.state == State.draft:
        return redirect(url_for(".draft", dossier_id=dossier.id), 303)
    attached, issued = files.attachments_of(dossier.owner, refused=True), papers.of(dossier.owner)
    state = State(dossier.state)
    results = queries.results(dossier) if STATES[state].result_out else []
    next_words = NEXT_WORDS[state] if results or not STATES[state].result_out else _(
        "Finished. There is no file to download: what was decided was not handed over in the portal.")
    return render_template(
        "citizen/show.html", dossier=dossier, words=STATE_WORDS[state], look=STATE_LOOKS[state],
        next_words=next_words, steps=permissions.steps_for(me(), dossier), clock=_clock(dossier),
        timeline=_timeline(dossier), papers=issued, final=STATES[state].final, result_out=STATES[state].result_out,
        paper_coming=dossier.received_at is not None and not any(p.kind == "receipt" and p.sheets for p in issued),
        files=[a for a in attached if a.key != RESULT],
        results=results, result_codes=papers.entries(dossier.owner),
        answers=[one for one in queries.application(dossier, attached).sections if not one.of_papers],
        rounds=[one for one in dossier.requests if one.answered_at], asked=_open_request(dossier), form=Form(),
        paper_name=paper_name, looked=_looked(dossier))


def _looked(dossier: Dossier) -> list[dict[str, Any]]:
    """Who of the staff looked at it: name, role and place as they were, at what, how often, when last and why."""
    return [{"who": one.by_name, "role": ROLE_WORDS[one.role] if one.role else "",
             "place": " · ".join(part for part in (one.agency, one.unit) if part), "pages": one.pages,
             "files": one.files, "papers": one.papers, "at": one.last_at,
             "why": looks.TOLD[one.reason] if one.reason else None} for one in looks.of(dossier)]


def _clock(dossier: Dossier) -> dict[str, Any] | None:
    """The bar of an accepted dossier; None before, and where the law sets no limit."""
    state = State(dossier.state)
    if dossier.received_at is None:
        return None
    now = dossier.decided_at or (dossier.changed_at if STATES[state].final else clock.now())
    at = clocks.read(dossier.received_at, dossier.due_at, now, dossier.stopped_at, catalogue.calendar())
    words = clocks.words(at, dossier.stopped_at)
    if not at.total_days or words is None:
        return None
    left, look = translated(words.message), words.look
    if dossier.decided_at or STATES[state].final:
        left = _("Decided on %(day)s", day=short_day(dossier.decided_at)) if dossier.decided_at else \
            str(STATE_WORDS[state])
        look = ClockLook.late if at.late else ClockLook.done
    return {"used": at.used_days, "total": at.total_days, "left": left, "state": look}


def _timeline(dossier: Dossier) -> list[dict[str, Any]]:
    """What happened, newest last, then where it stands now."""
    told: list[dict[str, Any]] = [
        {"title": _title(event), "when": event.at, "state": Look.done, "word": None,
         "text": None if STEPS[Step(event.step)].private else event.note, "flagged": event.flagged}
        for event in dossier.events if not STEPS[Step(event.step)].inner]
    rows = sorted([*told, *_opinions(dossier)], key=lambda row: row["when"])
    state = State(dossier.state)
    if rows and not STATES[state].final:
        rows[-1] |= {"state": now_look(state), "word": str(STATE_WORDS[state])}
    return rows


def _opinions(dossier: Dossier) -> list[dict[str, Any]]:
    """Whose opinion the agency asks, and by when; what was asked and answered is the agencies' own."""
    rows: list[dict[str, Any]] = []
    for one in opinions.told(dossier):
        rows.append({"title": _("Opinion asked of %(agency)s", agency=one.agency), "when": one.asked_at,
                     "state": Look.done, "word": None, "flagged": False,
                     "text": _("Answer awaited by %(day)s. The time of your dossier runs on.", day=day(one.due_at))})
        if one.answered_at is not None:
            rows.append({"title": _("Opinion of %(agency)s came", agency=one.agency), "when": one.answered_at,
                         "state": Look.done, "word": None, "text": None, "flagged": False})
    return rows


def _title(event: Event) -> str:
    """The step; to which unit it was passed is said, its people are not named."""
    words = str(STEP_WORDS[Step(event.step)])
    return f"{words}: {event.to_name}" if event.to_unit_id else words


def _open_request(dossier: Dossier) -> SupplementRequest | None:
    asked = Step.answer in possible(State(dossier.state))
    return dossier.requests[-1] if asked and dossier.requests else None


def _items(dossier: Dossier, request_: SupplementRequest) -> list[tuple[str, str, str]]:
    return [(f"item_{item.id}", item.label, item.reason) for item in request_.items]


@bp.get("/my/dossiers/<int:dossier_id>/due")
@own_dossier(READ)
def due_date(dossier: Dossier) -> Any:
    """Why it is due when it is. Who asked for papers is the agency here; its people are not named."""
    return render_template("citizen/due.html", dossier=dossier,
                           explained=explained(dossier, lambda _fact: dossier.agency.name))


@bp.route("/my/dossiers/<int:dossier_id>/answer", methods=["GET", "POST"])
@own_dossier(permission(Step.answer))
def answer(dossier: Dossier) -> Any:
    """Hand in what was asked: a file for each item, or words."""
    asked = _open_request(dossier)
    if asked is None:
        raise NotNow(State(dossier.state), Step.answer)
    form = forms.reply_form(_items(dossier, asked), current_app.config["ATTACHMENT_BYTES"])(
        data={"reply": dict((dossier.typed or {}).get(REPLY, ())).get("reply")})
    leaving = request.form.get("go") == "language"
    changed = form.is_submitted() and request.form.get("request_id", type=row_number) not in (asked.id, None)
    if not changed and form.validate_on_submit() and not leaving:
        if not form.reply.data and not any(form[name].data for name, _l, _r in _items(dossier, asked)):
            form.reply.errors = [_("Attach at least one file or write an answer")]
        elif _hand_in_answer(dossier, asked, form):
            flash(_("Your supplement was handed in. The result is due by %(moment)s.", moment=moment(dossier.due_at))
                  if dossier.due_at else _("Your supplement was handed in."), "done")
            return redirect(url_for(".show", dossier_id=dossier.id), 303)
    if form.is_submitted():
        with transaction():
            actions.keep_typed(dossier, REPLY, [("reply", form.reply.data)] if form.reply.data else ())
        if leaving:
            return redirect(other_language_url(), 303)
    ticket, names = _kept_files(dossier, asked, form) if form.is_submitted() else ("", [])
    page = render_template("citizen/answer.html", dossier=dossier, asked=asked, form=form, changed=changed,
                           effect=answering(dossier), ticket=ticket, kept=names)
    return page, 409 if changed else 422 if form.errors else 200


REPLY = "reply"  # as a step of what is typed


def _kept_files(dossier: Dossier, asked: SupplementRequest, form: Any) -> tuple[str, list[str]]:
    """The good files of an answer that was not handed in, kept until it is: their ticket, and their names."""
    good = [(name, one) for name, _l, _r in _items(dossier, asked) for one in form[name].data or ()]
    for _name, one in good:
        one.stream.seek(0)
    ticket = waiting.keep(good, resending.owner(me().id))
    return ticket, [one.filename for _name, one in good] if ticket else []


def _hand_in_answer(dossier: Dossier, asked: SupplementRequest, form: Any) -> bool:
    """All or nothing: when one file is refused, nothing is handed in and the page says which. The others stay in the
    form's data."""
    fields = {item.id: form[f"item_{item.id}"] for item in asked.items}
    given = {item_id: _proven(field) for item_id, field in fields.items()}
    if any(field.errors for field in fields.values()):
        return False
    field = None
    try:
        with transaction():
            began = clock.now()
            for item in asked.items:
                field = fields[item.id]
                if field.data:  # first: what is replaced takes up no room
                    documents.supersede(dossier.owner, item.key, before=began)
                for proven in given[item.id]:
                    documents.attach(dossier.owner, item.key, item.label, proven, by_id=me().id)
            actions.answer(dossier, by=me(), reply=form.reply.data, to=asked.id)
    except Refused as refused:
        if field is not None:
            field.errors = [refusal_words(refused)]
        return False
    return True


def _proven(field: Any) -> list[documents.Proven]:
    """The files of one question that proved themselves; the question says what the others lack and forgets them."""
    found, good = [], []
    for upload in field.data or ():
        try:
            found.append(documents.prove(upload.stream, upload.filename, by_id=me().id))
            good.append(upload)
        except Refused as refused:
            field.errors = [*field.errors, refusal_words(refused)]
    field.data = good
    return found


@bp.route("/my/dossiers/<int:dossier_id>/withdraw", methods=["GET", "POST"])
@own_dossier(permission(Step.withdraw))
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
