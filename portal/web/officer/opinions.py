"""The opinion of another agency about a dossier: asked with a deadline, answered, and both written down."""
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, url_for

from portal.dossiers.models import Dossier
from portal.dossiers.states import State
from portal.exchange import opinions
from portal.files import actions as documents
from portal.files import faults, scanning
from portal.files import queries as stored
from portal.files.models import Attachment
from portal.kit import files
from portal.kit.db import transaction
from portal.kit.i18n import _, day
from portal.kit.web import error_page
from portal.web.files import refusal_words, send
from portal.web.guard import dossier_for, me
from portal.web.officer import bp
from portal.web.officer.dossier import HIGHEST, ONE
from portal.web.officer.forms import AskOpinion, NoteAnswer
from portal.web.officer.steps import back, page
from portal.web.words import DESK_STATES

ONE_OPINION = f"{ONE}/opinions/<int(max={HIGHEST}):opinion_id>"


def _not_now(dossier: Dossier) -> Any:
    return error_page(409, state_text=_("The dossier is now: %(state)s.", state=DESK_STATES[State(dossier.state)]),
                      possible=[(_("Open the dossier as it is now"), url_for("officer.show", dossier_id=dossier.id))])


@bp.route(f"{ONE}/opinions/ask", methods=["GET", "POST"])
@dossier_for("document.ask")
def ask_opinion(dossier: Dossier) -> Any:
    """Ask another agency, by when, with which papers."""
    if not opinions.may_ask_now(dossier):
        return _not_now(dossier)
    receivers = {str(one.id): one for one in opinions.can_be_asked(dossier)}
    papers = {str(one.id): one for one in stored.attachments_of(dossier.owner) if scanning.is_shown(one.file)}
    form = AskOpinion()
    form.receiver.choices = [(key, one.name) for key, one in receivers.items()]
    form.papers.choices = [(key, f"{one.label}: {one.name}") for key, one in papers.items()]
    if form.validate_on_submit():
        receiver = receivers[form.receiver.data]
        if _asked(dossier, receiver, form, [papers[key] for key in form.papers.data]):
            flash(_("%(agency)s has been asked and answers by %(day)s. The clock of the dossier runs on meanwhile.",
                    agency=receiver.name, day=day(form.due.data)), "done")
            return back(dossier)
    return page("ask_opinion", dossier, form=form, none=not receivers, alone=opinions.asker(dossier) is None,
                promised=dossier.due_at)


def _asked(dossier: Dossier, receiver: Any, form: AskOpinion, papers: Sequence[Attachment]) -> bool:
    """Whether it went out; else the form says why not."""
    try:
        enclosed = [documents.prove(one.stream, one.filename, by_id=me().id) for one in form.files.data]
        enclosed += [opinions.copied(one) for one in papers]
        opinions.ask(dossier, receiver, question=form.question.data, due_on=form.due.data, enclosed=enclosed, by=me())
    except files.Refused as refused:
        form.files.errors = [refusal_words(refused)]
    except faults.Faulty:
        form.papers.errors = [_("A paper of the dossier is not what was handed in any more. Leave it out; the "
                                "administrators have been told.")]
    except opinions.AskedAlready:
        form.receiver.errors = [_("This agency has been asked about this dossier and has not answered yet.")]
    except opinions.NoSender:
        form.receiver.errors = [_("Your agency takes no part in the exchange of documents yet.")]
    except opinions.TooLate:
        form.due.errors = [_("The result of the dossier is promised by %(day)s: the answer has to come before.",
                             day=day(dossier.due_at))]
    except opinions.NotNow:
        abort(409)
    return not form.errors


@bp.route(f"{ONE_OPINION}/answer", methods=["GET", "POST"])
@dossier_for("document.ask")
def note_answer(dossier: Dossier, opinion_id: int) -> Any:
    """Write down an answer that came by letter or by telephone."""
    opinion = opinions.one(opinion_id, dossier)
    if opinion is None:
        abort(404)
    if opinion.answered_at is not None:
        return _not_now(dossier)
    form = NoteAnswer()
    if form.validate_on_submit():
        with transaction():
            opinions.note_answer(opinion, form.answer.data, by=me())
        flash(_("The answer was written down."), "done")
        return back(dossier)
    return page("note_answer", dossier, form=form, opinion=opinion, agency=opinion.copy.receiver.name)


@bp.get(f"{ONE_OPINION}/files/<int(max={HIGHEST}):attachment_id>")
@dossier_for("dossier.read")
def opinion_file(dossier: Dossier, opinion_id: int, attachment_id: int) -> Response:
    """A file of the question or of the answer, to be saved: it is filed with the dossier."""
    opinion, found = opinions.one(opinion_id, dossier), stored.attachment(attachment_id)
    if opinion is None or found is None or found.owner.kind != "document" or found.owner.id not in (
            opinion.document_id, opinion.answer_id):
        abort(404)
    return send(found.file, found.name)

