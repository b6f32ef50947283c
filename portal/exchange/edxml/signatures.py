"""Whose message is it, and is it still what was signed? XML signatures, judged against pinned certificates alone.

Only what is sure is called valid: one signature, in the header, over the whole message, by a certificate that an
administrator pinned to the sender. The certificate inside the message is nobody's word: it may only choose among
the pinned ones. What nobody here can say is not verifiable; what contradicts itself is invalid (decision 0092).
"""
import base64
import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from portal.exchange.edxml.message import Refused, Signature
from portal.kit.text import N_

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"  # the same where no xml:base and xml:id stand
ENVELOPED = DSIG + "enveloped-signature"
#: Whether exclusive. Deployed clients copy the second from the standard's example, where it is misspelt; where none is
#: named, XML-DSig means the inclusive one.
CANONICAL: Mapping[str, bool] = {EXCLUSIVE: True, "http://www.w3.org/TR/xml-exc-c14n#": True, INCLUSIVE: False,
                                 INCLUSIVE_11: False}
DIGESTS: Mapping[str, str] = {
    DSIG + "sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
METHODS = frozenset({DSIG + "rsa-sha1", *("http://www.w3.org/2001/04/xmldsig-more#rsa-sha" + n
                                          for n in ("256", "384", "512"))})
#: Taken as long as deployed systems sign so by default; noted as a deviation by the reader.
WEAK = frozenset({DSIG + "rsa-sha1", DSIG + "sha1"})
#: No RSA signature is shorter (512 bits): what is, stands in the place of one.
SHORTEST = 64
MOST_PINNED = 20
MOST_PREFIXES = 64  # that a signature names to be kept

#: What is wrong with a signature that was moved, doubled, or covers something else than the message.
FAULTS: Mapping[str, str] = {
    "several-signatures": N_("There is more than one signature."),
    "signature-elsewhere": N_("The signature does not stand in the header of the message."),
    "several-messages": N_("There is more than one message in what was sent."),
    "content-in-signature": N_("Content is hidden inside the signature."),
    "several-references": N_("The signature is over several parts, not over the message."),
    "part-signed": N_("The signature is over a part, not over the whole message."),
    "comment-in-text": N_("A comment splits a text that was signed."),
    "digest": N_("The message is not what was signed: its digest does not fit."),
    "value": N_("The signature was not made with the certificate that it names."),
}
#: Where a signature may stand: in the header, where the standard has it; behind all, where libraries put it by
#: themselves. It is of the whole message, itself left out, in either place.
_PLACES = (["edXMLHeader", "edXMLEnvelope", "edXML"], ["edXMLHeader", "edXMLEnvelope"], ["edXMLEnvelope", "edXML"],
           ["edXMLEnvelope"], ["edXML"])
_ONCE = ("edXMLEnvelope", "edXMLHeader", "edXMLBody", "MessageHeader", "AttachmentEncoded")


def verify(source: bytes | Path, pems: Sequence[str], *, at: datetime | None = None
           ) -> tuple[Signature, str, Any | None]:
    """Judges the signature of a message (its bytes, or the file of them) that was parsed safely before.

    `pems`: the certificates pinned for its sender that have not ended; `at`: when they must be valid (now).
    Returns the state, the subject of the pinned certificate ("" where none fits), and where valid the root of what was
    signed, without signature and comments: nothing else of the message may be read. Raises lxml's errors where it is
    no XML, or none that has a canonical form.
    """
    state, subject, root, _fault = judge(source, pems, at=at)
    return state, subject, root


def judge(source: bytes | Path, pems: Sequence[str], *, at: datetime | None = None
          ) -> tuple[Signature, str, Any | None, str]:
    """As `verify`, and which of FAULTS makes it invalid ("" otherwise)."""
    root = _parsed(source)
    found = [one for one in root.iter("{*}Signature", "{*}DigitalSignature") if len(one) or (one.text or "").strip()]
    if not found:
        return Signature.none, "", None, ""
    fault = misplaced(root, found)
    if fault == "part-signed" and _part_fits(root, found[0]):
        return Signature.not_verifiable, "", None, ""
    if fault:
        return Signature.invalid, "", None, fault
    signature = _out_of(found[0])
    if not _computable(signature):
        return Signature.not_verifiable, "", None, ""
    digest = _digest(root, signature)
    if digest != _said_digest(signature):
        return Signature.invalid, "", None, "digest"
    return _by_pinned(root, signature, digest, pems, at)


def misplaced(root: Any, found: Sequence[Any]) -> str:
    """Which of FAULTS the places of things show, whoever signed: a name, or "". Shapes of signature wrapping."""
    if len(found) > 1:
        return "several-signatures"
    signature = found[0]
    above = [_local(one) for one in signature.iterancestors()]
    if above not in _PLACES:
        return "signature-elsewhere"
    if [_local(one) for one in signature] not in (["SignedInfo", "SignatureValue", "KeyInfo"],
                                                  ["SignedInfo", "SignatureValue"]):
        return "content-in-signature"
    if any(sum(1 for _ in root.iter("{*}" + name)) > 1 for name in _ONCE):
        return "several-messages"
    references = signature.findall("{*}SignedInfo/{*}Reference")
    if len(references) > 1:
        return "several-references"
    if references and references[0].get("URI") != "":
        return "part-signed"
    return "comment-in-text" if _comment_in_text(root) else ""


def _part_fits(root: Any, signature: Any) -> bool:
    """Whether what is signed by its Id, one element of the message, is what was signed: it says nothing of the rest,
    and so it is no valid signature of the message, and none that contradicts itself."""
    from lxml import etree
    reference = signature.find("{*}SignedInfo/{*}Reference")
    named = (reference.get("URI") or "").removeprefix("#")
    meant = [one for one in root.iter(etree.Element) if any(
        etree.QName(key).localname.lower() == "id" and value == named for key, value in one.attrib.items())]
    transforms = [one.get("Algorithm") for one in reference.iterfind("{*}Transforms/{*}Transform")]
    canonical = [one for one in transforms if one != ENVELOPED]
    method = reference.find("{*}DigestMethod")
    if (len(meant) != 1 or len(canonical) > 1 or not all(one in CANONICAL for one in canonical) or method is None
            or method.get("Algorithm") not in DIGESTS):
        return False
    if ENVELOPED in transforms:
        _out_of(signature)
    digest = _Digest(DIGESTS[method.get("Algorithm")])
    digest.write(etree.tostring(meant[0], method="c14n", exclusive=bool(canonical) and CANONICAL[canonical[0]],
                                with_comments=False, with_tail=False))
    return digest.value() == _bytes(reference.findtext("{*}DigestValue"))


def _comment_in_text(root: Any) -> bool:
    from lxml import etree
    for one in root.iter(etree.Comment):
        before = one.getprevious()
        text = before.tail if before is not None else one.getparent().text if one.getparent() is not None else ""
        if (text or "").strip() or (one.tail or "").strip():
            return True
    return False


def _computable(signature: Any) -> bool:
    """Whether it is a signature at all: with a digest by methods that are known here, and a value of some length."""
    reference = signature.find("{*}SignedInfo/{*}Reference")
    if reference is None:
        return False
    transforms = [one.get("Algorithm") for one in reference.iterfind("{*}Transforms/{*}Transform")]
    method = reference.find("{*}DigestMethod")
    known = (transforms[:1] == [ENVELOPED] and len(transforms) < 3 and all(one in CANONICAL for one in transforms[1:])
             and method is not None and method.get("Algorithm") in DIGESTS)
    if any(len(_prefixes(one) or ()) > MOST_PREFIXES for one in signature.iterfind(".//{*}InclusiveNamespaces/..")):
        return False  # each is looked for at every element of the message
    return known and len(_bytes(reference.findtext("{*}DigestValue"))) == _size(method.get("Algorithm"))


def _digest(root: Any, signature: Any) -> bytes:
    """Of the message, by the methods that its signature names. What is canonicalised is hashed as it comes, and never
    held as a whole."""
    reference = signature.find("{*}SignedInfo/{*}Reference")
    digest = _Digest(DIGESTS[reference.find("{*}DigestMethod").get("Algorithm")])
    canonical = reference.findall("{*}Transforms/{*}Transform")[1:]
    exclusive = bool(canonical) and CANONICAL[canonical[0].get("Algorithm")]
    root.getroottree().write_c14n(digest, exclusive=exclusive, with_comments=False,
                                  inclusive_ns_prefixes=_prefixes(canonical[0]) if exclusive else None)
    return digest.value()


def _said_digest(signature: Any) -> bytes:
    return _bytes(signature.findtext("{*}SignedInfo/{*}Reference/{*}DigestValue"))


def _by_pinned(root: Any, signature: Any, digest: bytes, pems: Sequence[str], at: datetime | None
               ) -> tuple[Signature, str, Any | None, str]:
    """The digest fits: who signed it? Where somebody pinned did, comments leave the tree: they were not signed."""
    from lxml import etree
    if not _known_methods(signature):
        return Signature.not_verifiable, "", None, ""
    inside = {hashlib.sha256(_bytes(one.text)).hexdigest() for one in signature.iterfind(
        "{*}KeyInfo/{*}X509Data/{*}X509Certificate")}
    for certificate in _pinned(pems):
        if inside and _fingerprint(certificate) not in inside:
            continue
        subject = certificate.subject.rfc4514_string()
        made = _made_with(certificate, signature, digest, at)
        if made:
            etree.strip_tags(root, etree.Comment)
            return Signature.valid, subject, root, ""
        if inside and made is False:
            return Signature.invalid, subject, None, "value"
    return Signature.not_verifiable, "", None, ""


def _known_methods(signature: Any) -> bool:
    method = signature.find("{*}SignedInfo/{*}SignatureMethod")
    canonical = signature.find("{*}SignedInfo/{*}CanonicalizationMethod")
    return (signature.tag == f"{{{DSIG}}}Signature" and method is not None and canonical is not None
            and method.get("Algorithm") in METHODS
            and canonical.get("Algorithm") in (EXCLUSIVE, INCLUSIVE, INCLUSIVE_11)
            and len(_bytes(signature.findtext("{*}SignatureValue"))) >= SHORTEST)


def _made_with(certificate: Any, signature: Any, digest: bytes, at: datetime | None) -> bool | None:
    """Whether it was made with this certificate; None where that has ended, or what is there cannot be judged."""
    import signxml
    from lxml import etree
    from signxml.exceptions import InvalidCertificate, InvalidInput
    try:
        _engine()(digest).verify(signature, x509_cert=certificate, expect_config=_expected(at))
    except (InvalidCertificate, InvalidInput, etree.DocumentInvalid):
        return None
    except (signxml.InvalidSignature, ValueError):
        return False
    return True


@cache
def _engine() -> Any:
    """signxml's verifier of a signature whose one reference is compared with the digest that was streamed: its own way
    holds a message of 67 MB five times."""
    import signxml

    class Streamed(signxml.XMLVerifier):
        def __init__(self, digest: bytes) -> None:
            self.digest = digest

        def get_root(self, data: Any) -> Any:
            return data

        def _verify_reference(self, reference: Any, *_rest: Any) -> None:
            if _bytes(reference.findtext("{*}DigestValue")) != self.digest or reference.get("URI") != "":
                raise signxml.InvalidDigest("it signs something else")

    return Streamed


def _expected(at: datetime | None) -> Any:
    import signxml
    return signxml.SignatureConfiguration(
        require_x509=True, expect_references=1, verification_time=at, ignore_ambiguous_key_info=True,
        signature_methods=frozenset(one for one in signxml.SignatureMethod if one.value in METHODS),
        digest_algorithms=frozenset(one for one in signxml.DigestAlgorithm if one.value in DIGESTS))


def _out_of(signature: Any) -> Any:
    """A copy with the names that held around it. The signature itself leaves its tree, which it did not sign; the
    blanks after it stay, for they were signed. Never put back: that would give its elements other prefixes."""
    from lxml import etree
    copy = etree.fromstring(etree.tostring(signature, with_tail=False))
    parent, before, tail = signature.getparent(), signature.getprevious(), signature.tail or ""
    signature.tail = None
    parent.remove(signature)
    if before is None:
        parent.text = (parent.text or "") + tail or None
    else:
        before.tail = (before.tail or "") + tail or None
    return copy


@dataclass(frozen=True)
class Signer:
    """With what messages are signed: the private key (RSA) and its certificate, both PEM."""

    key_pem: str
    certificate_pem: str


_END_OF_HEADER = re.compile(rb"</(?:[\w.-]+:)?edXMLHeader\s*>")
_BLOCK = 1 << 20
_SIGNATURE = (
    f'<Signature xmlns="{DSIG}"><SignedInfo><CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI=""><Transforms>'
    f'<Transform Algorithm="{ENVELOPED}"/><Transform Algorithm="{EXCLUSIVE}"/></Transforms>'
    '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>'
    "<SignatureValue/><KeyInfo><X509Data><X509SubjectName/><X509Certificate/></X509Data></KeyInfo></Signature>")


def sign(source: bytes | Path, out: BinaryIO, signer: Signer) -> None:
    """Writes a message of ours into `out` with a signature over all of it (rsa-sha256, exclusive canonicalisation) as
    the last thing in its header; every other byte stays. ValueError where it has no header, or a signature already."""
    from lxml import etree
    root = _parsed(source)
    if next(root.iter("{*}Signature"), None) is not None:
        raise ValueError("it is signed already, and what was signed is never written anew")
    digest = _Digest("sha256")
    root.getroottree().write_c14n(digest, exclusive=True, with_comments=False)
    del root
    signature = etree.tostring(_signature(digest.value(), signer), encoding="utf-8")
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        place = _end_of_header(stream)
        stream.seek(0)
        out.write(stream.read(place))
        out.write(signature)
        shutil.copyfileobj(stream, out, _BLOCK)


def _end_of_header(stream: BinaryIO) -> int:
    """Where the header's end tag begins, in bytes. A header is small: the attachments come after it."""
    found = _END_OF_HEADER.search(stream.read(4 * _BLOCK))
    if found is None:
        raise ValueError("the message has no header in which a signature could stand")
    return found.start()


def _signature(digest: bytes, signer: Signer) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from lxml import etree
    key = load_pem_private_key(signer.key_pem.encode(), None)
    certificate = x509.load_pem_x509_certificate(signer.certificate_pem.encode())
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("messages are signed with an RSA key")
    signature = etree.fromstring(_SIGNATURE)
    signature.find(".//{*}DigestValue").text = base64.b64encode(digest).decode()
    signature.find(".//{*}X509SubjectName").text = certificate.subject.rfc4514_string()
    signature.find(".//{*}X509Certificate").text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    signed_info = etree.tostring(signature[0], method="c14n", exclusive=True, with_comments=False)
    signature[1].text = base64.b64encode(key.sign(signed_info, PKCS1v15(), SHA256())).decode()
    return signature


def _parsed(source: bytes | Path) -> Any:
    """The tree of what was parsed before by the reader, with its limits: big texts are known to be bounded."""
    from lxml import etree
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
                             strip_cdata=True, collect_ids=False)
    root = etree.fromstring(source, parser) if isinstance(source, bytes) else etree.parse(str(source), parser).getroot()
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("doctype")
    return root


