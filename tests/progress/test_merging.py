"""Any order, any repetition: the same state."""
import random
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.progress.merging import State, Step, advance, fold, in_order

patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine makes steps slowly
START = datetime(2026, 10, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hour(n: int) -> datetime:
    return START + n * HOUR


def step(n: int, status: int, *, due: int | None = None, correction: bool = False, sequence: int = 0) -> Step:
    return Step(hour(n), sequence, status, None if due is None else hour(due), None, correction, "")


def waited(stopped_at: datetime, due_at: datetime, resumed_at: datetime) -> datetime:
    return due_at + (resumed_at - stopped_at)


def said(found: State) -> tuple[datetime, datetime | None, str]:
    return found.submitted_at, found.received_at, found.channel


def state(*steps: Step) -> State:
    found = fold(steps, waited)
    assert found
    return found


steps = st.builds(Step, st.integers(0, 6).map(hour), st.integers(0, 2), st.integers(1, 10),
                  st.none() | st.integers(0, 50).map(hour), st.none() | st.just("legal"), st.booleans(), st.just(""),
                  st.none() | st.integers(-9, 3).map(hour), st.none() | st.integers(-9, 6).map(hour),
                  st.none() | st.sampled_from(["online", "post", "counter"]),
                  st.none() | st.sampled_from(["1.001193", "1.004873"]), st.none() | st.integers(1, 4))


@patient
@given(st.lists(steps, max_size=9), st.randoms())
def test_order_and_repetition_change_nothing(told: list[Step], dice: random.Random) -> None:
    again = told + [dice.choice(told) for _ in range(3 if told else 0)]
    dice.shuffle(again)
    assert fold(again, waited) == fold(told, waited)
    assert in_order(again) == in_order(told) == in_order(in_order(told))


@patient
@given(st.lists(steps, min_size=1, max_size=9))
def test_one_more_step_at_the_end_needs_only_the_state_before(told: list[Step]) -> None:
    *before, last = in_order(told)
    assert advance(fold(before, waited), last, waited) == fold(told, waited)


@patient
@given(st.lists(steps, max_size=8), st.sampled_from([3, 7, 8, 9, 10]), st.lists(steps, max_size=4))
def test_what_has_ended_stays_without_a_correction(before: list[Step], final: int, after: list[Step]) -> None:
    end = step(7, final, correction=True)  # whatever came before
    later = [each._replace(at=each.at + 10 * HOUR, correction=False) for each in after]
    handed_over = final == 9 and any(each.status == 10 for each in later)
    found = state(*before, end, *later)
    assert (found.status, found.finished_at) == (10 if handed_over else final, hour(7))


def test_a_correction_takes_a_final_status_back_and_stays_visible() -> None:
    found = state(step(0, 2), step(1, 10), step(2, 4, correction=True))
    assert (found.status, found.finished_at, found.corrected) == (4, None, True)
    assert state(step(0, 2), step(1, 10), step(2, 4, correction=True), step(3, 10)).finished_at == hour(3)


def test_a_decision_is_followed_by_nothing_but_the_handing_over() -> None:
    for n in set(range(1, 10)):
        found = state(step(0, 2, due=9), step(1, 9), step(2, n, due=90), step(3, 9))
        assert (found.status, found.finished_at, found.due_at, found.changed_at) == (9, hour(1), hour(9), hour(3))
    handed_over = state(step(0, 2), step(1, 9), step(2, 10))
    assert (handed_over.status, handed_over.changed_at) == (10, hour(2))
    again = state(step(0, 2, due=9), step(1, 9), step(2, 4, correction=True), step(30, 9))
    assert (again.finished_at, again.corrected, again.missed_due_at) == (hour(30), True, hour(9))


def test_pauses_stop_the_clock_and_give_back_what_was_waited() -> None:
    asked = state(step(0, 2, due=10), step(3, 5))
    assert (asked.stopped_at, asked.due_at) == (hour(3), hour(10))
    assert state(step(0, 2, due=10), step(3, 5), step(4, 6)).stopped_at == hour(3), "one pause, two reasons"
    on = state(step(0, 2, due=10), step(3, 5), step(5, 4))
    assert (on.stopped_at, on.due_at, on.first_due_at) == (None, hour(12), hour(10))
    assert state(step(0, 2, due=10), step(3, 6), step(5, 4, due=30)).due_at == hour(30), "told is told"


def test_what_was_never_accepted_has_no_clock_to_stop() -> None:
    assert state(step(0, 1), step(3, 5)).stopped_at is None
    assert state(step(0, 1), step(3, 5), step(4, 2, due=10), step(5, 5)).stopped_at == hour(5)


def test_what_was_stopped_is_over() -> None:
    """Status 8, since Decree 118/2025: the office ends what nobody completes."""
    found = state(step(0, 2, due=10), step(3, 5), step(5, 8), step(6, 4, due=30))
    assert (found.status, found.finished_at, found.stopped_at, found.due_at) == (8, hour(5), None, hour(12))
    taken_back = state(step(0, 2, due=10), step(5, 8), step(6, 4, due=30, correction=True))
    assert (taken_back.status, taken_back.finished_at, taken_back.corrected) == (4, None, True)


def test_a_new_date_keeps_the_first_one() -> None:
    found = state(step(0, 2, due=10), step(3, 4, due=20))
    assert (found.due_at, found.first_due_at) == (hour(20), hour(10))


def missed(*steps: Step) -> datetime | None:
    return state(*steps).missed_due_at


def test_a_date_that_has_passed_stays_missed_whatever_is_told_after_it() -> None:
    assert missed(step(0, 2, due=10), step(11, 9, due=30)) == hour(10)
    apologised = step(0, 2, due=10), step(12, 4, due=20), step(15, 9)
    assert missed(*apologised) == hour(10) and state(*apologised).due_at == hour(20)
    assert missed(*apologised[:2]) == hour(10), "also while it is open"
    assert missed(step(0, 2, due=10), step(12, 4, due=20), step(22, 4, due=30)) == hour(10), "the first of them"


def test_a_date_that_is_moved_before_it_passes_is_a_new_one() -> None:
    assert missed(step(0, 2, due=10), step(10, 4, due=20), step(15, 9)) is None
    assert missed(step(0, 2, due=10), step(9, 4, due=20), step(21, 4, due=30)) == hour(20)


def test_no_date_passes_while_the_clock_does_not_run() -> None:
    assert missed(step(0, 2, due=10), step(9, 5), step(30, 4, due=40), step(35, 9)) is None
    assert missed(step(0, 2, due=10), step(9, 5), step(12, 6), step(30, 4)) is None
    assert missed(step(0, 1, due=10), step(12, 2, due=20)) is None, "before acceptance"
    assert missed(step(0, 2, due=10), step(9, 9), step(30, 10)) is None, "after the end"


def test_a_pause_moves_what_was_missed_and_makes_nothing_good() -> None:
    paused = step(0, 2, due=10), step(12, 5), step(20, 4, due=40)
    assert missed(*paused) == hour(18) and missed(*paused[:2]) == hour(10)
    assert missed(*paused, step(21, 9)) == hour(18)
    untold = state(step(0, 2, due=10), step(12, 5), step(20, 4))
    assert untold.missed_due_at == untold.due_at == hour(18)


def test_a_correction_of_the_date_is_a_correction() -> None:
    assert missed(step(0, 2, due=10), step(12, 4, due=20, correction=True)) is None
    assert missed(step(0, 2, due=10), step(12, 4, correction=True)) == hour(10), "it says nothing of the date"
    assert missed(step(0, 2, due=10), step(12, 4, due=11, correction=True), step(13, 9)) == hour(11)


@patient
@given(st.lists(steps, max_size=8))
def test_no_step_but_a_correction_makes_good_what_was_missed(told: list[Step]) -> None:
    plain = [each._replace(correction=False) for each in told]
    begun = step(0, 2, due=10), step(12, 4)
    after = [each._replace(at=each.at + 13 * HOUR) for each in plain]
    assert missed(*begun, *after) is not None


def test_what_is_finished_gets_no_later_date() -> None:
    assert state(step(0, 2, due=3), step(5, 9), step(6, 10, due=20)).due_at == hour(3)
    assert state(step(0, 2, due=3), step(5, 10), step(6, 10, due=20)).due_at == hour(3)


@patient
@given(st.lists(steps, min_size=1, max_size=9))
def test_what_the_last_step_says_of_the_dossier_holds(told: list[Step]) -> None:
    found, happened = state(*told), in_order(told)
    said = {name: [value for each in happened if (value := getattr(each, name)) is not None]
            for name in ("received_at", "channel")}
    accepted = [each.at for each in happened if each.status in (2, 4, 9, 10)]
    assert found.received_at == (said["received_at"] or accepted[:1] or [None])[-1]
    assert found.channel == (said["channel"] or ["counter"])[-1]
    named = [(each.procedure_code, each.level) for each in happened if each.procedure_code]
    assert (found.procedure_code, found.level) == (named or [(None, None)])[-1]


def test_what_nobody_told_is_known_from_the_steps() -> None:
    assert said(state(step(2, 1), step(4, 4), step(5, 9))) == (hour(2), hour(4), "counter")
    assert state(step(2, 1)).received_at is None
    early = step(9, 9)._replace(received_at=hour(3))
    assert said(state(early)) == (hour(3), hour(3), "counter"), "handed in no later than accepted"
    assert state(step(8, 4), early).submitted_at == hour(3)


def test_a_later_message_corrects_and_a_late_old_one_does_not() -> None:
    first = step(0, 2)._replace(submitted_at=hour(-4), received_at=hour(-3), channel="counter")
    mended = step(5, 4)._replace(submitted_at=hour(-6), received_at=hour(-5), channel="online")
    old = step(2, 4)._replace(submitted_at=hour(-9), received_at=hour(-9), channel="post")
    assert said(state(first, mended)) == said(state(mended, old, first)) == (hour(-6), hour(-5), "online")
    after_the_end = step(7, 4)._replace(channel="post")
    assert state(first, step(6, 10), after_the_end).channel == "post"


def naming(found: State | Step) -> tuple[str | None, int | None]:
    return found.procedure_code, found.level


def named(n: int, procedure: str | None, level: int | None = None) -> Step:
    return step(n, 4)._replace(procedure_code=procedure, level=level)


def test_a_procedure_holds_until_another_is_named_with_or_without_a_level() -> None:
    first, other = named(0, "1.001193", 3), named(4, "1.004873")
    assert naming(state(first, named(2, None))) == ("1.001193", 3)
    assert naming(state(first, other, named(6, None))) == ("1.004873", None), "the level was the other procedure's"
    assert naming(state(named(6, None), other, first)) == ("1.004873", None)
    assert naming(state(first, step(5, 10), named(7, "1.004873", 2))) == ("1.004873", 2), "after the end too"
    assert naming(state(first, named(2, None, 4))) == ("1.001193", 3), "a level of no procedure says nothing"


def test_of_two_names_at_one_moment_one_holds_with_its_own_level() -> None:
    one, other = named(0, "1.001193", 4), named(0, "1.004873")
    for told in ((one, other), (other, one), (one, other, one)):
        assert naming(state(*told)) == ("1.004873", None)
    assert naming(state(named(0, "1.001193"), one)) == naming(state(one, named(0, "1.001193"))) == ("1.001193", 4)
