"""Sending kept files, and saying why one is not taken: the same words and headers at every door."""
from flask import Response, abort, current_app, send_file

from portal.files.models import FileState, StoredFile
from portal.kit import files
from portal.kit.forms import size_words
from portal.kit.i18n import _


def send(stored: StoredFile, name: str) -> Response:
    """A stored object as a download that no browser runs, renders as a page or keeps. 404 until it was found clean."""
    if stored.state != FileState.clean:
        abort(404)
    response = send_file(files.where(stored.blob), mimetype=stored.media_type, as_attachment=True, download_name=name,
                         max_age=0, conditional=True)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def refusal_words(refused: files.Refused) -> str:
    """Why a file was not taken and what to do, in the reader's language."""
    limit = size_words(current_app.config["ATTACHMENT_BYTES"])
    whole = size_words(current_app.config["DOSSIER_BYTES"])
    words = {
        "empty": _("“%(name)s” is empty. Choose the file again.", name=refused.name),
        "too_large": _("“%(name)s” is larger than %(limit)s. Scan it smaller or split it.", name=refused.name,
                       limit=limit),
        "full": _("The files of this dossier together would pass %(limit)s. Remove one or scan it smaller.",
                  limit=whole),
        "type": _("“%(name)s” is not a kind that is taken: PDF, JPG, PNG, DOCX.", name=refused.name),
        "mismatch": _("“%(name)s” is not what its name says. Save it again as PDF, JPG or PNG.", name=refused.name),
        "active": _("“%(name)s” contains a script or program. Print it to PDF and attach that.", name=refused.name),
    }
    return words[refused.reason]
