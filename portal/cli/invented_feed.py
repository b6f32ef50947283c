"""Two years of progress as agencies' own systems would have pushed it: invented by dice, nobody's, no names at all.

It goes through the same verb as real pushes, each at its own moment, in the order of these moments. An agency that
joins sends first what its own system has kept: a year in full, and of older dossiers where they stand. Then it sends
what happened since, every few working days: some more often than others, some with rows that are refused, with words
that nobody knows, or with weeks of silence.
"""
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.catalogue import queries as catalogue
from portal.intake import feed
from portal.kit import clock
from portal.law.calendar import Calendar
from portal.people.models import Agency

EACH, MUCH = 180, 2.5  # dossiers of an agency, and how many times as many the largest have
LARGEST = ("G01", "H17", "H26", "H29")
GROWTH = 0.75  # below 1: the older, the fewer
WANTED, ASKED = 25, 0.6  # what most people come for, and how many of the dossiers are about that
NARROW = 0.2  # agencies that publish nothing else
MOST = 4000  # more than any agency offers
DAYS = 775  # so that each of the last twelve months has the same month of the year before beside it
KEPT = 365  # days of which an agency that joins has every step
OPENED, JOINED_AT_ONCE = 215, 0.45  # days since the first agencies joined, and how many of them did so then
NEWEST = 50  # days since the last one joined
RECENT = 31  # days in which each push is told: those that a meter looks at
LATE, FORGOTTEN = 0.07, 0.002
HELD_UP = 0.04  # rows that reach the agency's own system only days later
CHANNELS = ("online",) * 6 + ("counter",) * 3 + ("post",)
OWN_WORDS = (("status", 9, "DA_CO_KET_QUA"), ("status", 4, "DANG-XL"), ("procedure", None, "TTHC-0147"),
             ("status", 10, "TRA_QUA_BUU_DIEN"))
OWN_WORDS_SINCE = 16  # days ago their systems were replaced

Row = dict[str, Any]


@dataclass(frozen=True)
class Habits:
    """How an agency's system pushes. `every`: working days from one batch to the next, lately and before; `refused`:
    of its rows; `silent`: spans in which nothing comes; `word`: what it calls by a word of its own, lately."""

    joined: datetime
    every: tuple[int, int]
    refused: float
    late: float
    asked: float
    silent: tuple[tuple[datetime, datetime], ...] = ()
    word: tuple[str, int | None, str] | None = None


class Push(NamedTuple):
    """A batch that is going to be pushed."""

    at: datetime
    agency: Agency
    number: int
    rows: list[Row]


class _Told(NamedTuple):
    """A row, and when the agency's own system knew it."""

    at: datetime
    row: Row


def pushes(dice: random.Random, agencies: Sequence[Agency]) -> list[Push]:
    """All that these agencies push, in the order in which it arrives."""
    habits = _habits(dice, agencies)
    return sorted((push for agency in agencies for push in _of(dice, agency, habits[agency.key])),
                  key=lambda push: (push.at, push.agency.key))


def send(push: Push) -> int:
    """Push a batch at its moment; returns how many rows were taken."""
    key = f"demonstration-{push.agency.key}-{push.number}"
    with clock.pretend(push.at):
        return feed.ingest(push.agency, push.rows, channel="api", idempotency_key=key, key_id=None,
                           body_sha256=hashlib.sha256(key.encode()).hexdigest()).accepted


def _habits(dice: random.Random, agencies: Sequence[Agency]) -> dict[str, Habits]:
    """By the agency's key. A few have a fault each, so that there is something to see, the others what dice say."""
    now = clock.now()
    rest = [agency.key for agency in agencies if agency.key not in LARGEST]
    joining = [*LARGEST, *dice.sample(rest, len(rest))]
    found = {key: _habit(dice, now, place / len(joining)) for place, key in enumerate(joining)}
    for largest in LARGEST:  # what most people will look at sends day by day, and of everything
        found[largest] = replace(found[largest], every=(1, found[largest].every[1]), asked=ASKED)
    faulty = iter(dice.sample(rest, len(rest)))
    for days, until in ((9, 0), (23, 0), (37, 12)):
        if key := next(faulty, None):
            found[key] = replace(found[key], silent=((now - timedelta(days), now - timedelta(until)),))
    for share in (0.07, 0.08, 0.11):
        if key := next(faulty, None):
            found[key] = replace(found[key], refused=share)
    for word in OWN_WORDS:
        if key := next(faulty, None):
            found[key] = replace(found[key], word=word)
    return found


def _habit(dice: random.Random, now: datetime, place: float) -> Habits:
    """`place`: from 0, the first to join, to 1."""
    waited = max(0.0, place - JOINED_AT_ONCE) / (1 - JOINED_AT_ONCE) * (OPENED - NEWEST)
    joined = now - timedelta(days=OPENED - waited - dice.uniform(0, 14))
    silent: tuple[tuple[datetime, datetime], ...] = ()
    if dice.random() < 0.4:
        begun = now - timedelta(days=dice.uniform(RECENT + 30, OPENED - 20))
        silent = ((begun, begun + timedelta(days=dice.uniform(15, 40))),)
    # some agencies are simply slower than others: what the comparison is there to show
    return Habits(joined, (dice.choice((1, 2, 3, 3, 3)), dice.choice((6, 7, 8, 10))),
                  dice.choice((0, 0.003, 0.006, 0.01, 0.02)),
                  LATE * dice.choice((0.3, 0.6, 1, 1, 1.8, 3)), 1.0 if dice.random() < NARROW else ASKED, silent)


