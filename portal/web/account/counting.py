"""How often somebody may try. Each count is a transaction of its own, so that a refusal is counted too."""
from portal.kit import throttle
from portal.kit.db import transaction

FIVE_MINUTES, HOUR = 300, 3600


def _count(name: str, key: str, limit: int, seconds: int) -> None:
    with transaction():
        throttle.hit(name, key, limit=limit, seconds=seconds)


def count_sign_in(contact: str) -> None:
    """10 in 5 minutes for one contact, 30 for one address; raises TooMany."""
    _count("sign-in address", throttle.asker(), 30, FIVE_MINUTES)
    _count("sign-in contact", contact, 10, FIVE_MINUTES)


def count_code_request(contact: str) -> None:
    """5 codes an hour to one contact, 10 asked for from one address; raises TooMany."""
    _count("code address", throttle.asker(), 10, HOUR)
    _count("code contact", contact, 5, HOUR)


def count_code_try() -> None:
    """30 codes tried in 5 minutes from one address, on top of 5 for each code; raises TooMany."""
    _count("code try address", throttle.asker(), 30, FIVE_MINUTES)


def count_password_try(person_id: int) -> None:
    """10 in 5 minutes for one person who is asked for the password again; raises TooMany."""
    _count("password again", str(person_id), 10, FIVE_MINUTES)
