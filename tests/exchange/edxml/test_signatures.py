"""What a signature is worth: judged against the sender's pinned certificates alone."""
import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import signxml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.exchange.edxml import signatures
from portal.exchange.edxml.message import Refused, Signature
from tests.exchange.edxml.signing import LETTER, signed, signer

SAMPLES = Path(__file__).parent / "samples"
DS = "{" + signatures.DSIG + "}"
NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def verify(message: bytes, *pems: str) -> tuple[Signature, str, Any]:
    return signatures.verify(message, pems or [signer().certificate_pem])


def fault(message: bytes) -> str:
    state, _, root, name = signatures.judge(message, [signer().certificate_pem])
    assert (state is Signature.invalid) == bool(name)
    assert root is None or state is Signature.valid
    return name


def test_what_the_sender_signed_is_valid_and_only_that_is_handed_on() -> None:
    state, subject, root = verify(signed())
    assert (state, subject) == (Signature.valid, "CN=So Thu nghiem")
    assert root.findtext(f".//{{{NS}}}Subject") == "Về việc thử"
    assert not list(root.iter("{*}Signature"))
    assert etree.tostring(root, method="c14n", exclusive=True) == etree.tostring(
        etree.fromstring(LETTER), method="c14n", exclusive=True)


def test_signing_leaves_every_other_byte_as_it_was() -> None:
    once = signed()
    assert re.sub(rb"<Signature .*</Signature>", b"", once) == LETTER
    assert once == signed()


def test_an_independent_judge_agrees() -> None:
    """signxml as it comes, without our streaming: what we sign and what was tampered with."""
    config = signxml.SignatureConfiguration(location=".//", expect_references=1)
    signxml.XMLVerifier().verify(signed(), x509_cert=signer().certificate_pem, expect_config=config)
    with pytest.raises(signxml.InvalidSignature):
        signxml.XMLVerifier().verify(signed().replace("thử".encode(), b"that"), x509_cert=signer().certificate_pem,
                                     expect_config=config)


@pytest.mark.parametrize("algorithm", ["http://www.w3.org/TR/2001/REC-xml-c14n-20010315", signatures.EXCLUSIVE])
def test_what_another_signer_made_is_valid(algorithm: str) -> None:
    root = etree.fromstring(LETTER)
    etree.SubElement(root[0][0], DS + "Signature", Id="placeholder", nsmap={None: signatures.DSIG})
    made = signxml.XMLSigner(c14n_algorithm=algorithm).sign(root, key=signer().key_pem, cert=signer().certificate_pem)
    assert verify(etree.tostring(made))[0] is Signature.valid


def test_blanks_around_the_signature_are_part_of_what_was_signed() -> None:
    loose = LETTER.replace(b"</edXML:MessageHeader>", b"</edXML:MessageHeader>\n   ").replace(
        b"</edXML:edXMLHeader>", b"\n </edXML:edXMLHeader>")
    root = etree.fromstring(loose)
    place = etree.SubElement(root[0][0], DS + "Signature", Id="placeholder", nsmap={None: signatures.DSIG})
    place.tail = "\n\t"
    made = signxml.XMLSigner(c14n_algorithm=signatures.EXCLUSIVE).sign(root, key=signer().key_pem,
                                                                      cert=signer().certificate_pem)
    assert verify(etree.tostring(made))[0] is Signature.valid
    assert verify(etree.tostring(made).replace(b"\n\t", b"\n"))[0] is Signature.invalid


@pytest.mark.parametrize("old, new", [("Về việc thử", "Về việc khác"), ("YQ==", "Yg=="), ("H99.02", "H99.03")])
def test_a_digest_that_does_not_fit_is_invalid_whoever_signed(old: str, new: str) -> None:
    changed = signed().replace(old.encode(), new.encode())
    assert fault(changed) == "digest"
    assert signatures.verify(changed, [])[0] is Signature.invalid


