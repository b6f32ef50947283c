"""What is written down of a document: once, for ever, and the same in whatever order it is heard."""
from collections.abc import Iterable
from itertools import permutations
from threading import Barrier, Thread

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.exchange import recording
from portal.exchange.models import Copy, EventsNeverChange, ExchangeEvent
from portal.exchange.states import CODES, marked
from portal.kit.db import session, transaction
from tests.exchange import made

FIVE = tuple(zip(("01", "03", "04", "05", "06"), (1, 2, 3, 4, 5), strict=True))
pytestmark = pytest.mark.usefixtures("app")


def heard(copy: Copy, what: Iterable[tuple[str, int]]) -> None:
    for code, minute in what:
        recording.record(copy.document, code, copy=copy, at=made.later(minute), how="status")


def columns(copy: Copy) -> dict[str, object]:
    """As they are in the database, not as somebody remembers them."""
    row = session.execute(select(*(getattr(Copy, name) for name in recording.FOLDED)).where(Copy.id == copy.id)).one()
    return dict(row._mapping)


def events(copy: Copy) -> int:
    return session.scalar(select(func.count()).where(ExchangeEvent.copy_id == copy.id)) or 0


def test_all_120_orders_of_five_status_messages_end_alike_in_the_database() -> None:
    receivers = tuple(made.participant() for _ in range(120))
    copies = made.document(receivers=receivers).copies
    for copy, order in zip(copies, permutations(FIVE), strict=True):
        heard(copy, order)
    first = columns(copies[0])
    assert first["state"] == "done" and first["state_at"] == made.later(5)
    assert all(columns(copy) == first and events(copy) == 6 for copy in copies)


def test_ten_repeats_change_nothing_and_write_nothing() -> None:
    copy = made.copy()
    heard(copy, FIVE)
    before = columns(copy)
    heard(copy, FIVE * 10)
    assert columns(copy) == before and events(copy) == 6


def test_what_happened_twice_at_other_times_is_two_rows() -> None:
    copy = made.copy()
    heard(copy, [("13", 1), ("16", 2), ("13", 3)])
    assert copy.recall == "asked" and events(copy) == 4


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(sorted(set(CODES) - {"sent"})), st.integers(0, 9)), max_size=8),
       st.randoms(use_true_random=False))
def test_scrambled_late_and_doubled_end_alike(said: list[tuple[str, int]], chance: object) -> None:
    one, other = made.document(receivers=(made.participant(), made.participant())).copies
    heard(one, said)
    scrambled = said * 2
    chance.shuffle(scrambled)  # type: ignore[attr-defined]
    heard(other, scrambled)
    assert columns(one) == columns(other) and events(one) == events(other)


def test_an_illegal_move_is_kept_and_shown_as_marked() -> None:
    copy = made.copy()
    heard(copy, [("06", 1), ("02", 3)])
    assert copy.state == "done" and events(copy) == 3
    assert [one.code for one in marked(copy.document.events)] == ["06", "02"]


def test_an_answer_by_a_clock_that_is_behind_answers_the_first_asking() -> None:
    copy, updated = made.document(receivers=(made.participant(), made.participant())).copies
    heard(copy, [("13", 5), ("15", 4)])
    assert copy.recall == "agreed"
    heard(updated, [("updated", 1), ("15", 4), ("13", 5)])
    assert updated.recall == "asked", "that agreed to the update"


def test_an_event_is_never_rewritten() -> None:
    copy = made.copy()
    event = recording.record(copy.document, "01", copy=copy, how="fetched")
    assert event is not None and copy.known_by == "fetched"
    event.code = "06"
    with pytest.raises(EventsNeverChange):
        session.flush()
    session.rollback()


def test_a_code_that_is_none_is_a_mistake_of_ours() -> None:
    copy = made.copy()
    with pytest.raises(ValueError, match="no code 99"):
        recording.record(copy.document, "99", copy=copy, how="status")


def test_a_receiver_gets_one_copy_however_often_it_is_named() -> None:
    receiver = made.participant()
    document = made.document(receivers=(receiver, receiver))
    assert recording.new_copies(document, [receiver], made.later(9)) == []
    assert [copy.receiver_id for copy in document.copies] == [receiver.id]


@pytest.mark.real_commits
def test_two_who_record_at_once_on_one_copy_lose_nothing(town: Flask) -> None:
    with town.app_context():
        copy_id = made.copy().id
    begin, wrong = Barrier(2), list[BaseException]()

    def record(code: str, first: int) -> None:
        try:
            with town.app_context():
                for minute in range(10):
                    session.get(Copy, copy_id)  # what it remembers is old by the time it records
                    begin.wait()
                    with transaction():
                        copy = session.get_one(Copy, copy_id)
                        recording.record(copy.document, code, copy=copy, at=made.later(first + minute), how="status")
        except BaseException as error:
            wrong.append(error)
            begin.abort()

    threads = [Thread(target=record, args=("06", 30)), Thread(target=record, args=("updated", 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    with town.app_context():
        copy = session.get_one(Copy, copy_id)
        assert events(copy) == 21
        assert (copy.state, copy.state_at, copy.updated_at) == ("done", made.later(30), made.later(10))
