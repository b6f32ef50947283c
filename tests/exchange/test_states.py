"""What is recognised from events: the same in every order."""
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations

from portal.exchange.states import Recall, State, marked, standing

MORNING = datetime(2026, 11, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Happened:
    code: str
    at: datetime
    how: str = "status"
    sure: int = 100


def said(*codes: str) -> list[Happened]:
    return [Happened(code, MORNING + timedelta(minutes=n)) for n, code in enumerate(codes)]


def test_five_status_messages_end_alike_in_all_120_orders() -> None:
    five = said("01", "03", "04", "05", "06")
    sent = Happened("sent", MORNING - timedelta(minutes=1), "sent")
    assert {standing([sent, *order]) for order in permutations(five)} == {standing([sent, *five])}
    assert standing([sent, *five]).state == State.done


def test_repeats_change_nothing() -> None:
    five = said("sent", "01", "03", "04", "05")
    assert standing(five * 10) == standing(five)


def test_an_illegal_move_is_marked_and_changes_no_state() -> None:
    events = said("sent", "01", "03", "06", "02")
    assert standing(events).state == State.done and [one.code for one in marked(events)] == ["02"]


def test_a_recall_that_is_asked_again_is_open_again() -> None:
    assert standing(said("sent", "03", "13", "16")).recall == Recall.refused
    assert standing(said("sent", "03", "13", "16", "13")).recall == Recall.asked
