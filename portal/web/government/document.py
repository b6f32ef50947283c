"""One document: on its receiver's desk, and with its sender who sees all receivers; its files and its messages."""
from datetime import date
from typing import Any

from flask import Response, abort, render_template, request, url_for

from portal.dossiers import permissions
from portal.dossiers import queries as dossiers
from portal.exchange import conversation, reach, registers
from portal.exchange.models import Copy, Document, Message
from portal.exchange.states import How
from portal.files import queries as stored
from portal.kit.forms import size_words
from portal.kit.i18n import _, moment, ngettext
from portal.people import queries as people
from portal.web.files import not_kept_words, send, send_message
from portal.web.government import bp, words
from portal.web.government.acts import acts_of, sender_acts
from portal.web.government.entering import COPY, DOCUMENT, HIGHEST, copy_for, document_for
from portal.web.guard import me
from portal.web.paging import around


@bp.get(COPY)
@copy_for("document.read")
def copy(copy: Copy) -> Any:
    """A document on its receiver's desk: this desk's copy alone, and what to do with it next."""
    document = copy.document
    return render_template(
        "government/copy.html", copy=copy, due=words.due(copy), acts=acts_of(me(), copy),
        history=_history(copy), answer=_own(conversation.answer_of(copy)), registered_by=_who(copy.registered_by_id),
        unit=people.unit(copy.in_unit_id) if copy.in_unit_id else None, **_about(document, copy.receiver_id))


@bp.get(DOCUMENT)
@document_for("document.read")
def document(document: Document) -> Any:
    """A document of the own agency with all its receivers. A draft is gone on with where it is written."""
    after = request.args.get("after", "")
    part = request.args.get("part", "") if request.args.get("part") in words.RECEIVER_PARTS else registers.EVERY
    page = registers.receivers(document.id, part, after=_number(after))
    tally = registers.tallies([document.id]).get(document.id)
    return render_template(
        "government/document.html", tally=tally, summary=words.in_a_sentence(document, tally),
        rows=page.rows, due=words.due, due_on=words.due_on, further=bool(after),
        pages=around("after", page.next, part=part if part != registers.EVERY else None),
        parts=_parts(document, part, tally),
        told=_told(document), answers=[(one, _own(one)) for one in conversation.answers_to(document.id)],
        acts=sender_acts(me(), document, tally), chosen=registers.names_of(document.receivers), **_about(document))


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _parts(document: Document, part: str, tally: registers.Tally | None) -> list[tuple[Any, str, bool, int]]:
    """(words, url, chosen, how many) of each part of the receivers that has any."""
    if tally is None:
        return []
    awaited = document.due_on is not None or tally.answered > 0
    n = {registers.EVERY: tally.receivers,
         registers.UNANSWERED: tally.receivers - tally.answered - tally.refused if awaited else 0,
         registers.LATE: tally.late, registers.REFUSED: tally.refused, registers.BACK: tally.recall + tally.recalled}
    return [(said, url_for("government.document", document_id=document.id, part=name, _anchor="receivers"),
             name == part, n[name]) for name, said in words.RECEIVER_PARTS.items() if n[name] or name == part]


@bp.get(f"{DOCUMENT}/receivers/<int(max={HIGHEST}):copy_id>")
@document_for("document.read")
def receiver(document: Document, copy_id: int) -> Any:
    """What happened to a document at one of its receivers, as its sender knows it."""
    found = registers.copy(copy_id)
    if found is None or found.document_id != document.id:
        abort(404)
    return render_template("government/receiver.html", copy=found, due=words.due(found), history=_history(found),
                           answer=_own(conversation.answer_of(found)), **_about(document))


@bp.get(f"{COPY}/files/<int(max={HIGHEST}):attachment_id>")
@copy_for("document.read")
def copy_file(copy: Copy, attachment_id: int) -> Response:
    """A file of a document that came, to be saved."""
    return _file(copy.document, attachment_id)


@bp.get(f"{DOCUMENT}/files/<int(max={HIGHEST}):attachment_id>")
@document_for("document.read")
def document_file(document: Document, attachment_id: int) -> Response:
    """A file of an own document, to be saved."""
    return _file(document, attachment_id)


@bp.get(f"{COPY}/messages/<int(max={HIGHEST}):message_id>")
@copy_for("document.read")
def copy_message(copy: Copy, message_id: int) -> Response:
    """The message in which a document came, as it came."""
    return _message(copy.document, message_id, copy.receiver_id)


@bp.get(f"{DOCUMENT}/messages/<int(max={HIGHEST}):message_id>")
@document_for("document.read")
def document_message(document: Document, message_id: int) -> Response:
    """The message in which an own document went."""
    return _message(document, message_id)


