"""A bare application in English with two provinces, so that the tests read the rules and not the catalogue."""
import datetime
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.forms import places
from portal.kit import i18n

NOON = datetime.datetime(2026, 11, 22, 5, 0, tzinfo=datetime.UTC)  # noon in Hà Nội
WARDS = {"48": [("20195", "Phường Hải Châu")], "01": [("00004", "Phường Ba Đình")]}


@pytest.fixture
def english() -> Iterator[Flask]:
    app = Flask("forms")
    app.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False, ATTACHMENT_BYTES=1000)
    i18n.init_app(app)
    places.init_app(app, places.Places(provinces=lambda: [("01", "Hà Nội"), ("48", "Đà Nẵng")],
                                       wards=lambda code: WARDS.get(code, []), wards_url=lambda: "/wards/"))
    with (app.test_request_context("/en/", method="GET", environ_overrides={"SCRIPT_NAME": "/en"}),
          time_machine.travel(NOON, tick=False)):
        yield app
