"""Where somebody goes after signing in."""
from typing import Any

from flask import redirect, request, url_for

from portal.kit.web import is_safe_next
from portal.people.models import Person
from portal.people.permissions import READ, may

#: Where the work of the staff is, by the first of these permissions that they have.
HOMES = {"dossier.claim": "officer.queue", "document.register": "government.incoming", READ: "officer.queue",
         "people.manage": "admin.people", "directive.watch": "government.directives",
         "report.write": "government.agency_tasks"}


def home(person: Person) -> str:
    """The page to begin with."""
    if not person.staff:
        return "citizen.dossiers"
    return next((page for name, page in HOMES.items() if may(person, name)), "account.profile")


def wanted() -> str | None:
    """The page asked for by `next=`, when it is one of ours."""
    target = request.args.get("next")
    return target if is_safe_next(target) else None


def land(person: Person, target: str | None = None) -> Any:
    """Redirect to `target`, in the language of this request, or to where the person's work is."""
    if person.must_change_password:
        return redirect(url_for("account.password"), 303)
    if not target:
        return redirect(url_for(home(person)), 303)
    root = request.script_root
    if root and not (target + "/").startswith(root + "/"):
        target = root + target
    return redirect(target, 303)
