"""Keys, certificates and signed messages for tests. A certificate is made once in a run: RSA keys are slow."""
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from portal.exchange.edxml.signatures import Signer, sign

LETTER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016" xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">'
    "<edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader><edXML:From><edXML:OrganId>H99.01</edXML:OrganId>"
    "</edXML:From><edXML:To><edXML:OrganId>H99.02</edXML:OrganId></edXML:To>"
    "<edXML:DocumentId>H99.01,2026/11/02,120/CV-STN</edXML:DocumentId><edXML:Subject>Về việc thử</edXML:Subject>"
    "</edXML:MessageHeader></edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope>"
    "<AttachmentEncoded><Attachment><ContentId>1</ContentId><AttachmentName>a.txt</AttachmentName>"
    "<ContentTransferEncoded>YQ==</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>").encode()


@cache
def signer(name: str = "So Thu nghiem", days: int = 3650) -> Signer:
    """A key with its own certificate, valid from 2020 on (for `days`)."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    since = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(since)
                   .not_valid_after(since + timedelta(days=days)).sign(key, hashes.SHA256()))
    return Signer(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption()).decode(),
                  certificate.public_bytes(serialization.Encoding.PEM).decode())


def signed(message: bytes = LETTER, by: Signer | None = None) -> bytes:
    out = BytesIO()
    sign(message, out, by or signer())
    return out.getvalue()