def test_an_unknown_certificate_is_not_verifiable() -> None:
    other = signer("Nguoi khac")
    assert signatures.verify(signed(), []) == (Signature.not_verifiable, "", None)
    assert verify(signed(), other.certificate_pem) == (Signature.not_verifiable, "", None)
    assert verify(signed(by=other)) == (Signature.not_verifiable, "", None)


def test_the_certificate_inside_only_chooses_among_the_pinned() -> None:
    """Its own certificate swapped for a pinned one: the value was not made with that."""
    other = signer("Nguoi khac")
    inside = re.search(rb"<X509Certificate>(.*?)</X509Certificate>", signed())
    assert inside
    claimed = re.sub(rb"<X509Certificate>.*?</X509Certificate>", inside[0], signed(by=other))
    assert fault(claimed) == "value"
    assert verify(signed(), other.certificate_pem, signer().certificate_pem)[0] is Signature.valid


def test_without_a_certificate_inside_the_pinned_ones_are_tried() -> None:
    bare = re.sub(rb"<KeyInfo>.*</KeyInfo>", b"", signed())
    assert verify(bare, signer("Nguoi khac").certificate_pem, signer().certificate_pem)[0] is Signature.valid
    assert verify(bare, signer("Nguoi khac").certificate_pem)[0] is Signature.not_verifiable


def test_a_certificate_that_has_expired_is_not_verifiable_now_and_was_valid_then() -> None:
    old = signer("Da het han", days=400)
    message = signed(by=old)
    assert signatures.verify(message, [old.certificate_pem])[0] is Signature.not_verifiable
    assert signatures.verify(message, [old.certificate_pem], at=datetime(2020, 6, 1, tzinfo=UTC))[0] is Signature.valid


def test_a_pin_that_is_no_certificate_spoils_nothing() -> None:
    assert verify(signed(), "nothing", signer().certificate_pem)[0] is Signature.valid


@pytest.mark.parametrize("name", ["01_orderA_letter_zip", "05_recall_bussiness_1", "06_reply_with_dossier_code"])
def test_what_stands_in_the_place_of_a_signature_is_never_valid(name: str) -> None:
    assert verify((SAMPLES / f"{name}.edxml").read_bytes())[0] is Signature.not_verifiable


@pytest.mark.parametrize("name", ["02_orderB_xlink_plain", "03_status_03_received", "04_status_05_then_same"])
def test_no_signature_is_none(name: str) -> None:
    assert verify((SAMPLES / f"{name}.edxml").read_bytes()) == (Signature.none, "", None)


@pytest.mark.parametrize("element", ["<edXML:DigitalSignature/>", "<edXML:Signature></edXML:Signature>",
                                     "<edXML:DigitalSignature> </edXML:DigitalSignature>"])
def test_an_empty_signature_is_none(element: str) -> None:
    end = b"</edXML:edXMLHeader>"
    assert verify(LETTER.replace(end, element.encode() + end)) == (Signature.none, "", None)


def test_a_short_value_is_no_signature() -> None:
    stub = re.sub(rb"<SignatureValue>.*?<", b"<SignatureValue>AAAA<", signed())
    assert verify(stub) == (Signature.not_verifiable, "", None)


def test_children_outside_of_the_namespace_of_signatures_are_never_valid() -> None:
    """As the oldest deployed library writes them: nobody can have signed that as XML-DSig."""
    rewritten = signed().replace(f'<Signature xmlns="{signatures.DSIG}">'.encode(), b"<edXML:Signature>").replace(
        b"</Signature>", b"</edXML:Signature>")
    assert verify(rewritten)[0] is Signature.not_verifiable


@pytest.mark.parametrize("known, unknown", [
    ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-ripemd160"), ("xmlenc#sha256", "xmlenc#ripemd160"),
    ('<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
     '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>')])
def test_an_algorithm_that_nobody_knows_here_is_not_verifiable(known: str, unknown: str) -> None:
    assert known.encode() in signed()
    assert verify(signed().replace(known.encode(), unknown.encode()))[0] is Signature.not_verifiable


