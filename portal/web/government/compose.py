"""Writing a document: a draft that is kept with everything that was typed, looked at once more, and sent."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from portal.dossiers import queries as dossiers
from portal.dossiers.permissions import READ, may_as_staff
from portal.exchange import choosing, composing, drafts, reach, sending
from portal.exchange.handling import NotNow
from portal.exchange.models import Document, Participant
from portal.files import actions as taking
from portal.files import queries as stored
from portal.kit import files
from portal.kit.db import transaction
from portal.kit.forms import Kept
from portal.kit.forms.fields import AGAIN
from portal.kit.i18n import _, ngettext
from portal.kit.text import N_
from portal.people.permissions import places
from portal.web.files import refusal_words
from portal.web.government import bp, words
from portal.web.government.entering import DOCUMENT, document_for
from portal.web.government.forms import Compose
from portal.web.guard import me, permission

WRITES = ("document.send", "document.work")
NEXT = "send"  # the value of the button that goes on to the last look
_SENT = N_("It was sent already. It can be updated, replaced or asked back.")


@bp.route("/documents/new", methods=["GET", "POST"])
@permission("document.read")
def compose() -> Any:
    """Begin a draft: as whom, and about which dossier of ours. With one possible sender it begins at once."""
    senders = may_send_as()
    if not senders:
        return render_template("government/no_sender.html"), 403 if not _writes_anywhere() else 200
    if request.method == "POST":
        chosen = next((one for one in senders if str(one.id) == request.form.get("sender")), senders[0])
        with transaction():
            draft = drafts.begin(chosen, me(), dossier=_dossier())
        return redirect(url_for("government.write", document_id=draft.id), 303)
    return render_template("government/compose.html", senders=senders, dossier=_dossier())


def may_send_as() -> list[Participant]:
    """The participants for whom this person may write."""
    held = [place for name in WRITES for place in places(me(), name) if place]
    return [one for one in choosing.senders(sorted({place.agency_id for place in held}))
            if any(reach.may(me(), name, _draft_of(one)) for name in WRITES)]


def _draft_of(sender: Participant) -> Document:
    return Document(agency_id=sender.agency_id, unit_id=sender.unit_id, out_unit_id=None)


def _writes_anywhere() -> bool:
    return any(place for name in WRITES for place in places(me(), name))


def _dossier() -> Any:
    """The dossier that the address names, if this person may read it; 404 for any other."""
    asked = request.values.get("dossier", "")
    if not asked:
        return None
    found = dossiers.outline(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    if found is None or not may_as_staff(me(), READ, found):
        abort(404)
    return dossiers.get(int(asked))


@bp.route(f"{DOCUMENT}/write", methods=["GET", "POST"])
@document_for("document.read")
def write(document: Document) -> Any:
    """A draft with everything that was typed so far. Whatever is wrong, what is right is kept."""
    _may_write(document)
    form = Compose(data=None if request.method == "POST" else _kept(document))
    listed = _listed(document, form)
    form.receivers.choices = [(str(one.id), f"{one.name} ({one.code})") for one in listed]
    form.files.kept = _files(document)
    if request.method == "POST":
        right = form.validate()
        _take(document, form)
        form.files.kept = _files(document)
        if right and not form.files.errors and AGAIN not in request.form:
            if request.form.get("then") == NEXT:
                return redirect(url_for("government.send_document", document_id=document.id), 303)
            flash(_("The draft is kept."), "done")
            return redirect(url_for("government.document", document_id=document.id), 303)
    return render_template(
        "government/write.html", document=document, form=form, called=words.number_of(document) or _("No number yet"),
        found=bool(form.find.data) and not listed, sends=reach.may(me(), "document.send", document), next=NEXT,
        again=AGAIN), 422 if form.problems() else 200


def _may_write(document: Document) -> None:
    if not any(reach.may(me(), name, document) for name in WRITES):
        abort(404)
    still_draft(document)


def still_draft(document: Document) -> None:
    """Raises NotNow for what was sent."""
    if document.state != "draft":
        raise NotNow(_SENT)


def _kept(draft: Document) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in drafts.Written._fields} | {
        "type_name": draft.type_name or "Công văn", "priority": str(draft.priority or 0),
        "receivers": [str(one) for one in draft.receivers]}


def _files(draft: Document) -> list[Kept]:
    return [Kept(str(one.id), one.name, one.size,
                 url_for("government.document_file", document_id=draft.id, attachment_id=one.id))
            for one in stored.attachments_of(draft.owner)]


def _listed(draft: Document, form: Compose) -> list[Participant]:
    """Who stands on the page to be ticked: those chosen before, then those that were looked for."""
    chosen = [int(one) for one in form.receivers.data or () if one.isdigit() and len(one) < 10]
    known = choosing.by_id(chosen or (draft.receivers if request.method != "POST" else []))
    return list({one.id: one for one in [*known, *choosing.find(form.find.data or "", draft.sender)]}.values())


def _take(draft: Document, form: Compose) -> None:
    """Keep what was typed, groups as those that are in them today, and each file that is right."""
    proven, errors = prove(form.files.data, me().id)
    with transaction():
        still_draft(draft)
        ids = [one.id for key in form.groups.data or () if key in choosing.GROUPS
               for one in choosing.group(key, draft.sender)]
        ids += [int(one) for one in form.receivers.data or () if one.isdigit() and len(one) < 10]
        drafts.save(draft, said(form, form.number.data or "", form.notation.data or ""), ids)
        drafts.drop(draft, [int(one) for one in form.files.dropped if one.isdigit()])
        errors += _attach(draft, proven)
    if errors:
        form.files.errors = [*form.files.errors, *errors]


def _attach(draft: Document, proven: list[taking.Proven]) -> list[str]:
    errors = []
    for one in proven:
        try:
            drafts.attach(draft, one, me())
        except files.Refused as refused:
            errors.append(refusal_words(refused))
    return errors


def prove(given: list[FileStorage], by_id: int) -> tuple[list[taking.Proven], list[str]]:
    """The files that are what they say, and why the others are not taken. Slow: outside a transaction."""
    proven, errors = list[taking.Proven](), list[str]()
    for one in given or ():
        try:
            proven.append(taking.prove(one.stream, one.filename, by_id=by_id))
        except files.Refused as refused:
            errors.append(refusal_words(refused))
    return proven, errors


def said(form: Any, number: str, notation: str) -> drafts.Written:
    """What a form says; what is not right in it is left blank."""
    right = {name: form[name].data if not form[name].errors else None for name in drafts.Written._fields
             if name in form}
    text = {name: (right.get(name) or "") for name in drafts.Written._fields if name not in ("priority", "due_on")}
    priority = right.get("priority")
    return drafts.Written(**text | {"number": number, "notation": notation},
                          priority=int(priority) if priority in ("0", "1", "2", "3") else 0, due_on=right.get("due_on"))


@bp.route(f"{DOCUMENT}/send", methods=["GET", "POST"])
@document_for("document.send")
def send_document(document: Document) -> Any:
    """The last look: what each receiver gets and what its system cannot take; then it goes."""
    still_draft(document)
    receivers = composing.receivers_of(document)
    gaps = _gaps(document, receivers)
    if request.method == "POST" and not gaps:
        count, document_id = len(receivers), document.id
        try:
            sending.send(document, receivers, me())
        except sending.NotSent as why:
            gaps = [_why_not(why)]
        else:
            flash(ngettext("Sent to %(num)s receiver. What each of them does with it appears here by itself.",
                           "Sent to %(num)s receivers. What each of them does with it appears here by itself.", count),
                  "done")
            return redirect(url_for("government.document", document_id=document_id), 303)
    limits = composing.limits(composing.of_draft(document, receivers), receivers) if receivers else []
    return render_template(
        "government/send.html", document=document, receivers=receivers, gaps=gaps, limits=limits,
        called=words.number_of(document) or _("No number yet"), files=stored.attachments_of(document.owner),
        priority=words.PRIORITIES.get(document.priority, words.PRIORITIES[0]), number_of=words.number_of,
        replaces=drafts.replaced_by(document)), 422 if request.method == "POST" else 200


def _gaps(draft: Document, receivers: list[Participant]) -> list[str]:
    """What must be there before it can go."""
    gaps = [] if draft.subject else [_("It has no subject.")]
    gaps += [] if draft.notation else [_("It has no notation.")]
    gaps += [] if draft.signer_name else [_("It does not say who signed it.")]
    gaps += [] if receivers else [_("No receiver is chosen, or none of them is connected any more.")]
    return gaps


def _why_not(why: sending.NotSent) -> str:
    return {"number_taken": _("Another document of this day has this number and notation. Change the number or leave "
                              "it blank."),
            "gone": _("Somebody sent it or threw it away in the meantime."),
            "no_receivers": _("No receiver is chosen, or none of them is connected any more.")}[why.reason]


@bp.post(f"{DOCUMENT}/discard")
@document_for("document.read")
def discard(document: Document) -> Any:
    """Throw a draft away."""
    _may_write(document)
    with transaction():
        drafts.discard(document)
    flash(_("The draft was thrown away."), "done")
    return redirect(url_for("government.outgoing", tab="drafts"), 303)

