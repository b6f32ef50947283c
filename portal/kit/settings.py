"""What is given from outside as PORTAL_<NAME>, read as what the setting is. A value that cannot be one is refused
before anything starts, in words: `PORTAL_DEMONSTRATION=no` must never mean yes, nor a typing mistake wait for the first
request that needs it.
"""
import ipaddress
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "PORTAL_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
DATABASES = ("sqlite", "postgresql", "postgres")  # the last is what some hosts still say
LEAST = {"ARGON2_MEMORY_KIB": 8, "ARGON2_PASSES": 1, "JOB_LEASE_S": 0.1}  # others may be 0


class Unset(ClickException, RuntimeError):
    """A setting is not given or cannot be read: one line for who typed a command, an error for servers."""


def read(defaults: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """What is given for those settings that have a default, which says of which kind each is.

    Raises Unset for the first that cannot be read.
    """
    found: dict[str, Any] = {}
    for name, default in defaults.items():
        if (words := given.get(PREFIX + name)) is None:
            continue
        try:
            found[name] = _value(name, default, words.strip())
        except ValueError as error:
            # its value may be a secret, so it is not repeated
            raise Unset(f"{PREFIX}{name} cannot be read: {error}.") from None
    if not (processes := given.get("WEB_CONCURRENCY") or "1").isdecimal() or int(processes) < 1:
        raise Unset("WEB_CONCURRENCY cannot be read: it is a number of processes, such as 2.")
    return found


def _value(name: str, default: Any, words: str) -> Any:
    if check := _SHAPES.get(name):
        return check(words) if words or default is not None else None
    if isinstance(default, bool):
        return _switch(words)
    if isinstance(default, int | float | timedelta):
        number = _number(words, float if isinstance(default, float) else int, LEAST.get(name, 0))
        return timedelta(seconds=number) if isinstance(default, timedelta) else number
    if isinstance(default, str):
        return words
    if default is None:
        return _json_or_words(words)
    return _json(words)


def _switch(words: str) -> bool:
    if words.lower() not in YES + NO:
        raise ValueError("it is 1 (yes) or 0 (no)")
    return words.lower() in YES


def _number(words: str, kind: Callable[[str], float], least: float) -> float:
    try:
        number = kind(words)
    except ValueError:
        raise ValueError(f"it is {'a whole number' if kind is int else 'a number'}") from None
    if not least <= number < float("inf"):
        raise ValueError(f"it is at least {least}")
    return number


def _names(words: str) -> list[str]:
    """A JSON list, or words with commas between them."""
    try:
        found = json.loads(words)
    except ValueError:
        found = words.split(",")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError("it is a JSON list of names")
    return [each.strip() for each in found if each.strip()]


def _hosts(words: str) -> list[str]:
    found = _names(words)
    if not found or any("/" in each or " " in each for each in found):
        raise ValueError("it is a JSON list of host names, such as '[\"portal.example\"]'")
    return found


def _networks(words: str) -> list[str]:
    found = _names(words)
    for each in found:
        ipaddress.ip_network(each)  # its own words say what is wrong
    return found


def _database(words: str) -> str:
    try:
        backend = make_url(words).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in DATABASES:
        raise ValueError("it is sqlite:///path or postgresql://user:password@host/name")
    return words


def _owner(words: str) -> str:
    if _database(words).startswith("sqlite"):
        raise ValueError("only PostgreSQL has a second role")
    return words


def _address(*schemes: str) -> Callable[[str], str]:
    def check(words: str) -> str:
        parts = urlsplit(words)
        try:
            fits = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fits = False
        if not fits:
            raise ValueError("it is an address that begins with " + " or ".join(f"{each}://" for each in schemes))
        return words
    return check


def _json(words: str) -> Any:
    try:
        return json.loads(words)
    except ValueError:
        raise ValueError("it is written as JSON") from None


def _json_or_words(words: str) -> Any:
    """For settings of Flask's own that have no default to say their kind, as Flask reads them."""
    try:
        return json.loads(words)
    except ValueError:
        return words


def _words(words: str) -> str:
    return words


# Those of which the kind of the default does not say enough.
_SHAPES: dict[str, Callable[[str], Any]] = {
    "SECRET_KEY": _words, "PUBLISHER_CONTACT": _words, "DATABASE_URL": _database, "OWNER_DATABASE_URL": _owner,
    "TRUSTED_HOSTS": _hosts, "CALL_NETWORKS": _networks, "PUBLIC_URL": _address("https", "http"),
    "LICENCE_URL": _address("https", "http"), "SMTP_URL": _address("smtp", "smtps"),
}
