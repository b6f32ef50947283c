"""Tasks that the Government gave, for whoever watches: what waits for a decision, giving one, its parts, the condition
of its deadline, reminding who is late."""
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import sending
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, ngettext
from portal.oversight import lists, parts, probes, queries, reminding, tallies, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.parts import NotAPart
from portal.oversight.tasks import NeedsReason, NotNow
from portal.people import queries as people
from portal.people.models import Agency
from portal.web.government import bp
from portal.web.government import words as documents
from portal.web.government.oversight import probe_questions
from portal.web.government.oversight.directive_forms import CameAbout, Given
from portal.web.government.oversight.tasks import CONFLICT, HIGHEST, ONE, UNPROCESSABLE, WHY, words
from portal.web.guard import fresh_to_change, me, permission
from portal.web.paging import around

DIRECTIVE = f"/directives/<int(max={HIGHEST}):directive_id>"
WHY_NO_CONDITION = {"own_agency": WHY["own_agency"],
                    "fixed": _l("This task waits for no condition."),
                    "ahead": _l("The condition cannot have come about on a day to come."),
                    "before_it": _l("Choose a deadline that is not before the day on which it came about.")}
WHY_NO_PART = {"circle": _l("A task cannot be a part of its own part."),
               "taken": _l("It is a part of another task already."),
               "deep": _l("Parts of parts have no parts of their own: give it as a part of the task above.")}


@bp.get("/directives")
@permission("directive.watch")
def directives() -> Any:
    """What waits for a decision, and how every agency stands."""
    today = clock.today()
    found, after = tallies.by_agency(today), request.args.get("after", "")
    waiting = lists.to_decide(int(after) if after.isdecimal() and len(after) < 10 else 0)
    return render_template("government/oversight/directives.html", waiting=waiting.rows, tallies=found,
                           pages=around("after", waiting.next),
                           totals=tallies.totals(found), today=today, **words())


@bp.route("/directives/new", methods=["GET", "POST"])
@permission("directive.watch")
@fresh_to_change
def new_directive() -> Any:
    """Give a task to agencies; a part of another where the address says so."""
    whole = _whole()
    form = Given(**_as_whole(whole))
    if form.validate_on_submit() and (agencies := _chosen(form)):
        try:
            with transaction():
                directive = tasks.new_directive(**form.fields_of_directive(), created_by_id=me().id,
                                                parent_id=whole.id if whole else None)
                made = tasks.give(directive, agencies[0], agencies[1], by=me(), **form.period())
        except NotAPart as error:
            form.form_errors.append(str(WHY_NO_PART[error.why]))
        else:
            flash(_("%(n)s agencies have the task.", n=len(made)), "done")
            return redirect(url_for("government.directive", directive_id=directive.id), 303)
    page = render_template("government/oversight/new_directive.html", form=form, whole=whole)
    return page, UNPROCESSABLE if form.problems() else 200


def _whole() -> Directive | None:
    """The task of which a part is to be given."""
    said = request.args.get("part_of", "")
    if not said:
        return None
    found = queries.directive(int(said)) if said.isdecimal() and len(said) < 11 and int(said) <= HIGHEST else None
    return found or abort(404)


def _as_whole(whole: Directive | None) -> dict[str, Any]:
    """A part comes from the same decision, and is due by then at the latest, unless something else is filled in."""
    if whole is None:
        return {}
    fixed = {"deadline": "fixed", "due_on": whole.due_on} if whole.deadline == "fixed" else {}
    return {"number": whole.number, "issuer": whole.issuer, "issued_on": whole.issued_on, "article": whole.article,
            "group": "named", **fixed}


@bp.get(DIRECTIVE)
@permission("directive.watch")
def directive(directive_id: int) -> Any:
    """One directive, its parts, and its task at every agency."""
    return _page(queries.directive(directive_id) or abort(404))


