"""A signature is judged by pinned certificates alone; where it is valid, nothing but the verified node is read; what is
moved about so that another message is read than was signed is refused."""
import base64
import json
import os
import re
from dataclasses import replace

import pytest
from lxml import etree
from signxml import XMLSigner

from portal.cli.exchange import group
from portal.exchange.edxml import covering
from portal.exchange.edxml.limits import MIB
from portal.exchange.edxml.message import Refused, Signature
from tests.exchange.edxml.letters import A, B, changed, sample, understood
from tests.exchange.edxml.signing import signed, signer

pytestmark = pytest.mark.once
LETTER = sample(B).encode()
SIGNED = signed(LETTER)
OWN = signer().certificate_pem
BY_THE_LIBRARY = {"by default": {}, "rsa-sha512": {"signature_algorithm": "rsa-sha512", "digest_algorithm": "sha512"},
                  "exclusive": {"c14n_algorithm": "http://www.w3.org/2001/10/xml-exc-c14n#"},
                  "inclusive": {"c14n_algorithm": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"}}
DSIG = 'xmlns="http://www.w3.org/2000/09/xmldsig#"'


def judged(content, folder, *pems):
    asked = []

    def certificates(sender):
        asked.append(sender)
        return pems

    message = understood(content, folder, certificates)
    assert asked in ([], [message.sender.id]), "asked for the sender's certificates, by its id as sent"
    return message


def test_what_a_pinned_certificate_signed_is_valid(tmp_path):
    message = judged(SIGNED, tmp_path, signer("Another").certificate_pem, OWN)
    assert (message.seen.signature, message.seen.signed_by) == (Signature.valid, "CN=So Thu nghiem")
    plain = understood(LETTER, tmp_path)
    assert covering.essence(message) == covering.essence(plain)
    assert {each.path for each in (*message.attachments, *plain.attachments)} == set(tmp_path.iterdir())
    assert message.attachments[0].path.read_bytes() == plain.attachments[0].path.read_bytes()


def test_what_nobody_pinned_is_not_verifiable(tmp_path):
    for pems in ((), (signer("Another").certificate_pem,), ("no certificate",)):
        assert judged(SIGNED, tmp_path, *pems).seen.signature is Signature.not_verifiable


@pytest.mark.parametrize("place", ["behind all", "in the header"])
@pytest.mark.parametrize("how", BY_THE_LIBRARY)
def test_what_a_library_signs_by_itself_is_judged(tmp_path, how, place):
    text = sample(B).split("?>", 1)[1]
    if place == "in the header":
        text = text.replace("</edXML:edXMLHeader>", '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
                                                    'Id="placeholder"/></edXML:edXMLHeader>')
    made = etree.tostring(XMLSigner(**BY_THE_LIBRARY[how]).sign(etree.fromstring(text), key=signer().key_pem, cert=OWN))
    assert judged(made, tmp_path, OWN).seen.signature is Signature.valid
    assert judged(made, tmp_path).seen.signature is Signature.not_verifiable
    assert judged(made.replace(b"BC-STN", b"BC-XXX"), tmp_path).seen.signature is Signature.invalid


@pytest.mark.parametrize("change", [(b"35</edXML:CodeNumber>", b"36</edXML:CodeNumber>"), (b"JVBERi0", b"JVBERi1"),
                                    (b"</edXML:Subject>", b" </edXML:Subject>"), (b"000.00.02.H99", b"000.00.03.H99")])
def test_a_digest_that_does_not_fit_is_invalid_whoever_signed(tmp_path, change):
    assert change[0] in SIGNED
    for pems in ((), (OWN,)):
        message = judged(SIGNED.replace(*change), tmp_path, *pems)
        assert (message.seen.signature, message.seen.signed_by) == (Signature.invalid, "")


def test_a_large_signed_message_is_verified_and_read(tmp_path):
    content = base64.b64encode(b"%PDF-1.4" + os.urandom(3 * MIB) + b"%%EOF").decode()
    large = re.sub("(<ContentTransferEncoded>)[^<]*", lambda found: found[1] + content, sample(B))
    message = judged(signed(large.encode()), tmp_path, OWN)
    assert (message.seen.signature, message.attachments[0].size) == (Signature.valid, 3 * MIB + 13)
    assert [each.name for each in tmp_path.iterdir()] == [message.attachments[0].path.name]


@pytest.mark.parametrize("encode", [lambda content: b"\xef\xbb\xbf" + content, lambda content: b"\n" + content,
                                    lambda content: ("\ufeff" + content.decode()).encode("utf-16-le"),
                                    lambda content: content.replace(b'"UTF-8"', b'"utf-16"')])
def test_how_the_bytes_are_written_was_not_signed(tmp_path, encode):
    assert judged(encode(SIGNED), tmp_path, OWN).seen.signature is Signature.valid


@pytest.mark.parametrize("change", [lambda root: root.find(".//{*}Subject").__setattr__("text", "another"),
                                    lambda root: root.find(".//{*}MessageHeader").remove(root.find(".//{*}Subject")),
                                    lambda root: root.find(".//{*}ContentTransferEncoded").__setattr__("text", "YQ=="),
                                    lambda root: root.remove(root.find("{*}AttachmentEncoded"))])
def test_what_was_verified_must_be_what_was_read(tmp_path, monkeypatch, change):
    real = covering.verified

    def other(*args):
        state, subject, root = real(*args)
        change(root)
        return state, subject, root

    monkeypatch.setattr(covering, "verified", other)
    with pytest.raises(Refused) as refused:
        judged(SIGNED, tmp_path, OWN)
    assert refused.value.reason in ("signature_wrapped", "attachment_missing")
    assert list(tmp_path.iterdir()) == []


def test_the_verified_node_is_what_is_given_out(tmp_path, monkeypatch):
    seen = []
    real = covering.written
    monkeypatch.setattr(covering, "written", lambda root: seen.append(root) or real(root))
    message = judged(SIGNED, tmp_path, OWN)
    [root] = seen
    assert root.find(".//{*}Signature") is None and root.find(".//{*}Subject").text == message.subject


# --- signature wrapping: the signed message stays somewhere, and another one is there to be read

BODY = SIGNED.split(b"?>", 1)[1].decode()
FORGED = BODY.replace("Báo cáo tháng 10", "Chuyển tiền cho tôi")
HEADER = BODY[BODY.index("<edXML:MessageHeader>"):BODY.index("</edXML:MessageHeader>") + 22]
SIGNATURE = BODY[BODY.index("<Signature"):BODY.index("</Signature>") + 12]
OTHER_HEADER = FORGED[FORGED.index("<edXML:MessageHeader>"):FORGED.index("</edXML:MessageHeader>") + 22]


def by_id(content, id_="a"):
    """The same signature, over what has that Id."""
    return content.replace('URI=""', f'URI="#{id_}"')


def holding(inside, content=FORGED):
    return content.replace("<SignatureValue", f"<Object {DSIG}>{inside}</Object><SignatureValue", 1)


WRAPPED = {
    "the original in an element of its own": FORGED.replace("</edXML>", f"<Wrapper>{BODY}</Wrapper></edXML>"),
    "the original in a foreign element": FORGED.replace("</edXML>", f'<w:W xmlns:w="urn:w">{BODY}</w:W></edXML>'),
    "the original in the signature": holding(BODY),
    "the original beside, in the same root": FORGED.replace("</edXML>", f"{BODY}</edXML>"),
    "the original around": BODY.replace("</edXML>", f"{FORGED}</edXML>"),
    "the original's header beside the forged one": BODY.replace(HEADER, OTHER_HEADER + HEADER),
    "the original's header behind the forged one": BODY.replace(HEADER, HEADER + OTHER_HEADER),
    "the original's header in the signature": holding(HEADER),
    "the original's header in a field": FORGED.replace("<edXML:Content/>", f"<edXML:Content>{HEADER}</edXML:Content>"),
    "the original in the body": FORGED.replace("<edXML:edXMLBody>", f"<edXML:edXMLBody>{BODY}"),
    "signed by Id, and that lies elsewhere": by_id(FORGED.replace("</edXML>", '<Wrapper Id="a"/></edXML>')),
    "signed by Id, and two have it": by_id(FORGED.replace("<edXML:MessageHeader>", '<edXML:MessageHeader Id="a">')
                                           .replace("<edXML:edXMLBody>", '<edXML:edXMLBody Id="a">')),
    "signed by Id, in the signature": by_id(holding('<x Id="a"/>')),
    "two signatures": FORGED.replace(SIGNATURE, SIGNATURE + SIGNATURE),
    "a second signature that says nothing": FORGED.replace("</edXML>", f"<Signature {DSIG}><x/></Signature></edXML>"),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_signature_wrapping_is_refused(tmp_path, how):
    for pems in ((), (OWN,)):
        with pytest.raises(Refused) as refused:
            judged(WRAPPED[how].encode(), tmp_path, *pems)
        assert refused.value.reason in ("hidden", "repeated", "signature_wrapped", "signature_repeated")
        assert list(tmp_path.iterdir()) == []


INVALID = {
    "another field": FORGED,
    "a file more": BODY.replace("</AttachmentEncoded>", "<Attachment><ContentTransferEncoded>YQ=="
                                "</ContentTransferEncoded></Attachment></AttachmentEncoded>"),
    "the signature in the body": BODY.replace(SIGNATURE, "").replace(
        "</edXML:edXMLBody>", SIGNATURE + "</edXML:edXMLBody>"),
    "a comment that splits a text": BODY.replace("000.00.01.H99<", "000.00.01.H99<!-- -->1<"),
    "signed by Id, and that is nowhere": by_id(FORGED),
    "signed elsewhere": FORGED.replace('URI=""', 'URI="http://a.example/x.xml"'),
    "a filter that picks a part": FORGED.replace("enveloped-signature", "xpath"),
}


@pytest.mark.parametrize("how", INVALID)
def test_what_was_changed_is_never_valid(tmp_path, how):
    assert INVALID[how] != BODY
    for pems in ((), (OWN,)):
        message = judged(INVALID[how].encode(), tmp_path, *pems)
        assert message.seen.signature is (
            Signature.not_verifiable if "filter" in how else Signature.invalid)


PARTS = ["edXML", "edXML:edXMLEnvelope", "edXML:MessageHeader"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_signed_by_its_id_is_no_signed_message(tmp_path, part):
    text = sample(B).split("?>", 1)[1].replace(f"<{part}", f'<{part} Id="a"', 1)
    made = etree.tostring(XMLSigner().sign(etree.fromstring(text), key=signer().key_pem, cert=OWN, reference_uri="#a"))
    assert b'URI="#a"' in made
    message = judged(made, tmp_path, OWN)
    assert message.seen.signature is Signature.not_verifiable
    assert "signature_partial" in message.seen.deviations
    broken = made.replace(b"BC-STN", b"BC-XXX")
    assert judged(broken, tmp_path, OWN).seen.signature is Signature.invalid


STUBS = {
    "in the header": sample(A),
    "of DSIG's own namespace": re.sub("(</?)edXML:Signature", r"\1ds:Signature", sample(A)).replace(
        "xmlns:edXML", 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:edXML'),
    "called DigitalSignature": sample(A).replace("edXML:Signature>", "edXML:DigitalSignature>"),
    "beside the envelope": sample(A).replace(sample(A)[(start := sample(A).index("<edXML:Signature>")):(
        end := sample(A).index("</edXML:Signature>") + 18)], "").replace("</edXML>", sample(A)[start:end] + "</edXML>"),
    "of plain text": re.sub("<SignedInfo>.*</KeyInfo>", "AAAA", sample(A)),
    "with a reference": sample(A).replace(
        "</SignedInfo>", '<Reference URI=""><DigestValue>AAAA</DigestValue></Reference></SignedInfo>'),
    "with a reference by Id": sample(A).replace(
        "</SignedInfo>", '<Reference URI="#x"><DigestValue>AAAA</DigestValue></Reference></SignedInfo>'),
    "with an object": sample(A).replace("</KeyInfo>", '</KeyInfo><Object><QualifyingProperties/></Object>'),
    "around it SOAP": "<Envelope><Body>" + sample(A).split("?>", 1)[1] + "</Body></Envelope>",
}


@pytest.mark.parametrize("where", STUBS)
def test_a_stub_of_a_signature_is_not_verifiable_wherever_it_stands(tmp_path, where):
    for pems in ((), (OWN,)):
        message = judged(STUBS[where].encode(), tmp_path, *pems)
        assert message.seen.signature is Signature.not_verifiable
        assert message.seen.signed_by == ""


def test_a_signature_over_names_that_nobody_declared_is_not_verifiable(tmp_path):
    content = re.sub(r' xmlns:edXML="[^"]*"', "", BODY)
    assert judged(content.encode(), tmp_path, OWN).seen.signature is Signature.not_verifiable


def test_the_command_says_how_the_signature_stands(app, tmp_path):
    def said(content, *options):
        path = tmp_path / "message.edxml"
        path.write_bytes(content)
        result = app.test_cli_runner().invoke(group, ["read", *options, str(path)])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)["signature"]

    (tmp_path / "own.pem").write_text(OWN)
    assert said(LETTER) == "none"
    assert said(SIGNED) == "not-verifiable"
    assert said(SIGNED, "--certificate", str(tmp_path / "own.pem")) == "valid"
    assert said(SIGNED.replace(b"BC-STN", b"BC-XXX")) == "invalid"


def test_a_signed_message_whose_file_is_zipped_is_read_from_what_was_signed(tmp_path):
    content = re.sub("<edXML:Signature>.*</edXML:Signature>", "", sample(A)).encode()
    message = judged(signed(content), tmp_path, OWN)
    assert message.seen.signature is Signature.valid
    assert replace(message.attachments[0], path=None) == replace(understood(
        changed(A), tmp_path).attachments[0], path=None)
