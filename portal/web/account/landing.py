"""Where somebody goes after signing in."""
from typing import Any

from flask import redirect, request, url_for

from portal.kit.web import is_safe_next
from portal.people.models import Person, Role

HOME = {Role.citizen: "citizen.dossiers", Role.officer: "officer.queue", Role.administrator: "admin.people"}


def wanted() -> str | None:
    """The page asked for by `next=`, when it is one of ours."""
    target = request.args.get("next")
    return target if is_safe_next(target) else None


def land(person: Person, target: str | None = None) -> Any:
    """Redirect to `target`, in the language of this request, or to where the person's work is."""
    if person.must_change_password:
        return redirect(url_for("account.password"), 303)
    if not target:
        return redirect(url_for(HOME[Role(person.role)]), 303)
    root = request.script_root
    if root and not (target + "/").startswith(root + "/"):
        target = root + target
    return redirect(target, 303)
