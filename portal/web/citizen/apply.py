"""Filling in: from "apply" through the form's steps to the page where everything is checked and handed in."""
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from portal.catalogue import openings
from portal.catalogue import queries as catalogue
from portal.catalogue.models import Service
from portal.catalogue.reception import Reception
from portal.dossiers import actions, allowance, queries
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import FILL
from portal.dossiers.states import NotNow, State, Step
from portal.files import queries as papers
from portal.forms import blank
from portal.forms.application import Application, Gap, Problem
from portal.forms.step import blame_rules, form_for, right_answers
from portal.forms.types.question import meets
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import Attachment, Form, Kept
from portal.kit.i18n import _, other_language_url, say
from portal.web import attaching
from portal.web.citizen import bp, forms
from portal.web.files import limits_in_words, room_in_words
from portal.web.guard import citizen, me, own_dossier
from portal.web.terms import Fees, fees_by


def _service(agency: str, code: str) -> Service:
    service: Service = catalogue.service(agency, code) or abort(404)
    return service


@bp.get("/apply/<agency>/<code>")
@citizen
def apply(agency: str, code: str) -> Any:
    """Before starting: what to have at hand, how long, how much; and the draft to go on with."""
    service = _service(agency, code)
    if not openings.of(service, clock.today()) or service.version.form is None:
        return redirect(url_for("public.service", agency=agency, code=code), 303)
    definition = service.version.form.definition
    return render_template("citizen/start.html", steps=_steps_of(service), service=service, sample=definition["sample"],
                           parts=blank.blank_form(definition), draft=queries.draft_of(me(), service),
                           key=secrets.token_urlsafe(16), form=Form(), left=allowance.left(me().id),
                           limits=limits_in_words())


def _steps_of(service: Service) -> list[tuple[str, bool]]:
    """The steps that filling in will have, as it counts them itself: those of the form, the choice of a commune where
    one receives the dossier, and the last look. Each with whether it comes whatever is answered."""
    definition = service.version.form.definition if service.version.form else {"steps": []}
    surely = {step["key"] for step in Application(definition, {}).steps}
    steps = [(say(step["title"]), step["key"] in surely) for step in definition["steps"]]
    if queries.receiver(service) is not Reception.agency:
        steps.append((say(queries.UNIT_LABEL), True))
    return [*steps, (_("Check your answers and hand in"), True)]


@bp.post("/apply/<agency>/<code>")
@citizen
def begin(agency: str, code: str) -> Any:
    """Make the draft. The key in the button makes two presses one draft."""
    service = _service(agency, code)
    if not openings.of(service, clock.today()):
        return redirect(url_for("public.service", agency=agency, code=code), 303)
    given = request.form.get("key", "")
    key = given if re.fullmatch(r"[\w-]{16,32}", given, re.ASCII) else secrets.token_urlsafe(16)
    with transaction():
        dossier = queries.by_submit_key(key) or _begun(service, key)
        if dossier is None or dossier.applicant_id != me().id:
            abort(404)
        dossier_id = dossier.id
        first = queries.application(dossier, ()).steps[0]["key"]
    return redirect(url_for(".fill", dossier_id=dossier_id, step=first), 303)


def _begun(service: Service, key: str) -> Dossier | None:
    """The draft; None where the key is somebody else's, whom the second wall keeps out of sight."""
    try:
        return actions.begin(service, by=me(), key=key)
    except actions.KeyTaken:
        return queries.by_submit_key(key)


def _only_draft(dossier: Dossier) -> None:
    if dossier.state != State.draft:
        raise NotNow(State(dossier.state), Step.submit)


def _prefilled(step: dict[str, Any], dossier: Dossier) -> dict[str, Any]:
    """What is known already: the draft's answers, else what was typed of the same person in an earlier step, else the
    account's own name, phone and e-mail."""
    mine = {"name": me().name, "phone": me().phone, "email": me().email}
    known = {q["key"]: mine.get(q["prefill"]) for q in step["fields"] if q.get("prefill")}
    same = {q["key"]: dossier.answers.get(q["take"]["from"]) for q in step["fields"]
            if "take" in q and meets(dossier.answers.get(q["take"]["field"]), q["take"]["equals"])}
    return {**known, **same, **dossier.answers}


def _kept(dossier_id: int, form: Form, attached: Sequence[Any]) -> None:
    """Tell the file fields what was handed in already."""
    fields = {name: field for name, field in form._fields.items() if isinstance(field, Attachment)}
    for attachment in attached:
        if field := fields.get(attachment.key):
            field.kept.append(Kept(str(attachment.id), attachment.name, attachment.size,
                                   _file_url(dossier_id)(attachment.id)))


def _file_url(dossier_id: int) -> Callable[[int], str]:
    return lambda attachment_id: url_for(".attachment", dossier_id=dossier_id, attachment_id=attachment_id)


