"""Whatever bytes come: the reader gives a message or says why not, and nothing else happens. 50,000 by `make fuzz`."""
import hashlib
import json
import os
import random
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.cli.exchange import as_object
from portal.exchange.edxml import shapes, vocabulary
from portal.exchange.edxml.deviations import NAMES
from portal.exchange.edxml.message import DocumentMessage, Refused
from portal.exchange.edxml.refusals import REASONS
from tests.exchange.edxml.letters import (
    PDF,
    STATUS,
    A,
    B,
    file,
    letter,
    manifest,
    reference,
    sample,
    understood,
    zipped,
)
from tests.exchange.edxml.signing import signed

pytestmark = pytest.mark.once
# seconds where somebody waits, about a minute where none does
EACH = 50 * int(os.environ.get("PORTAL_TEST_FUZZ") or (1000 if os.environ.get("CI") == "true" else 12))
SEED = os.environ.get("PORTAL_TEST_SEED", "edxml")
CORPUS = [sample(A).encode(), sample(B).encode(), sample(STATUS).encode(), signed(sample(B).encode()),
          ("\ufeff" + sample(B)).encode("utf-16-le"),
          letter("<Subject>x</Subject>", body=manifest(reference()),
                 files=file(zipped(("a.pdf", PDF), ("b.txt", b"x"))))]
TOKENS = [b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0'?>",
          b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"&#0;", b"&#x202e;", b"xmlns:a='urn:a'", b"<a:b xmlns:a='urn:b'>",
          b"</edXML>", b"=", b"====", b"PK\x03\x04", b"../", b"cid:", b",", b"2026/13/45", b"9" * 400, b"/", b";",
          b"\xf0\x9f\x98\x80", b" Id='a'", b"#a", b"encoding='utf-16'", b"-1", b"\r", b"<", b">", b'"', b"'"]
NAMES_OF_ELEMENTS = sorted(vocabulary.NAMES)


def element(by: random.Random, depth: int = 0) -> bytes:
    """An element of the vocabulary with anything in it."""
    name = by.choice(("", "edXML:", "x:")).encode() + by.choice(NAMES_OF_ELEMENTS).encode()
    inside = (b"".join(element(by, depth + 1) for _ in range(by.randrange(4))) if depth < 4 and by.random() < 0.5
              else by.choice((b"", b"0", b"3", b"H99.01", b"2026/11/02", b"cid:1", b"YQ==", by.choice(TOKENS))))
    return b"<" + name + b">" + inside + b"</" + name + b">"


def place(by: random.Random, content: bytes) -> int:
    """Anywhere, rather before a tag."""
    at = by.randrange(len(content) + 1)
    return (content.find(b"<", at) + 1 or len(content) + 1) - 1 if by.random() < 0.6 else at


def piece(by: random.Random, content: bytes) -> tuple[int, int]:
    start = place(by, content)
    return start, min(len(content), start + by.choice((1, 2, 5, 30, 200, 2000)))


def flip(by: random.Random, content: bytes) -> bytes:
    at = by.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << by.randrange(8)]) + content[at + 1:]


def insert(by: random.Random, content: bytes) -> bytes:
    at = place(by, content)
    return content[:at] + by.choice((by.choice(TOKENS), by.randbytes(by.randrange(1, 9)), element(by))) + content[at:]


def leave_out(by: random.Random, content: bytes) -> bytes:
    start, end = piece(by, content)
    return content[:start] + content[end:]


def double(by: random.Random, content: bytes) -> bytes:
    start, end = piece(by, content)
    return content[:end] + content[start:end] + content[end:]


def move(by: random.Random, content: bytes) -> bytes:
    start, end = piece(by, content)
    rest = content[:start] + content[end:]
    at = place(by, rest)
    return rest[:at] + content[start:end] + rest[at:]


def splice(by: random.Random, content: bytes) -> bytes:
    other = by.choice(CORPUS)
    start, end = piece(by, other)
    at = place(by, content)
    return content[:at] + other[start:end] + content[at:]


def whole_element(by: random.Random, content: bytes) -> bytes:
    """A whole element taken out, doubled, or put elsewhere: what stays is well formed."""
    start = content.find(b"<edXML:", by.randrange(len(content)))
    name = content[start + 1:content.find(b">", start)].split(b" ")[0] if start >= 0 else b""
    end = content.find(b"</" + name + b">", start)
    if not name or end < 0:
        return content
    end += len(name) + 3
    taken = content[start:end]
    at = place(by, content)
    return by.choice((content[:start] + content[end:], content[:end] + taken + content[end:],
                      content[:at] + taken + content[at:], content[:start] + element(by) + content[end:]))


def cut(by: random.Random, content: bytes) -> bytes:
    return content[:by.randrange(len(content) + 1)]


HOW: list[Callable[[random.Random, bytes], bytes]] = [
    flip, insert, leave_out, double, move, splice, cut, *(whole_element for _ in range(7))]


def changed_at_random(nth: int) -> bytes:
    by = random.Random(f"{SEED} {nth}")
    content = by.choice(CORPUS)
    for _nth in range(by.choice((1, 1, 1, 2, 4, 12))):
        content = by.choice(HOW)(by, content) or b"<"
    return content


def prove(content: bytes, folder: Path) -> str:
    """Reads it, and proves what holds whatever it is. Its reason, or what kind it is."""
    try:
        message = understood(content, folder)
    except Refused as refused:
        assert refused.reason in REASONS
        assert str(refused)
        assert list(folder.iterdir()) == [], "what is refused leaves nothing behind"
        return refused.reason
    files = message.attachments if isinstance(message, DocumentMessage) else ()
    assert {each.path for each in files} == set(folder.iterdir()), "nothing else is there"
    for each in files:
        kept = each.path.read_bytes()
        assert (len(kept), hashlib.sha256(kept).hexdigest()) == (each.size, each.sha256)
        assert each.name and each.name == shapes.bare_name(each.name)
        each.path.unlink()
    assert set(message.seen.deviations) <= set(NAMES)
    json.dumps(as_object(message)).encode()
    return message.kind.value


def test_whatever_comes_is_a_message_or_is_refused(tmp_path: Path) -> None:
    said = Counter[str]()
    for nth in range(EACH):
        content = changed_at_random(nth)
        try:
            said[prove(content, tmp_path)] += 1
        except Exception as error:
            kept = Path(os.environ.get("TMPDIR", "/tmp")) / f"edxml-{zlib.crc32(content):08x}"
            kept.write_bytes(content)
            raise AssertionError(f"number {nth} of {SEED!r}, kept as {kept}") from error
    print(said.most_common())
    assert said["document"] + said["status"] > EACH / 20, "most were refused at the first look"
    assert len(said) > 8, "always refused for the same"


@pytest.mark.parametrize("name", [A, B, STATUS])
def test_any_byte_of_a_message_may_be_another(tmp_path: Path, name: str) -> None:
    content = sample(name).encode()
    by = random.Random(f"{SEED} {name}")
    for at in range(by.randrange(7), len(content), 7 if EACH < 1000 else 1):
        prove(content[:at] + by.randbytes(1) + content[at + 1:], tmp_path)
