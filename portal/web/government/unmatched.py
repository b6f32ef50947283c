"""What nobody understood by itself: word of documents that are unknown, answers to them, the same id with other
content. Proposals are ranked; a person chooses, and the choice is learned."""
from collections.abc import Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import queries, receiving, unmatched
from portal.exchange.models import Message, Verdict
from portal.exchange.states import STATUS_CODES
from portal.exchange.unmatched import Own, Proposed
from portal.kit.db import transaction
from portal.kit.forms import Choice, Form, LongText
from portal.kit.i18n import Later, _, _l, short_day
from portal.kit.row_security import reaching_all
from portal.people.permissions import places
from portal.web.government import bp
from portal.web.government.entering import HIGHEST, look
from portal.web.government.words import CODE_WORDS
from portal.web.guard import View, me, permission
from portal.web.paging import around

MATCH, MANAGE = "document.match", "exchange.manage"
UNPROCESSABLE = 422
LONGEST_TYPED = 120
MOST_AT_OTHERS = 3
ONE = f"/exchange/unmatched/<int(max={HIGHEST}):message_id>"
REASONS: Mapping[str, Later] = {
    "no_document": _l("No document fits what it says"),
    "no_receiver": _l("The document was not sent to whom it is from"),
    "not_theirs": _l("Only the document's sender may say this"),
    "no_code": _l("Nobody knows the status that it says"),
    "conflict": _l("The same id as another document, with other content")}
#: What is set side by side of two messages: (name in the facts, words).
COMPARED: Sequence[tuple[str, Later]] = (
    ("number", _l("Number of the document")), ("notation", _l("Notation")), ("day", _l("Date of issue")),
    ("type", _l("Kind")), ("subject", _l("Subject")), ("content", _l("Content")), ("due", _l("Answer by")),
    ("priority", _l("Priority")), ("signer", _l("Signer")), ("to", _l("Receivers")), ("attachments", _l("Files")))


class Choose(Form):
    document = Choice(_l("Which document is meant"))


class ChooseBoth(Choose):
    """Of a status that nobody knows, what it means is asked too."""

    code = Choice(_l("What the status means"),
                  choices=lambda: [(code, f"{code} – {CODE_WORDS[code]}") for code in STATUS_CODES])


class Dismiss(Form):
    why = LongText(_l("Why nothing has to be done"), max=500, rows=2)


class Decide(Form):
    reason = LongText(_l("Reason"), max=500, rows=2)


class Line(NamedTuple):
    """One thing of two messages side by side."""

    words: Later
    before: str
    now: str

    @property
    def differs(self) -> bool:
        return self.before != self.now


def _by_own(view: View) -> View:
    """Under the guard: of what matches nothing the rows do not say whose matter it is. Each question here asks for it
    (unmatched.Own), and reaches past the second wall for that."""
    @wraps(view)
    def inner(**kw: Any) -> Any:
        with reaching_all():
            return view(**kw)

    return inner


def _own() -> Own | None:
    """Whose matters this person may match: everybody's (None) or those of where they may."""
    if any(place is None for place in places(me(), MANAGE)):
        return None
    return unmatched.own(places(me(), MATCH))


def _message(message_id: int) -> tuple[Message, Own | None]:
    own = _own()
    return unmatched.one(message_id, own) or abort(404), own


