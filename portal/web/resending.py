"""What was posted when its session was over, or under the token of another sign-in: kept for who posted it, shown after
the sign-in, and sent on by a button. Nothing is typed twice, and nothing goes out that nobody pressed.

Only the person whose session it was can open it. A post of which it is not known whose it is, is not kept.
"""
from typing import Any
from urllib.parse import urlsplit

from flask import flash, g, redirect, request, url_for
from flask_login import current_user

from portal.kit import throttle, waiting
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.web import error_page
from portal.people import sessions
from portal.web import step_up
from portal.web.turned_away import typed

FILES = "kept_files"  # the ticket of the files that came with it
DOORS = ("citizen", "officer", "admin")  # pages of passwords and codes keep nothing
NOT_KEPT = step_up.NAMES | {step_up.FILES, FILES}
MOST = 200_000  # characters
LIMIT, SECONDS = 20, 3600  # posts that are kept for one person


def owner(person_id: int) -> str:
    """Whose it is, as what is laid aside is sealed for."""
    return f"person {person_id}"


def keep(person_id: int) -> str:
    """Lay this request's post aside for a person; its name, or "" where it is none that can be kept."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    if request.method != "POST" or request.blueprint not in DOORS or not _is_from_here() or \
            sum(len(name) + len(value) for name, value in fields) > MOST:
        return ""
    try:
        with transaction():
            throttle.hit("kept posts", str(person_id), limit=LIMIT, seconds=SECONDS)
    except throttle.TooMany:
        return ""
    ticket = waiting.keep(request.files.items(multi=True), owner(person_id))
    kept = [*fields, (FILES, ticket)] if ticket else fields
    return waiting.keep_post(owner(person_id), request.full_path.rstrip("?"), kept)


def _is_from_here() -> bool:
    """Whether the browser says that a page of ours sent it: another site's is never kept to be sent with a token."""
    origin = request.headers.get("Origin")
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or (
        bool(origin) and urlsplit(origin or "").netloc == request.host)


def bring_back_files(person_id: int) -> None:
    """Put the files that were laid aside into the request that goes on with them."""
    ticket = request.form.get(FILES) if request.method == "POST" else None
    if ticket and not waiting.bring_back(ticket, owner(person_id)):
        flash(_("Choose the files again: they are no longer kept"), "late")


def to_sign_in() -> Any:
    """Send a stranger to the sign-in page, and afterwards back here, or to what was posted here."""
    person_id = sessions.ended_of() if request.method == "POST" else None
    if person_id is not None and (name := keep(person_id)):
        flash(_("Your session has ended. What you typed is kept: sign in, and it goes on from there."), "waiting")
        return redirect(url_for("account.sign_in", next=url_for("account.kept", name=name)), 303)
    target = request.full_path if request.query_string else request.path
    return redirect(url_for("account.sign_in", next=target if request.method == "GET" else None), 303)


def on_csrf(_error: Any) -> Any:
    """A post with the token of another sign-in, or of none: kept for who is known here, else shown to be copied."""
    g.refused = "form"  # the security log's event: see refusals
    if current_user.is_authenticated:
        if name := keep(current_user.id):
            return redirect(url_for("account.kept", name=name), 303)
    elif (person_id := sessions.ended_of()) is not None and (name := keep(person_id)):
        return redirect(url_for("account.sign_in", next=url_for("account.kept", name=name)), 303)
    shown = typed() if request.blueprint in DOORS else []
    return error_page(400, reason=_("The page was open too long, or somebody signed in or out in another window. "
                                    "Nothing was saved. Load the page again and send it once more."), typed=shown)

