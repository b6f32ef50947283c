"""A large file through the door, in flat memory: streamed in to the store, streamed out from it."""
import hashlib
from pathlib import Path

import pytest
from flask import Flask

from portal.exchange.models import Message
from portal.kit.db import session
from portal.people import keys
from tests import make
from tests.exchange import documents, messages
from tests.exchange.portals import ask, served
from tests.sizes import times

pytestmark = [pytest.mark.real_commits, pytest.mark.once]
SIZE = times(12_000_000, 50_000_000)
MOST_MORE_KB = 10_000


def pdf(size: int) -> bytes:
    """A page with a long comment."""
    comment = b"% nothing\n" * (size // 10)
    return make.PDF.replace(b"trailer", b"4 0 obj\n<</Length " + str(len(comment)).encode() + b">>\nstream\n" + comment
                            + b"\nendstream\nendobj\ntrailer")


def web_process(nursery: int) -> Path:
    """The newest child of who bears the hubs."""
    return Path("/proc") / Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()[-1]


def memory_kb(process: Path, name: str) -> int:
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def test_a_large_file_goes_in_and_out_in_flat_memory(town: Flask, tmp_path: Path) -> None:
    with town.app_context():
        h26, h17 = (keys.issue(make.agency(documents.participant(code, way="api").code), ["exchange"])[1]
                    for code in ("H26", "H17"))
        session.commit()
    place = tmp_path / "large.xml"
    place.write_bytes(messages.xml(messages.document("H17"), pdf(SIZE)))
    with served(town) as hub:
        for _ in range(2):  # what is loaded and kept once is loaded
            _status, warm = ask(hub.address, h26, "POST", "/messages", messages.xml(messages.document("H17")))
            ask(hub.address, h17, "GET", f"/messages/{warm['id']}")
        process = web_process(hub.pid)
        (process / "clear_refs").write_text("5")
        before = memory_kb(process, "VmRSS")
        with place.open("rb") as content:
            status, sent = ask(hub.address, h26, "POST", "/messages", content)
        assert status == 201
        status, got = ask(hub.address, h17, "GET", f"/messages/{sent['id']}")
        assert status == 200 and hashlib.sha256(got).digest() == hashlib.sha256(place.read_bytes()).digest()
        assert memory_kb(process, "VmHWM") - before < MOST_MORE_KB
    with town.app_context():
        [file] = session.get_one(Message, sent["id"]).facts["attachments"]
        assert file["reason"] is None and file["size"] > SIZE
