"""How far agencies have come with their services: assigned and own initiative, levels, deployed, over time."""
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from portal.catalogue.models import Service, ServiceVersion
from portal.catalogue.openings import ONLINE_FROM_LEVEL
from portal.kit.db import session
from portal.people.models import Agency

_service: Any = Service.__table__
_version: Any = ServiceVersion.__table__
_agency: Any = Agency.__table__


@dataclass(frozen=True, slots=True)
class Coverage:
    """An agency's services of one basis: how many in all, at level 3, at level 4, and of those deployed today, in all
    and at level 4.

    A service is deployed when it can be filed online (level 3 or 4) and is open.
    """

    total: int = 0
    level_3: int = 0
    level_4: int = 0
    deployed: int = 0
    deployed_4: int = 0

    @property
    def online(self) -> int:
        return self.level_3 + self.level_4

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.total + other.total, self.level_3 + other.level_3, self.level_4 + other.level_4,
                        self.deployed + other.deployed, self.deployed_4 + other.deployed_4)


def by_agency(today: date) -> dict[int, dict[str, Coverage]]:
    """For each current agency with services, by its id: its coverage by basis, "assigned" or "own_initiative"."""
    is_open = and_(or_(_service.c.opens_on.is_(None), _service.c.opens_on <= today),
                   or_(_service.c.closes_on.is_(None), _service.c.closes_on >= today))
    rows = session.execute(
        select(_service.c.agency_id, _service.c.basis, func.count(),
               func.sum(case((_version.c.level == 3, 1), else_=0)),
               func.sum(case((_version.c.level == 4, 1), else_=0)),
               func.sum(case((and_(_version.c.level >= ONLINE_FROM_LEVEL, is_open), 1), else_=0)),
               func.sum(case((and_(_version.c.level == 4, is_open), 1), else_=0)))
        .join(_version, _version.c.id == _service.c.version_id).join(_agency, _agency.c.id == _service.c.agency_id)
        .where(_agency.c.valid_to.is_(None)).group_by(_service.c.agency_id, _service.c.basis))
    found: dict[int, dict[str, Coverage]] = defaultdict(dict)
    for agency_id, basis, *counts in rows:
        found[agency_id][basis] = Coverage(*(int(n) for n in counts))
    return dict(found)


def over_time() -> list[tuple[date, int]]:
    """(day, how many services could be filed online from then on), oldest first; those without a day first of all."""
    rows = session.execute(
        select(_service.c.opens_on, func.count()).join(_version, _version.c.id == _service.c.version_id)
        .join(_agency, _agency.c.id == _service.c.agency_id)
        .where(_version.c.level >= ONLINE_FROM_LEVEL, _agency.c.valid_to.is_(None), _service.c.opens_on.is_not(None))
        .group_by(_service.c.opens_on).order_by(_service.c.opens_on))
    total, steps = 0, []
    for day, n in rows:
        total += n
        steps.append((day, total))
    return steps
