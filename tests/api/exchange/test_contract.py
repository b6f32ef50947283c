"""schemathesis against the description of the exchange: no 500, every answer as described."""
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from werkzeug.serving import make_server

from portal.exchange import receiving
from portal.kit.db import session, transaction
from portal.people import keys
from tests import make
from tests.api.test_contract import CHECKS
from tests.exchange import documents, messages

ROOT = "/api/exchange/v1"


@pytest.fixture
def described(town: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[schemathesis.BaseSchema]:
    monkeypatch.setattr("portal.kit.throttle.hit_reading", lambda *_args, **_more: None)
    with town.app_context():
        for code in ("H17", "H26"):
            documents.participant(code, way="api")
        taken = messages.taken(messages.document("H17"))
        with transaction():
            secret = keys.issue(make.agency("H17"), ["exchange"])[1]
            receiving.take(documents.participant("H26"), taken, way="api")
        session.close()
    server = make_server("127.0.0.1", 0, town, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    schema = schemathesis.openapi.from_url(f"{address}/en{ROOT}/openapi.json")
    schema.config.update(base_url=address, headers={"Authorization": f"Bearer {secret}"})
    yield schema
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/messages"), ("GET", "/messages/{message_id}"), ("POST", "/messages/{message_id}/acknowledgement"),
    ("GET", "/documents/{which}/states"), ("GET", "/participants")])
def test_the_door_keeps_its_description(described: schemathesis.BaseSchema, method: str, path: str) -> None:
    operation = described[f"{ROOT}{path}"][method]

    @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def keeps_it(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    keeps_it()