class _Digest:
    """A file that keeps only the digest of what is written into it."""

    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(name, usedforsecurity=False)

    def write(self, data: Any) -> int:
        self._hash.update(data)
        return len(data)

    def value(self) -> bytes:
        return self._hash.digest()


def _pinned(pems: Sequence[str]) -> list[Any]:
    from cryptography import x509
    found = []
    for pem in list(pems)[:MOST_PINNED]:
        with suppress(ValueError):
            found.append(x509.load_pem_x509_certificate(pem.encode()))
    return found


def _fingerprint(certificate: Any) -> str:
    from cryptography.hazmat.primitives.hashes import SHA256
    return str(certificate.fingerprint(SHA256()).hex())


def _prefixes(transform: Any) -> list[str] | None:
    named = transform.find("{*}InclusiveNamespaces")
    return (named.get("PrefixList") or "").split() or None if named is not None else None


def _size(algorithm: str) -> int:
    return hashlib.new(DIGESTS[algorithm], usedforsecurity=False).digest_size


def _bytes(said: str | None) -> bytes:
    """What a base64 text says; b"" where it says nothing."""
    try:
        return base64.b64decode("".join((said or "").split()), validate=True)
    except ValueError:
        return b""


def _local(element: Any) -> str:
    from lxml import etree
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
