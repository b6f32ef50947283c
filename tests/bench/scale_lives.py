"""Invented dossiers by the million: many procedures, agencies, ways in and ends; the same number, the same dossier.

Plain numbers as far as it goes, because each microsecond here is ten seconds of ten million. Moments are seconds
since 1970 in UTC.
"""
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import or_, select

from portal.catalogue.models import Procedure, Service, ServiceVersion
from portal.kit.db import session
from portal.people.models import Agency, AgencyKind
from portal.statistics.measures import months_back

DAY, HOUR, AHEAD = 86_400, 3_600, 7 * 3_600
MONTHS, CENTRAL = 36, 30
OLD_PROVINCES = date(2025, 6, 30)  # until then there were 63
CHANNELS = ("online", "counter", "post")
LIMITS = (1, 3, 3, 5, 5, 7, 10, 15, 20, 30)  # working days, where the catalogue says nothing that counts
Draw = Callable[[], float]


class Offer(NamedTuple):
    """A procedure as an agency has it."""

    code: str
    name: str
    sector_id: int | None
    level: int
    days: int


class Body(NamedTuple):
    """An agency, the code before its dossiers' codes, and the numbers of the offers that it has."""

    id: int
    code: str
    offers: tuple[int, ...]


@dataclass(frozen=True)
class Nation:
    """93 agencies, what they offer, the first and last second of the 36 months."""

    bodies: tuple[Body, ...]
    offers: tuple[Offer, ...]
    since: int
    until: int


class Life(NamedTuple):
    """One dossier. `walk` of WALKS says what happened, `at` when."""

    id: int
    code: str
    agency_id: int
    offer: int
    channel: str
    timing: str | None
    due: int | None
    walk: int
    at: tuple[int, ...]

    @property
    def status(self) -> int:
        return WALKS[self.walk][-1][1]

    @property
    def received(self) -> int | None:
        return self.at[1] if self.due else None

    @property
    def stopped(self) -> int | None:
        return self.at[-1] if self.status == ASKED else None

    @property
    def finished(self) -> int | None:
        return self.at[ENDS[self.walk]] if ENDS[self.walk] else None


ASKED = 5
BEGUN = (("submit", 1), ("accept", 2))
WALKS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("submit", 1),), (("submit", 1), ("refuse", 3)), BEGUN, (*BEGUN, ("process", 4)), (*BEGUN, ("ask", ASKED)),
    (*BEGUN, ("withdraw", 7)), (*BEGUN, ("decide", 9)), (*BEGUN, ("process", 4), ("decide", 9)),
    (*BEGUN, ("decide", 9), ("hand_over", 10)), (*BEGUN, ("ask", ASKED), ("answer", 4), ("decide", 9)))
SUBMITTED, REFUSED, RECEIVED, PROCESSED, WAITING, WITHDRAWN, DECIDED, DECIDED_SLOWLY, HANDED_OVER, ANSWERED = range(10)
ENDS = tuple(next((n for n, (word, _status) in enumerate(walk) if word in ("refuse", "withdraw", "decide")), 0)
             for walk in WALKS)


def nation(now: int, today: date) -> Nation:
    """30 central bodies and the 63 provinces that there were, each with what is offered there in the catalogue
    (a province that is gone: what provinces offer today)."""
    central = session.execute(select(Agency.id, Agency.code, Agency.key).where(
        Agency.kind != AgencyKind.province).order_by(Agency.id).limit(CENTRAL)).all()
    provinces = session.execute(select(Agency.id, Agency.code, Agency.key).where(
        Agency.kind == AgencyKind.province, or_(Agency.valid_to.is_(None), Agency.valid_to == OLD_PROVINCES),
        or_(Agency.valid_from.is_(None), Agency.valid_from < OLD_PROVINCES)).order_by(Agency.id)).all()
    procedures = session.execute(select(Procedure.id, Procedure.code, Procedure.name, Procedure.sector_id).order_by(
        Procedure.id)).all()
    place = {row.id: n for n, row in enumerate(procedures)}
    held: dict[int, list[int]] = {}
    levels: dict[int, int] = {}
    for agency_id, procedure_id, level in session.execute(
            select(Service.agency_id, Service.procedure_id, ServiceVersion.level).join(Service.version)):
        held.setdefault(agency_id, []).append(place[procedure_id])
        levels[procedure_id] = max(level, levels.get(procedure_id, 1))
    kinds = {row.id: row.kind for row in session.execute(select(Agency.id, Agency.kind))}
    everywhere = {is_province: max((offers for id_, offers in held.items()
                                    if (kinds[id_] == AgencyKind.province) is is_province), key=len)
                  for is_province in (False, True)}
    dice = random.Random(93)
    offers = tuple(Offer(row.code, row.name[:600], row.sector_id, levels.get(row.id, 1), dice.choice(LIMITS))
                   for row in procedures)
    bodies = [Body(row.id, row.code or row.key, tuple(dice.sample(offered, len(offered))))
              for is_province, rows in ((False, central), (True, provinces)) for row in rows
              for offered in [held.get(row.id) or everywhere[is_province]]]
    common = list(range(len(offers)))
    dice.shuffle(common)  # what is asked for much is the same everywhere
    order = {offer: n for n, offer in enumerate(common)}
    bodies = [body._replace(offers=tuple(sorted(body.offers, key=order.__getitem__))) for body in bodies]
    first = months_back(today, MONTHS)[-1]
    since = (first - date(1970, 1, 1)).days * DAY - AHEAD
    return Nation(tuple(bodies), offers, since, now)