@bp.get("/my/dossiers/<int:dossier_id>/draft")
@own_dossier(FILL)
def draft(dossier: Dossier) -> Any:
    """The steps as a task list: what is done, what is not, where to go on."""
    if dossier.state != State.draft:
        return redirect(url_for(".show", dossier_id=dossier.id), 303)
    application = queries.application(dossier)
    unfinished = {gap.step for gap in application.gaps} | {
        problem.step for problem in queries.problems(dossier, application)}
    tasks = [{"title": say(s["title"]), "url": url_for(".fill", dossier_id=dossier.id, step=s["key"]),
              "look": "waiting" if s["key"] in unfinished else "done",
              "text": _("To fill in") if s["key"] in unfinished else _("Complete")} for s in application.steps]
    unit_gaps = queries.unit_gaps(dossier)
    if queries.reception(dossier) is not Reception.agency:
        tasks.append({"title": say(queries.UNIT_LABEL), "url": url_for(".commune", dossier_id=dossier.id),
                      "look": "waiting" if unit_gaps else "done",
                      "text": _("To fill in") if unit_gaps else _("Complete")})
    return render_template("citizen/draft.html", dossier=dossier, tasks=tasks,
                           complete=not unfinished and not unit_gaps,
                           room=room_in_words(papers.room_taken(dossier.owner)),
                           unsent=[one for one in application.hidden if one.key in application.files],
                           opening=openings.of(dossier.service, clock.today()))


@bp.route("/my/dossiers/<int:dossier_id>/fill/<step>", methods=["GET", "POST"])
@own_dossier(FILL)
def fill(dossier: Dossier, step: str) -> Any:
    """One step. What was right is saved even when something else on the page was not."""
    _only_draft(dossier)
    dossier_id, attached = dossier.id, papers.attachments_of(dossier.owner)
    steps, asks_unit = queries.application(dossier, attached).steps, queries.reception(dossier) is not Reception.agency
    place = next((i for i, s in enumerate(steps) if s["key"] == step), None)
    if place is None:
        abort(404)
    form, changed = _page_of(steps[place], dossier), list[tuple[str, str]]()
    _kept(dossier_id, form, attached)
    if form.is_submitted() and not form.asks_again:
        valid = form.validate()
        changed = _changed_elsewhere(dossier, steps[place], form)
        whole, fresh = (False, []) if changed else _save(dossier, steps[place], form)
        back = steps[place - 1]["key"] if place else None
        if not changed and request.form.get("go") in LEAVING:
            return _leave(dossier_id, form, back)
        if valid and whole:
            return _onward(dossier_id, fresh, place, "commune" if asks_unit else "check")
    status = 409 if changed else 422 if form.errors and form.is_submitted() else 200
    return render_template("citizen/fill.html", dossier=dossier, step=steps[place], form=form, place=place + 1,
                           total=len(steps) + asks_unit + 1, steps=steps, changed=changed,
                           seen=_seen(dossier, steps[place]), back=place > 0), status


LEAVING = ("later", "back", "language")  # buttons that save what is right, keep what is not, and go


def _page_of(step: dict[str, Any], dossier: Dossier) -> Form:
    """The step as it is posted; else as it was left: with what was typed there and is not right yet, and why."""
    page, left = form_for(step), (dossier.typed or {}).get(step["key"])
    if request.method == "POST" or not left:
        return page(data=_prefilled(step, dossier))
    form = page(MultiDict((name, value) for name, value in left), data=_prefilled(step, dossier))
    form.judge_given()
    return form


def _typed(step: dict[str, Any], form: Form) -> list[tuple[str, str]]:
    """What was posted to the questions of a step, where some of it is no answer."""
    if not any(field.errors for field in form.questions() if not isinstance(field, Attachment)):
        return []
    keys = {q["key"] for q in step["fields"]}
    return [(name, value) for name, value in request.form.items(multi=True) if name.partition("-")[0] in keys]


def _seen(dossier: Dossier, step: dict[str, Any]) -> str:
    """By what a page knows that its step was saved since in another window."""
    saved = [dossier.answers.get(q["key"]) for q in step["fields"]]
    return hashlib.sha256(json.dumps(saved, sort_keys=True).encode()).hexdigest()[:16]


def _changed_elsewhere(dossier: Dossier, step: dict[str, Any], form: Form) -> list[tuple[str, str]]:
    """What another window saved in this step since the page was opened, where the page says something else: nothing
    is written over that has not been seen."""
    if request.form.get("seen", "") in ("", _seen(dossier, step)):
        return []
    right, application = right_answers(step, form), queries.application(dossier, ())
    return [(say(q["label"]), words) for q in step["fields"] if (words := application.words_of(q["key"]))
            and right.get(q["key"]) != dossier.answers.get(q["key"])]


