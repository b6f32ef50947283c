"""Signed requests: HTTP message signatures (RFC 9421) with Ed25519 over a digest of the body (RFC 9530).

A key that was given a signing key must sign every message: what its bearer alone could do, a thief could do. One
signature covers the method, the path, the digest of the body and, where there is one, the Idempotency-Key; it is
good for five minutes around its `created`, and no longer than it says by `expires`. What it may do a second time
within them is nothing: the same batch again is answered with the same answer.
"""
import base64
import binascii
import hmac
import re

from flask import request

from portal.api.problems import Problem
from portal.kit import clock
from portal.kit.i18n import _
from portal.people import security_log

GOOD_FOR_S = 300
_INPUT = re.compile(r'([a-z*][a-z0-9_.*-]*)=(\(("[^"\s]+"(?: "[^"\s]+")*)\)'
                    r'((?:;[a-z]+=(?:[0-9]{1,12}|"[^"\\]{0,100}"))*))', re.ASCII)
_BYTES = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):", re.ASCII)
_PARAMETER = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")', re.ASCII)
MUST_COVER = ("@method", "@path", "content-digest")


def check(wire_sha256: bytes, signing_key: str | None) -> None:
    """The body is the one described, and the message is signed when the key must sign. Raises Problem."""
    try:
        check_digest(wire_sha256)
        check_signature(signing_key)
    except Problem as refused:
        security_log.record("signature.refused", why=refused.kind, field=refused.field)
        raise


def check_digest(wire_sha256: bytes) -> None:
    """What Content-Digest says of the body as it was sent must be true. Raises Problem."""
    said = request.headers.get("Content-Digest")
    if said is None:
        return
    digests = dict(_BYTES.findall(said))
    if "sha-256" not in digests or not hmac.compare_digest(_decoded(digests["sha-256"]), wire_sha256):
        raise Problem("digest_wrong", _("Send Content-Digest: sha-256=:…: over the body as it is sent, after gzip."),
                      field="Content-Digest")


def check_signature(signing_key: str | None) -> None:
    """The request is signed with `signing_key` (Ed25519, base64); nothing is asked where there is none.

    Call it beside check_digest: the signature covers the digest, not the body. Raises Problem.
    """
    if signing_key is None:
        return
    for header in ("Signature-Input", "Signature", "Content-Digest"):
        if header not in request.headers:
            raise Problem("signature_missing", _("Send Content-Digest, Signature-Input and Signature."),
                          field=header)
    label, declared, covered, parameters = _input()
    _check_covered(covered)
    _check_parameters(parameters)
    signature = dict(_BYTES.findall(request.headers["Signature"])).get(label, "")
    if not is_signed(_decoded(signing_key), _signed(covered, declared), _decoded(signature)):
        raise Problem("signature_wrong", _("It was made with another key or over another message."), field="Signature")


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) was made over `message` with the private half of `public_key` (32 bytes)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _input() -> tuple[str, str, list[str], dict[str, str]]:
    """(label, the part that is signed as it was written, what it covers, its parameters)."""
    found = _INPUT.fullmatch(request.headers["Signature-Input"].strip())
    if found is None:
        raise Problem("signature_wrong", _("Signature-Input has one signature in the form of RFC 9421."),
                      field="Signature-Input")
    said = [(name, number or text) for name, number, text in _PARAMETER.findall(found[4])]
    parameters = dict(said)
    if len(parameters) != len(said):
        raise Problem("signature_wrong", _("Signature-Input names a parameter twice."), field="Signature-Input")
    return found[1], found[2], [name.strip('"') for name in found[3].split(" ")], parameters


def _check_covered(covered: list[str]) -> None:
    must = [*MUST_COVER, *(["idempotency-key"] if "Idempotency-Key" in request.headers else [])]
    if set(covered) != set(must) or len(covered) != len(must):
        raise Problem("signature_wrong", _("Sign over exactly: %(names)s.", names=", ".join(must)),
                      field="Signature-Input")


def _check_parameters(parameters: dict[str, str]) -> None:
    if parameters.get("alg", "ed25519") != "ed25519":
        raise Problem("signature_wrong", _("Sign with Ed25519."), field="Signature-Input")
    now, created, expires = clock.now().timestamp(), parameters.get("created", ""), parameters.get("expires")
    if not created.isdecimal() or abs(now - int(created)) > GOOD_FOR_S:
        raise Problem("signature_wrong", _("Set created to now, in seconds since 1970; it is good for %(n)s seconds.",
                                           n=GOOD_FOR_S), field="Signature-Input")
    if expires is not None and (not expires.isdecimal() or int(expires) < max(now, int(created))):
        raise Problem("signature_wrong", _("The signature has expired: sign again, or leave expires out."),
                      field="Signature-Input")


def _signed(covered: list[str], declared: str) -> bytes:
    """The signature base (RFC 9421, section 2.5)."""
    derived = {"@method": request.method, "@path": request.script_root + request.path}
    lines = [f'"{name}": {derived.get(name) or request.headers.get(name, "").strip()}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {declared}']).encode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