def _of(dice: random.Random, agency: Agency, habits: Habits) -> Iterator[Push]:
    now, calendar = clock.now(), catalogue.calendar()
    offered = [p for p in catalogue.search(agency=agency.key, size=MOST).items if p.version]
    before: list[_Told] = []
    since: list[_Told] = []
    for n in range(int(EACH * (MUCH if agency.key in LARGEST else 1)) if offered else 0):
        life = list(_life(dice, agency.key, _wanted(dice, offered, habits), n, now, calendar, habits.late))
        old = [told for told in life if told.at < habits.joined]
        before += old if old and old[0].at > now - timedelta(days=KEPT) else old[-1:]
        since += life[len(old):]
    since.sort(key=lambda told: told.at)
    at = 0
    for number, moment in enumerate(_moments(dice, habits, now, calendar)):
        rows = [told.row for told in before] if not number else []
        while at < len(since) and since[at].at <= moment:
            rows.append(_as_sent(dice, since[at].row, habits, now))
            at += 1
        if rows:
            yield Push(moment, agency, number, rows)


def _moments(dice: random.Random, habits: Habits, now: datetime, calendar: Calendar) -> Iterator[datetime]:
    """When batches come: in the evening of a working day, from the day of joining on."""
    closing = calendar.add_days(habits.joined, 0)
    while (at := closing + timedelta(minutes=dice.randint(15, 360))) < now:
        if not any(begun <= at < ended for begun, ended in habits.silent):
            yield at
        lately, earlier = habits.every
        closing = calendar.add_days(closing, lately if at > now - timedelta(days=RECENT) else earlier)


def _as_sent(dice: random.Random, row: Row, habits: Habits, now: datetime) -> Row:
    """The row as the agency's system writes it, mistakes and words of its own among it."""
    if habits.word and row["at"] > (now - timedelta(days=OWN_WORDS_SINCE)).isoformat():
        field, value, word = habits.word
        if row[field] == value or (value is None and dice.random() < 0.3):
            return row | {field: word}
    if dice.random() >= habits.refused:
        return row
    return row | dice.choice(({"channel": "tai-quay"}, {"at": row["at"][:19]}, {"level": 5},
                              {"code": "HS-" + row["code"]}, {"due_at": "2020-01-02T10:00:00+07:00"}))


def _wanted(dice: random.Random, offered: list[Any], habits: Habits) -> Any:
    """What somebody comes for: most often the first of what most people come for."""
    if dice.random() < habits.asked:
        return offered[int(min(WANTED, len(offered)) * dice.random() ** 2)]
    return dice.choice(offered)


def _life(dice: random.Random, agency: str, item: Any, n: int, now: datetime, calendar: Calendar,
          late: float) -> Iterator[_Told]:
    """The rows of one dossier, in the order in which they happened; nothing after now."""
    submitted = now - timedelta(days=DAYS * (1 - dice.random() ** GROWTH), minutes=15)
    received = calendar.add_minutes(submitted, dice.randint(10, 400))
    due = calendar.add_days(received, item.version.limit.amount or 5)
    code = f"{agency}.{dice.randint(1, 20)}-{submitted.astimezone(clock.VN):%y%m%d}-{n + 1:04}"
    told = {"code": code, "procedure": item.procedure.code, "channel": dice.choice(CHANNELS),
            "submitted_at": submitted.isoformat()}
    end = dice.random()
    if end < 0.03:
        yield from _until(dice, now, [(received, 3, {})], told)
        return
    told |= {"received_at": received.isoformat(), "due_at": due.isoformat()}
    steps: list[tuple[datetime, int, Row]] = [(received, 2, {}), (calendar.add_minutes(received, 60), 4, {})]
    if end < 0.05:
        steps.append((calendar.add_minutes(received, 300), 7, {}))
    elif dice.random() >= FORGOTTEN * late / LATE:
        if dice.random() < late:
            done = calendar.add_minutes(due, dice.randint(30, 2400))
        else:
            done = calendar.add_minutes(received, int(max(calendar.minutes_between(received, due) - 20, 90)
                                                      * dice.uniform(0.2, 1)))
        steps += [(done, 9, {"finished_at": done.isoformat()}),
                  (calendar.add_minutes(done, dice.randint(20, 900)), 10, {"finished_at": done.isoformat()})]
    yield from _until(dice, now, steps, told)


def _until(dice: random.Random, now: datetime, steps: list[tuple[datetime, int, Row]], told: Row) -> Iterator[_Told]:
    for sequence, (at, status, more) in enumerate(steps):
        if at < now:
            known = at + timedelta(days=dice.uniform(1, 5) if dice.random() < HELD_UP else 0)
            yield _Told(known, {**told, **more, "status": status, "at": at.isoformat(), "sequence": sequence})
