"""The calls of the national axis's client over a real connection, to a hub as it is installed."""
import base64
import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from portal.exchange.models import Way
from portal.kit.db import session
from tests import make as people
from tests.conftest import Databases, bound, open_house
from tests.exchange import make, messages
from tests.exchange.axis_client import Client, over_http
from tests.exchange.serving import started_at

MIB = 1024 * 1024


@pytest.fixture
def address(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """H17 and H26 take part, each with its system."""
    url = databases.copy("axis")
    app = open_house(url, tmp_path)
    with bound(app), app.app_context():
        for code in ("H17", "H26"):
            make.participant(code, Way.axis)
        session.close()
    app.extensions["engine"].dispose()
    with started_at(url, tmp_path / "files") as address:
        yield address


def test_documents_go_there_and_back_as_the_library_sends_them(address: str) -> None:
    h26, h17 = (Client(over_http(address), f"thu-{code}", make.SECRET) for code in ("h26", "h17"))
    large = people.PDF.replace(b"trailer", b"%" * MIB + b"\ntrailer")
    for number, form in ((1, False), (2, True)):
        content = messages.xml(messages.document("H17", number=number), large)
        answer = h26.send(content, "H26", "H17", form=form)
        assert answer["status"] == "OK", answer
        [line] = h17.received()
        assert base64.b64decode(h17.document(line["docId"])["data"], validate=True) == content
        assert h17.update(line["docId"], "done")["status"] == "OK" and h17.received() == []
    assert [one["receiveStatus"] for one in h26.sent()] == ["done", "done"]
    unknown = [f"H55.{n:03}" for n in range(1, 990)]
    many = h26.send(messages.xml(messages.document("H17", number=3)), "H26", "H17", *unknown)
    assert many["status"] == "OK" and "H55.001" in many["ErrorDesc"]  # headers of 25,000 letters
    _refused_before_the_body(address)


def _refused_before_the_body(address: str) -> None:
    """The answer is there, and not a byte of the file was sent."""
    headers = Client(over_http(address), "thu-h26", "another-secret-entirely").headers({
        "from": "H26", "to": '["H17"]', "hash-file": "0" * 64})
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    line.putrequest("POST", "/api/exchange/axis/sendEdoc")
    for name, value in {**headers, "Content-Type": "application/octet-stream", "Content-Length": str(50 * MIB)}.items():
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    assert answer.status == 200 and b'"FAIL"' in answer.read()
    line.close()
