"""The steps an officer takes: ask the table of states, act in one transaction, say what comes next."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from portal.catalogue import queries as catalogue
from portal.dossiers import actions, queries
from portal.dossiers import deadlines as own
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import may_as_staff
from portal.dossiers.requests import next_round
from portal.dossiers.states import NotNow, State, Step, after, permission
from portal.files import actions as documents
from portal.files import queries as documents_now
from portal.kit import clock, files
from portal.kit.db import transaction
from portal.kit.forms import size_words
from portal.kit.i18n import _, day, moment, translated
from portal.law import deadlines, rule_sets
from portal.people.models import Person
from portal.web.files import refusal_words
from portal.web.guard import dossier_for, fresh, me
from portal.web.officer import bp
from portal.web.officer.dossier import HIGHEST, ONE
from portal.web.officer.forms import OTHER, AskAgain, Decide, Extend, HandOver, Refuse, TakeBack, ask_form
from portal.web.officer.words import asking, due, limit
from portal.web.words import DO_WORDS

RESULT_LABEL = "Kết quả giải quyết"


@contextmanager
def still_may(step: Step, dossier: Dossier) -> Iterator[Person]:
    """One transaction of the officer who may take this step, asked again on the fresh rows."""
    with transaction():
        person = me()
        if not may_as_staff(person, permission(step), dossier):
            abort(409)
        yield person


def back(dossier: Dossier) -> Any:
    return redirect(url_for("officer.show", dossier_id=dossier.id), 303)


def page(template: str, dossier: Dossier, **facts: Any) -> Any:
    """The page of one step; 422 where it comes back with something to mend."""
    form = facts.get("form")
    facts |= {"dossier": dossier, "due": due(dossier), "limit": limit(dossier), "do": DO_WORDS}
    answer = render_template(f"officer/{template}.html", **facts)
    return answer, 422 if form is not None and form.problems() else 200


@bp.route(f"{ONE}/accept", methods=["GET", "POST"])
@dossier_for(permission(Step.accept))
def accept(dossier: Dossier) -> Any:
    """Say first what will be promised, then receive it."""
    after(State(dossier.state), Step.accept)
    if request.method == "POST":
        with still_may(Step.accept, dossier) as person:
            actions.accept(dossier, by=person)
        flash(_accepted(dossier), "done")
        return back(dossier)
    attachments = documents_now.attachments_of(dossier.owner)
    gaps = queries.application(dossier, attachments).gaps
    promised = deadlines.first_due(rule_sets.at(clock.today()), dossier.limit, clock.now(),
                                   catalogue.calendar())
    return page("accept", dossier, promised=promised, gaps=gaps, attachments=attachments)


def _accepted(dossier: Dossier) -> str:
    if dossier.due_at is None:
        return _("Accepted. The receipt is being made; it appears among the papers within a minute.")
    return _("Accepted; the result is promised by %(moment)s. The receipt is being made; it appears "
             "among the papers within a minute.", moment=moment(dossier.due_at))


@bp.post(f"{ONE}/process")
@dossier_for(permission(Step.process))
def process(dossier: Dossier) -> Any:
    """Pass it on to be examined."""
    with still_may(Step.process, dossier) as person:
        actions.process(dossier, by=person)
    flash(_processed(dossier), "done")
    return back(dossier)


def _processed(dossier: Dossier) -> str:
    if dossier.officer_id is None:
        return _("Passed on. It waits in the queue for a case officer.")
    if dossier.due_at is None:
        return _("Passed on for processing. Decide when it has been examined.")
    return _("Passed on for processing. Decide by %(day)s.", day=day(dossier.due_at))


@bp.route(f"{ONE}/ask", methods=["GET", "POST"])
@dossier_for(permission(Step.ask))
def ask(dossier: Dossier) -> Any:
    """Ask for what is missing: several papers at once, a reason for each."""
    after(State(dossier.state), Step.ask)
    if why := own.not_to_ask(dossier, clock.now(), catalogue.calendar()):
        raise own.NotLawful(why)
    papers = queries.application(dossier, ()).papers
    form = ask_form(papers)
    if form.validate_on_submit():
        with still_may(Step.ask, dossier) as person:
            actions.ask(dossier, by=person, items=form.items(papers, next_round(dossier)))
        flash(_asked(dossier), "done")
        return back(dossier)
    return page("ask", dossier, form=form, other_key=OTHER, step=Step.ask, intro=asking(dossier))


@bp.route(f"{ONE}/ask-again", methods=["GET", "POST"])
@dossier_for(permission(Step.ask_again))
def ask_again(dossier: Dossier) -> Any:
    """Ask beyond what the rules allow, with the reason of the head of the unit; whoever reads the dossier sees it."""
    after(State(dossier.state), Step.ask_again)
    why = own.not_to_ask(dossier, clock.now(), catalogue.calendar())
    if why is None:
        raise NotNow(State(dossier.state), Step.ask_again)
    papers = queries.application(dossier, ()).papers
    form = ask_form(papers, AskAgain)
    if form.validate_on_submit():
        with still_may(Step.ask_again, dossier) as person:
            actions.ask_again(dossier, by=person, items=form.items(papers, next_round(dossier)),
                              reason=form.head_reason.data)
        flash(_asked(dossier), "done")
        return back(dossier)
    return page("ask", dossier, form=form, other_key=OTHER, step=Step.ask_again, intro=asking(dossier),
                 why=translated(why))


@bp.route(f"{ONE}/amend", methods=["GET", "POST"])
@dossier_for(permission(Step.amend))
def amend(dossier: Dossier) -> Any:
    """Word the request anew while it waits for its answer."""
    after(State(dossier.state), Step.amend)
    papers, asked = queries.application(dossier, ()).papers, dossier.requests[-1]
    form = ask_form(papers, asked=asked.items)
    if form.validate_on_submit():
        with still_may(Step.amend, dossier) as person:
            actions.amend(dossier, by=person, items=form.items(papers, asked.round))
        flash(_("The request was changed and the applicant told. The time to answer begins again; the clock stands "
                "still as before."), "done")
        return back(dossier)
    return page("ask", dossier, form=form, other_key=OTHER, step=Step.amend, intro=[
        _("The applicant sees the new wording in place of the old one and gets a new form 02. What was asked before is "
          "kept. Once the answer has come, nothing can be changed.")])


@bp.route(f"{ONE}/take-back", methods=["GET", "POST"])
@dossier_for(permission(Step.take_back))
def take_back(dossier: Dossier) -> Any:
    """Ask for nothing any more."""
    after(State(dossier.state), Step.take_back)
    form = TakeBack()
    if form.validate_on_submit():
        with still_may(Step.take_back, dossier) as person:
            actions.take_back(dossier, by=person, note=form.note.data or "")
        flash(_("The request was taken back and the applicant told. The due date is what it was.")
              if dossier.due_at else _("The request was taken back and the applicant told."), "done")
        return back(dossier)
    return page("take_back", dossier, form=form)


@bp.route(f"{ONE}/extend", methods=["GET", "POST"])
@dossier_for(permission(Step.extend))
def extend(dossier: Dossier) -> Any:
    """Put the due date off: once, with an apology, told in time."""
    after(State(dossier.state), Step.extend)
    if why := own.not_to_extend(dossier, clock.now(), catalogue.calendar()):
        raise own.NotLawful(why)
    form = Extend()
    if form.validate_on_submit():
        try:
            own.new_due(dossier, form.day.data, catalogue.calendar())
        except own.NotLawful as refused:
            form.day.errors = [translated(refused.why)]
        else:
            with still_may(Step.extend, dossier) as person:
                actions.extend(dossier, by=person, day=form.day.data, reason=form.reason.data)
            flash(_("The due date was put off to %(moment)s; the applicant has been told with an apology.",
                    moment=moment(dossier.due_at)), "done")
            return back(dossier)
    return page("extend", dossier, form=form)


def _asked(dossier: Dossier) -> str:
    return _("The applicant has been asked; the clock stands still. The answer brings the dossier back to you.") \
        if dossier.stopped_at else _("The applicant has been asked. The answer brings the dossier back to you.")


@bp.route(f"{ONE}/refuse", methods=["GET", "POST"])
@dossier_for(permission(Step.refuse))
@fresh
def refuse(dossier: Dossier) -> Any:
    """Do not accept it, and say why."""
    after(State(dossier.state), Step.refuse)
    form = Refuse()
    if form.validate_on_submit():
        with still_may(Step.refuse, dossier) as person:
            actions.refuse(dossier, by=person, reason=form.reason.data)
        flash(_("Not accepted. The applicant is told why and gets form 03; the dossier is closed."), "done")
        return back(dossier)
    return page("refuse", dossier, form=form)


@bp.route(f"{ONE}/decide", methods=["GET", "POST"])
@dossier_for(permission(Step.decide))
@fresh
def decide(dossier: Dossier) -> Any:
    """Settle it, with the result as a file where it is one."""
    after(State(dossier.state), Step.decide)
    form = Decide()
    if form.validate_on_submit() and _decided(dossier, form):
        flash(_("Decided: granted. Hand over the result next.") if dossier.outcome == "granted"
              else _("Decided: denied. Hand over the answer next."), "done")
        return back(dossier)
    return page("decide", dossier, form=form)


def _decided(dossier: Dossier, form: Decide) -> bool:
    try:
        given = _proven(form.result.data)
        with still_may(Step.decide, dossier) as person:
            actions.decide(dossier, by=person, outcome=form.outcome.data, note=form.note.data or "")
            _attach(dossier, given, person)
    except files.Refused as refused:
        form.result.errors = [refusal_words(refused)]
        return False
    return True


@bp.route(f"{ONE}/hand-over", methods=["GET", "POST"])
@dossier_for(permission(Step.hand_over))
def hand_over(dossier: Dossier) -> Any:
    """Let the applicant have the result; that closes the dossier."""
    after(State(dossier.state), Step.hand_over)
    form = HandOver()
    if form.validate_on_submit() and _handed_over(dossier, form):
        flash(_("The result of %(code)s is handed over; the applicant has been told. The dossier is closed.",
                code=dossier.code), "done")
        return redirect(url_for("officer.queue"), 303)
    return page("hand_over", dossier, form=form, results=queries.results(dossier), size_words=size_words)


def _handed_over(dossier: Dossier, form: HandOver) -> bool:
    try:
        given = _proven(form.result.data)
        with still_may(Step.hand_over, dossier) as person:
            _attach(dossier, given, person)
            actions.hand_over(dossier, by=person, on_paper=form.on_paper.data)
    except files.Refused as refused:
        form.result.errors = [refusal_words(refused)]
    except actions.NoResult:
        form.result.errors = [_("Attach the result, or say that the applicant has it on paper")]
    return not form.errors


@bp.post(f"{ONE}/results/<int(max={HIGHEST}):attachment_id>/take-out")
@dossier_for(permission(Step.take_out))
def take_out(dossier: Dossier, attachment_id: int) -> Any:
    """Take a file of the result out, before the applicant can have it."""
    after(State(dossier.state), Step.take_out)
    with still_may(Step.take_out, dossier) as person:
        found = documents_now.attachment(attachment_id)
        try:
            if found is None:
                abort(404)
            name = found.name
            actions.take_out(dossier, found, by=person)
        except LookupError:
            abort(404)
    flash(_("“%(name)s” was taken out. The applicant has not seen it.", name=name), "done")
    return redirect(url_for("officer.hand_over", dossier_id=dossier.id), 303)


def _proven(given: list[FileStorage]) -> list[documents.Proven]:
    return [documents.prove(one.stream, one.filename) for one in given]


def _attach(dossier: Dossier, given: list[documents.Proven], person: Person) -> None:
    for proven in given:
        documents.attach(dossier.owner, queries.RESULT, RESULT_LABEL, proven, by_id=person.id)
