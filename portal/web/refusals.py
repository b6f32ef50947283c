"""What the doors refuse is written to the log of security events: one place, whichever door it was."""
from flask import Flask, Response, g, request

from portal.people import security_log
from portal.people.models import Person

#: By what was noted where it was refused (g.refused).
_EVENTS = {"origin": "refused.origin", "form": "refused.form", "host": "refused.host", "key": "key.refused",
           "signature": "signature.refused"}


def _event(status: int) -> str | None:
    """The event of this answer; None for what is no refusal, such as a page that is not there."""
    if noted := g.get("refused"):
        return _EVENTS[noted]
    if status == 429:  # a public page is never paid for with a row
        return "throttle.read" if request.method in ("GET", "HEAD") else "throttle.met"
    return "refused.page" if status == 403 and _known() else None


def _known() -> Person | None:
    """Who asks, where that was found out already: nothing is read for it."""
    found = g.get("_login_user")
    return found if isinstance(found, Person) else None


def _note(response: Response) -> Response:
    refused = response.status_code >= 400 or "refused" in g
    if refused and (event := _event(response.status_code)) and not security_log.is_recorded(event):
        security_log.record(event, by=_known(), page=request.endpoint or "", method=request.method)
    return response


def init_app(app: Flask) -> None:
    app.after_request(_note)
