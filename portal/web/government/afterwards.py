"""What a sender still says of a document that went: ask it back, update it, replace it, remind who has not answered."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import choosing, drafts, reach, registers, sending
from portal.exchange.handling import NotNow
from portal.exchange.models import Copy, Document, Participant
from portal.kit.db import transaction
from portal.kit.forms.fields import AGAIN
from portal.kit.i18n import _, ngettext
from portal.kit.text import N_
from portal.web.government import bp, words
from portal.web.government.compose import prove, said
from portal.web.government.entering import DOCUMENT, document_for
from portal.web.government.forms import Recall, Update
from portal.web.guard import me

MOST = 5000  # receivers that one page lists
_DRAFT = N_("It is a draft: nobody has it yet.")


def page(template: str, document: Document, form: Any, **facts: Any) -> Any:
    """The page of one step; 422 where it comes back with something to mend."""
    answer = render_template(f"government/{template}.html", document=document, form=form,
                             called=words.number_of(document) or _("No number yet"), **facts)
    return answer, 422 if form.problems() else 200


def back(document_id: int) -> Any:
    return redirect(url_for("government.document", document_id=document_id), 303)


def _copies(document: Document) -> list[Copy]:
    """Its receivers that were not taken out. 409 for a draft, which has none."""
    _sent(document)
    return [one for one in registers.receivers(document.id, size=MOST).rows if one.removed_at is None]


def _sent(document: Document) -> None:
    """Raises NotNow for a draft."""
    if document.state != "sent":
        raise NotNow(_DRAFT)


@bp.route(f"{DOCUMENT}/recall", methods=["GET", "POST"])
@document_for("document.recall")
def recall(document: Document) -> Any:
    """Ask it back, of all its receivers or of some."""
    copies = [one for one in _copies(document) if one.recall != "agreed" and one.state != "refused"]
    form = Recall(data=None if request.method == "POST" else {"receivers": [str(one.receiver_id) for one in copies]})
    form.receivers.choices = [(str(one.receiver_id), one.receiver.name) for one in copies]
    if form.validate_on_submit():
        chosen = [one.receiver for one in copies if str(one.receiver_id) in form.receivers.data]
        count, document_id = len(chosen), document.id
        sending.recall(document, chosen, form.reason.data, me())
        flash(ngettext("%(num)s receiver was asked to give it back.", "%(num)s receivers were asked to give it back.",
                       count), "done")
        return back(document_id)
    return page("recall", document, form)


@bp.route(f"{DOCUMENT}/update", methods=["GET", "POST"])
@document_for("document.send")
def update(document: Document) -> Any:
    """Say anew what it says, to those who keep it, those who lose it, and those who get it now."""
    copies = _copies(document)
    form = Update(data=None if request.method == "POST" else _now(document))
    form.removed.choices = [(str(one.receiver_id), one.receiver.name) for one in copies]
    has = {one.receiver_id for one in copies}
    listed = [one for one in _found(document, form) if one.id not in has]
    form.added.choices = [(str(one.id), f"{one.name} ({one.code})") for one in listed]
    if form.validate_on_submit():
        proven, errors = prove(form.files.data, me().id)
        if not errors:
            document_id = document.id
            keep, lose = _parted(copies, form.removed.data or [])
            sending.update(document, said(form, document.number, document.notation), keep, me(), removed=lose,
                           reason=form.reason.data, enclosed=proven,
                           added=[one for one in listed if str(one.id) in (form.added.data or ())])
            flash(_("Updated; every receiver is told."), "done")
            return back(document_id)
        form.files.errors = errors
    if form.files.data and request.method == "POST":
        form.files.errors = [*form.files.errors, _("Choose the files again: this page cannot keep them.")]
    return page("update", document, form, again=AGAIN, found=bool(form.find.data) and not listed)


def _now(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in drafts.Written._fields} | {"priority": str(document.priority)}


def _found(document: Document, form: Update) -> list[Participant]:
    chosen = choosing.by_id([int(one) for one in form.added.data or () if one.isdigit() and len(one) < 10])
    return list({one.id: one for one in [*chosen, *choosing.find(form.find.data or "", document.sender)]}.values())


def _parted(copies: list[Copy], removed: list[str]) -> tuple[list[Participant], list[Participant]]:
    """Those who keep it, and those who lose it."""
    return ([one.receiver for one in copies if str(one.receiver_id) not in removed],
            [one.receiver for one in copies if str(one.receiver_id) in removed])


@bp.post(f"{DOCUMENT}/replace")
@document_for("document.send")
def replace(document: Document) -> Any:
    """Begin the document that takes its place: a draft with what this one says."""
    _sent(document)
    if document.replaced_by_id is not None:
        return back(document.replaced_by_id)
    with transaction():
        if not reach.may(me(), "document.send", document):
            abort(409)
        draft = drafts.begin(document.sender, me(), replaces=document)
    flash(_("This draft replaces the document once it is sent, with those of its receivers that stay chosen."), "done")
    return redirect(url_for("government.write", document_id=draft.id), 303)
