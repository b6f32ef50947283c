"""What mattered to safety: who came in and was refused, what was given and ended, looked at and taken away."""
from collections.abc import Collection, Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from portal.dossiers.looks import REASONS
from portal.kit.i18n import Later, _l
from portal.kit.web import row_number
from portal.people import permissions, queries, security_log
from portal.people.models import Agency
from portal.people.permissions import Place
from portal.people.security_log import KINDS, PAGE, SecurityEvent, Severity
from portal.people.words import ROLE_WORDS
from portal.web.admin import bp
from portal.web.guard import me, permission
from portal.web.paging import around

SEVERITY_WORDS: dict[str, tuple[Later, str]] = {
    Severity.info: (_l("For the record"), "still"), Severity.notice: (_l("Notice"), "still"),
    Severity.warning: (_l("Look at it"), "waiting"), Severity.alarm: (_l("Alarm"), "late")}
FACTS: dict[str, Later] = {
    "dossier": _l("dossier number"), "reason": _l("reason"), "page": _l("page"), "contact": _l("digest of the contact"),
    "role": _l("role"), "key": _l("key number"), "scopes": _l("scopes"), "tries": _l("tries"), "found": _l("found"),
    "dossiers": _l("dossiers"), "seconds": _l("seconds"), "file": _l("file"), "factor": _l("factor"),
    "what": _l("what")}
VALUES: Mapping[str, Mapping[str, Later]] = {
    "role": ROLE_WORDS, "reason": REASONS, "factor": {
        "password": _l("password"), "code": _l("code of the app or recovery code"), "passkey": _l("Passkey")}}


@bp.get("/security")
@permission("security.read")
def security() -> Any:
    """Events, the newest first: all of them for the portal's administrators, theirs for an agency's."""
    mine = _mine()
    try:
        before, person_id = (row_number(request.args[name]) if request.args.get(name) else None
                             for name in ("before", "person"))
    except ValueError:
        return redirect(url_for("admin.security"), 303)
    name = request.args.get("name") if request.args.get("name") in KINDS else None
    agency = next((one for one in mine or queries.current_agencies() if one.key == request.args.get("agency")), None)
    within: Collection[int] | None = [agency.id] if agency else [one.id for one in mine] if mine is not None else None
    found = security_log.newest(name=name, agencies=within, person_id=person_id, before=before, limit=PAGE + 1)
    chosen: dict[str, Any] = {"name": name, "person": person_id, "agency": agency.key if agency else None}
    named = queries.names({one for row in found for one in (row.by_id, row.about_id) if one} | {person_id or 0})
    agencies = {one.id: one.name for one in mine or queries.current_agencies()}
    return render_template(
        "admin/security.html", rows=[_row(row) for row in found[:PAGE]], names=named, agencies=agencies, kinds=KINDS,
        choices=[] if mine is not None and len(mine) < 2 else mine or queries.current_agencies(), chosen=chosen,
        pages=around("before", found[PAGE - 1].id if len(found) > PAGE else None, **chosen))


def _mine() -> list[Agency] | None:
    """The agencies whose events one reads; None for all events."""
    places = list(permissions.places(me(), "security.read"))
    if None in places:
        return None
    return [one for one in queries.current_agencies() if permissions.may(me(), "security.read", Place(one.id))]


def _row(event: SecurityEvent) -> dict[str, Any]:
    words, look = SEVERITY_WORDS[event.severity]
    facts = [(FACTS[name], VALUES.get(name, {}).get(str(value), value))
             for name, value in event.facts.items() if name in FACTS and value not in (None, "")]
    kind = KINDS.get(event.name)  # one of another release has no words here
    return {"event": event, "words": kind.words if kind else event.name, "severity": words, "look": look,
            "facts": facts}
