"""Whether one can apply online for a service today, and if not, why."""
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

#: Filing online begins with level 3 (Decree 43/2011/NĐ-CP art. 3).
ONLINE_FROM_LEVEL = 3


class Closed(StrEnum):
    """Why one cannot apply. `level`: the service is information or paper forms only.

    `no_code`: the agency has no confirmed code, and a dossier number begins with it.
    """

    level = "level"
    no_form = "no_form"
    not_yet = "not_yet"
    ended = "ended"
    no_code = "no_code"


@dataclass(frozen=True)
class Opening:
    """True when one can apply; else `reason`, and `on`, the day that the reason speaks of."""

    reason: Closed | None = None
    on: date | None = None

    def __bool__(self) -> bool:
        return self.reason is None


def can_apply(level: int, opens_on: date | None, closes_on: date | None, today: date, *,
              agency_code: str | None, has_form: bool) -> Opening:
    """Whether a service takes dossiers online on `today` (a day in Vietnam).

    `opens_on` is the first day, `closes_on` the last; None sets no bound.
    """
    if level < ONLINE_FROM_LEVEL:
        return Opening(Closed.level)
    if closes_on is not None and today > closes_on:
        return Opening(Closed.ended, closes_on)
    if agency_code is None:
        return Opening(Closed.no_code)
    if not has_form:
        return Opening(Closed.no_form)
    if opens_on is not None and today < opens_on:
        return Opening(Closed.not_yet, opens_on)
    return Opening()


class _Agency(Protocol):
    @property
    def code(self) -> str | None: ...


class _Version(Protocol):
    @property
    def level(self) -> int: ...

    @property
    def form_id(self) -> int | None: ...


class _Service(Protocol):
    @property
    def version(self) -> _Version: ...

    @property
    def agency(self) -> _Agency: ...

    @property
    def opens_on(self) -> date | None: ...

    @property
    def closes_on(self) -> date | None: ...


def of(service: _Service, today: date) -> Opening:
    """Whether one can apply for `service` today."""
    return can_apply(service.version.level, service.opens_on, service.closes_on, today,
                     agency_code=service.agency.code, has_form=service.version.form_id is not None)
