"""schemathesis against the description: no 500, every answer as described, refusals as they should be."""
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from werkzeug.serving import make_server

from portal.kit.db import transaction
from portal.people import keys
from tests import make

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
          unsupported_method)


@pytest.fixture
def described(town: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[schemathesis.BaseSchema]:
    monkeypatch.setattr("portal.kit.throttle.hit", lambda *_args, **_more: None)
    with town.app_context(), transaction():
        secret = keys.issue(make.agency("H17"), ["progress"])[1]
    server = make_server("127.0.0.1", 0, town, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    schema = schemathesis.openapi.from_url(f"{address}/en/api/openapi.json")
    schema.config.update(base_url=address, headers={"Authorization": f"Bearer {secret}"})
    yield schema
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/api/v1/progress/batches"), ("GET", "/api/v1/progress/{code}"), ("GET", "/api/v1/progress/changes"),
    ("POST", "/api/national/{service}")])
def test_the_door_keeps_its_description(described: schemathesis.BaseSchema, method: str, path: str) -> None:
    operation = described[path][method]

    @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def keeps_it(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    keeps_it()
