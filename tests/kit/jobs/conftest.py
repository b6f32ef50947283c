"""Kinds of jobs that exist for one test."""
from collections.abc import Callable
from typing import Any

import pytest

from portal.kit.jobs import KINDS, Kind, Lane

LIMIT_S = 0.2
PATIENCE_S = (10, 60)
Register = Callable[..., Kind]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Register a kind of job by its first act, as `tests.job` or `tests.<name>`."""
    def register(read: Callable[..., Any], lane: Lane = Lane.slow, *, name: str = "job",
                 limit_s: float = LIMIT_S) -> Kind:
        kind = Kind(read, lane, limit_s, PATIENCE_S)
        kind.name = f"tests.{name}"
        monkeypatch.setitem(KINDS, kind.name, kind)
        return kind
    return register
