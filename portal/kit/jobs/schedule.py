"""What a clock puts: jobs without arguments, registered with the hour in Vietnam or the interval."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs.kinds import Kind
from portal.kit.jobs.models import Job
from portal.kit.jobs.queue import put

DAY = timedelta(days=1)
_EPOCH = datetime(2026, 1, 1, tzinfo=clock.VN)


@dataclass(frozen=True)
class Schedule:
    """When a job is put: every `interval`, counted from the `hour` in Vietnam."""

    name: str
    interval: timedelta
    hour: time

    def next_after(self, moment: datetime) -> datetime:
        """The first time after `moment`. Vietnam's clocks are never moved, so days are equally long."""
        first = _EPOCH + timedelta(hours=self.hour.hour, minutes=self.hour.minute)
        return (first + ((moment - first) // self.interval + 1) * self.interval).astimezone(clock.UTC)

    def key(self, due_at: datetime) -> str:
        """The unique key of one time: many workers plan it once."""
        return f"{self.name}@{due_at:%Y-%m-%dT%H:%M}"


SCHEDULES: dict[str, Schedule] = {}


def nightly(at: str) -> Callable[[Kind], Kind]:
    """Put the job every day at this time in Vietnam ("02:40")."""
    return _on(DAY, time.fromisoformat(at))


def every(*, minutes: int) -> Callable[[Kind], Kind]:
    """Put the job every so many minutes."""
    return _on(timedelta(minutes=minutes), time(0))


def plan() -> None:
    """See that the next time of every schedule waits, once. Writes, in a transaction of its own, only what lacks.

    A time that was missed because nobody worked was waiting already, and is done late.
    """
    now = clock.now()
    due = {each.key(at): (each.name, at) for each in SCHEDULES.values() for at in (each.next_after(now),)}
    planned = set(session.scalars(select(Job.unique_key).where(Job.unique_key.in_(due))))
    session.rollback()
    if missing := due.keys() - planned:
        with transaction():
            for key in sorted(missing):
                name, at = due[key]
                put(name, unique=key, due_at=at)


def _on(interval: timedelta, hour: time) -> Callable[[Kind], Kind]:
    def register(kind: Kind) -> Kind:
        SCHEDULES[kind.name] = Schedule(kind.name, interval, hour)
        return kind
    return register
