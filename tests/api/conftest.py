"""The cast of the door for machines: a key of H17, one of another agency, one revoked, one that never was."""
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.kit.db import session
from portal.people import keys
from portal.people.models import ApiKey
from tests import make

NOW = "2026-11-20T10:00:00+07:00"
n = count(1)


def a_row(**changed: Any) -> dict[str, Any]:
    """A record of H17 that is right; name only what the test is about. None leaves a field out."""
    row = {"code": f"H17-261119-{next(n):04}", "procedure": "1.001193", "status": 2, "channel": "online",
           "at": "2026-11-19T09:00:00+07:00", "submitted_at": "2026-11-19T08:30:00+07:00",
           "received_at": "2026-11-19T09:00:00+07:00", "due_at": "2026-11-25T17:00:00+07:00"} | changed
    return {name: value for name, value in row.items() if value is not None}


@dataclass
class Keys:
    """Secrets by part."""

    right: str
    other: str
    revoked: str
    wrong: str = "portal_never_issued_0000000000000000000000"

    def find(self, secret: str) -> ApiKey:
        found = keys.find(secret)
        assert found
        return found


@pytest.fixture
def cast(app: Flask) -> Keys:
    _key, right = keys.issue(make.agency("H17"), ["progress"])
    _key, other = keys.issue(make.agency("H26"), ["progress"])
    revoked, gone = keys.issue(make.agency("H17"), ["progress"])
    session.commit()
    keys.revoke(revoked)
    session.commit()
    return Keys(right, other, gone)


@pytest.fixture
def friday() -> Iterator[Any]:
    """A Friday on which time stands still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


Post = Callable[..., Any]


@pytest.fixture
def push(app: Flask, cast: Keys, friday: Any) -> Post:
    """POST a batch: rows, or any `body`; `key` None sends none."""

    def push(*rows: Mapping[str, Any], body: Any = None, key: str | None = cast.right, name: str | None = "",
             headers: Mapping[str, str] | None = None, packed: bool = False,
             path: str = "/api/v1/progress/batches") -> Any:
        sent = {"Content-Type": "application/json"}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if name is not None:
            sent["Idempotency-Key"] = name or f"batch-{next(n)}"
        data = body if isinstance(body, bytes) else json.dumps({"records": rows} if body is None else body).encode()
        if packed:
            data, sent["Content-Encoding"] = gzip.compress(data), "gzip"
        return app.test_client().post(path, data=data, headers=sent | dict(headers or {}))

    return push


@pytest.fixture
def say(push: Post, cast: Keys) -> Post:
    """POST a national message; its key goes into the envelope."""

    def say(service: str, data: Any = None, *, madonvi: str = "H17", session: str | None = cast.right,
            **more: Any) -> Any:
        envelope = {"session": session, "service": service, "madonvi": madonvi, "isUpdating": "false", "data": data}
        return push(body=envelope | more, key=None, name=None, path=f"/api/national/{service}")

    return say


def problem(answer: Any, status: int, kind: str, field: str | None = None) -> None:
    """The answer is this refusal, in full."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    said = answer.get_json()
    assert said["type"] == f"/api#{kind}" and said["status"] == status, said
    assert said["title"] and said["detail"], said
    assert said.get("field") == field
    assert "Set-Cookie" not in answer.headers
