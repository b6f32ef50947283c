"""What a record becomes: one step further needs no old steps, and says the same as all of them together."""
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.intake.placing import Placed, Places, Sender
from portal.intake.rows import Row
from portal.law.calendar import Calendar
from portal.progress.actions import line_of
from portal.progress.merging import State, Step
from portal.progress.models import ProgressRecord, ProgressStep
from portal.progress.updates import FEED, News, Procedure, Record, Update, Writer, updated
from portal.statistics.measures import moved

START = datetime(2026, 10, 5, 2, tzinfo=UTC)
CODE = "H17-261005-0001"
CALENDAR = Calendar(frozenset(), frozenset(), date(2026, 1, 1), date(2027, 12, 31))


class AllKnown(Places):
    """Every procedure is known."""

    def _look_up(self, code: str) -> Procedure | None:
        return Procedure(code, f"Thủ tục {code}", 5, 4, False)


NOBODY: Any = None
patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine makes rows slowly
PLACES = AllKnown(CALENDAR, agency_key="H17", sender=Sender(7, frozenset({"H17"}), frozenset({"H17"}), {}),
                  directory=NOBODY, series="99")
WRITER = Writer(7, FEED)


def hour(n: int) -> datetime:
    return START + timedelta(hours=n)


def placed(rows: Sequence[Row]) -> list[Placed]:
    return [each for each in map(PLACES.place, rows) if isinstance(each, Placed)]


def tell(*rows: Row, before: Record | None = None, kept: Sequence[Step] | None = None) -> Update:
    return updated(News(CODE, before, placed(rows)), kept, WRITER, PLACES)


NAMES = st.sampled_from(["1.001193", "1.004873"])


def rows(names: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.builds(Row, st.just(CODE), st.none(), names, st.integers(1, 10),
                     st.integers(0, 9).map(hour), st.integers(0, 1), st.none() | st.integers(-9, -5).map(hour),
                     st.none() | st.integers(-4, 0).map(hour), st.none() | st.integers(0, 90).map(hour),
                     channel=st.none() | st.sampled_from(["online", "post"]), level=st.none() | st.integers(1, 4),
                     correction=st.booleans())


told = rows(NAMES)


def test_what_is_read_and_written_has_the_names_of_columns() -> None:
    """But for the unit, which a verb of this portal names once and no step of a dossier changes."""
    columns = {column.name for column in ProgressRecord.__table__.columns} - {"unit_id"}
    assert {*Record._fields} - {"last_position"} == columns and {*State._fields} < columns
    assert {*Step._fields, "record_id", "position"} == {column.name for column in ProgressStep.__table__.columns}


@patient
@given(st.lists(told, min_size=1, max_size=5), told, st.booleans())
def test_one_row_after_all_that_is_known_needs_no_old_steps(before: list[Row], row: Row, names: bool) -> None:
    """Neither of its own nor of the record: the quick way says what the whole set says."""
    row.at, row.procedure = hour(20), row.procedure if names else None
    first = tell(*before)
    known = numbered(first.record, first.steps)
    quick = tell(row, before=known)
    slow = tell(row, before=known, kept=first.steps)
    assert quick.record == slow.record and quick.outcomes == slow.outcomes == (True,)
    assert [*first.steps, *quick.steps] == slow.steps
    assert (quick.first_position, quick.rewritten) == (len(first.steps) + 1, False)
    assert (slow.first_position, slow.rewritten) == (1, True)


@patient
@given(st.lists(told, min_size=1, max_size=5), told)
def test_what_does_not_count_anew_counts_as_before(before: list[Row], row: Row) -> None:
    row.at = hour(20)
    update = tell(row, before=tell(*before).record)
    assert update.counts_anew or moved([(line_of(update.before), line_of(update.record))]) == {}


def test_handing_over_what_was_decided_is_not_counted_anew() -> None:
    accepted = tell(Row(CODE, None, "1.001193", 2, hour(0))).record
    decided = tell(Row(CODE, None, None, 9, hour(5)), before=accepted)
    handed_over = tell(Row(CODE, None, None, 10, hour(9)), before=decided.record)
    assert (decided.counts_anew, handed_over.counts_anew) == (True, False)
    assert tell(Row(CODE, None, None, 7, hour(9)), before=accepted).counts_anew


def test_a_row_that_names_no_procedure_leaves_it_and_its_level() -> None:
    known = tell(Row(CODE, None, "1.004873", 2, hour(0), level=2)).record
    record = tell(Row(CODE, None, None, 4, hour(5), level=3), before=known).record
    assert (record.procedure_code, record.service_name, record.level) == ("1.004873", "Thủ tục 1.004873", 2)


def numbered(record: Record, steps: Sequence[Step]) -> Record:
    """The record as it is read again with its steps."""
    return record._replace(last_position=len(steps))


def keep(batches: list[list[Row]]) -> tuple[Record, list[Step]]:
    """What the tables hold after these batches, each merged into what the ones before it left."""
    update = tell(*batches[0])
    steps = [*update.steps]
    for batch in batches[1:]:
        news = News(CODE, numbered(update.record, steps), placed(batch))
        update = updated(news, steps if news.is_late else None, WRITER, PLACES)
        steps = [*update.steps] if update.rewritten else [*steps, *update.steps]
    return update.record, steps


@patient
@given(told, st.lists(rows(st.none() | NAMES), max_size=7), st.randoms())
def test_any_order_any_repetition_and_any_batches_give_the_same_record(first: Row, more: list[Row],
                                                                       dice: random.Random) -> None:
    """Whether rows name the procedure, another one, or none."""
    again = [*more, *(dice.choice(more) for _ in range(2 if more else 0))]
    dice.shuffle(again)
    batches = [[first]]
    while again:
        size = dice.randint(1, len(again))
        batches.append(again[:size])
        again = again[size:]
    at_once, steps = keep([[first, *more]])
    assert keep(batches) == (at_once, steps)


def naming(told: Record | Step) -> tuple[str | None, int | None]:
    return told.procedure_code, told.level


def test_a_late_row_that_names_another_procedure_loses_to_a_later_name_only() -> None:
    first, silent = Row(CODE, None, "1.001193", 2, hour(0), level=2), Row(CODE, None, None, 4, hour(9))
    late, later = Row(CODE, None, "1.004873", 4, hour(5), level=3), Row(CODE, None, "1.001193", 4, hour(7))
    assert naming(keep([[first], [silent], [late]])[0]) == ("1.004873", 3)
    assert naming(keep([[first], [late], [silent]])[0]) == ("1.004873", 3)
    catalogue_says = keep([[first], [silent], [later], [late]])[0]
    assert naming(catalogue_says) == ("1.001193", 4), "the level that the catalogue says"


def test_a_record_whose_steps_name_nothing_yet_keeps_what_it_has() -> None:
    """As if its last step had named it: steps were once kept without."""
    record, steps = keep([[Row(CODE, None, "1.004873", 2, hour(0), level=2)], [Row(CODE, None, None, 4, hour(9))]])
    bare = [step._replace(procedure_code=None, level=None) for step in steps]
    known = numbered(record, steps)
    late = tell(Row(CODE, None, "1.001193", 4, hour(5), level=3), before=known, kept=bare)
    assert naming(late.record) == ("1.004873", 2)
    assert [naming(step) for step in late.steps] == [(None, None), ("1.001193", 3), ("1.004873", 2)]
    assert naming(tell(Row(CODE, None, "1.001193", 4, hour(10)), before=known).record) == ("1.001193", 4)
