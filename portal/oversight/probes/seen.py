"""What a probe is, what it is given and what it saw."""
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.people.models import Agency

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Seen:
    """`passed` None: it could not look, and the fact "why" names the reason (WHY_WORDS). `facts`: plain values, kept as
    they were seen."""

    passed: bool | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Want:
    """Something that must be given with a probe. `kind`: number, text, lines, choice. `default`: what stands
    where nothing is given; None: something must be. `choices`: (value, words) of a choice, asked for when they are
    shown. `check`: what is wrong with a text that was given, as a msgid; "" for nothing."""

    words: str
    kind: str = "number"
    default: Any = None
    help: str = ""
    least: int | None = None
    most: int | None = None
    choices: Callable[[], Choices] | None = None
    check: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Asked:
    """Of whom a probe is asked, on which day, for which period of a task that comes again ("" for none)."""

    agencies: Collection[Agency]
    day: date
    wanted: Mapping[str, Any]
    period: str = ""


Look = Callable[[Asked], dict[int, Seen]]
Gather = Callable[[Asked], Any]
Judge = Callable[[Any], dict[int, Seen]]


@dataclass(frozen=True)
class Probe:
    """`look` reads the portal's own data. One that is slow or asks another machine has `gather` and `judge` instead:
    `judge` is given the plain values that `gather` read, and holds no transaction. `alone`: each agency is a job of its
    own, because one that does not answer takes long."""

    words: str
    look: Look | None = None
    wants: Mapping[str, Want] = field(default_factory=dict)
    gather: Gather | None = None
    judge: Judge | None = None
    alone: bool = False


def cannot(why: str, agencies: Collection[Agency]) -> dict[int, Seen]:
    """That it could not look at any of these."""
    return {one.id: Seen(None, {"why": why}) for one in agencies}
