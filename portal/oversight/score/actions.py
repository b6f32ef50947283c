"""What is kept of the score: what was measured of a period, in place of what was measured of it before. Nothing here
commits."""
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert

from portal.kit.db import session
from portal.oversight.models import ScoreReading
from portal.oversight.score.measuring import Reading


def keep(period: str, readings: Sequence[Reading], at: datetime) -> None:
    """Keep what was measured of a period."""
    session.execute(delete(ScoreReading).where(ScoreReading.period == period))
    if readings:
        session.execute(insert(ScoreReading), [
            {"agency_id": one.agency_id, "unit_id": one.unit_id, "period": period, "indicator": one.indicator,
             "numerator": one.part, "denominator": one.whole, "points": one.points, "facts": dict(one.facts), "at": at}
            for one in readings])
