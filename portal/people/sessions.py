"""Sessions, kept by the server so that each can be ended at once.

The browser's cookie holds a random token and nothing about the person; the table holds its digest. A
session ends by signing out, by idling, after SESSION_LIMIT, or when its person may no longer come in.

Where a second factor is shown, the right password begins half a session: a token of its own under HALF in the cookie,
which nothing but the pages of the second factor asks for. A whole one of the staff has shown one, always.
"""
import hashlib
import secrets
from datetime import datetime, timedelta

import flask
from flask import current_app, g, request
from flask_login import login_user, logout_user
from sqlalchemy import update

from portal.kit import clock, db
from portal.kit.db import session
from portal.people import queries
from portal.people.models import Person, SignIn
from portal.people.places import device, network

TOKEN_BYTES = 16  # 128 bits
NOTE_EVERY, ENDED_FOR = timedelta(minutes=1), timedelta(days=1)
HALF, HALF_LIFE = "half", timedelta(minutes=10)  # in the browser's cookie; how long the second factor is waited for


def digest(token: str) -> str:
    """What is kept of a token. It is random and long: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(person: Person, proven_at: datetime | None) -> str:
    """Begin a session for `person` in this browser and return its token. What it held is dropped.

    `proven_at`: when the person last proved who they are, by a second factor where they have one.
    """
    new = _begin(person, proven_at=proven_at)
    # flask-login writes into the cookie whatever get_id gives: this session's token, not the person
    person.get_id = lambda: new
    login_user(person)
    return new


def start_half(person: Person) -> None:
    """The password was right: begin what the second factor makes a session of."""
    flask.session[HALF] = _begin(person, half_until=clock.now() + HALF_LIFE)


def _begin(person: Person, **more: datetime | None) -> str:
    for old in filter(None, (token(), flask.session.get(HALF))):
        end(old)
    new = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(SignIn(token_digest=digest(new), person_id=person.id, network=network(request.remote_addr or ""),
                       device=device(request.user_agent.string), **more))
    session.flush()
    flask.session.clear()  # nothing of before, neither the CSRF secret nor a token somebody planted
    return new


def half() -> tuple[str, Person] | None:
    """The token of the half session in this browser and whose it is, while the second factor may still be shown."""
    held = flask.session.get(HALF)
    found = queries.sign_in(digest(held)) if held else None
    if held is None or found is None:
        return None
    row, person = found
    waits = row.half_until is not None and row.half_until > clock.now() and row.ended_at is None and person.active
    return (held, person) if waits else None


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
    whole = row.half_until is None and (row.proven_at is not None or not person.staff)
    if not whole or not person.active or row.ended_at is not None or is_over(row, person.staff, now):
        return None
    g.proven_at = row.proven_at
    if now - row.seen_at >= NOTE_EVERY:
        g.seen_token = token
    g.session_began_at = row.at
    return person


def ended_of() -> int | None:
    """The number of the person whose session of this browser is over for less than a day; None where none is known."""
    held = token()
    found = queries.sign_in(digest(held)) if held else None
    if found is None:
        return None
    row, person = found
    over = row.ended_at or row.seen_at
    return person.id if row.half_until is None and clock.now() - over < ENDED_FOR else None


def began_at() -> datetime:
    """When the session of this request began; now, where somebody comes in with it."""
    began: datetime = g.get("session_began_at") or clock.now()
    return began


def is_over(row: SignIn, staff: bool, now: datetime) -> bool:
    """Whether a session has idled too long or has lasted too long."""
    config = current_app.config
    idle = config["IDLE_OFFICER"] if staff else config["IDLE_CITIZEN"]
    return bool(now - row.seen_at > idle or now - row.at > config["SESSION_LIMIT"])


def proven_at() -> datetime | None:
    """When whoever sits at this request's session last proved who they are."""
    return g.get("proven_at")


def is_fresh(limit: timedelta) -> bool:
    """Whether that was within `limit`."""
    at = proven_at()
    return at is not None and clock.now() - at <= limit


def prove() -> None:
    """Whoever sits at this session has just proved again who they are."""
    g.proven_at = clock.now()
    session.execute(update(SignIn).where(SignIn.token_digest == digest(token() or ""), SignIn.ended_at.is_(None))
                    .values(proven_at=g.proven_at))


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
    for held in filter(None, (token(), flask.session.get(HALF))):
        end(held)
    logout_user()
    flask.session.clear()


def end(token: str) -> None:
    """End one session."""
    session.execute(update(SignIn).where(SignIn.token_digest == digest(token), SignIn.ended_at.is_(None))
                    .values(ended_at=clock.now()))


def end_one(person: Person, sign_in_id: int) -> bool:
    """End one session of `person`, by its number; False for one that is not theirs or is over."""
    ended = session.scalars(update(SignIn).where(
        SignIn.id == sign_in_id, SignIn.person_id == person.id, SignIn.ended_at.is_(None)).values(
        ended_at=clock.now()).returning(SignIn.id)).first()
    return ended is not None


def end_all(person: Person, but: str | None = None) -> int:
    """End every session of `person`, except the one with the token `but`. How many."""
    query = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    if but is not None:
        query = query.where(SignIn.token_digest != digest(but))
    return len(session.scalars(query.values(ended_at=clock.now()).returning(SignIn.id)).all())


def end_every() -> int:
    """End every session of everybody. Returns how many held."""
    ended = session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=clock.now())
                            .returning(SignIn.token_digest))
    return len(ended.all())


def open_for(person: Person) -> list[tuple[SignIn, bool]]:
    """The sessions of `person` that still hold, each with whether it is this browser's."""
    now, here = clock.now(), digest(token() or "")
    return [(row, row.token_digest == here) for row in queries.open_sign_ins(person)
            if not is_over(row, person.staff, now)]
