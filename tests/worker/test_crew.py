"""Runners that die are started again, later each time, and are never given up."""
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from portal.cli import children, crew
from portal.kit.jobs import Lane

pytestmark = pytest.mark.once


class Dead:
    """A child that has ended."""

    pid, status = 0, -9

    def lives(self) -> bool:
        return False


class Moments(list[float]):
    """A list that has room for how the clock is turned."""

    turn: Any


@pytest.fixture
def born(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moments]:
    """When each runner was started, on a clock that the test turns."""
    moments = Moments()
    clock = {"now": 100.0}

    def start(_name: str, _work: Any) -> Any:
        moments.append(clock["now"])
        return Dead()

    monkeypatch.setattr(children, "start", start)
    monkeypatch.setattr(crew.time, "monotonic", lambda: clock["now"])
    monkeypatch.setattr(crew.time, "sleep", lambda _seconds: pytest.fail("nobody waits for one runner"))

    def turn(crew_: crew.Crew, seconds: float) -> None:
        until = clock["now"] + seconds
        while clock["now"] < until:
            clock["now"] += 0.2
            crew_.mend()

    moments.turn = turn
    yield moments


def test_fifty_deaths_end_nothing(born: Moments, capsys: pytest.CaptureFixture[str]) -> None:
    running = crew.Crew(None, [Lane.slow])  # type: ignore[arg-type]
    born.turn(running, 300)
    apart = [later - before for before, later in pairwise(born)]
    assert len(born) > 50 and apart[0] < 2 and max(apart) < crew.LONGEST_PAUSE_S + 1
    assert sum(apart[10:20]) > 10 * crew.LONGEST_PAUSE_S / 2, "it is not started again without a pause"
    assert "ended (-9)" in capsys.readouterr().err


def test_who_is_to_begin_anew_does_so_at_once(born: Moments, monkeypatch: pytest.MonkeyPatch) -> None:
    class Living(Dead):
        def lives(self) -> bool:
            return not asked

    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(crew.os, "kill", lambda pid, number: asked.append((pid, number)))
    running = crew.Crew(None, [Lane.slow])  # type: ignore[arg-type]
    running.places[0].child = Living()  # type: ignore[assignment]
    running.renew()
    assert len(asked) == 1
    running.mend()
    assert len(born) == 2
