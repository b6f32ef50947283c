"""How often somebody may try. Each count is a transaction of its own, so that a refusal is counted too.

What is counted is guessing: whoever is right gives the count back, so that an office or a carrier's many customers
behind one address do not lock each other out. A browser in which somebody signed in before is counted by itself
(`devices.py`): strangers who try out an account's passwords do not lock its owner out.
"""
from portal.kit import throttle
from portal.kit.db import transaction
from portal.kit.throttle import TooMany
from portal.people import security_log

FIVE_MINUTES, HOUR = 300, 3600
BY_CONTACT, BY_ADDRESS = 10, 30  # wrong passwords in five minutes
SIGN_INS = 60  # right ones of one contact in five minutes: each costs a hash
CODES, CODE_TRIES = 30, 30  # of one address: asked for in an hour and never proven, wrong in five minutes


def _count(name: str, key: str, limit: int, seconds: int) -> None:
    try:
        with transaction():
            throttle.hit(name, key, limit=limit, seconds=seconds)
    except TooMany:
        security_log.record("throttle.met", what=name)
        raise


def _look(name: str, key: str, limit: int, seconds: int) -> None:
    try:
        throttle.look(name, key, limit=limit, seconds=seconds)
    except TooMany:
        security_log.record("throttle.met", what=name)
        raise


def count_sign_in(contact: str, device: str | None) -> None:
    """Before a password is compared: 10 wrong ones in 5 minutes for one contact, 30 for one address; of a browser that
    is known, 10 of its own. Raises TooMany."""
    _look("sign-in done", contact, SIGN_INS, FIVE_MINUTES)
    if device:
        _count("sign-in device", device, BY_CONTACT, FIVE_MINUTES)
        return
    _look("sign-in address", throttle.asker(), BY_ADDRESS, FIVE_MINUTES)
    _count("sign-in contact", contact, BY_CONTACT, FIVE_MINUTES)


def signed_in(contact: str, device: str | None) -> None:
    """The password was right: it was no guess."""
    with transaction():
        throttle.give_back("sign-in device" if device else "sign-in contact", device or contact, seconds=FIVE_MINUTES)
        throttle.hit("sign-in done", contact, limit=10 * SIGN_INS, seconds=FIVE_MINUTES)


def count_wrong_password(device: str | None) -> None:
    """The password was wrong: the address has one try less, where the browser is not known."""
    if not device:
        with transaction():
            throttle.hit("sign-in address", throttle.asker(), limit=2 * BY_ADDRESS, seconds=FIVE_MINUTES)


def count_code_request() -> None:
    """30 codes asked for from one address in an hour and not proven; raises TooMany. How many one contact gets is said
    where they are made."""
    _count("code address", throttle.asker(), CODES, HOUR)


def count_code_try() -> None:
    """30 wrong codes in 5 minutes from one address, on top of 5 for each code; raises TooMany."""
    _count("code try address", throttle.asker(), CODE_TRIES, FIVE_MINUTES)


def code_was_right() -> None:
    """Neither asking for it nor typing it was a guess."""
    with transaction():
        throttle.give_back("code try address", throttle.asker(), seconds=FIVE_MINUTES)
        throttle.give_back("code address", throttle.asker(), seconds=HOUR)


def count_password_try(person_id: int) -> None:
    """10 in 5 minutes for one person who is asked for the password again; raises TooMany."""
    _count("password again", str(person_id), 10, FIVE_MINUTES)
