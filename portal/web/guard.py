"""Who may enter. Every view says so; tests/house finds the one that forgets.

Fetching is permission: a view that is about a dossier is handed the dossier, and only when its person
may see it. Somebody else's dossier and an unknown one give the very same answer, and are written down alike; a
colleague who reads it is told who holds it (turned_away.py).
What is shown to the staff is written before it is shown (portal/dossiers/looks.py).
"""
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user

from portal.dossiers import looks, permissions, queries
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import READ
from portal.people import permissions as roles
from portal.people import security_log, sessions
from portal.people.models import Person
from portal.web import resending, step_up
from portal.web.turned_away import turn_away

View = Callable[..., Any]


def me() -> Person:
    """The signed-in person. Only behind a guard that asked for one."""
    return current_user._get_current_object()


def anyone(view: View) -> View:
    """Open to all; must not show anything personal."""
    view.guard = "anyone"  # type: ignore[attr-defined]
    return view


def _entering(told: str, may_enter: Callable[[Person], bool]) -> Callable[[View], View]:
    """Strangers sign in first, a first password is changed first; then 403 for who may not."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            if not current_user.is_authenticated:
                return resending.to_sign_in()
            if current_user.must_change_password and request.endpoint != "account.password":
                return redirect(url_for("account.password"), 303)
            if not may_enter(me()):
                abort(403)
            resending.bring_back_files(me().id)
            return view(**kw)

        inner.guard = told  # type: ignore[attr-defined]
        return inner

    return decorate


def half_signed_in(view: View) -> View:
    """Whoever's password was right and whose second factor is waited for."""

    @wraps(view)
    def inner(**kw: Any) -> Any:
        if (held := sessions.half()) is None:
            return redirect(url_for("account.sign_in"), 303)
        return view(*held, **kw)

    inner.guard = "half signed in"  # type: ignore[attr-defined]
    return inner


def fresh(view: View) -> View:
    """Under the guard: whoever proved who they are a while ago proves it again first.

    A page waits behind that question; what was posted is kept in it and goes on by itself (see step_up).
    """

    @wraps(view)
    def inner(**kw: Any) -> Any:
        return step_up.first(me()) or view(**kw)

    return inner


def fresh_to_change(view: View) -> View:
    """The same for a page that anybody behind the guard may read: only what it changes needs it."""

    @wraps(view)
    def inner(**kw: Any) -> Any:
        return (None if request.method == "GET" else step_up.first(me())) or view(**kw)

    return inner


def signed_in(view: View) -> View:
    """Whoever has signed in."""
    return _entering("signed in", lambda person: True)(view)


def citizen(view: View) -> View:
    """Only citizens."""
    return _entering("citizen", lambda person: not person.staff)(view)


def permission(*names: str) -> Callable[[View], View]:
    """Only who has one of these permissions somewhere; what they then see and touch is asked for again, by its
    place."""
    return _entering(" or ".join(names), lambda person: any(roles.may(person, name) for name in names))


def require(name: str, thing: Any) -> None:
    """404 unless the person has the permission where `thing` lies: it looks like one that is not there."""
    if thing is None or not roles.may(me(), name, thing):
        abort(404)


def dossier_for(name: str, *, look: bool = True) -> Callable[[View], View]:
    """Swap `dossier_id` in the address for the dossier, for the staff who have this permission with it; else 404.

    Without `look` the view shows nothing that is in the dossier, and no look is written."""
    return _dossier(name, "staff", permissions.may_as_staff, _seen if look else _shown)


def own_dossier(name: str) -> Callable[[View], View]:
    """Swap `dossier_id` in the address for the dossier, for its applicant; else 404."""
    return _dossier(name, "applicant", permissions.may_as_applicant, _shown)


def _dossier(name: str, who: str, may: Callable[[Any, str, Any], bool],
             show: Callable[..., Any]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def inner(dossier_id: int, **kw: Any) -> Any:
            outline = queries.outline(dossier_id)
            dossier = queries.get(dossier_id) if may(me(), name, outline) else None
            if dossier is None or not may(me(), name, dossier):
                security_log.record("refused.dossier", by=me(), dossier=dossier_id, page=request.endpoint)
                turn_away(me(), dossier_id, outline)
            return show(view, dossier, kw, name)

        inner.guard = f"{who}: {name}"  # type: ignore[attr-defined]
        return inner

    return decorate


def _shown(view: View, dossier: Dossier, kw: dict[str, Any], _name: str) -> Any:
    return view(dossier=dossier, **kw)


def _seen(view: View, dossier: Dossier, kw: dict[str, Any], name: str) -> Any:
    """Write the look, then show; to read what is not one's own work, first ask for a reason. What is posted is written
    when it ends with a page instead of a redirect."""
    if request.method in ("GET", "HEAD"):
        return _look(dossier, kw, name) or view(dossier=dossier, **kw)
    dossier_id = dossier.id
    answer = current_app.make_response(view(dossier=dossier, **kw))
    if answer.status_code // 100 == 3 or (found := queries.get(dossier_id)) is None:
        return answer
    return _look(found, kw, name) or answer


def _look(dossier: Dossier, kw: dict[str, Any], name: str) -> Any:
    """The way to the page that asks why, where a reason is lacking; None when the look is written. A step that one may
    take with what others hold, such as to hand it on, is asked for no reason: it is the work of whoever may."""
    if name != READ:
        looks.write(me(), dossier, looks.STEP)
        return None
    why = looks.NONE if permissions.is_own(me(), dossier) else looks.remembered(me(), dossier, sessions.began_at())
    if why is None:
        further = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("officer.why", dossier_id=dossier.id, next=further), 303)
    what, thing_id = next(((what, kw[name]) for name, what in _THINGS.items() if name in kw), (looks.DOSSIER, None))
    looks.write(me(), dossier, what, thing_id, why)
    return None


#: What of a dossier an address is about, by the name of its number there.
_THINGS = {"attachment_id": looks.FILE, "paper_id": looks.PAPER}
