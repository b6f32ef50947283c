"""Sending kept files, and saying why one is not taken: the same words and headers at every door."""
from collections.abc import Sequence
from http import HTTPStatus
from io import BytesIO
from typing import IO

from flask import Flask, Response, abort, current_app, g, make_response, render_template, send_file

from portal.files import faults, scanning
from portal.files.models import Attachment, Fault, StoredFile
from portal.kit import files
from portal.kit.db import transaction
from portal.kit.forms import kinds_words, size_words
from portal.kit.i18n import _, number
from portal.kit.proving.pdf import MOST_PAGES
from portal.notices import alarms

LARGEST = 3  # files that are named where there is no room
UNPROCESSABLE, NO_ROOM = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INSUFFICIENT_STORAGE


def init_app(app: Flask) -> None:
    """What templates ask of a file; and the status of a page that came back because the disk is full."""
    app.jinja_env.globals.update(standing_of=lambda attachment: str(scanning.standing(attachment.file)))

    @app.after_request
    def _no_room(response: Response) -> Response:
        if g.get("disk_is_full") and response.status_code == UNPROCESSABLE:
            response.status_code = NO_ROOM
        return response


def limits_in_words() -> dict[str, str]:
    """What may be sent, as people say it: kinds, the size of each file, of a dossier's together, of a day's."""
    config = current_app.config
    return {"kinds": kinds_words(), "each": size_words(config["ATTACHMENT_BYTES"]),
            "whole": size_words(config["DOSSIER_BYTES"]),
            "day": size_words(config["UPLOAD_BYTES_A_DAY"]) if config["UPLOAD_BYTES_A_DAY"] else ""}


def room_in_words(taken: Sequence[Attachment]) -> str:
    """How much of an application's room its files take."""
    return _("Files attached: %(taken)s of %(limit)s.", taken=size_words(sum(one.size for one in taken)),
             limit=size_words(current_app.config["DOSSIER_BYTES"])) if taken else ""


def _full(refused: files.Refused) -> str:
    """That there is no room, and what takes it."""
    taken = refused.facts.get("taken", [])
    largest = ", ".join(f"“{name}” {size_words(size)}" for name, size in taken[:LARGEST])
    words = _("“%(name)s” has %(size)s; the files of this dossier take %(taken)s of %(limit)s already.",
              name=refused.name, size=size_words(refused.facts.get("size", 0)),
              taken=size_words(sum(size for _name, size in taken)),
              limit=size_words(current_app.config["DOSSIER_BYTES"]))
    return f"{words} " + _("The largest: %(files)s.", files=largest) if largest else words


def send(stored: StoredFile, name: str) -> Response:
    """A stored object as a download that no browser runs, renders as a page or keeps. 404 while it may not be shown.

    It is read through first: what is gone or altered is a page that says so, and an alarm.
    """
    if not scanning.is_shown(stored):
        abort(404)
    try:
        with faults.opened(stored.blob, stored.sha256) as stream:
            content = BytesIO(stream.read())  # what was proven, whatever becomes of the file meanwhile
    except faults.Faulty as found:
        return _withheld(stored, found.fault, name)
    return _as_download(content, stored, name)


def send_message(stored: StoredFile, name: str) -> Response:
    """A message as it came, in the same way, but from the disk as it is read: it may be larger than the memory that one
    page should take. Nobody proved it: it is data, and never shown."""
    try:
        return _as_download(faults.opened(stored.blob, stored.sha256), stored, name)
    except faults.Faulty as found:
        return _withheld(stored, found.fault, name)


def _as_download(content: IO[bytes], stored: StoredFile, name: str) -> Response:
    response = send_file(content, mimetype=stored.media_type, as_attachment=True, download_name=name, max_age=0,
                         etag=stored.sha256, conditional=True)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _withheld(stored: StoredFile, fault: Fault, name: str) -> Response:
    """Why it is not given, in words; the administrators are told once."""
    with transaction():
        alarms.of_file(stored.id, fault)
    return make_response(render_template("errors/file.html", fault=str(fault), name=name),
                         404 if fault is Fault.missing else 409)


def refusal_words(refused: files.Refused) -> str:
    """Why a file was not taken and what to do, in the reader's language."""
    if refused.reason == "disk":
        g.disk_is_full = True
    return _about(refused) + " " + _what_to_do(refused.reason)


def not_kept_words(name: str, reason: str) -> str:
    """Why a file that came in a message is not shown, though it was not refused: it stays in the message."""
    known = reason if reason in files.REASONS else "busy"
    return _about(files.Refused(known, name))


def _about(refused: files.Refused) -> str:
    name = refused.name
    words = {
        "empty": _("“%(name)s” is empty.", name=name),
        "too_large": _("“%(name)s” is larger than %(limit)s.", name=name,
                       limit=size_words(current_app.config["ATTACHMENT_BYTES"])),
        "type": _("“%(name)s” is not a kind that is taken: %(kinds)s.", name=name, kinds=kinds_words()),
        "mismatch": _("“%(name)s” is not what its name says.", name=name),
        "damaged": _("“%(name)s” is damaged or was cut off on its way.", name=name),
        "locked": _("“%(name)s” is locked with a password: the agency could not open it.", name=name),
        "old": _("“%(name)s” is of an old kind of Word or Excel, or locked with a password.", name=name),
        "archive": _("A second file hangs in “%(name)s”.", name=name),
        "bomb": _("“%(name)s” unpacks to far more than it is, or takes too long to read.", name=name),
        "picture": _("“%(name)s” has a picture with too many pixels (at most 64 million).", name=name),
        "pages": _("“%(name)s” has more than %(n)s pages.", name=name, n=number(MOST_PAGES)),
        "busy": _("“%(name)s” could not be examined just now.", name=name),
        "active": _("“%(name)s” contains a script or an object that acts by itself.", name=name),
        "macro": _("“%(name)s” contains macros.", name=name),
        "program": _("“%(name)s” contains or starts a program.", name=name),
        "outside": _("“%(name)s” fetches something from elsewhere when it is opened (a template, a picture).",
                     name=name),
        "full": _full(refused),
        "disk": _("“%(name)s” was not taken: the portal's disk is full.", name=name),
        "day": _("“%(name)s” was not taken: with it you would have sent more than %(limit)s today, which is all that "
                 "one person may.", name=name, limit=size_words(current_app.config["UPLOAD_BYTES_A_DAY"])),
        "virus": _("A virus was found in “%(name)s”.", name=name),
        "inner": _("A file inside “%(name)s” is not one that can be taken.", name=name),
    }
    return words[refused.reason]


def _what_to_do(reason: str) -> str:
    if reason in ("empty", "damaged"):
        return _("Choose the file again, or save it anew.")
    if reason in ("too_large", "picture", "bomb"):
        return _("Scan it smaller or split it.")
    if reason == "virus":
        return _("It was not kept. Have your device examined, and attach a clean copy.")
    if reason == "disk":
        return _("What you typed is kept. Try again later.")
    if reason == "day":
        return _("What you typed is kept. Go on tomorrow.")
    if reason == "full":
        return _("Remove one or scan it smaller.")
    if reason == "pages":
        return _("Split it.")
    if reason in ("locked", "old"):
        return _("Save it without a password as PDF or DOCX and attach that.")
    if reason == "busy":
        return _("Send it again in a minute.")
    return _("Print it to PDF and attach that.") if reason in ("active", "macro", "program", "outside", "inner") else \
        _("Save it again as PDF, JPG or PNG.")
