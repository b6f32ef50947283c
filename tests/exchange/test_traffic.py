"""What goes from whom to whom is counted day by day, however it comes."""
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.exchange import traffic
from portal.exchange.models import Traffic
from portal.exchange.traffic import Leg
from portal.kit.db import session
from tests.exchange import make

NOON = datetime(2026, 11, 2, 5, tzinfo=UTC)


def test_several_of_one_pair_and_day_are_one_line(app: Any) -> None:
    here, there = make.participant("H17"), make.participant("H26")
    legs = [Leg(here.id, there.id, kind, NOON + timedelta(minutes=n))
            for n, kind in enumerate(("document", "status", "document"))]
    traffic.queued(legs)
    traffic.delivered(legs, NOON + timedelta(minutes=5))
    [line] = session.scalars(select(Traffic)).all()
    assert (line.documents, line.statuses, line.delivered, line.delay_s) == (2, 1, 3, (5 + 4 + 3) * 60)


def test_a_day_begins_in_viet_nam(app: Any) -> None:
    here, there = make.participant("H17"), make.participant("H26")
    traffic.queued([Leg(here.id, there.id, "document", NOON.replace(hour=hour)) for hour in (16, 17)])
    assert [str(day) for day in session.scalars(select(Traffic.day).order_by(Traffic.day))] == [
        "2026-11-02", "2026-11-03"]
