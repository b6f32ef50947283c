"""Reading what was published."""
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.kit.db import session
from portal.oversight.figures import Figure
from portal.oversight.models import PublishedFigure, ReadinessRank


def figures_until(day: date) -> list[Figure]:
    """Every published figure of a day up to `day`, the oldest first."""
    rows = session.scalars(select(PublishedFigure).where(PublishedFigure.on <= day).order_by(
        PublishedFigure.on, PublishedFigure.id))
    return [row.figure for row in rows]


def days() -> Sequence[date]:
    """The days that published figures speak of, the oldest first."""
    return session.scalars(select(PublishedFigure.on).distinct().order_by(PublishedFigure.on)).all()


def readiness(year: int) -> Sequence[ReadinessRank]:
    """What is known of one year's readiness index, by group and component, the best first."""
    return session.scalars(select(ReadinessRank).where(ReadinessRank.year == year).order_by(
        ReadinessRank.group, ReadinessRank.component, ReadinessRank.rank.is_(None), ReadinessRank.rank,
        ReadinessRank.name)).all()


def readiness_years() -> Sequence[int]:
    """The years of which some places are known, the oldest first."""
    return session.scalars(select(ReadinessRank.year).distinct().order_by(ReadinessRank.year)).all()
