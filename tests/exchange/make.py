"""Makers for the exchange: each returns a saved thing; name only what the test is about."""
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal.exchange import participants, secrets
from portal.exchange.models import Participant, Way
from portal.kit.db import session
from tests import make

#: Those of the small reference set, and what they are here: H17 and H26 provinces, G01 and G15 ministries.
CODES = ("H17", "H26", "G01", "G15")
SECRET = "bi-mat-thu-nghiem-01"


def participant(code: str = "H17", way: str = Way.api, name: str | None = None, *, system_id: str | None = None,
                secret: str = SECRET, **kw: Any) -> Participant:
    """One who takes part since today. Of `way` axis: with a system (thu-<code>) and SECRET, unless `system_id` is
    "" (a body that the system above it serves)."""
    key = code.partition(".")[0]
    known = make.agency(key).name if key in CODES else f"Cơ quan {key}"
    system = f"thu-{code.lower()}" if way == Way.axis and system_id is None else system_id or None
    made = participants.ask(code, name or (known if code == key else f"{known}, đơn vị {code}"), way=way,
                            system_id=system, **kw)
    participants.approve(made, None, way)
    if system:
        secrets.keep(made, secret)
    session.commit()
    return made


def everybody(way: str = Way.api) -> dict[str, Participant]:
    """H17, H26, G01 and G15, each connected, by id."""
    return {code: participant(code, way) for code in CODES}


@lru_cache(maxsize=1)
def _pair() -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(subject: str = "Sở Thử nghiệm") -> tuple[str, Any]:
    """A certificate that nobody vouches for, in PEM, and its private key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_pair().public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=3650)).sign(_pair(), hashes.SHA256()))
    return made.public_bytes(Encoding.PEM).decode(), _pair()