def _file(document: Document, attachment_id: int) -> Response:
    found = stored.attachment(attachment_id)
    if found is None or found.owner != document.owner:
        abort(404)
    return send(found.file, found.name)


def _message(document: Document, message_id: int, receiver_id: int | None = None) -> Response:
    found = next((one for one in conversation.messages_of(document, receiver_id) if one.id == message_id), None)
    if found is None or found.file is None:
        abort(404)
    return send_message(found.file, words.file_of(document, "edxml"))


def _about(document: Document, receiver_id: int | None = None) -> dict[str, Any]:
    """What every page of a document shows of it; to a receiver, the messages that went to it."""
    messages = conversation.messages_of(document, receiver_id)
    last: Message | None = next((one for one in messages if one.id == document.message_id), None)
    files = stored.attachments_of(document.owner, replaced=True, refused=True)
    return {
        "document": document, "dossier_url": _dossier_url(document), "number_of": words.number_of,
        "called": words.number_of(document) or _("No number yet"),
        "files": [one for one in files if one.replaced_at is None],
        "earlier": [one for one in files if one.replaced_at is not None],
        "not_kept": [not_kept_words(one["name"], one["reason"]) for one in conversation.not_kept(document)],
        "messages": messages, "signature": words.SIGNATURES[last.signature] if last else None,
        "signed_by": last.signed_by if last and last.signature == "valid" else None,
        "priority": words.PRIORITIES.get(document.priority, words.PRIORITIES[0]), "size_words": size_words,
        "business_words": words.BUSINESS_WORDS, "about": [_dated(one) for one in document.about],
        "replaced_by": _replaced_by(document),
        "state_words": words.STATE_WORDS, "looks": words.LOOKS, "recall_words": words.RECALL_WORDS,
        "recall_looks": words.RECALL_LOOKS, "how_words": words.HOW_WORDS}


def _dated(answered: dict[str, Any]) -> dict[str, Any]:
    """What a document answers, its day as a day."""
    return {**answered, "day": date.fromisoformat(answered["day"]) if answered["day"] else None}


def _dossier_url(document: Document) -> str | None:
    """The desk's page of the dossier that it is about, for who reads it there."""
    outline = dossiers.outline(document.dossier_id) if document.dossier_id is not None else None
    if outline is None or not permissions.may_as_staff(me(), permissions.READ, outline):
        return None
    return url_for("officer.show", dossier_id=document.dossier_id)


def _history(copy: Copy) -> list[dict[str, Any]]:
    """What happened at one receiver, for the timeline; what broke the rules is said to."""
    return [{"title": words.CODE_WORDS[step.event.code], "state": "done", "when": moment(step.event.at),
             "who": _known(step.event.how, step.event.sure, step.event.by_name),
             "text": _odd(note) if step.marked else note}
            for step in conversation.of_copy(copy) for note in (_note(step.event.code, step.event.note),)]


def _note(code: str, note: str | None) -> str | None:
    """What was said with an event; the id of what replaces a document is for machines, the page names it beside."""
    return None if code == "replaced" else note


def _odd(note: str | None) -> str:
    said = _("Out of order: by the rules this does not follow from what came before. It is kept and counts.")
    return f"{said}\n{note}" if note else said


def _known(how: str, sure: int, by_name: str | None) -> str:
    said = str(words.HOW_WORDS[How(how)])
    if sure < 100:
        said = _("%(how)s, %(sure)s%% sure", how=said, sure=sure)
    return f"{by_name}, {said}" if by_name else said


def _told(document: Document) -> list[dict[str, Any]]:
    """What sender and receivers said to each other, for the timeline."""
    return [{"title": words.CODE_WORDS[one.code], "state": "done", "when": moment(one.at),
             "text": _note(one.code, one.note),
             "who": ", ".join(part for part in (one.receiver or ngettext(
                 "%(num)s receiver", "%(num)s receivers", one.receivers), one.by_name) if part)}
            for one in conversation.of_document(document.id)]


def _own(document: Document | None) -> tuple[Document, str | None] | None:
    """A document beside this one, and where this person may read it."""
    if document is None:
        return None
    if reach.may(me(), reach.READ, document):
        return document, url_for("government.document", document_id=document.id)
    mine = next((one for held in me().roles if held.agency_id
                 and (one := conversation.copy_at(document.id, held.agency_id))), None)
    may = mine is not None and reach.may(me(), reach.READ, mine)
    return document, url_for("government.copy", copy_id=mine.id) if may and mine else None


def _replaced_by(document: Document) -> tuple[Document, str | None] | None:
    return _own(registers.document(document.replaced_by_id)) if document.replaced_by_id else None


def _who(person_id: int | None) -> str:
    return people.names([person_id]).get(person_id, "") if person_id else ""