def _page(found: Directive, form: CameAbout | None = None, problem: Any = None) -> str:
    today = clock.today()
    whole = queries.directive(found.parent_id) if found.parent_id else None
    return render_template(
        "government/oversight/directive.html", directive=found, whole=whole,
        period=lists.of_directive(found.id, request.args.get("period")),
        tree=parts.tree(found, today), probe=probes.PROBES.get(found.probe or ""), today=today, problem=problem,
        condition_form=(form or CameAbout(formdata=None)) if found.deadline == "condition" else None,
        late=reminding.late_tasks(found.id, today), **words(),
        wanted=probe_questions.in_words(found.probe, found.wanted))


@bp.post(f"{DIRECTIVE}/condition")
@permission("directive.watch")
@fresh_to_change
def say_condition_met(directive_id: int) -> Any:
    """What the deadline waits for has come about."""
    found, form = queries.directive(directive_id) or abort(404), CameAbout()
    if not form.validate_on_submit():
        return _page(found, form), UNPROCESSABLE
    try:
        with transaction():
            moved = tasks.condition_met(found, me(), form.on.data, form.due_on.data, form.reason.data)
    except NeedsReason:
        form.reason.errors = [form.reason.ask()]
        return _page(queries.directive(directive_id) or abort(404), form), UNPROCESSABLE
    except NotNow as error:
        return _page(queries.directive(directive_id) or abort(404), form, WHY_NO_CONDITION[error.why]), CONFLICT
    flash(ngettext("%(num)s task has the deadline now.", "%(num)s tasks have the deadline now.", moved), "done")
    return redirect(url_for("government.directive", directive_id=directive_id), 303)


@bp.route(f"{DIRECTIVE}/remind", methods=["GET", "POST"])
@permission("directive.watch")
def remind_late(directive_id: int) -> Any:
    """Remind every agency that is late with a task: what goes to whom; then send it."""
    found = queries.directive(directive_id) or abort(404)
    return _remind(found, lambda: reminding.late_tasks(directive_id, clock.today()),
                   url_for("government.directive", directive_id=directive_id))


@bp.route(f"{ONE}/remind", methods=["GET", "POST"])
@permission("directive.watch")
def remind_task(task_id: int) -> Any:
    """The same for one agency's task."""
    found = queries.assignment(task_id) or abort(404)
    return _remind(found.directive, lambda: [one for one in [queries.assignment(task_id)] if one],
                   url_for("government.task", task_id=task_id))


def _remind(found: Directive, meant: Callable[[], Any], back: str) -> Any:
    directive_id, said = found.id, ""
    if request.method == "POST":
        try:
            done = reminding.remind(directive_id, [one.id for one in meant()], me())
        except reminding.NotYet as error:
            said = _(error.words)
        except sending.NotSent:
            said = _("The document could not be sent. Try again later: the same one goes then, under the same number.")
        else:
            _flash(done)
            return redirect(back, 303)
    try:
        chosen, why = reminding.can_be_reminded(meant()), ""
    except reminding.NotYet as error:
        chosen, why = list[Assignment](), _(error.words)
    page = render_template("government/oversight/remind.html", directive=queries.directive(directive_id), back=back,
                           chosen=chosen, why=said or why, letter=reminding.letter_of(found, chosen),
                           no_office=reminding.NO_OFFICE, not_connected=reminding.NOT_CONNECTED, today=clock.today())
    return page, CONFLICT if said else 200


def _flash(done: reminding.Reminded) -> None:
    said = [ngettext("%(num)s task was reminded of, in the portal and by mail.",
                     "%(num)s tasks were reminded of, in the portal and by mail.", done.tasks)]
    if done.letter is not None:
        said.append(_("Document %(number)s went through the exchange.", number=documents.number_of(done.letter)))
    elif done.why:
        said.append(_(done.why))
    if done.without:
        said.append(_("Not in the exchange: %(names)s.", names=", ".join(done.without[:5])))
    flash(" ".join(said), "done")


def _chosen(form: Given) -> tuple[list[Agency], list[Agency]] | None:
    """(those that answer for it, those that co-operate); None, with the problem at its field, where it is not clear."""
    current = people.current_agencies()
    leads = form.leads_among(current)
    others = form.named_among(current, form.co_operating)
    if form.co_operating.errors or form.named.errors:
        return None
    if not leads:
        form.named.errors = [_("Choose a group, or name at least one agency")]
        return None
    return leads, [one for one in others if one not in leads]
