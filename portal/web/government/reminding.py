"""Reminding those who have not answered a document by its day, or soon have to."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import reminders, sending
from portal.exchange.models import Document
from portal.kit.i18n import _, ngettext
from portal.web.government import bp, words
from portal.web.government.entering import DOCUMENT, document_for
from portal.web.guard import me


@bp.route(f"{DOCUMENT}/remind", methods=["GET", "POST"])
@document_for("document.send")
def remind(document: Document) -> Any:
    """Who has not answered, and what the letter will say; then send it."""
    if document.state != "sent":
        abort(409)
    document_id, said = document.id, ""
    if request.method == "POST":
        try:
            letter, count = reminders.remind(document, me())
        except reminders.NotYet as error:
            said = _(error.words)
        except sending.NotSent:
            said = _("The reminder could not be sent. Look among the drafts, and send it from there.")
        else:
            number = words.number_of(letter)
            flash(ngettext("Reminder %(number)s went to %(num)s receiver.",
                           "Reminder %(number)s went to %(num)s receivers.", count, number=number), "done")
            return redirect(url_for("government.document", document_id=document_id), 303)
    return _page(document, said)


def _page(document: Document, said: str) -> Any:
    try:
        copies = reminders.can_be_reminded(document)
        why = ""
    except reminders.NotYet as error:
        copies, why = [], _(error.words)
    subject, content = reminders.words_of(document)
    page = render_template("government/remind.html", document=document, copies=copies, why=said or why, subject=subject,
                           content=content, due=words.due, called=words.number_of(document) or _("No number yet"))
    return page, 409 if said else 200
