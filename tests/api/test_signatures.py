"""Signed messages: RFC 9421 with Ed25519, checked against the vectors of RFC 8032 and against forgeries."""
import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.api.signatures import MUST_COVER, is_signed
from portal.kit.db import session
from portal.progress.models import ProgressRecord
from tests.api.conftest import Keys, Post, a_row, problem

SEED = bytes(range(32))
PATH = "/api/v1/progress/batches"
VECTORS = [  # RFC 8032, section 7.1: public key, message, signature
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"),
]


def public_key(seed: bytes = SEED) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(message: bytes, seed: bytes = SEED) -> bytes:
    """As an agency's software does."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard(key: str, message: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


@given(st.binary(max_size=60), st.integers(0, 64 * 8 - 1))
@settings(max_examples=40, deadline=None)
def test_one_bit_changed_anywhere_breaks_it(message: bytes, bit: int) -> None:
    signature = sign(message)
    assert is_signed(public_key(), message, signature)
    bent = bytearray(signature)
    bent[bit // 8] ^= 1 << bit % 8
    assert not is_signed(public_key(), message, bytes(bent))
    assert not is_signed(public_key(), message + b"x", signature)


@pytest.mark.parametrize("key", [b"", b"short", b"\xff" * 32])
def test_a_key_that_is_none_signs_nothing(key: bytes) -> None:
    assert not is_signed(key, b"m", b"\x01" + bytes(63))


def signed(body: bytes, name: str = "night-1", *, seed: bytes = SEED, path: str = PATH, created: int = 1795143600,
           cover: tuple[str, ...] = (*MUST_COVER, "idempotency-key"), extra: str = "", method: str = "POST",
           **changed: str | None) -> dict[str, str]:
    """The headers of a signed message; `changed` replaces one after signing, None leaves it out."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    values = {"@method": method, "@path": path, "content-digest": digest, "idempotency-key": name}
    quoted = " ".join(f'"{part}"' for part in cover)
    declared = f'({quoted});created={created};keyid="H17"{extra}'
    lines = [f'"{part}": {values[part]}' for part in cover] + [f'"@signature-params": {declared}']
    signature = base64.b64encode(sign("\n".join(lines).encode(), seed)).decode()
    headers = {"Content-Digest": digest, "Idempotency-Key": name, "Signature-Input": f"sig1={declared}",
               "Signature": f"sig1=:{signature}:"}
    headers |= {part.replace("_", "-"): value for part, value in changed.items() if value is not None}
    return {part: value for part, value in headers.items() if changed.get(part.replace("-", "_"), "") is not None}


@pytest.fixture
def must_sign(cast: Keys) -> None:
    cast.find(cast.right).signing_key = base64.b64encode(public_key()).decode()
    session.commit()


BODY = json.dumps({"records": [a_row()]}).encode()
NOW = 1795143600  # 20 November 2026, 10:00 in Vietnam


def test_a_signed_batch_is_taken(push: Post, must_sign: None, friday: Any) -> None:
    answer = push(body=BODY, name=None, headers=signed(BODY))
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["accepted"] == 1
    again = push(body=BODY, name=None, headers=signed(BODY, cover=("idempotency-key", *reversed(MUST_COVER)),
                                                      created=NOW - 250, extra=';alg="ed25519"'))
    assert again.data == answer.data


def test_a_signature_is_good_until_it_expires(push: Post, must_sign: None, friday: Any) -> None:
    answer = push(body=BODY, name=None, headers=signed(BODY, created=NOW - 60, extra=f";expires={NOW}"))
    assert answer.status_code == 200, answer.text


FORGED: dict[str, dict[str, Any]] = {
    "another key": {"seed": bytes(32)}, "another path": {"path": "/api/v1/progress/other"},
    "another method": {"method": "PUT"},
    "too old": {"created": NOW - 301}, "from the future": {"created": NOW + 301},
    "expired": {"created": NOW - 60, "extra": f";expires={NOW - 1}"}, "expires in words": {"extra": ';expires="never"'},
    "expired before it was made": {"created": NOW + 60, "extra": f";expires={NOW + 59}"},
    "made twice": {"extra": f";created={NOW}"},
    "without the digest": {"cover": ("@method", "@path", "idempotency-key")},
    "without the name": {"cover": MUST_COVER},
    "the same twice": {"cover": (*MUST_COVER, "content-digest", "idempotency-key")},
    "nothing covered": {"cover": ("@method",)}, "another algorithm": {"extra": ';alg="rsa-v1_5-sha256"'},
    "another name": {"Idempotency_Key": "night-2"}, "no form": {"Signature_Input": "sig1=()"},
    "no time": {"Signature_Input": 'sig1=("@method" "@path" "content-digest" "idempotency-key");keyid="x"'},
    "another label": {"Signature": "sig2=:AAAA:"}, "no signature": {"Signature": "sig1=:AAAA:"},
    "no base64": {"Signature": "sig1=:A:"}, "rubbish": {"Signature": "ký"},
}


@pytest.mark.parametrize("name", list(FORGED))
def test_a_forged_one_is_not(push: Post, must_sign: None, name: str) -> None:
    headers = {part: value.encode().decode("latin-1") for part, value in signed(BODY, **FORGED[name]).items()}
    answer = push(body=BODY, name=None, headers=headers)
    problem(answer, 401, "signature_wrong", answer.get_json()["field"])
    session.rollback()
    assert session.query(ProgressRecord).count() == 0


@pytest.mark.parametrize("missing", ["Signature", "Signature_Input", "Content_Digest"])
def test_an_unsigned_one_is_not(push: Post, must_sign: None, missing: str) -> None:
    answer = push(body=BODY, name=None, headers=signed(BODY, **{missing: None}))
    problem(answer, 401, "signature_missing", missing.replace("_", "-"))


def test_an_altered_body_is_not(push: Post, must_sign: None) -> None:
    answer = push(body=BODY.replace(b"online", b"counter"), name=None, headers=signed(BODY))
    problem(answer, 400, "digest_wrong", "Content-Digest")


@pytest.mark.parametrize("digest", ["md5=:AAAA:", "sha-256=AAAA", "", "sha-256=:AAAA:"])
def test_a_wrong_digest_is_refused_from_a_key_that_need_not_sign(push: Post, digest: str) -> None:
    problem(push(a_row(), headers={"Content-Digest": digest}), 400, "digest_wrong", "Content-Digest")


def test_national_messages_are_signed_too(push: Post, must_sign: None) -> None:
    path, envelope = "/api/national/LayDanhMucCoQuan", {"madonvi": "H17"}
    body = json.dumps(envelope).encode()
    headers = signed(body, path=path, cover=MUST_COVER, Idempotency_Key=None)
    assert push(body=body, name=None, headers=headers, path=path).status_code == 200
    problem(push(body=body, name=None, path=path), 401, "signature_missing", "Signature-Input")


def test_the_english_address_is_signed_as_it_was_asked_for(push: Post, must_sign: None) -> None:
    headers = signed(BODY, path=f"/en{PATH}")
    assert push(body=BODY, name=None, headers=headers, path=f"/en{PATH}").status_code == 200
    assert push(body=BODY, name=None, headers=headers).status_code == 401
