"""What a file still says about the paper that it was made from, when its bytes are no longer ours. Pure.

Every paper carries facts.json with its verification code. Somebody who changes a PDF seldom thinks of it.
"""
import re
import zlib

from portal.papers import codes

_STREAM = re.compile(rb"stream\r?\n")
_CODE = re.compile(rb'"verification_code"\s*:\s*"([0-9A-Za-z-]{16,24})"')
MOST_STREAMS = 400
MOST_BYTES = 4 * 1024 * 1024


def code_in(content: bytes) -> str | None:
    """The verification code that a PDF carries, plain or in one of its compressed streams; None without one.

    Work is bounded whatever the file is: so many streams, so many bytes out of all of them together.
    """
    if not content.startswith(b"%PDF-"):
        return None
    if found := _valid(content):
        return found
    left = MOST_BYTES
    for n, start in enumerate(_STREAM.finditer(content)):
        if n >= MOST_STREAMS or left <= 0:
            return None
        opened = _inflated(content, start.end(), left)
        left -= len(opened)
        if found := _valid(opened):
            return found
    return None


def _valid(content: bytes) -> str | None:
    found = _CODE.search(content)
    return codes.normalise(found[1].decode()) if found else None


def _inflated(content: bytes, start: int, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(memoryview(content)[start:], most)
    except zlib.error:
        return b""