def lives(of: Nation, first: int, last: int) -> Iterator[Life]:
    """The dossiers with the numbers from `first` up to, not with, `last`."""
    dice = random.Random(first)
    draw, bodies, offers = dice.random, of.bodies, of.offers
    weights = list(accumulate(1 / (n + 4) ** 0.7 for n in range(len(bodies))))
    ranked = [bodies[n * 37 % len(bodies)] for n in range(len(bodies))]
    span, days = of.until - of.since, _days(of)
    for start in range(first, last, 1000):
        chosen = dice.choices(ranked, cum_weights=weights, k=min(1000, last - start))
        for id_, body in enumerate(chosen, start):
            at = of.since + int(draw() * span)
            at = min(at - (at + AHEAD) % DAY + HOUR + int(draw() * 9 * HOUR), of.until)  # from eight to five
            offer = body.offers[int(draw() ** 5 * len(body.offers))]  # a few make most of the work
            yield _life(id_, f"{body.code}-{days[(at + AHEAD) // DAY]}-{id_:06}", body.id, offer,
                        offers[offer].days, at, of.until, draw)


def _days(of: Nation) -> dict[int, str]:
    """The days of the span as codes have them, by their number since 1970."""
    first = (of.since + AHEAD) // DAY
    return {day: date.fromordinal(date(1970, 1, 1).toordinal() + day).strftime("%y%m%d")
            for day in range(first, (of.until + AHEAD) // DAY + 2)}


def _life(id_: int, code: str, agency_id: int, offer: int, days: int, at: int, now: int, draw: Draw) -> Life:
    luck, fate, speed = draw(), draw(), draw()
    channel = CHANNELS[0 if luck < 0.55 else 1 if luck < 0.9 else 2]
    accepted = at + int(luck * 72_000)
    if accepted > now:
        return Life(id_, code, agency_id, offer, channel, None, None, SUBMITTED, (at,))
    if fate < 0.03:
        return Life(id_, code, agency_id, offer, channel, None, None, REFUSED, (at, accepted))
    day = (accepted + AHEAD) // DAY
    due = (day + days + 2 * ((min((day + 3) % 7, 4) + days) // 5)) * DAY + 36_000  # 17:00 in Vietnam, over weekends
    if speed < 0.45:
        end, timing = accepted + int(max(due - DAY - accepted, HOUR) * (speed + 0.05) * 2), "early"
    elif speed < 0.9:
        end, timing = due - int((speed - 0.45) * 28_800), "on_time"
    else:
        end, timing = due + DAY + int((speed - 0.9) * 300 * DAY * draw()), "late"
    half = accepted + (end - accepted) // 2
    if end > now or 0.5 < fate < 0.5005:  # the last: forgotten somewhere
        if half > now or fate < 0.2:
            return Life(id_, code, agency_id, offer, channel, None, due, RECEIVED, (at, accepted))
        walk = WAITING if fate < 0.32 else PROCESSED
        return Life(id_, code, agency_id, offer, channel, None, due, walk, (at, accepted, half))
    if fate < 0.05:
        return Life(id_, code, agency_id, offer, channel, None, due, WITHDRAWN, (at, accepted, end))
    if fate < 0.12:
        return Life(id_, code, agency_id, offer, channel, timing, due, ANSWERED,
                    (at, accepted, half, half + (end - half) // 2, end))
    if fate < 0.4:
        return Life(id_, code, agency_id, offer, channel, timing, due, DECIDED, (at, accepted, end))
    if fate < 0.7 or end + DAY > now:
        return Life(id_, code, agency_id, offer, channel, timing, due, DECIDED_SLOWLY, (at, accepted, half, end))
    return Life(id_, code, agency_id, offer, channel, timing, due, HANDED_OVER, (at, accepted, end, end + DAY))