def test_sha1_is_taken_as_deployed_and_is_known_to_be_weak() -> None:
    message = _sha1(signed())
    assert verify(message)[0] is Signature.valid
    assert {one.get("Algorithm") for one in etree.fromstring(message).iter(DS + "SignatureMethod")} <= signatures.WEAK
    assert fault(message.replace(b"YQ==", b"Yg==")) == "digest"


def test_a_declared_document_type_is_refused() -> None:
    with pytest.raises(Refused, match="doctype"):
        verify(signed().replace(b"<edXML xmlns=", b"<!DOCTYPE edXML><edXML xmlns=", 1))


def _sha1(message: bytes) -> bytes:
    """The same letter, signed by rsa-sha1 as the oldest deployed library does by default."""
    root = etree.fromstring(message)
    signature = root.find(f".//{DS}Signature")
    assert signature is not None
    signature[0][1].set("Algorithm", signatures.DSIG + "rsa-sha1")
    signature[0][2][1].set("Algorithm", signatures.DSIG + "sha1")
    plain = etree.tostring(etree.fromstring(LETTER), method="c14n", exclusive=True)
    signature[0][2][2].text = base64.b64encode(hashlib.sha1(plain, usedforsecurity=False).digest()).decode()
    key: Any = load_pem_private_key(signer().key_pem.encode(), None)
    info = etree.tostring(signature[0], method="c14n", exclusive=True)
    signature[1].text = base64.b64encode(key.sign(info, PKCS1v15(), SHA1())).decode()
    assert x509.load_pem_x509_certificate(signer().certificate_pem.encode()).subject
    return etree.tostring(root)


def _parts(message: bytes) -> tuple[bytes, bytes]:
    found = re.search(rb"<Signature .*</Signature>", message)
    assert found
    return message.replace(found[0], b""), found[0]


def moved() -> bytes:
    """The signed message put aside into a wrapper, another message in its place."""
    body = signed().split(b"\n", 1)[1]
    return LETTER.replace(b"</edXML>", b"<Wrapper>" + body + b"</Wrapper></edXML>")


def doubled_ids() -> bytes:
    """Two elements of the same id, of which the signature names one."""
    plain, signature = _parts(signed())
    again = signature.replace(b'URI=""', b'URI="#x"')
    return plain.replace(b"<edXML:MessageHeader>", b'<edXML:MessageHeader Id="x">', 1).replace(
        b"</edXML:edXMLHeader>", b'<edXML:Other Id="x"/>' + again + b"</edXML:edXMLHeader>")


def second_content() -> bytes:
    """Attachments twice under the root."""
    return signed().replace(b"</edXML>", b"<AttachmentEncoded/></edXML>")


def within_object() -> bytes:
    """The message that was signed carried inside its own signature."""
    return signed().replace(b"</KeyInfo>", b"</KeyInfo><Object>" + LETTER.split(b"\n", 1)[1] + b"</Object>")


def beside() -> bytes:
    """A second envelope before the signed one, for who reads the first."""
    envelope = re.search(rb"<edXML:edXMLEnvelope>.*</edXML:edXMLEnvelope>", LETTER)
    assert envelope
    return signed().replace(b"<edXML:edXMLEnvelope>", envelope[0] + b"<edXML:edXMLEnvelope>", 1)


def by_another_id() -> bytes:
    """The attribute is an id for one library and none for another: id, ID, xml:id."""
    return signed().replace(b'URI=""', b'URI="#m"').replace(
        b"<edXML:MessageHeader>", b'<edXML:MessageHeader ID="m" xml:id="n" id="m">')


def attachment_only() -> bytes:
    """Only a file was signed, and the letter around it is anybody's."""
    return signed().replace(b'URI=""', b'URI="cid:1"')


def comment_inside() -> bytes:
    """Canonical form has no comments: H99.02 is signed, and a careless reader sees H99."""
    return signed().replace(b"H99.02", b"H99<!---->.02")


def two_signatures() -> bytes:
    plain, signature = _parts(signed())
    return plain.replace(b"</edXML:edXMLHeader>", signature * 2 + b"</edXML:edXMLHeader>")


