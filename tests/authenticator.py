"""An authenticator in software, as a browser and a security key together would answer (WebAuthn level 2, ES256)."""
import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, ATTESTED = 0x01, 0x40


def text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def content(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Holds one key pair. `origin`: what the browser would say; `counts`: whether it counts its signatures."""

    def __init__(self, origin: str = "http://localhost", *, counts: bool = True) -> None:
        self.origin, self.counts, self.count = origin, counts, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(32)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, host: str, flags: int, more: bytes = b"") -> bytes:
        self.count += self.counts
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count) + more

    def make(self, options: dict[str, Any]) -> str:
        """The answer to the options of a registration."""
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        client = self._client("webauthn.create", options["challenge"])
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(
            options["rp"]["id"], PRESENT | ATTESTED, attested)})
        return self._answer({"attestationObject": text(attestation), "clientDataJSON": text(client)})

    def show(self, options: dict[str, Any]) -> str:
        """The answer to the options of a sign-in."""
        client, data = self._client("webauthn.get", options["challenge"]), self._data(options["rpId"], PRESENT)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"authenticatorData": text(data), "clientDataJSON": text(client),
                             "signature": text(signature)})

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps({"id": text(self.credential), "rawId": text(self.credential), "type": "public-key",
                           "response": response})
