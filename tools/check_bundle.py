#!/usr/bin/env python3
"""Check what proves who sent an electronic document and who got it. Needs Python 3.11 and nothing else.

    python3 check_bundle.py van-ban.zip --key KEY

KEY is the public key of the portal that made the bundle (44 letters, as the portal publishes them; several with several
--key). Without it the bundle is checked against the key that it brings itself, which shows that nothing was altered
since it was signed, and not by whom: compare the key that is printed.

Prints who sent the document, who got it and when, what is known of it since, and whether every byte is what was signed.
Ends with 0: it all fits; 1: something was altered, removed, added or put in another order (each is named); 2: called
wrongly, or no bundle.
"""
import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

FORMAT = "portal-exchange-bundle/1"
MANIFEST, RECORDS, SIGNATURE, ABOUT = "manifest.json", "records.jsonl", "signature.json", "README.txt"
START = "0" * 64
CHUNK = 1 << 20  # bytes
LARGEST = 64 << 20  # bytes of a part that is read whole
WORDS = {"sent": "sent", "01": "arrived", "02": "refused by the receiver", "03": "entered in the register",
         "04": "assigned", "05": "in work", "06": "done", "13": "recall asked", "15": "recall or update agreed",
         "16": "recall or update refused", "updated": "updated by the sender", "replaced": "replaced",
         "removed": "taken from the receivers", "answered": "answered", "reminded": "reminded"}

# Ed25519, RFC 8032: the curve -x² + y² = 1 + d·x²·y² over the field of P, points as (X, Y, Z, T) with T = X·Y/Z
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, point: Point) -> Point:
    found = NEUTRAL
    while n:
        if n & 1:
            found = _add(found, point)
        point, n = _add(point, point), n >> 1
    return found


def _point(packed: bytes) -> Point | None:
    """The point that 32 bytes stand for; None where they stand for none."""
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


_BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed_by(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is an Ed25519 signature over the message by the holder of the key."""
    if len(key) != 32 or len(signature) != 64 or _BASE is None:
        return False
    holder, given, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if holder is None or given is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    return _same(_times(s, _BASE), _add(given, _times(h, holder)))


class NoBundle(Exception):
    """What was given is no bundle at all."""


class Found(NamedTuple):
    """What a bundle says, and what in it does not fit."""

    manifest: dict[str, Any]
    records: list[dict[str, Any]]
    key: str
    wrong: list[str]


def check(source: IO[bytes], keys: list[str]) -> Found:
    """Read a bundle. `keys`: base64 of the public keys that are believed; none believes the bundle's own."""
    try:
        with zipfile.ZipFile(source) as bundle:
            names = bundle.namelist()
            if missing := {MANIFEST, RECORDS, SIGNATURE} - set(names):
                raise NoBundle(f"{', '.join(sorted(missing))} is not in it")
            manifest_bytes = _whole(bundle, MANIFEST)
            manifest, signature = _object(manifest_bytes, MANIFEST), _object(_whole(bundle, SIGNATURE), SIGNATURE)
            if manifest.get("format") != FORMAT:
                raise NoBundle(f"its form is {manifest.get('format')}, and this program knows {FORMAT}")
            wrong = [f"{name} is in it twice" for name in sorted({one for one in names if names.count(one) > 1})]
            wrong += _signature(signature, manifest_bytes, keys)
            lines = _whole(bundle, RECORDS).splitlines(keepends=True)
            records = [_object(line, f"{RECORDS}, line {n}") for n, line in enumerate(lines, 1)]
            wrong += _chain(manifest, lines, records)
            wrong += _messages(bundle, names, records)
            return Found(manifest, records, str(signature.get("key")), wrong)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise NoBundle(f"it cannot be read as a zip: {error}") from error


def _whole(bundle: zipfile.ZipFile, name: str) -> bytes:
    if bundle.getinfo(name).file_size > LARGEST:
        raise NoBundle(f"{name} is too large")
    return bundle.read(name)


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoBundle(f"{name} is not JSON") from error
    if not isinstance(found, dict):
        raise NoBundle(f"{name} is no object")
    return found


def _signature(said: dict[str, Any], manifest: bytes, keys: list[str]) -> Iterator[str]:
    try:
        key, signature = (base64.b64decode(str(said.get(name)), validate=True) for name in ("key", "signature"))
        believed = [base64.b64decode(one, validate=True) for one in keys] or [key]
    except (binascii.Error, ValueError):
        yield f"{SIGNATURE} holds no signature"
        return
    if key not in believed:
        yield "it is signed with another key than the one given"
    if not signed_by(key, signature, manifest):
        yield f"{MANIFEST} is not what was signed"


def _chain(manifest: dict[str, Any], lines: list[bytes], records: list[dict[str, Any]]) -> Iterator[str]:
    """Each line names the one before; the manifest, which is signed, names the last and how many there are."""
    before = START
    for n, (line, record) in enumerate(zip(lines, records, strict=True), 1):
        if record.get("n") != n or record.get("before") != before:
            yield f"{RECORDS}, line {n} does not follow the line before it"
        before = hashlib.sha256(line).hexdigest()
    if manifest.get("last") != before:
        yield f"{RECORDS} does not end as was signed"
    if manifest.get("records") != len(lines):
        yield f"{RECORDS} has {len(lines)} lines, and {manifest.get('records')} were signed"


def _messages(bundle: zipfile.ZipFile, names: list[str], records: list[dict[str, Any]]) -> Iterator[str]:
    told = {str(one["file"]): one for one in records if one.get("record") == "message" and one.get("file")}
    for name, record in told.items():
        if name not in names:
            yield f"{name} is not in it"
            continue
        digest, size = hashlib.sha256(), 0
        try:
            with bundle.open(name) as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except zipfile.BadZipFile:
            yield f"{name} cannot be unpacked"
            continue
        if (digest.hexdigest(), size) != (record.get("sha256"), record.get("size")):
            yield f"{name} is not what was received: SHA-256 {digest.hexdigest()}"
    for name in sorted(set(names) - told.keys() - {MANIFEST, RECORDS, SIGNATURE, ABOUT}):
        yield f"{name} belongs to nothing that is recorded"
    for record in records:
        if record.get("record") == "message" and record.get("lost"):
            yield f"message {record.get('id')}: its bytes were {record['lost']} when the bundle was made"


def _who(said: Any) -> str:
    return f"{said.get('name')} ({said.get('code')})" if isinstance(said, dict) else str(said)


def told(found: Found) -> Iterator[str]:
    """What the bundle says, for people."""
    document = found.manifest.get("document") or {}
    yield f"Document   {document.get('number')}/{document.get('notation')} of {document.get('day')}: " \
          f"{document.get('subject')}"
    yield f"Sent by    {_who(document.get('sender'))} on {document.get('sent_at')}"
    if not found.manifest.get("whole"):
        yield "           (of its receivers only those that the bundle is about are told)"
    of = {kind: [one for one in found.records if one.get("record") == kind]
          for kind in ("receiver", "message", "delivery", "event")}
    for one in of["receiver"]:
        yield f"Receiver   {_who(one.get('receiver'))}: {one.get('state')} since {one.get('since')}, " \
              f"known by {one.get('known_by')} ({one.get('sure')} %)"
    for one in of["message"]:
        what = f"status {one.get('status_code')}" if one.get("kind") == "status" else one.get("business")
        yield f"Message    {one.get('id')} ({what}) of {_who(one.get('sender'))}, received {one.get('received_at')}, " \
              f"{one.get('size')} bytes, signature {one.get('signature')}"
    for one in of["delivery"]:
        yield f"Delivery   message {one.get('message')} to {_who(one.get('receiver'))}: {one.get('state')}, " \
              f"taken {one.get('taken_at') or '—'}, stored there {one.get('ended_at') or '—'}"
    for one in of["event"]:
        code = str(one.get("code"))
        yield f"Event      {one.get('at')} {WORDS.get(code, code)}" + (
            f" at {one['receiver']}" if one.get("receiver") else "") + f", known by {one.get('how')}"


def main(given: list[str] | None = None) -> int:
    """Check one bundle and say so."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("bundle")
    asked.add_argument("--key", action="append", default=[], help="a public key of the portal, base64")
    options = asked.parse_args(given)
    try:
        with open(options.bundle, "rb") as source:
            found = check(source, options.key)
    except (NoBundle, OSError) as error:
        print(f"{options.bundle}: no bundle: {error}", file=sys.stderr)
        return 2
    print("\n".join(told(found)))
    for words in found.wrong:
        print(f"WRONG      {words}", file=sys.stderr)
    if found.wrong:
        return 1
    signed = f"signed by the key {found.key}"
    print(f"Every byte is what was {signed}" + ("." if options.key else ": compare it with what the portal publishes."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
