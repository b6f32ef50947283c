"""A limit of time holds however the block spends it."""
import threading
import time

import pytest

from portal.kit import deadline
from portal.kit.deadline import TooLong, within

pytestmark = pytest.mark.once


def test_who_waits_and_who_computes_are_ended_alike() -> None:
    for spend in (lambda: time.sleep(5), lambda: all(time.monotonic() for _ in iter(int, 1))):
        start = time.monotonic()
        with pytest.raises(TooLong, match=r"longer than 0\.1 s"), within(0.1):
            spend()
        assert time.monotonic() - start < 2


def test_who_is_in_time_hears_nothing_afterwards() -> None:
    with within(0.1):
        pass
    time.sleep(0.2)


@pytest.mark.parametrize(("outer", "inner"), [(0.1, 5.0), (5.0, 0.1)])
def test_of_two_limits_the_shorter_holds(outer: float, inner: float) -> None:
    start = time.monotonic()
    with pytest.raises(TooLong, match=r"longer than 0\.1 s"), within(outer), within(inner):
        time.sleep(5)
    assert time.monotonic() - start < 2


def test_what_is_left_of_the_outer_limit_goes_on_after_the_inner_one() -> None:
    with pytest.raises(TooLong, match=r"longer than 0\.3 s"), within(0.3):
        with within(0.2):
            time.sleep(0.1)
        time.sleep(5)


def test_an_alarm_that_a_library_swallows_rings_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "AGAIN_S", 0.05)
    swallowed = []
    with pytest.raises(TooLong), within(0.1):
        try:
            time.sleep(5)
        except Exception as error:
            swallowed.append(error)
        time.sleep(5)
    assert len(swallowed) == 1


def test_in_another_thread_there_is_no_alarm() -> None:
    seen = []

    def run() -> None:
        with within(0.01):
            time.sleep(0.05)
        seen.append("to the end")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == ["to the end"]
