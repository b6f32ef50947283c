"""What is seen of agencies on a day: what arrived then, what was published of the year before, nothing from later."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal.catalogue import queries as catalogue
from portal.intake import criteria, feed, mapping, publishers
from portal.intake.criteria import Activity
from portal.intake.models import ProgressBatch
from portal.kit.db import session
from portal.statistics import queries
from tests import make

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def push(*rows: dict[str, Any], at: datetime = NOW, sender: str = "H17") -> feed.BatchAnswer:
    """A batch that arrives at this moment."""
    with time_machine.travel(at, tick=False):
        return feed.ingest(make.agency(sender), rows, channel="api", idempotency_key=f"key-{next(make.n)}",
                           body_sha256="0" * 64, key_id=None)


def row(n: int, at: datetime, procedure: str = "1.001193", **more: Any) -> dict[str, Any]:
    return {"code": f"H17-261005-{n:04}", "procedure": procedure, "status": 2, "at": at.isoformat()} | more


def seen(on: date = TODAY, key: str = "H17") -> Activity:
    line = queries.agency_by_key(key)
    assert line
    return publishers.activity(on, [line])[line.id]


def quality(key: str = "H17") -> publishers.Quality:
    line = queries.agency_by_key(key)
    assert line
    return publishers.meter(line, TODAY)


def fresh(on: date) -> bool:
    return criteria.judge(seen(on), on, catalogue.calendar()).fresh


def test_a_history_that_is_pushed_today_was_not_fresh_then(app: Flask) -> None:
    push(*[row(n, NOW - timedelta(days=200)) for n in range(3)])
    assert fresh(TODAY) and not fresh(TODAY - timedelta(days=200)) and not fresh(TODAY - timedelta(days=1))
    assert seen(TODAY - timedelta(days=200)).last_at is None


def test_a_dossier_handed_in_here_is_a_sign_of_life_for_thirty_days(app: Flask) -> None:
    make.dossier()
    assert seen().last_at == NOW and fresh(TODAY + timedelta(days=1))
    assert seen(TODAY + timedelta(days=29)).last_at == NOW
    assert seen(TODAY + timedelta(days=31)).last_at is None
    push(row(1, NOW), at=NOW - timedelta(days=60))
    assert seen().last_at == NOW, "the later of the two"


def test_what_an_administrator_takes_in_is_no_sign_of_life_and_counted_once(app: Flask) -> None:
    then = NOW - timedelta(days=20)
    push(*[row(n, then, status="CHO") for n in range(4)], at=then)
    session.commit()
    mapping.map_word(mapping.Place("status_unknown", "CHO", make.agency().id), "4", by_id=make.administrator().id)
    after = seen()
    assert (after.last_at, after.rows, after.rejected) == (then, 4, 0)
    assert quality().batches == 1 and quality().late is None


def test_procedures_count_by_the_sectors_that_were_told(app: Flask) -> None:
    before = seen()
    assert before.offered > 2 and (before.told, before.dossiers) == (0, False)
    push(row(1, NOW - timedelta(days=40)))
    d, key = catalogue.directory(), "H17"
    online = [d.by_id[id_].sector.slug for id_, held in d.offering.items()
              if key in held and d.versions[held[key]].level >= 3]
    one = seen()
    assert (one.offered, one.told, one.dossiers) == (len(online), online.count("ho-tich"), True)
    other = next(p for p in d.by_id.values() if p.sector.slug in online and p.sector.slug != "ho-tich")
    push(row(2, NOW, other.code))
    assert seen().told == online.count("ho-tich") + online.count(other.sector.slug)
    assert seen(key="H26").told == 0


def test_a_past_day_is_judged_by_the_year_before_it(app: Flask) -> None:
    push(row(1, datetime(2026, 3, 3, 3, tzinfo=UTC)))
    told = [seen(date(*day)).dossiers for day in ((2026, 2, 28), (2026, 3, 31), (2027, 2, 27), (2027, 3, 1))]
    assert told == [False, True, True, False]


def test_rejected_rows_count_for_thirty_days(app: Flask) -> None:
    push(row(1, NOW - timedelta(days=11)), {"code": "nothing"}, at=NOW - timedelta(days=10))
    push({"code": "nothing"}, at=NOW - timedelta(days=40))
    assert (seen().rows, seen().rejected) == (2, 1)
    assert (seen(TODAY - timedelta(days=30)).rows, seen(TODAY - timedelta(days=50)).rows) == (1, 0)
    assert quality().rejected == {("code", "code"): 1}


def test_the_meter_says_how_late_rows_arrive_and_how_steadily(app: Flask) -> None:
    assert quality().late is None and quality().longest_gap is None
    for n, (days, late_h) in enumerate([(20, 1), (12, 1), (2, 100)]):
        at = NOW - timedelta(days=days)
        push(row(n, at - timedelta(hours=late_h)), at=at)
    old = push(row(9, NOW - timedelta(hours=900)))
    session.execute(update(ProgressBatch).where(ProgressBatch.id == old.batch_id).values(
        delay_p50_s=None, delay_p90_s=None))
    found = quality()
    assert found.late == (3600, 360_000, 3), "a batch of before lateness was measured says nothing"
    assert found.batches == 4 and found.longest_gap == timedelta(days=10)


def test_what_waits_for_its_dossier_waits_for_no_word(app: Flask) -> None:
    push(row(1, NOW, status="CHO"), row(2, NOW, "9.999999"))
    assert quality().unmapped == {"status_unknown": 1, "procedure_unknown": 1} and quality().early == 0


def settled(n: int, *, due: int, done: int, days_ago: int = 60, **more: Any) -> list[dict[str, Any]]:
    """Accepted some days ago, due and done so many days later."""
    at = NOW - timedelta(days=days_ago)
    told = {"received_at": at.isoformat(), "due_at": (at + timedelta(days=due)).isoformat()} | more
    return [row(n, at, "1.004873", **told), row(n, at + timedelta(days=done), "1.004873", **told) | {"status": 9}]


def test_what_was_reported_is_compared_with_the_limit_of_the_law(app: Flask) -> None:
    limit = make.service("1.004873").version.limit_amount
    assert limit and limit < 10, "working days; in 25 days there are more of them"
    rows = settled(1, due=30, done=1) + settled(2, due=30, done=25) + settled(3, due=30, done=26)
    rows += settled(4, due=1, done=2) + settled(5, due=25, done=26)
    push(*rows)
    found = quality().compared
    assert (found.checked, found.told, found.counted) == (5, 3, 2)
    assert (found.only_told, found.only_counted) == (2, 1)


def test_a_date_that_was_moved_is_compared_with_the_first_one(app: Flask) -> None:
    later = (NOW - timedelta(days=2)).isoformat()
    push(*settled(1, due=5, done=20, new_due_at=later), *settled(2, due=5, done=4, new_due_at=later),
         *settled(3, due=5, done=20, new_due_at=(NOW + timedelta(days=9)).isoformat()))
    found = quality().compared
    assert (found.checked, found.told, found.counted, found.only_told) == (3, 3, 1, 2)


def test_what_was_waited_or_corrected_moves_the_first_date(app: Flask) -> None:
    def day(n: int) -> str:
        return (NOW - timedelta(days=60) + timedelta(days=n)).isoformat()

    def life(n: int, *more: dict[str, Any]) -> list[dict[str, Any]]:
        begun = row(n, NOW, "1.004873", received_at=day(0), due_at=day(7)) | {"at": day(0)}
        return [begun, *({"code": begun["code"]} | each for each in more)]

    push(*life(1, {"status": 5, "at": day(2)}, {"status": 4, "at": day(23)}, {"status": 9, "at": day(25)}),
         *life(2, {"status": 5, "at": day(2)}, {"status": 4, "at": day(3), "due_at": day(40)},
               {"status": 9, "at": day(25)}),
         *life(3, {"status": 4, "at": day(2), "due_at": day(40), "correction": True}, {"status": 9, "at": day(25)}),
         *life(4, {"status": 4, "at": day(6), "new_due_at": day(40)}, {"status": 9, "at": day(25)},
               {"status": 5, "at": day(26)}, {"status": 10, "at": day(58)}))
    found = quality().compared
    # a date that was corrected never was the due date (decision 70), so the third is judged by the procedure's limit
    assert (found.checked, found.told, found.counted, found.only_told) == (4, 4, 1, 3)


def test_what_is_young_or_is_handled_here_is_not_compared(app: Flask) -> None:
    push(*settled(1, due=3, done=1, days_ago=20), *settled(2, due=30, done=25))
    with time_machine.travel(NOW - timedelta(days=60), tick=False):
        make.dossier("returned")
    assert quality().compared.checked == 1


def test_dossiers_silent_past_their_date_are_counted(app: Flask) -> None:
    past, later = NOW - timedelta(days=15), NOW - timedelta(days=13)
    push(*[row(n, NOW - timedelta(days=40), due_at=due.isoformat()) for n, due in enumerate((past, past, later))])
    assert (quality().silent, quality().open) == (2, 3)
