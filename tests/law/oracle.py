"""When a dossier is due, found by walking through time minute by minute: slow, plain, and written apart from the rule.

It knows days off and opening hours as bare lists and shares no code with portal.law.
"""
from dataclasses import dataclass
from datetime import date, datetime, timedelta

MINUTE = timedelta(minutes=1)
HOURS = ((7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60))  # in minutes of the day


@dataclass
class Office:
    """Days off, and Saturdays that are worked. Moments are naive, in Vietnam's time, whole minutes."""

    off: set[date]
    worked: set[date]

    def works_on(self, day: date) -> bool:
        return day in self.worked or (day.isoweekday() <= 5 and day not in self.off)

    def works_in(self, minute: datetime) -> bool:
        """Whether the minute that begins now is an office minute."""
        at = minute.hour * 60 + minute.minute
        return self.works_on(minute.date()) and any(a <= at < b for a, b in HOURS)

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there to receive: the closing moment is within hours."""
        return self.works_in(moment) or (self.works_on(moment.date()) and self.works_in(moment - MINUTE))


def opening(office: Office, moment: datetime) -> datetime:
    while not office.is_open(moment):
        moment += MINUTE
    return moment


def close_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17)


def after_hours(office: Office, moment: datetime, minutes: int) -> datetime:
    """The moment at which so many office minutes have passed."""
    while minutes:
        minutes -= office.works_in(moment)
        moment += MINUTE
    return moment


def counted(office: Office, received: datetime, amount: int, unit: str) -> datetime:
    """The end of a limit that begins now."""
    if unit == "working_hour":
        return after_hours(office, received, amount * 60) if amount else opening(office, received)
    day = opening(office, received).date()
    if unit == "day":
        day += timedelta(days=amount)
        while not office.works_on(day):
            day += timedelta(days=1)
        return close_of(day)
    while amount:
        day += timedelta(days=1)
        amount -= office.works_on(day)
    return close_of(day)


def due(office: Office, received: datetime, amount: int, unit: str, stops: list[tuple[str, datetime, datetime | None]],
        restarts: bool) -> datetime | None:
    """The due moment, None while an answer is awaited. `stops`: what for, asked, answered."""
    if any(answered is None for _what, _asked, answered in stops):
        return None
    begun = max((answered for what, _asked, answered in stops if what == "supplement" and restarts and answered),
                default=received)
    end = counted(office, begun, amount, unit)
    waited = 0
    moment = begun
    last = max((answered for _what, _asked, answered in stops if answered), default=begun)
    while moment < last:
        stopped = any(asked <= moment < answered for _what, asked, answered in stops if answered)
        waited += stopped and office.works_in(moment)
        moment += MINUTE
    return after_hours(office, end, waited)
