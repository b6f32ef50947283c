"""Doors for people. Each blueprint is one audience."""
from typing import Any

from flask import Flask, current_app, has_request_context, redirect, render_template, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines, looks, permissions, queries, queues
from portal.dossiers.allowance import EnoughToday
from portal.dossiers.deadlines import NotLawful
from portal.dossiers.states import NotNow, Step
from portal.exchange.rows import TRAFFIC
from portal.kit import clock, row_security
from portal.kit.i18n import _, translated
from portal.kit.row_security import Reach
from portal.kit.web import AWAY_S, error_page, reference, surely
from portal.law.calendar import CalendarEnds
from portal.law.wording import calendar_ends_words
from portal.oversight.rows import REPORTS, of_agency
from portal.people import permissions as roles
from portal.people import sessions
from portal.people.models import Person
from portal.web import (
    account,
    admin,
    citizen,
    files,
    government,
    officer,
    places,
    progress,
    public,
    refusals,
    resending,
    terms,
)
from portal.web.turned_away import typed
from portal.web.words import DO_WORDS, STATE_WORDS, limit_in_words

DOORS = (public, progress, account, citizen, officer, government, admin)


def _on_not_now(error: NotNow) -> Any:
    """A step that the dossier's state does not allow: say how it stands and what can be done now."""
    dossier_id = (request.view_args or {}).get("dossier_id")
    door = "officer" if request.blueprint == "officer" else "citizen"
    possible = _possible_now(dossier_id, door) if dossier_id else []
    state = STATE_WORDS[error.state] if error.state else None
    return error_page(409, state_text=_("The dossier is now: %(state)s.", state=state or "—"), possible=possible,
                      typed=typed())


def _on_enough_today(error: EnoughToday) -> Any:
    """As many applications as one person may begin or hand in on a day."""
    words = _("You have begun %(n)s applications today, which is all that one person may. Go on tomorrow, or with one "
              "of your drafts.", n=error.limit) if error.what == "drafts" else \
        _("You have handed in %(n)s applications today, which is all that one person may. This one is kept as a draft: "
          "hand it in tomorrow.", n=error.limit)
    return error_page(429, enough=words)


def _on_not_lawful(error: NotLawful) -> Any:
    """A step that the state allows and the dossier's rules do not: say which rule."""
    dossier_id = (request.view_args or {}).get("dossier_id")
    door = "officer" if request.blueprint == "officer" else "citizen"
    return render_template("errors/unlawful.html", words=translated(error.why), typed=typed(),
                           possible=_possible_now(dossier_id, door) if dossier_id else []), 409


def _on_calendar_ends(error: CalendarEnds) -> Any:
    """A date beyond the days that are known: nothing is done, and the page says why."""
    return render_template("errors/calendar.html", words=translated(calendar_ends_words(error))), 409


def _possible_now(dossier_id: int, door: str) -> list[tuple[Any, str]]:
    """The dossier as it stands now, and each step that this person could take: all on the dossier's page."""
    here = url_for(f"{door}.show", dossier_id=dossier_id)
    dossier = queries.get(dossier_id)
    steps = permissions.steps_for(current_user, dossier) if dossier else ()
    refused = deadlines.refusals(dossier, clock.now(), catalogue.calendar()) if dossier and steps else {}
    return [(_("Open the dossier as it is now"), here),
            *((DO_WORDS[step], here) for step in steps if step not in refused)]


def _person_of(token: str) -> Person | None:
    """Whose session this is. From here on the request reaches that person's rows in the database, and no others."""
    person = sessions.person_of(token)
    if person is not None and row_security.is_on():
        row_security.reach(_reach_of(person))
    return person


# whoever moves dossiers from hand to hand reads of them what the list of those has
MOVES = f"{permissions.permission(Step.assign)}{roles.ANY}"
DOCUMENTS = "document.read"
#: Whoever runs the exchange, and whoever watches it, sees what passes through.
RUN = ("exchange.manage", "exchange.watch")
REPORTING = ("report.read", "plan.register", "report.watch")


def _reach_of(person: Person) -> Reach:
    if not person.staff:
        return Reach(person_id=person.id)
    held = [at for named in (roles.READ, MOVES, DOCUMENTS) for at in roles.places(person, named)]
    return Reach(person_id=person.id, everything=None in held,
                 agencies=[at.agency_id for at in held if at and at.unit_id is None],
                 units=[at.unit_id for at in held if at and at.unit_id is not None],
                 also=[*([TRAFFIC] if any(roles.may(person, named) for named in RUN) else ()), *_reports_of(person)])


def _reports_of(person: Person) -> list[str]:
    """Whose reports and plans a person reads: without reaching anything else of these agencies."""
    held = [at for named in REPORTING for at in roles.places(person, named)]
    return [REPORTS] if None in held else [of_agency(at.agency_id) for at in held if at]


def _on_unwritten(error: looks.Unwritten) -> Any:
    """Nothing of a dossier is shown where it cannot be written who looked."""
    answer = current_app.make_response((render_template("errors/unwritten.html", reference=reference()), 503))
    answer.headers["Retry-After"] = str(AWAY_S)
    return answer


def init_app(app: Flask) -> None:
    login = LoginManager()
    login.init_app(app)
    login.session_protection = None  # the server's own session row does this work
    login.user_loader(_person_of)
    login.unauthorized_handler(lambda: redirect(url_for("account.sign_in"), 303))
    app.register_error_handler(CSRFError, surely(resending.on_csrf))
    app.register_error_handler(NotNow, _on_not_now)
    app.register_error_handler(CalendarEnds, _on_calendar_ends)
    app.register_error_handler(NotLawful, _on_not_lawful)
    app.register_error_handler(looks.Unwritten, _on_unwritten)
    app.register_error_handler(EnoughToday, _on_enough_today)
    files.init_app(app)

    @app.context_processor
    def person() -> dict[str, Any]:
        # no cookie, no look-up: public pages stay the same for everybody who has not signed in
        known = has_request_context() and current_user.is_authenticated  # papers are rendered without a request
        person = current_user._get_current_object() if known else None
        return {"current_person": person, "answered_for_me": lambda: queues.answered_for(person) if person else 0,
                "may": lambda name: person is not None and roles.may(person, name),
                "demonstration": app.config["DEMONSTRATION"]}

    app.jinja_env.globals["limit"] = limit_in_words
    refusals.init_app(app)
    places.init_app(app)
    terms.init_app(app)
    for door in DOORS:
        app.register_blueprint(door.bp)
