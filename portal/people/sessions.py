"""Sessions, kept by the server so that each can be ended at once.

The browser's cookie holds a random token and nothing about the person; the table holds its digest. A
session ends by signing out, by idling, after SESSION_LIMIT, or when its person may no longer come in.
"""
import hashlib
import secrets
from datetime import datetime, timedelta

import flask
from flask import current_app, g
from flask_login import login_user, logout_user
from sqlalchemy import update

from portal.kit import clock, db
from portal.kit.db import session
from portal.people import queries
from portal.people.models import Person, SignIn

TOKEN_BYTES = 16  # 128 bits
NOTE_EVERY = timedelta(minutes=1)


def digest(token: str) -> str:
    """What is kept of a token. It is random and long: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(person: Person) -> str:
    """Begin a session for `person` in this browser and return its token. What it held is dropped."""
    if old := token():
        end(old)
    new = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(SignIn(token_digest=digest(new), person_id=person.id))
    session.flush()
    flask.session.clear()  # nothing of before, neither the CSRF secret nor a token somebody planted
    # flask-login writes into the cookie whatever get_id gives: this session's token, not the person
    person.get_id = lambda: new
    login_user(person)
    return new


def token() -> str | None:
    """The token in this browser's cookie."""
    return flask.session.get("_user_id")


def person_of(token: str) -> Person | None:
    """Whose session this is; None when it is over."""
    found = queries.sign_in(digest(token))
    if found is None:
        return None
    row, person = found
    now = clock.now()
    if not person.active or row.ended_at is not None or is_over(row, person.staff, now):
        return None
    if now - row.seen_at >= NOTE_EVERY:
        g.seen_token = token
    return person


def is_over(row: SignIn, staff: bool, now: datetime) -> bool:
    """Whether a session has idled too long or has lasted too long."""
    config = current_app.config
    idle = config["IDLE_OFFICER"] if staff else config["IDLE_CITIZEN"]
    return bool(now - row.seen_at > idle or now - row.at > config["SESSION_LIMIT"])


def is_to_note() -> bool:
    """Whether this request used a session that was last noted more than a minute ago."""
    return "seen_token" in g


def note_seen() -> None:
    """Note that the session was used, if that can be written at once: reading never needs writing. One that was ended
    meanwhile stays ended."""
    db.in_passing(update(SignIn).where(SignIn.token_digest == digest(g.pop("seen_token")), SignIn.ended_at.is_(None))
                  .values(seen_at=clock.now()))


def leave() -> None:
    """End the session of this browser."""
    if held := token():
        end(held)
    logout_user()
    flask.session.clear()


def end(token: str) -> None:
    """End one session."""
    session.execute(update(SignIn).where(SignIn.token_digest == digest(token), SignIn.ended_at.is_(None))
                    .values(ended_at=clock.now()))


def end_all(person: Person, but: str | None = None) -> None:
    """End every session of `person`, except the one with the token `but`."""
    query = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    if but is not None:
        query = query.where(SignIn.token_digest != digest(but))
    session.execute(query.values(ended_at=clock.now()))


def open_for(person: Person) -> list[tuple[SignIn, bool]]:
    """The sessions of `person` that still hold, each with whether it is this browser's."""
    now, here = clock.now(), digest(token() or "")
    return [(row, row.token_digest == here) for row in queries.open_sign_ins(person)
            if not is_over(row, person.staff, now)]
