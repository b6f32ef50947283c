"""What a machine needs that plays a subscriber, on this machine: a certificate, and the check of a signature."""
import hashlib
import hmac
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"


def certificate(folder: Path) -> None:
    """A certificate of this machine's, signed by itself: cert.pem, and with its key both.pem."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HERE)])
    alone = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HERE))])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1)).add_extension(alone, critical=False).sign(key, hashes.SHA256()))
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def is_right(secret: str, header: str, body: bytes, now: float) -> bool:
    """The check of the developers' page, word for word in its sense."""
    found = re.fullmatch(r"t=(\d+), v1=([0-9a-f]{64})", header)
    if not found:
        return False
    wanted = hmac.new(secret.encode(), found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, found[2]) and abs(now - int(found[1])) <= 300
