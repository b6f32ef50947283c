"""Reading a JSON body that nobody vouches for: bounded before, while and after it is unpacked and parsed.

Sizes in bytes. Every refusal is a Problem that says what to change and repeats nothing of what was sent.
"""
import hashlib
import json
import math
import re
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.api.problems import Problem
from portal.kit.i18n import _

MIB = 1024 * 1024
MOST_SENT, MOST_UNPACKED = 16 * MIB, 64 * MIB
MOST_OF_A_STRANGER = 64 * 1024  # unpacked; so much is read before it is known who sends it
MOST_DEEP = 10
MOST_ROWS = 5_000
MOST_CONTAINERS, MOST_COMMAS = 300_000, 2_000_000  # memory is spent by the value, not by the byte
LARGEST_INT = 2**53 - 1  # beyond it, JSON readers disagree (RFC 8259, section 6)
CHUNK = 64 * 1024
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Body:
    """`value`: what was parsed. `sha256`: of the unpacked bytes, in hex; `wire_sha256`: of those that were sent."""

    value: Any
    sha256: str
    wire_sha256: bytes


class _Refused(ValueError):
    """What json.loads may raise through our hooks."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind)
        self.problem = problem


class Arriving:
    """A body that is read as far as it is asked for, and parsed when all of it may be. Raises Problem."""

    def __init__(self) -> None:
        packed = _check_headers()
        self._wire = hashlib.sha256()
        sent = _sent(self._wire)
        self._coming = iter(_unpacked(sent) if packed else sent)
        self._here, self.is_whole = bytearray(), False

    def beginning(self, n: int) -> bytes:
        """The first `n` bytes or a little more, unpacked; everything where there is no more (`is_whole`)."""
        while len(self._here) <= n and not self.is_whole:
            piece = next(self._coming, None)
            if piece is None:
                self.is_whole = True
            else:
                self._here += piece
        return bytes(self._here)

    def read(self) -> Body:
        """All of it, parsed."""
        text = self.beginning(MOST_UNPACKED)
        value = _parsed(text)
        _check_values(value)
        return Body(value, hashlib.sha256(text).hexdigest(), self._wire.digest())


def read_json() -> Body:
    """The request's JSON. Raises Problem."""
    return Arriving().read()


def rows_of(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects under `name`: one at least and MOST_ROWS at most. Raises Problem."""
    rows = value.get(name) if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Problem("shape", _("Send an object whose %(name)s is a list with at least one object.", name=name),
                      field=name)
    if len(rows) > MOST_ROWS:
        raise Problem("too_many_rows", _("Send at most %(n)s records at a time.", n=MOST_ROWS), field=name)
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise Problem("shape", _("Each record is an object."), field=f"{name}[{index}]")
    return rows


def _check_headers() -> bool:
    """Whether the body is packed."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise Problem("content_type", _("Send Content-Type: application/json, in UTF-8."), field="Content-Type")
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise Problem("content_encoding", _("Send Content-Encoding: gzip, or none."), field="Content-Encoding")
    if (request.content_length or 0) > MOST_SENT:
        _too_large(MOST_SENT)
    return coding == "gzip"


def _too_large(limit: int) -> NoReturn:
    raise Problem("too_large", _("The limit is %(n)s MB. Send the records in several batches.", n=limit // MIB))


def _sent(wire: Any) -> Iterator[bytes]:
    """What comes over the wire, piece by piece."""
    size = 0
    try:
        while chunk := request.stream.read(CHUNK):
            size += len(chunk)
            if size > MOST_SENT:
                _too_large(MOST_SENT)
            wire.update(chunk)
            yield chunk
    except RequestEntityTooLarge:
        _too_large(MOST_SENT)


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of one gzip member; a bomb is refused before it fills the memory."""
    inflate, size = zlib.decompressobj(wbits=31), 0
    try:
        for chunk in chunks:
            while chunk:
                if inflate.eof:
                    raise Problem("broken_gzip", _("Something follows the compressed content."))
                piece = inflate.decompress(chunk, CHUNK)
                size += len(piece)
                if size > MOST_UNPACKED:
                    _too_large(MOST_UNPACKED)
                yield piece
                chunk = inflate.unconsumed_tail or inflate.unused_data
    except zlib.error:
        raise Problem("broken_gzip", _("Content-Encoding says gzip, but the body cannot be unpacked.")) from None
    yield from _rest(inflate, size)


def _rest(inflate: Any, size: int) -> Iterator[bytes]:
    while piece := inflate.decompress(b"", CHUNK) if not inflate.eof else b"":
        size += len(piece)
        if size > MOST_UNPACKED:
            _too_large(MOST_UNPACKED)
        yield piece
    if not inflate.eof:
        raise Problem("broken_gzip", _("The compressed body ends too early."))


def _parsed(text: bytes) -> Any:
    if text.count(b"{") + text.count(b"[") > MOST_CONTAINERS or text.count(b",") > MOST_COMMAS:
        raise Problem("too_many_values", _("Send the records in several batches."))
    try:
        decoded = text.removeprefix(BOM_UTF8).decode("utf-8")  # which RFC 8259 lets readers pass over
    except UnicodeDecodeError as error:
        raise Problem("encoding", _("Byte %(n)s is not UTF-8.", n=error.start)) from None
    try:
        return json.loads(decoded, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_int,
                          parse_float=_float)
    except _Refused as refused:
        raise refused.problem from None
    except json.JSONDecodeError as error:
        raise Problem("malformed", _("It cannot be read at line %(line)s, column %(column)s.", line=error.lineno,
                                     column=error.colno)) from None
    except RecursionError:
        raise _too_deep() from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        counted = Counter(name for name, _value in pairs)
        twice = counted.most_common(1)[0][0]
        raise _Refused(Problem("duplicate_key", _("Readers would disagree about which counts: send it once."),
                               field=twice if _PLAIN_NAME.fullmatch(twice) else None))
    return made


def _number() -> Problem:
    return Problem("number", _("Send whole numbers up to %(n)s; NaN and Infinity are no JSON.", n=LARGEST_INT))


def _no_constant(_name: str) -> NoReturn:
    raise _Refused(_number())


def _int(digits: str) -> int:
    if len(digits) > 17 or abs(value := int(digits)) > LARGEST_INT:
        raise _Refused(_number())
    return value


def _float(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise _Refused(_number())
    return value


def _too_deep() -> Problem:
    return Problem("too_deep", _("Nest at most %(n)s levels.", n=MOST_DEEP))


def _check_values(value: Any) -> None:
    """Depth, and texts that a database could not keep: NUL and halves of surrogate pairs."""
    waiting = [(value, 1)]
    while waiting:
        at, depth = waiting.pop()
        if isinstance(at, str):
            if "\x00" in at or not (at.isascii() or _is_whole(at)):
                raise Problem("text", _("Leave out NUL characters and halves of surrogate pairs."))
        elif isinstance(at, (dict, list)):
            if depth > MOST_DEEP:
                raise _too_deep()
            waiting.extend((item, depth + 1) for item in at)  # of an object, its names
            if isinstance(at, dict):
                waiting.extend((item, depth + 1) for item in at.values())


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
