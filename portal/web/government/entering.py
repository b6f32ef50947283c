"""Who may open a document: the view is handed it, and only when its person may. One that is somebody else's and one
that is not there give the same answer.

What is about a dossier of ours tells of its applicant: whoever opens it has looked at that dossier, and this is written
before it is shown; by who does not read dossiers there, such as another agency's people, in the log of security events.
"""
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, request

from portal.dossiers import looks, permissions
from portal.dossiers import queries as dossiers
from portal.exchange import reach, registers
from portal.exchange.models import Copy, Document
from portal.people import security_log
from portal.web.guard import View, me, signed_in

HIGHEST = 2**31 - 1  # of a row's number: a larger one is no row's, on either database
COPY = f"/incoming/<int(max={HIGHEST}):copy_id>"
DOCUMENT = f"/documents/<int(max={HIGHEST}):document_id>"


def copy_for(name: str) -> Callable[[View], View]:
    """Swap `copy_id` in the address for the copy at the person's own agency; else 404."""
    return _entering(name, "copy", registers.copy)


def document_for(name: str) -> Callable[[View], View]:
    """Swap `document_id` in the address for a document that the person's own agency issued; else 404."""
    return _entering(name, "document", registers.document)


def _entering(name: str, what: str, find: Callable[[int], Any]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def inner(**kw: Any) -> Any:
            number = kw.pop(f"{what}_id")
            found = find(number)
            if found is None or not reach.may(me(), name, found):
                security_log.record("refused.page", by=me(), page=f"{what} {number}")
                abort(404)
            if request.method in ("GET", "HEAD"):
                look(found.document if isinstance(found, Copy) else found, kw.get("attachment_id"))
                return view(**{what: found}, **kw)
            answer = current_app.make_response(view(**{what: found}, **kw))
            if answer.status_code // 100 != 3 and (shown := find(number)) is not None:  # it ends with a page
                look(shown.document if isinstance(shown, Copy) else shown)
            return answer

        inner.guard = f"{what}: {name}"  # type: ignore[attr-defined]
        return inner

    return decorate


#: The clerks' own reason among those of looks.REASONS: nobody is asked for one while they do their registers.
OFFICE = looks.Reason("office", None)


def look(document: Document, attachment_id: int | None = None) -> None:
    """Write that the signed-in person is shown this document, where it is about a dossier of ours."""
    if document.dossier_id is None:
        return
    dossier = dossiers.get(document.dossier_id)
    if dossier is None or not permissions.may_as_staff(me(), permissions.READ, dossier):
        security_log.record("document.looked", by=me(), agency_id=document.agency_id, document=document.id)
        return
    why = looks.NONE if permissions.is_own(me(), dossier) else OFFICE
    looks.write(me(), dossier, looks.FILE if attachment_id else looks.DOSSIER, attachment_id, why)
