"""Who may enter. Every view says so; tests/house finds the one that forgets.

Fetching is permission: a view that is about a dossier is handed the dossier, and only when its person
may see it. Somebody else's dossier and an unknown one give the very same answer.
"""
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, redirect, request, url_for
from flask_login import current_user

from portal.dossiers import queries
from portal.people.models import Person, Role

View = Callable[..., Any]


def me() -> Person:
    """The signed-in person. Only behind a guard that asked for one."""
    return current_user._get_current_object()


def anyone(view: View) -> View:
    """Open to all; must not show anything personal."""
    view.guard = "anyone"  # type: ignore[attr-defined]
    return view


def to_sign_in() -> Any:
    """Send a stranger to the sign-in page, and back here afterwards when here can be shown again."""
    target = request.full_path if request.query_string else request.path
    return redirect(url_for("account.sign_in", next=target if request.method == "GET" else None), 303)


def signed_in(*roles: str) -> Callable[[View], View]:
    """Only people with one of `roles` (any signed-in person when none is named)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            if not current_user.is_authenticated:
                return to_sign_in()
            if current_user.must_change_password and request.endpoint != "account.password":
                return redirect(url_for("account.password"), 303)
            if roles and current_user.role not in roles:
                abort(403)
            return view(**kw)

        inner.guard = "signed in as " + (" or ".join(roles) or "anyone")  # type: ignore[attr-defined]
        return inner

    return decorate


def citizen(view: View) -> View:
    """Only citizens."""
    return signed_in(Role.citizen)(view)


def officer(view: View) -> View:
    """Only officers, of whatever agency: what they then see is their agency's."""
    return signed_in(Role.officer)(view)


def administrator(view: View) -> View:
    """Only administrators."""
    return signed_in(Role.administrator)(view)


def dossier_for(may: Callable[[Any, Any], bool], role: str) -> Callable[[View], View]:
    """Swap `dossier_id` in the address for the dossier, when `may` says yes; 404 otherwise."""

    def decorate(view: View) -> View:
        @signed_in()
        @wraps(view)
        def inner(dossier_id: int, **kw: Any) -> Any:
            dossier = queries.get(dossier_id)
            if dossier is None or current_user.role != role or not may(current_user, dossier):
                abort(404)
            return view(dossier=dossier, **kw)

        inner.guard = f"{role}: {may.__name__}"  # type: ignore[attr-defined]
        return inner

    return decorate
