"""Who takes part in the invented exchange of documents: most agencies of today, some of their units, since when and by
which way. Rows, not the verbs: else sixty lines about who was let in stood before the first page."""
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.catalogue import queries as catalogue
from portal.exchange import silence
from portal.exchange.models import Connection, Participant, ParticipantState, SeenDay, Way
from portal.kit import clock
from portal.kit.db import session
from portal.people import queries as people
from portal.people import roles
from portal.people.models import Agency, Unit, UnitKind

#: Who works on the pages of this portal, and can be looked round as (see demonstration.OTHER_ROLES).
ON_PAGES = ("H17", "H26", "G15")
EARLY = (*ON_PAGES, "G22")
FIRST = timedelta(days=395)
#: Not connected, and waiting to be let in. Nor are agencies of which no code is confirmed: none is invented for them.
WAITING = ("H52", "Tỉnh Sơn La", "vanthu@h52.demo.example")
#: One that was cut off for ten days, and is connected anew.
CUT_OFF, CUT_FROM, CUT_UNTIL = "H44", timedelta(days=70), timedelta(days=60)
SILENT, SILENT_FOR = "H35", timedelta(days=9)
#: Their codes are invented, as everything here is.
DEPARTMENTS = (("H17.05", "Sở Tư pháp"), ("H17.12", "Sở Xây dựng"))
COMMUNES = (("H17.31", "20242"), ("H17.32", "20195"))
SOURCE = "participant"
WAYS = (Way.api, Way.api, Way.axis, Way.axis, Way.axis, Way.pages)


@dataclass(frozen=True)
class Circle:
    """Everybody by their code."""

    by_code: dict[str, Participant]

    def __getitem__(self, code: str) -> Participant:
        return self.by_code[code]

    def since(self, moment: datetime) -> list[Participant]:
        """Those that were connected by then, in order."""
        return [one for one in self.by_code.values() if one.connected_at and one.connected_at <= moment]


def load(dice: random.Random) -> Circle:
    """Everybody who takes part, in the order of their codes; one more waits to be let in, one has fallen silent."""
    now = clock.now()
    agencies = sorted((one for one in people.current_agencies() if one.code and one.key != WAITING[0]),
                      key=lambda one: one.key)
    found = {one.key: _agency(dice, one, now) for one in agencies}
    if "H17" in found:
        found |= {one.code: one for one in _units(found["H17"], now)}
    session.add_all([*found.values(), _ask(now)])
    session.flush()
    for one in found.values():
        if one.unit_id is None:
            _connect(one, now)
    return Circle(dict(sorted(found.items())))


def fall_silent(circle: Circle) -> None:
    """One has not been seen for more than a week: the alarm is raised as on every quarter of an hour."""
    if (one := circle.by_code.get(SILENT)) is not None:
        one.way, one.last_seen_at = Way.axis, clock.now() - SILENT_FOR
    for one in circle.by_code.values():
        session.add_all(SeenDay(participant_id=one.id, day=day) for day in _days_seen(one))
    session.flush()
    silence.look()


def _days_seen(one: Participant) -> list[date]:
    """The working days of two months on which its own system was here: all, as it asks every few minutes."""
    if one.last_seen_at is None or one.connected_at is None:
        return []
    last, calendar = clock.day_of(one.last_seen_at), catalogue.calendar()
    first = max(clock.day_of(one.connected_at), clock.today() - silence.LOOKED_AT)
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in days if calendar.is_workday(day)]


def _agency(dice: random.Random, agency: Agency, now: datetime) -> Participant:
    way = Way.pages if agency.key in ON_PAGES else dice.choice(WAYS)
    began = now - (FIRST if agency.key in EARLY else timedelta(days=dice.uniform(45, 390)))
    profile = "vnpt" if way == Way.pages else dice.choice(("vnpt", "vnpt", "csharp", "gateway"))
    return Participant(
        code=agency.key, name=agency.name, mail=f"vanthu@{agency.key.lower()}.demo.example", agency_id=agency.id,
        way=way, profile=profile, state=ParticipantState.connected, asked_at=began - timedelta(days=3),
        system_id=f"demo-{agency.key.lower()}" if way == Way.axis else None, connected_at=began,
        last_seen_at=None if way == Way.pages else now - timedelta(minutes=dice.randint(1, 50)))


def _units(province: Participant, now: datetime) -> list[Participant]:
    """Departments and communes of the province that works here, each under an id of its own."""
    agency = people.agency(province.agency_id or 0)
    assert agency is not None
    made = [(code, roles.add_unit(agency, UnitKind.department, name)) for code, name in DEPARTMENTS]
    made += [(code, unit) for code, commune in COMMUNES if (unit := people.commune(commune))]
    return [_unit(code, unit, province, now) for code, unit in made]


def _unit(code: str, unit: Unit, province: Participant, now: datetime) -> Participant:
    return Participant(
        code=code, name=f"{unit.name}, {province.name}", agency_id=unit.agency_id, unit_id=unit.id,
        parent_code=province.code, way=Way.pages, profile="vnpt", state=ParticipantState.connected,
        asked_at=now - FIRST, connected_at=now - FIRST + timedelta(days=30))


def _connect(one: Participant, now: datetime) -> None:
    assert one.agency_id is not None and one.connected_at is not None
    since: date | None = clock.day_of(one.connected_at)
    if one.code == CUT_OFF:
        session.add(Connection(agency_id=one.agency_id, since=clock.day_of(now - FIRST),
                               until=clock.day_of(now - CUT_FROM), source=SOURCE))
        since = clock.day_of(now - CUT_UNTIL)
        one.connected_at = now - CUT_UNTIL
    session.add(Connection(agency_id=one.agency_id, participant_id=one.id, since=since, source=SOURCE))


def _ask(now: datetime) -> Participant:
    """A registration that waits for an administrator, as the axis's client sends it."""
    code, name, mail = WAITING
    agency = people.agency_by_key(code)
    return Participant(code=code, name=name, mail=mail, agency_id=agency.id if agency else None, way=Way.axis,
                       profile="vnpt", state=ParticipantState.asked, system_id=f"demo-{code.lower()}",
                       asked_at=now - timedelta(hours=5))
