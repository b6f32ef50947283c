"""What a receiver does with a document: each verb of portal/exchange/handling.py with its button or its page."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.exchange import choosing, drafts, handling, reach
from portal.exchange.models import Copy
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.text import N_
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Person, Unit
from portal.people.permissions import Place
from portal.web.government import bp, words
from portal.web.government.entering import COPY, copy_for
from portal.web.government.forms import AnswerRecall, Assign, Refuse
from portal.web.guard import me

_NOT_CONNECTED = N_("This office takes part in the exchange no longer, so that it cannot answer here.")


@contextmanager
def still_may(name: str, copy: Copy) -> Iterator[Person]:
    """One transaction of somebody who may do this, asked again on the fresh rows."""
    with transaction():
        person = me()
        if not reach.may(person, name, copy):
            abort(409)
        yield person


def back(copy: Copy) -> Any:
    return redirect(url_for("government.copy", copy_id=copy.id), 303)


def page(template: str, copy: Copy, form: Any, **facts: Any) -> Any:
    """The page of one verb; 422 where it comes back with something to mend."""
    answer = render_template(f"government/{template}.html", copy=copy, document=copy.document, form=form,
                             called=words.number_of(copy.document) or _("No number yet"), **facts)
    return answer, 422 if form.problems() else 200


@bp.post(f"{COPY}/register")
@copy_for("document.register")
def register_copy(copy: Copy) -> Any:
    """Enter it in the register of its unit; the number is the next of the book."""
    with still_may("document.register", copy) as person:
        place = reach.home(copy)
        assert place is not None and place.unit_id is not None
        unit = people.unit(place.unit_id)
        assert unit is not None
        number = handling.register(copy, unit, person)
    flash(_("Entered in the register of %(unit)s under number %(n)s. Say whose work it is next.", unit=unit.name,
            n=number), "done")
    return back(copy)


@bp.route(f"{COPY}/refuse", methods=["GET", "POST"])
@copy_for("document.register")
def refuse_copy(copy: Copy) -> Any:
    """Send it back, and say why."""
    form = Refuse()
    if form.validate_on_submit():
        with still_may("document.register", copy) as person:
            handling.refuse(copy, form.reason.data, person)
        flash(_("Sent back. The sender is told why."), "done")
        return back(copy)
    return page("refuse", copy, form)


@bp.route(f"{COPY}/assign", methods=["GET", "POST"])
@copy_for("document.assign")
def assign_copy(copy: Copy) -> Any:
    """Say which unit and who works on it, what to do, and by when."""
    assert copy.agency_id is not None
    units = {str(one.id): one for one in people.units_of(copy.agency_id)}
    form = Assign(data={"unit": str(copy.assigned_unit_id or ""), "person": str(copy.assignee_id or ""),
                        "instruction": copy.instruction or "", "due_on": copy.work_due_on})
    form.unit.choices = [("", _("The unit that registered it")), *((key, one.name) for key, one in units.items())]
    workers = _workers(copy, units.get(form.unit.data or ""))
    form.person.choices = [("", _("Nobody yet")), *((key, one.name) for key, one in workers.items())]
    if form.validate_on_submit():
        unit, worker = units.get(form.unit.data or ""), workers.get(form.person.data or "")
        if unit is None and worker is None:
            form.unit.errors = [_("Choose a unit, or who works on it")]
        else:
            with still_may("document.assign", copy) as person:
                handling.assign(copy, unit, worker, form.instruction.data or "", form.due_on.data, person)
            flash(_("Given to %(name)s, who has been told.", name=worker.name) if worker else
                  _("Given to %(unit)s, which has been told.", unit=unit.name if unit else ""), "done")
            return _onwards(copy)
    return page("assign", copy, form, workers=workers)


def _workers(copy: Copy, unit: Unit | None) -> dict[str, Person]:
    """Who works on documents in a unit, or where it was registered."""
    place = Place(unit.agency_id, unit.desk_id) if unit else reach.home(copy)
    return {str(one.id): one for one in people.staff_at(place) if roles.may(one, reach.WORK, place)} if place else {}


def _onwards(copy: Copy) -> Any:
    """Back to it; to the register where it cannot be read any more."""
    return back(copy) if reach.may(me(), reach.READ, copy) else redirect(url_for("government.incoming"), 303)


@bp.post(f"{COPY}/start")
@copy_for("document.work")
def start_copy(copy: Copy) -> Any:
    """Begin the work."""
    with still_may("document.work", copy) as person:
        handling.start(copy, person)
    flash(_("The work has begun; the sender is told."), "done")
    return back(copy)


@bp.post(f"{COPY}/finish")
@copy_for("document.work")
def finish_copy(copy: Copy) -> Any:
    """It is dealt with."""
    with still_may("document.work", copy) as person:
        handling.finish(copy, person)
    flash(_("It is dealt with; the sender is told."), "done")
    return back(copy)


@bp.route(f"{COPY}/recall", methods=["GET", "POST"])
@copy_for("document.recall")
def answer_recall(copy: Copy) -> Any:
    """Answer a sender who wants it back."""
    form = AnswerRecall()
    if form.validate_on_submit():
        agree = form.agree.data == "yes"
        with still_may("document.recall", copy) as person:
            handling.answer_recall(copy, agree, form.reason.data or "", person)
        flash(_("Given back; the sender is told.") if agree else _("Not given back; the sender is told why."), "done")
        return back(copy)
    return page("answer_recall", copy, form)


@bp.post(f"{COPY}/answer")
@copy_for("document.read")
def answer_copy(copy: Copy) -> Any:
    """Begin the answer, or go on with it: a draft to its sender that names what it answers."""
    may = [name for name in ("document.send", "document.work") if reach.may(me(), name, copy)]
    sender = next((one for one in choosing.senders([copy.agency_id or 0]) if one.id == copy.receiver_id), None)
    if not may:
        abort(404)
    if sender is None:
        raise handling.NotNow(_NOT_CONNECTED)
    with still_may(may[0], copy) as person:
        draft = drafts.answering(copy, sender, person)
    return redirect(url_for("government.write", document_id=draft.id), 303)
