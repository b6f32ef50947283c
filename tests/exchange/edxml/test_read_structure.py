"""However a message is put together, the same is understood, and what is not as the standard has it is noted."""
import re
from dataclasses import replace

import pytest

from portal.exchange.edxml.message import DocumentMessage, Refused, Signature, StatusMessage
from portal.exchange.edxml.reading import read
from tests.exchange.edxml.letters import STATUS, A, B, between, changed, letter, manifest, sample, status, understood

pytestmark = pytest.mark.once


def without_prefix(text):
    return re.sub(r"(</?)edXML:", r"\1", text)


def prefixed(text):
    return re.sub(r"(</?)(?:edXML:)?(\w)", r"\1edXML:\2", text.split("?>", 1)[1])


def shuffled(text):
    """The children of MessageHeader the other way round."""
    whole = re.search("(<edXML:MessageHeader>)(.*)(</edXML:MessageHeader>)", text)
    parts = [match[0] for match in re.finditer(r"<(edXML:\w+)>.*?</\1>|<edXML:\w+/>", whole[2])]
    return text.replace(whole[0], whole[1] + "".join(reversed(parts)) + whole[3])


SAME_AS_A = {
    "no prefix": (without_prefix, set()),
    "another prefix": (lambda text: text.replace("<edXML:", "<ed:").replace("</edXML:", "</ed:")
                       .replace("xmlns:edXML", "xmlns:ed"), set()),
    "every element prefixed": (prefixed, set()),
    "no namespace": (lambda text: without_prefix(re.sub(r' xmlns(:edXML)?="[^"]*"', "", text)), {"namespace_missing"}),
    "a prefix that nobody declared": (lambda text: re.sub(r' xmlns(:edXML)?="[^"]*"', "", text),
                                      {"namespace_missing", "prefix_undeclared"}),
    "the older namespace": (lambda text: re.sub(r'"http://www.mic[^"]*"', '"http://www.e-doc.vn/Schema/"', text),
                            {"namespace_old"}),
    "a namespace of its own": (lambda text: re.sub(r'"http://www.mic[^"]*"', '"urn:x"', text), {"namespace_unknown"}),
    "namespaces declared on each element": (lambda text: text.replace(
        "<edXML:From>", '<p:From xmlns:p="http://www.mic.gov.vn/TBT/QCVN_102_2016">').replace(
        "</edXML:From>", "</p:From>"), set()),
    "Business with one s": (lambda text: text.replace("Bussiness", "Business"), {"spelling_business"}),
    "other capitals": (lambda text: text.replace("OrganId", "OrganID").replace("AttachmentName", "Attachmentname"),
                       {"letter_case"}),
    "no edXML element around": (lambda text: text[text.index("<edXML:edXMLEnvelope"):].replace(
        "<edXML:edXMLEnvelope>", '<edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">', 1)
        .replace("</edXML:edXMLEnvelope>", "").replace("</edXML>", "</edXML:edXMLEnvelope>"),
        {"root_missing", "place"}),
    "attachments in the envelope": (lambda text: text.replace("</edXML:edXMLEnvelope>", "").replace(
        "</edXML></edXML>", "").replace("</edXML:AttachmentEncoded>",
                                        "</edXML:AttachmentEncoded></edXML:edXMLEnvelope>"), {"place"}),
    "references in the body itself": (lambda text: re.sub("</?edXML:edXMLManifest[^>]*>", "", text), {"place"}),
    "attachments in the root itself": (lambda text: re.sub("</?edXML:AttachmentEncoded>", "", text), {"place"}),
    "business in the list itself": (lambda text: re.sub("</?edXML:Bussiness>", "", text), {"place"}),
    "a receiver without a code": (lambda text: text.replace(
        "<edXML:To>", "<edXML:To><edXML:OrganName>A</edXML:OrganName></edXML:To><edXML:To>"), {"organ_missing"}),
    "turned about": (shuffled, {"order_other"}),
    "pretty": (lambda text: text.replace("><", ">\n  <"), set()),
    "comments": (lambda text: text.replace("><", "><!-- x --><"), set()),
    "an instruction": (lambda text: text.replace("<edXML ", "<?x y?><edXML "), {"instruction"}),
    "CDATA": (lambda text: text.replace("V/v thử nghiệm gửi nhận", "<![CDATA[V/v thử nghiệm gửi nhận]]>"), set()),
    "character references": (lambda text: text.replace("V/v thử", "V/v th&#x1EED;"), set()),
    "elements nobody knows": (lambda text: text.replace("<edXML:Subject>", "<edXML:Zzz><edXML:From/></edXML:Zzz>"
                                                        "<edXML:Subject>"), {"unknown_element"}),
    "elements of another namespace": (lambda text: text.replace(
        "<edXML:Subject>", '<o:Subject xmlns:o="urn:o">another<edXML:Subject>one</edXML:Subject></o:Subject>'
        "<edXML:Subject>"), {"namespace_foreign"}),
    "the same said twice": (lambda text: text.replace("<edXML:Subject>", between(
        A, "<edXML:Subject>", "</edXML:Subject>") + "<edXML:Subject>"), {"repeated"}),
    "SOAP": (lambda text: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
             + text.split("?>", 1)[1] + "</s:Body></s:Envelope>", {"soap"}),
    "SOAP 1.2": (lambda text: '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
                 + text.split("?>", 1)[1] + "</s:Body></s:Envelope>", {"soap"}),
    "blanks before the declaration": (lambda text: " \r\n" + text, {"leading_space"}),
    "no declaration": (lambda text: text.split("?>", 1)[1].strip(), set()),
    "a declaration in single quotes": (lambda text: text.replace(
        '<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>"), set()),
    "UTF-16 declared of what is UTF-8": (lambda text: text.replace('"UTF-8"', '"utf-16"'), {"encoding_declared"}),
}


def essence(message):
    return replace(message, attachments=tuple(replace(each, path=None) for each in message.attachments))


@pytest.mark.parametrize("how", SAME_AS_A)
def test_the_same_is_understood_however_it_is_put_together(tmp_path, how):
    change, noted = SAME_AS_A[how]
    text = change(sample(A))
    assert text != sample(A)
    plain, other = understood(sample(A).encode(), tmp_path), understood(text.encode(), tmp_path)
    assert essence(other) == essence(plain)
    assert set(other.seen.deviations) - {"signature_stub", "signature_sha1"} == noted
    assert other.seen.signature is Signature.not_verifiable


ENCODED = {
    "UTF-8 with its mark": ("utf-8-sig", "UTF-8", {"byte_order_mark"}),
    "UTF-16, little end first": ("utf-16-le", "UTF-16", {"utf16"}),
    "UTF-16, big end first": ("utf-16-be", "UTF-16", {"utf16"}),
    "UTF-16 that says it is UTF-8": ("utf-16-le", "UTF-8", {"utf16", "encoding_declared"}),
}


@pytest.mark.parametrize("how", ENCODED)
def test_utf_8_and_utf_16_with_their_marks_are_read(tmp_path, how):
    codec, declared, noted = ENCODED[how]
    mark = "" if codec == "utf-8-sig" else "\ufeff"
    content = (mark + sample(B).replace('"UTF-8"', f'"{declared}"')).encode(codec)
    message = understood(content, tmp_path)
    assert (message.subject, len(message.attachments)) == ("Báo cáo tháng 10 (thử)", 1)
    assert set(message.seen.deviations) == {"organ_old", "content_id_plain"} | noted


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_it_makes_no_difference_in_what_pieces_a_message_comes(tmp_path, monkeypatch, piece):
    monkeypatch.setattr("portal.exchange.edxml.characters.CHUNK", piece)
    for number, content in enumerate((sample(A).encode(), ("\ufeff" + sample(B)).encode("utf-16-le"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert len(understood(content, folder).attachments) == 1


def test_a_stream_that_cannot_go_back_is_read(tmp_path):
    class Pipe:
        def __init__(self, content):
            self.rest = content

        def seekable(self):
            return False

        def read(self, size):
            piece, self.rest = self.rest[:size], self.rest[size:]
            return piece

    message = read(Pipe(sample(A).encode()), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [message.attachments[0].path.name]


@pytest.mark.parametrize("said", ["<Subject>one</Subject><Subject>two</Subject>",
                                  "<DocumentId>H99,2026/11/02,1/A</DocumentId><DocumentId>H99,2026/11/02,2/A</DocumentId>",
                                  "<Code><CodeNumber>1</CodeNumber></Code><Code><CodeNumber>2</CodeNumber></Code>",
                                  "<From><OrganId>H99.03</OrganId></From>"])
def test_what_may_stand_once_and_says_two_things_is_refused(tmp_path, said):
    with pytest.raises(Refused, match="repeated"):
        understood(letter(said), tmp_path)


@pytest.mark.parametrize("part", ["<edXMLHeader/>", "<edXMLEnvelope/>", "<MessageHeader/>", "<edXMLBody/>",
                                  "<edXML/>", "<TraceHeaderList><Bussiness/></TraceHeaderList>"])
def test_a_second_part_of_the_envelope_is_refused(tmp_path, part):
    with pytest.raises(Refused, match="repeated"):
        understood(letter().replace(b"</edXMLEnvelope>", f"{part}</edXMLEnvelope>".encode()), tmp_path)


@pytest.mark.parametrize("content", [b"<a/>", b"<html><body/></html>", b"<edXML/>", b'{"a": 1}', b"plain text",
                                     b"<edXML><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>", b"%PDF-1.4"])
def test_what_is_no_edxml_is_said_to_be_none(tmp_path, content):
    with pytest.raises(Refused, match="not_edxml"):
        understood(content, tmp_path)


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path, content):
    with pytest.raises(Refused, match="empty"):
        understood(content, tmp_path)


def test_a_message_without_a_sender_is_refused(tmp_path):
    with pytest.raises(Refused, match="sender"):
        understood(letter(organ=""), tmp_path)


def test_a_document_without_receivers_files_and_number_is_read_and_it_is_noted(tmp_path):
    content = letter().replace(b"<To><OrganId>H99.02</OrganId></To>", b"")
    message = understood(content, tmp_path)
    assert isinstance(message, DocumentMessage)
    assert (message.receivers, message.attachments, message.document_id) == ((), (), None)
    assert set(message.seen.deviations) == {"receiver_missing", "document_id_missing", "code_missing", "type_missing",
                                            "subject_missing", "business_missing"}


@pytest.mark.parametrize(("to", "noted"), [
    ("<To><OrganId>H99.02</OrganId></To><To><OrganId>H99.03</OrganId></To>", None),
    ("<To><OrganId>H99.02</OrganId><OrganId>H99.03</OrganId></To>", "organs_in_one"),
    ("<To><OrganId>H99.02; H99.03</OrganId></To>", "organs_in_one"),
    ("<To>H99.02</To><To>H99.03</To>", "organ_plain"),
    ("<To><OrganId>H99.02</OrganId></To><To><OrganId>H99.03</OrganId></To><To><OrganId>H99.02</OrganId></To>", None)])
def test_receivers_are_told_apart_and_each_is_named_once(tmp_path, to, noted):
    message = understood(letter().replace(b"<To><OrganId>H99.02</OrganId></To>", to.encode()), tmp_path)
    assert [organ.id for organ in message.receivers] == ["H99.02", "H99.03"]
    assert noted is None or noted in message.seen.deviations


ABOUT = ("<ResponseFor><OrganId>H99.01</OrganId><Code>77/BM-VP</Code><PromulgationDate>30/10/2026</PromulgationDate>"
         "<DocumentId>H99.01,30/10/2026,77/BM-VP</DocumentId></ResponseFor>")
OLDER = (f"{ABOUT}<From><OrganId>H99.02</OrganId></From><StatusCode>3</StatusCode><Description>Đã nhận</Description>"
         "<Timestamp>02/11/2026 09:10:00</Timestamp><StaffInfo><Staff>Cán Bộ</Staff></StaffInfo>")
SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{}</s:Envelope>'
AROUND = {
    "alone": "{}", "in edXML": "<edXML>{}</edXML>", "in an envelope": "<edXML><edXMLEnvelope><edXMLHeader>{}"
    "</edXMLHeader></edXMLEnvelope></edXML>", "in a SOAP header": SOAP.format("<s:Header>{}</s:Header><s:Body/>"),
    "in a SOAP body": SOAP.format("<s:Header/><s:Body>{}</s:Body>"),
    "in an envelope in a SOAP header": SOAP.format("<s:Header><edXMLHeader>{}</edXMLHeader></s:Header><s:Body/>"),
    "in a header": "<edXML><edXMLEnvelope><edXMLHeader><MessageHeader>{}</MessageHeader></edXMLHeader></edXMLEnvelope>"
                   "</edXML>"}


@pytest.mark.parametrize("where", AROUND)
def test_the_older_status_is_read_wherever_it_lies(tmp_path, where):
    message = understood(status(OLDER, AROUND[where]), tmp_path)
    assert isinstance(message, StatusMessage)
    assert (message.code, message.sender.id, message.description) == ("03", "H99.02", "Đã nhận")
    assert message.at.isoformat() == "2026-11-02T09:10:00+07:00"
    [about] = message.about
    assert (about.organ, about.code.number, about.code.notation) == ("H99.01", "77", "BM-VP")
    assert (about.day.isoformat(), about.document_id.day.isoformat()) == ("2026-10-30", "2026-10-30")
    assert message.older
    assert {"status_older", "status_code_short", "stamp_form", "date_form", "document_id_date",
            "code_text"} <= set(message.seen.deviations)
    assert ("soap" in message.seen.deviations) is ("SOAP" in where)


def test_a_status_may_be_about_several_documents(tmp_path):
    other = between(STATUS, "<edXML:ResponseFor>", "</edXML:ResponseFor>").replace("120", "121")
    message = understood(changed(STATUS, ("<edXML:StaffInfo>", other + "<edXML:StaffInfo>")), tmp_path)
    assert [about.code.number for about in message.about] == ["120", "121"]


def test_a_status_with_an_empty_body_is_a_status(tmp_path):
    body = f"<edXML:edXMLBody>{manifest()}</edXML:edXMLBody></edXML:edXMLEnvelope><AttachmentEncoded/></edXML>"
    message = understood(changed(STATUS, ("</edXML:edXMLEnvelope></edXML>", body)), tmp_path)
    assert message.code == "03"


@pytest.mark.parametrize(("said", "code", "noted"), [("3", "03", "status_code_short"), ("06", "06", None),
                                                     ("16", "16", None), ("07", "07", "status_code_unknown"),
                                                     (" 05\n", "05", None)])
def test_status_codes_have_two_digits(tmp_path, said, code, noted):
    message = understood(changed(STATUS, ("<edXML:StatusCode>03", f"<edXML:StatusCode>{said}")), tmp_path)
    assert (message.code, message.seen.deviations) == (code, (noted,) if noted else ())


@pytest.mark.parametrize("said", ["", "abc", "003", "-1", "٣"])
def test_a_status_without_a_code_is_refused(tmp_path, said):
    with pytest.raises(Refused, match="status_code"):
        understood(changed(STATUS, ("<edXML:StatusCode>03", f"<edXML:StatusCode>{said}")), tmp_path)


def test_a_status_about_nothing_is_refused(tmp_path):
    about = between(STATUS, "<edXML:ResponseFor>", "</edXML:ResponseFor>")
    for instead in ("", "<edXML:ResponseFor/>"):
        with pytest.raises(Refused, match="response_for"):
            understood(changed(STATUS, (about, instead)), tmp_path)


def test_a_status_that_brings_files_is_two_things_at_once(tmp_path):
    files = between(A, "<edXML:AttachmentEncoded>", "</edXML:AttachmentEncoded>")
    with pytest.raises(Refused, match="two_things"):
        understood(changed(STATUS, ("</edXML:edXMLEnvelope>", "</edXML:edXMLEnvelope>" + files)), tmp_path)


@pytest.mark.parametrize("place", ["<edXML:DigitalSignature/>", "<edXML:Signature></edXML:Signature>",
                                   '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"> </ds:Signature>'])
def test_an_empty_place_for_a_signature_is_none(tmp_path, place):
    content = changed(B, ("</edXML:edXMLHeader>", place + "</edXML:edXMLHeader>"))
    message = understood(content, tmp_path)
    assert message.seen.signature is Signature.none
    assert "signature_empty" in message.seen.deviations
