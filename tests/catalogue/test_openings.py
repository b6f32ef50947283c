from datetime import date

import pytest

from portal.catalogue.openings import Closed, can_apply

TODAY = date(2026, 11, 26)
OPEN = {"agency_code": "H17", "has_form": True}


@pytest.mark.parametrize(("level", "opens", "closes", "more", "reason"), [
    (4, None, None, OPEN, None),
    (3, TODAY, TODAY, OPEN, None),  # both days are included
    (2, None, None, OPEN, Closed.level),
    (1, None, None, OPEN, Closed.level),
    (3, date(2026, 11, 27), None, OPEN, Closed.not_yet),
    (3, None, date(2026, 11, 25), OPEN, Closed.ended),
    (3, None, None, OPEN | {"agency_code": None}, Closed.no_code),
    (3, None, None, OPEN | {"has_form": False}, Closed.no_form),
])
def test_when_one_can_apply(level, opens, closes, more, reason):
    opening = can_apply(level, opens, closes, TODAY, **more)
    assert opening.reason == reason
    assert bool(opening) == (reason is None)


def test_the_reason_names_the_day():
    assert can_apply(3, date(2027, 1, 1), None, TODAY, **OPEN).on == date(2027, 1, 1)
    assert can_apply(3, None, date(2026, 1, 1), TODAY, **OPEN).on == date(2026, 1, 1)
