"""What a colleague is told who comes to the wrong door: who holds the dossier, and where one goes on.

Strangers get the 404 of what does not exist, and nothing here says more to anybody than they may read anyway.
"""
from typing import Any, NoReturn

from flask import abort, make_response, render_template, request, url_for

from portal.dossiers import permissions, queries
from portal.dossiers.permissions import READ
from portal.dossiers.states import State
from portal.people.models import Person
from portal.web import step_up
from portal.web.words import DESK_STATES, DO_WORDS

LONG_TEXT = 12  # characters; what is shorter is a choice or a number


def typed() -> list[str]:
    """The longer texts that were posted: nobody should have to write them twice."""
    return [value for name, value in request.form.items()
            if name not in step_up.NAMES | {step_up.FILES} and len(value) >= LONG_TEXT]


def turn_away(person: Person, dossier_id: int, outline: Any) -> NoReturn:
    """403 with words for who reads the dossier; where it went, for who dealt with it before; else 404.

    `outline`: what the guard asked by (queries.outline). The dossier is read for who may read it alone, so that an
    unknown one and somebody else's take the same time."""
    dossier = queries.get(dossier_id) if permissions.may_as_staff(person, READ, outline) else None
    if dossier is not None:
        here = url_for("officer.show", dossier_id=dossier.id)
        _say(dossier=dossier, state=DESK_STATES[State(dossier.state)], mine=dossier.officer_id == person.id, desk=here,
             applicants=request.blueprint == "citizen",
             possible=[(DO_WORDS[step], here) for step in permissions.steps_for(person, dossier)])
    if (went := queries.went_to(dossier_id, person)) is not None:
        _say(went=went)
    abort(404)


def _say(**facts: Any) -> NoReturn:
    abort(make_response(render_template("errors/held.html", typed=typed(), **facts), 403))