def _leave(dossier_id: int, form: Form, back: str | None) -> Any:
    """Go where the button says; what a file lacks is said there, what was typed stays in the page that is left."""
    for field in form.questions():
        sent = isinstance(field, Attachment) and any(one.filename for one in request.files.getlist(field.name))
        for message in field.errors if sent else ():
            flash(message, "late")
    then: dict[str, Any] = {"then": "check"} if request.form.get("then") == "check" else {}
    match request.form["go"]:
        case "language":
            return redirect(other_language_url() + ("?then=check" if then else ""), 303)
        case "back" if back:
            return redirect(url_for(".fill", dossier_id=dossier_id, step=back, **then), 303)
    return redirect(url_for(".dossiers"), 303)


def _onward(dossier_id: int, fresh: Sequence[str], place: int, last: str) -> Any:
    """The next of the steps as they are now; `last` comes after all of them."""
    if request.form.get("then") == "check":
        return redirect(url_for(".check", dossier_id=dossier_id), 303)
    if place + 1 >= len(fresh):
        return redirect(url_for(f".{last}", dossier_id=dossier_id), 303)
    return redirect(url_for(".fill", dossier_id=dossier_id, step=fresh[place + 1]), 303)


def _save(dossier: Dossier, step: dict[str, Any], form: Form) -> tuple[bool, list[str]]:
    """Keep every answer of this step that was right, and every file that proved itself.

    Returns whether all files did and the answers go together with the others, and the keys of all steps: answers
    just given may have added or removed some.
    """
    typed = _typed(step, form)
    with transaction():  # first: whatever becomes of the files, what was typed is kept
        actions.save(dossier, right_answers(step, form), by=me(), step=step["key"], typed=typed)
    given = {q["key"]: attaching.proven(form[q["key"]]) for q in step["fields"]
             if isinstance(form[q["key"]], Attachment)}
    whole = not any(form[key].errors for key in given)
    with transaction():
        actions.save(dossier, {}, by=me(), step=step["key"], typed=typed)
        unsent = {one.key for one in queries.application(dossier).files_to_drop} if any(given.values()) else set()
        for q in step["fields"]:
            if q["key"] in given:
                whole &= attaching.keep(dossier.owner, q, form[q["key"]], given[q["key"]], _file_url(dossier.id),
                                        unsent)
        application = queries.application(dossier, ())
        fresh = [s["key"] for s in application.steps]  # after the commit everything would be read again
        whole &= not blame_rules(application, step, form)
    return whole, fresh


def _fees(dossier: Dossier) -> Fees:
    """What this case costs, in the words of the service's sheet, with the copies that are asked for."""
    return fees_by(dossier.service.version, dossier.channel, clock.today(), case=dossier.fee_case,
                   copies=queries.copies_of(dossier))


@bp.route("/my/dossiers/<int:dossier_id>/check", methods=["GET", "POST"])
@own_dossier(FILL)
def check(dossier: Dossier) -> Any:
    """Check your answers, then hand in. Handed in twice, it is the same dossier."""
    if dossier.state != State.draft:
        return redirect(url_for(".show", dossier_id=dossier.id), 303)
    form = forms.Declaration()
    application = queries.application(dossier)
    if form.validate_on_submit():
        try:
            with transaction():
                actions.submit(dossier, by=me())
            flash(_("Handed in. Keep the code %(code)s.", code=dossier.code), "done")
            return redirect(url_for(".show", dossier_id=dossier.id), 303)
        except actions.Incomplete as incomplete:
            missing, wrong = incomplete.gaps, incomplete.errors
        except actions.NotOpen:
            missing, wrong = [], []
    else:
        missing, wrong = ([*application.gaps, *queries.unit_gaps(dossier)],
                          queries.problems(dossier, application)) \
            if request.method == "GET" else ([], [])
    opening = openings.of(dossier.service, clock.today())
    refused = form.errors or (request.method == "POST" and (missing or wrong))
    status = 422 if refused else 409 if request.method == "POST" and not opening else 200
    asks_unit = queries.reception(dossier) is not Reception.agency
    return render_template("citizen/check.html", dossier=dossier, form=form, fees=_fees(dossier),
                           sections=application.sections, asks_unit=asks_unit,
                           total=len(application.steps) + asks_unit + 1,
                           unsent=application.hidden, left=allowance.left(me().id).submissions,
                           points=_points(missing, wrong), opening=opening), status


def _points(missing: Sequence[Gap], wrong: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """(step, question, what to do) for everything that keeps the application from being handed in."""
    return [*((gap.step, gap.key, gap.message) for gap in missing),
            *((problem.step, problem.key, problem.message) for problem in wrong)]


@bp.post("/my/dossiers/<int:dossier_id>/discard")
@own_dossier(FILL)
def discard(dossier: Dossier) -> Any:
    """Throw a draft away."""
    _only_draft(dossier)
    with transaction():
        actions.discard(dossier, by=me())
    flash(_("The draft was deleted."), "done")
    return redirect(url_for(".dossiers"), 303)
