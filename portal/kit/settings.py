"""What is given from outside as PORTAL_<NAME>, read as what the setting is. A value that cannot be one is refused
before anything starts, in words: `PORTAL_DEMONSTRATION=no` must never mean yes, nor a typing mistake wait for the first
request that needs it. So is a name that is no setting: a rule that somebody believes in force would not be.
"""
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from portal.kit import clamd

PREFIX = "PORTAL_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
LARGEST = 2**53
DATABASES = ("sqlite", "postgresql", "postgres")  # the last is what some hosts still say
LEAST = {"ARGON2_MEMORY_KIB": 8, "ARGON2_PASSES": 1, "JOB_LEASE_S": 0.1, "MAX_CONTENT_LENGTH": 1024,
         "MAX_FORM_MEMORY_SIZE": 1024, "MAX_FORM_PARTS": 1, "IDLE_OFFICER": 60, "IDLE_CITIZEN": 60,
         "SESSION_LIMIT": 60, "ATTACHMENT_BYTES": 1, "DOSSIER_BYTES": 1, "DATABASE_CONNECT_S": 1,
         "EXCHANGE_BYTES": 1024, "EXCHANGE_ATTACHMENT_BYTES": 1, "EXCHANGE_LEASE_S": 1}  # others may be 0
LONGEST_PAUSE_S = 30 * 86_400
LONGEST_DAYS = 366
MOST = {"TRUSTED_PROXIES": 20, "EXCHANGE_LEASE_S": LONGEST_PAUSE_S}
SECRET_CHARACTERS, DIFFERENT = 32, 8
# Names of ours that tell tests and tools something, and what Kubernetes sets beside a service that is called "portal".
_NOT_SETTINGS = re.compile(r"PORTAL_(TEST_\w+|REQUIRE_BROWSER|URL|KEY|SERVICE_(HOST|PORT\w*)|PORT_\d+_\w+)")
# Names that no address of the open Internet has (RFC 2606, RFC 6761, RFC 6762, ICANN's .internal).
_OWN_NAMES = (".localhost", ".test", ".example", ".invalid", ".local", ".lan", ".home.arpa", ".internal")


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
    _refuse_unknown(defaults, given)
    return found


def check(config: Mapping[str, Any]) -> None:
    """What settings must be together, whether given or not. Raises Unset."""
    if not config["SECRET_KEY"]:
        raise Unset("set PORTAL_SECRET_KEY: the portal has no default secret "
                    "(on your own machine, tools/portal.sh sets it: tools/portal.sh flask --app portal …)")
    for name, words in (("SECRET_KEY", config["SECRET_KEY"]),
                        *(("SECRET_KEY_FALLBACKS", old) for old in config["SECRET_KEY_FALLBACKS"] or ())):
        if len(str(words)) < SECRET_CHARACTERS or len(set(str(words))) < DIFFERENT:
            raise Unset(f"{PREFIX}{name} is too easy to guess: it is at least {SECRET_CHARACTERS} random characters, "
                        "such as `openssl rand -hex 32` makes.")
    names = [str(name) for name in config["TRUSTED_HOSTS"] or ()]
    if address := config["PUBLIC_URL"]:
        names.append(urlsplit(str(address)).hostname or "")
    public = next((name for name in names if not _is_own(name)), None)
    if config["DEMONSTRATION"] and public and not config["DEMONSTRATION_IN_PUBLIC"]:
        raise Unset(f"{PREFIX}DEMONSTRATION is on and the portal answers to {public}: everybody knows the passwords of "
                    f"the invented people. Set {PREFIX}DEMONSTRATION=0, or {PREFIX}DEMONSTRATION_IN_PUBLIC=1 where a "
                    "demonstration is meant for the public.")


def _is_own(name: str) -> bool:
    """Whether a host's name or address is this machine's or a private network's."""
    name = name.strip("[].").lower()
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in name or f".{name}".endswith(_OWN_NAMES)


def _refuse_unknown(defaults: Mapping[str, Any], given: Mapping[str, str]) -> None:
    known = [PREFIX + name for name in defaults if name.isupper()]
    for name, words in given.items():
        if not name.startswith(PREFIX) or name in known or _NOT_SETTINGS.fullmatch(name) or (
                name == "PORTAL_PORT" and "://" in words):
            continue
        bare = name.removeprefix(PREFIX)
        near = [bare] if bare in _BARE else get_close_matches(name, known, n=1, cutoff=0.75)
        raise Unset(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ".")
                    + " config.py lists all of them.")


def _value(name: str, default: Any, words: str) -> Any:
    if check := _SHAPES.get(name):
        return check(words) if words or default is not None else None
    if isinstance(default, bool):
        return _switch(words)
    if isinstance(default, int | float | timedelta):
        number = _number(words, float if isinstance(default, float) else int, LEAST.get(name, 0),
                         MOST.get(name, LARGEST))
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


def _number(words: str, kind: Callable[[str], float], least: float, most: float) -> float:
    try:
        number = kind(words)
    except ValueError:
        raise ValueError(f"it is {'a whole number' if kind is int else 'a number'}") from None
    if not least <= number <= most:
        raise ValueError(f"it is {least} to {most}" if most < LARGEST or number > most else f"it is at least {least}")
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


def _pauses(words: str) -> list[float]:
    """A JSON list of seconds, or numbers with commas between them."""
    listed = words.strip("[] ")
    if not listed or (words.startswith("[") is not words.endswith("]")):
        raise ValueError("it is a list of seconds, such as 10, 60, 300")
    return [_number(each.strip(), float, 0, LONGEST_PAUSE_S) for each in listed.split(",")]


def _days(words: str) -> list[int]:
    """A JSON list of days, or numbers with commas between them; none at all."""
    listed = words.strip("[] ")
    if words.startswith("[") is not words.endswith("]"):
        raise ValueError("it is a list of days, such as 7, 1")
    return [int(_number(each.strip(), int, 0, LONGEST_DAYS)) for each in listed.split(",") if listed]


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


def _scanner(words: str) -> str:
    clamd.split(words)
    return words


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


def _some_words(words: str) -> str:
    if not words:
        raise ValueError("it is empty")
    return words


def _mail_address(words: str) -> str:
    """`name@host`, or `Some words <name@host>`."""
    local, at, host = parseaddr(words)[1].rpartition("@")
    if not (local and at and host) or any(ord(sign) < 32 for sign in words):
        raise ValueError("it is an e-mail address, such as no-reply@portal.example")
    return words


def _same_site(words: str) -> str:
    if words not in ("Lax", "Strict"):
        raise ValueError("it is Lax or Strict")
    return words


# Those of which the kind of the default does not say enough.
_SHAPES: dict[str, Callable[[str], Any]] = {
    "SECRET_KEY": _words, "SECRET_KEY_FALLBACKS": _names,
    "PUBLISHER_CONTACT": _mail_address, "MAIL_FROM": _mail_address,
    "DATABASE_URL": _database, "OWNER_DATABASE_URL": _owner, "FILES_FOLDER": _some_words,
    "SESSION_COOKIE_SAMESITE": _same_site, "SESSION_COOKIE_PATH": _some_words,
    "TRUSTED_HOSTS": _hosts, "CALL_NETWORKS": _networks, "PUBLIC_URL": _address("https", "http"),
    "LICENCE_URL": _address("https", "http"), "SMTP_URL": _address("smtp", "smtps"),
    "CLAMD": _scanner, "EXCHANGE_PATIENCE_S": _pauses, "TASK_REMINDERS": _days,
}
_BARE = ("PORT", "HOST", "WEB_CONCURRENCY")  # settings of the web server, which have no PORTAL_ before them