@bp.get("/exchange/unmatched", endpoint="unmatched")
@permission(MATCH, MANAGE)
@_by_own
def unmatched_list() -> Any:
    """What waits for a person, the newest first."""
    before = request.args.get("before", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    own = _own()
    found = unmatched.waiting(own, last, unmatched.PAGE + 1)
    rows, more = found[:unmatched.PAGE], len(found) > unmatched.PAGE
    return render_template(
        "government/unmatched.html", rows=rows, reason_of=reason_of, about=unmatched.about, kind_of=kind_of,
        manages=own is None,
        pages=around("before", str(rows[-1].id) if more else None), further=last is not None)


@bp.route(ONE, methods=["GET", "POST"])
@permission(MATCH, MANAGE)
@_by_own
def unmatched_one(message_id: int) -> Any:
    """One of them: what it says, which documents it may mean, and why; choose one, and the choice is learned."""
    message, own = _message(message_id)
    if message.verdict == Verdict.conflict:
        return _conflict(message, Decide(formdata=None))
    typed = " ".join(request.args.get("q", "").split())[:LONGEST_TYPED]
    found = unmatched.proposals(message, own, typed)
    form = _choices(message, found)
    if form.validate_on_submit() and _chosen(message, form):
        return redirect(url_for("government.unmatched"), 303)
    return _page(message, form, Dismiss(formdata=None), found, typed)


@bp.post(f"{ONE}/dismiss")
@permission(MATCH, MANAGE)
@_by_own
def dismiss_unmatched(message_id: int) -> Any:
    """Nothing has to be done about it; why is kept."""
    message, own = _message(message_id)
    form = Dismiss()
    if not form.validate_on_submit():
        found = unmatched.proposals(message, own)
        return _conflict(message, form) if message.verdict == Verdict.conflict else \
            _page(message, _choices(message, found, formdata=None), form, found, "")
    with transaction():
        done = unmatched.dismiss(message, form.why.data, me()) if unmatched.is_answer(message) else \
            receiving.dismiss(message, form.why.data, me())
    flash(_("Put aside.") if done else _SETTLED(), "done" if done else "still")
    return redirect(url_for("government.unmatched"), 303)


@bp.post(f"{ONE}/decide")
@permission(MATCH, MANAGE)
@_by_own
def decide_conflict(message_id: int) -> Any:
    """Of two with one id the newer one counts: it becomes another edition of the document."""
    message = _message(message_id)[0]
    if message.verdict != Verdict.conflict:
        abort(404)
    form = Decide()
    if not form.validate_on_submit():
        return _conflict(message, form)
    with transaction():
        done = receiving.decide(message, form.reason.data, me())
    flash(_("The newer content counts. It is on its way to the receivers.") if done else _SETTLED(), "done")
    return redirect(url_for("government.unmatched"), 303)


def _SETTLED() -> str:
    return _("Somebody decided on this meanwhile.")


# choosing

def _choices(message: Message, found: Sequence[Proposed], **more: Any) -> Choose:
    asks_code = message.kind == "status" and message.reason == "no_code"
    form = ChooseBoth(**more) if asks_code else Choose(**more)
    form.document.choices = [choice for one in found for choice in _options(message, one)]
    return form


def _options(message: Message, one: Proposed) -> list[tuple[str, str, str]]:
    """(value, words, hint). A status of somebody whom the document was not sent to: one for each receiver."""
    document = one.document
    number = "/".join(part for part in (document.number, document.notation) if part)
    words = _("%(number)s of %(day)s, %(sender)s: %(subject)s", number=number or _("no number"),
              day=short_day(document.day) if document.day else "–", sender=document.sender.name,
              subject=document.subject or _("without a subject"))
    hint = " · ".join([f"{one.percent} %", *(_(reason) for reason in one.reasons)])
    if message.kind != "status" or one.copy is not None or one.reasons == ():
        return [(str(document.id), words, hint)]
    return [(f"{document.id}-{copy.id}", words, f"{_('at %(receiver)s', receiver=copy.receiver.name)} · {hint}")
            for copy in queries.copies_of(document.id)[:MOST_AT_OTHERS]]


def _chosen(message: Message, form: Choose) -> bool:
    """Record what was chosen. False, with the reason at its field, where it does not fit."""
    document_id, _mark, copy_id = form.document.data.partition("-")
    try:
        with transaction():
            document = queries.document(int(document_id))
            copy = queries.copy(int(copy_id)) if copy_id else None
            if document is None:
                return False
            code = form.code.data if isinstance(form, ChooseBoth) else None
            learned = unmatched.choose(message, document, me(), copy=copy, code=code)
    except unmatched.Settled:
        flash(_SETTLED(), "still")
        return True
    except unmatched.DoesNotFit:
        form.document.errors = [_("This document does not fit: it was not sent by or to whom the message is from")]
        return False
    flash(_("Matched. The next message that writes it this way is understood by itself.") if learned
          else _("Matched."), "done")
    return True


# pages

def _page(message: Message, form: Choose, dismissing: Dismiss, found: Sequence[Proposed], typed: str) -> Any:
    page = render_template(
        "government/unmatched_one.html", message=message, form=form, dismissing_form=dismissing, found=found,
        typed=typed, about=unmatched.about(message), reason=reason_of(message), kind=kind_of(message))
    return page, UNPROCESSABLE if form.errors or dismissing.errors else 200


def _conflict(message: Message, form: Decide | Dismiss) -> Any:
    if (document := unmatched.twin(message)) is not None:
        look(document)
    before = unmatched.first_of(message)
    lines = [Line(words, _plain(before.facts if before else {}, name), _plain(message.facts, name))
             for name, words in COMPARED]
    deciding = form if isinstance(form, Decide) else Decide(formdata=None)
    dismissing = form if isinstance(form, Dismiss) else Dismiss(formdata=None)
    page = render_template("government/conflict.html", message=message, before=before, lines=lines, form=form,
                           deciding_form=deciding, dismissing_form=dismissing, reason=reason_of(message))
    return page, UNPROCESSABLE if form.errors else 200


def _plain(facts: Mapping[str, Any], name: str) -> str:
    """One thing of a message's facts, in words that can be compared."""
    value = facts.get(name)
    if name == "signer" and isinstance(value, dict):
        return ", ".join(str(part) for part in (value.get("name"), value.get("position")) if part)
    if name == "to" and isinstance(value, list):
        return ", ".join(str(one.get("name") or one.get("code")) for one in value)
    if name == "attachments" and isinstance(value, list):
        return ", ".join(f"{one.get('name')} ({str(one.get('sha256'))[:12]}…)" for one in value)
    return str(value or "")


def reason_of(message: Message) -> str:
    """Why it waits, in words."""
    name = "conflict" if message.verdict == Verdict.conflict else message.reason or "no_document"
    return str(REASONS.get(name, name))


def kind_of(message: Message) -> str:
    """What came: a status, an answer, a recall …"""
    if message.verdict == Verdict.conflict:
        return _("Document with a known id")
    if message.kind == "status":
        return _("Status: %(status)s", status=_status(message))
    if unmatched.is_answer(message):
        return _("Answer to an unknown document")
    return {"recall": _("Recall of an unknown document"), "update": _("Update of an unknown document")}.get(
        message.business or "", _("Replacement of an unknown document"))


def _status(message: Message) -> str:
    code = (message.status_code or "").strip().zfill(2)
    return f"{message.status_code} – {CODE_WORDS[code]}" if code in STATUS_CODES else message.status_code or "–"
