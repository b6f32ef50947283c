"""What a participant and this portal share: the secret that a client of the national axis signs its headers with, and
the key by which we push to another portal. Sealed, each bound to its participant and its use: copied into another's
row it opens nothing.

Of secrets two may live at a time, so that a new one is in use before the old one goes.
"""
import logging
import secrets as made
from datetime import datetime, timedelta

from portal.exchange.models import Participant
from portal.kit import clock, secret_keys

USE = "exchange secrets"
LONGEST = 100  # of a secret that was given out elsewhere and is typed in
OVERLAP = timedelta(days=7)
log = logging.getLogger(__name__)


class Unfit(ValueError):
    """A typed secret or key that is no line of plain signs of a sensible length."""


def new() -> str:
    """A secret that nobody has: 256 bits."""
    return made.token_urlsafe(32)


def keep(participant: Participant, secret: str, *, overlap: timedelta = timedelta(0)) -> None:
    """`secret` holds from now on; the newest one before it for `overlap` more. Flush first: it is bound to the id.
    Raises Unfit."""
    _check(secret)
    before = of(participant)
    lines = [secret]
    if before and overlap and before[0] != secret:
        lines += [before[0], (clock.now() + overlap).isoformat()]
    participant.secret = secret_keys.seal(USE, _owner(participant, "secret"), "\n".join(lines).encode())


def of(participant: Participant) -> tuple[str, ...]:
    """The secrets that hold now, the newest first; none where none was given, or it can be read no more."""
    text = _opened(participant, "secret", participant.secret)
    if text is None:
        return ()
    newest, *older = text.split("\n")
    return (newest, older[0]) if older and datetime.fromisoformat(older[1]) > clock.now() else (newest,)


def keep_push_key(participant: Participant, key: str) -> None:
    """The key by which we push to this participant's portal. Flush first. Raises Unfit."""
    _check(key)
    participant.push_key = secret_keys.seal(USE, _owner(participant, "push"), key.encode())


def push_key(participant: Participant) -> str | None:
    """The key by which we push to this participant's portal."""
    return _opened(participant, "push", participant.push_key)


def is_fit(secret: str) -> bool:
    """Whether it is one line of plain signs of a sensible length."""
    return 8 <= len(secret) <= LONGEST and secret.isascii() and secret.isprintable() and " " not in secret


def _check(secret: str) -> None:
    if not is_fit(secret):
        raise Unfit


def _owner(participant: Participant, what: str) -> str:
    assert participant.id is not None
    return f"participant {participant.id} {what}"


def _opened(participant: Participant, what: str, sealed: str | None) -> str | None:
    if sealed is None:
        return None
    try:
        return secret_keys.unseal(USE, _owner(participant, what), sealed).decode()
    except secret_keys.Unsealable:
        log.error("the %s of participant %s was sealed with a secret that is gone: give a new one", what,
                  participant.id)
        return None