def signature_elsewhere() -> bytes:
    plain, signature = _parts(signed())
    return plain.replace(b"<edXML:edXMLBody/>", b"<edXML:edXMLBody>" + signature + b"</edXML:edXMLBody>")


def two_references() -> bytes:
    reference = re.search(rb"<Reference .*</Reference>", signed())
    assert reference
    return signed().replace(reference[0], reference[0] * 2)


SHAPES: list[tuple[Callable[[], bytes], str]] = [
    (moved, "signature-elsewhere"), (doubled_ids, "part-signed"), (second_content, "several-messages"),
    (within_object, "content-in-signature"), (beside, "several-messages"), (by_another_id, "part-signed"),
    (attachment_only, "part-signed"), (comment_inside, "comment-in-text"), (two_signatures, "several-signatures"),
    (signature_elsewhere, "signature-elsewhere"), (two_references, "several-references")]


@pytest.mark.parametrize("shape, name", SHAPES, ids=[shape.__name__ for shape, _ in SHAPES])
def test_a_wrapped_signature_is_invalid_and_nothing_of_it_is_read(shape: Callable[[], bytes], name: str) -> None:
    assert fault(shape()) == name
    assert name in signatures.FAULTS


@pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES], ids=lambda shape: shape.__name__)
def test_a_wrapped_signature_is_invalid_under_any_certificate(shape: Callable[[], bytes]) -> None:
    assert signatures.verify(shape(), [])[0] is Signature.invalid


SIGNED = signed()


@given(at=st.integers(0, len(SIGNED) - 1), put=st.binary(min_size=0, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_change_of_any_byte_makes_another_message_valid(at: int, put: bytes) -> None:
    """What is called valid says what was signed, to the last letter, whatever was changed around it."""
    changed = SIGNED[:at] + put + SIGNED[at + 1:]
    try:
        state, _, root = signatures.verify(changed, [signer().certificate_pem])
    except (etree.LxmlError, Refused):  # no XML any more, or none that has a canonical form: the reader says so
        return
    if state is Signature.valid:
        assert etree.tostring(root, method="c14n", exclusive=True) == etree.tostring(
            etree.fromstring(LETTER), method="c14n", exclusive=True)


def test_a_comment_between_elements_harms_nobody_and_is_not_handed_on() -> None:
    state, _, root = verify(signed().replace(b"<edXML:To>", b"<!-- not signed --><edXML:To>"))
    assert state is Signature.valid
    assert not list(root.iter(etree.Comment))


def test_no_header_no_signature() -> None:
    with pytest.raises(ValueError, match="no header"):
        signed(b"<edXML/>")


def test_what_was_signed_is_not_signed_anew() -> None:
    with pytest.raises(ValueError, match="never written anew"):
        signed(signed())


MEASURED = """
import re, sys
from pathlib import Path
from portal.exchange.edxml import signatures
import signxml, lxml.etree, cryptography.x509
signatures.verify(Path(sys.argv[2]), [Path(sys.argv[3]).read_text()])  # a small one first: what libraries take
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
state = signatures.verify(Path(sys.argv[1]), [Path(sys.argv[3]).read_text()])[0]
print(state, (peak() - before) // 1024)
"""


def test_a_signed_message_of_67_mb_is_judged_in_bounded_memory(tmp_path: Path) -> None:
    """Its text once in the tree and once canonicalised, with what the parser keeps free: not five times."""
    pem = tmp_path / "certificate.pem"
    pem.write_text(signer().certificate_pem)
    small = tmp_path / "small.edxml"
    small.write_bytes(signed())
    big = tmp_path / "big.edxml"
    payload = base64.b64encode(bytes(range(256)) * (50 * 1024 * 1024 // 256))
    big.write_bytes(signed(LETTER.replace(b"YQ==", payload)))
    done = subprocess.run([sys.executable, "-c", MEASURED, str(big), str(small), str(pem)], capture_output=True,
                          text=True, check=True)
    state, grown = done.stdout.split()
    assert state == "valid"
    assert int(grown) < 320, f"{grown} MiB"
