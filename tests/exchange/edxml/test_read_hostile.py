"""What is made to harm is refused with a reason, in bounded memory and time, and leaves nothing behind."""
import base64
import codecs
import os
import re
import struct
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest

from portal.exchange.edxml.limits import LIMITS, MIB, Limits
from portal.exchange.edxml.message import Refused
from portal.exchange.edxml.reading import read
from portal.exchange.edxml.refusals import REASONS
from tests.exchange.edxml.letters import (
    PDF,
    SAMPLES,
    STANDARD,
    A,
    B,
    changed,
    file,
    letter,
    manifest,
    reference,
    sample,
    understood,
    zipped,
)
from tests.exchange.edxml.weighing import weigh

pytestmark = pytest.mark.once
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
WHOLE = sample(A).removeprefix(DECLARED).strip()


def laughs(depth, width=10):
    """Entities of entities: width ** depth characters once they are expanded."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * width}">' for n in range(1, depth))
    return f'<!DOCTYPE edXML [<!ENTITY l0 "lol">{names}]>' + subject(f"&l{depth - 1};")


def subject(text):
    return re.sub("(<edXML:Subject>).*?(</edXML:Subject>)", lambda found: found[1] + text + found[2], WHOLE)


def deep(depth, name="edXML:Zzz"):
    return subject(f"<{name}>" * depth + f"</{name}>" * depth)


HOSTILE = {
    # declared entities, of every size and kind, also where a plain search would not find them
    "an external entity": (f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{subject("&x;")}', "doctype"),
    "an external entity of the net": (f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://a.example/">]>{WHOLE}', "doctype"),
    "an external document type": (f'<!DOCTYPE edXML SYSTEM "http://a.example/x.dtd">{WHOLE}', "doctype"),
    "a public document type": (f'<!DOCTYPE html PUBLIC "-//W3C//DTD" "x">{WHOLE}', "doctype"),
    "a parameter entity": (f'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]>{WHOLE}', "doctype"),
    "an empty document type": (f"<!DOCTYPE edXML>{WHOLE}", "doctype"),
    "three laughs": (laughs(3), "doctype"), "five laughs": (laughs(5), "doctype"),
    "nine laughs": (laughs(9), "doctype"), "laughs in a row": (laughs(2, 20_000), "doctype"),
    "a long entity many times": (f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]>{subject("&x;" * 5000)}', "doctype"),
    "a document type after a comment": (f"<!-- a --><!DOCTYPE edXML>{WHOLE}", "doctype"),
    "a document type after long comments": (f"<!-- {'x' * 60_000} -->\n<!DOCTYPE edXML>{WHOLE}", "doctype"),
    "a document type after an instruction": (f"<?a <!-- ?><!DOCTYPE edXML>{WHOLE}", "doctype"),
    "a document type after blanks": (f"{' ' * 3000}<!DOCTYPE edXML>{WHOLE}", "doctype"),
    "a document type in small letters": (f"<!doctype edXML>{WHOLE}", "doctype"),
    "a document type in a comment that ends twice": (f"<!-- --><!DOCTYPE edXML>--> -->{WHOLE}", "doctype"),
    "a document type behind the root": (f"{WHOLE}<!DOCTYPE edXML>", "malformed"),
    "a document type in the root": (subject("<!DOCTYPE edXML>"), "malformed"),
    "an entity that is not declared": (subject("&nbsp;"), "entity"),
    "an entity in an attribute": (WHOLE.replace('version="1.0"', 'version="&x;"'), "entity"),
    # depth, number, length
    "too deep": (deep(40), "depth"), "far too deep": (deep(100_000, "a"), "depth"),
    "too many elements": (subject("<edXML:Z/>" * 20_001), "elements"),
    "too many attributes": (WHOLE.replace("<edXML:Subject", "<edXML:Subject " + " ".join(
        f'a{n}="1"' for n in range(40))), "attributes"),
    "far too many attributes": (WHOLE.replace("<edXML:Subject", "<edXML:Subject " + " ".join(
        f'a{n}="1"' for n in range(10_000))), "attributes"),
    "too many namespaces": (WHOLE.replace("<edXML:Subject", "<edXML:Subject " + " ".join(
        f'xmlns:a{n}="urn:{n}"' for n in range(40))), "attributes"),
    "a long name": (subject(f"<edXML:{'a' * 200}/>"), "name"),
    "a very long name": (subject(f"<edXML:{'a' * 900_000}/>"), "token"),
    "a long name of an attribute": (WHOLE.replace("<edXML:Subject", f'<edXML:Subject {"a" * 200}="1"'), "name"),
    "a long attribute": (WHOLE.replace("<edXML:Subject", f'<edXML:Subject a="{"x" * 300_000}"'), "text"),
    "a very long attribute": (WHOLE.replace("<edXML:Subject", f'<edXML:Subject a="{"x" * 5_000_000}"'), "token"),
    "a long field": (subject("x" * 300_000), "text"),
    "many long fields": (subject(f"<edXML:Z>{'x' * 200_000}</edXML:Z>" * 30), "header"),
    "a very long comment": (subject(f"<!-- {'x' * 5_000_000} -->"), "token"),
    "a very long instruction": (subject(f"<?a {'x' * 5_000_000} ?>"), "token"),
    "a comment before the root without end": (f"<!-- {'x' * 500_000}", "prolog"),
    "too much before the root": ("<!-- x -->" * 30_000 + WHOLE, "prolog"),
    "a field of repeated references": (subject("&#120;" * 300_000), "text"),
    "too many receivers": (WHOLE.replace("<edXML:To>", "".join(
        f"<edXML:To><edXML:OrganId>H{n}</edXML:OrganId></edXML:To>" for n in range(2_001)) + "<edXML:To>"),
                           "receivers"),
    "too many files": (letter(files=file(PDF) * 101).decode(), "files"),
    # what is no XML
    "a null byte": (subject("a\0b"), "malformed"), "a null reference": (subject("&#0;"), "malformed"),
    "a control character": (subject("a\x01b"), "malformed"), "half a pair": (subject("&#xD800;"), "malformed"),
    "two roots": (WHOLE + WHOLE, "malformed"), "XML 1.1": ('<?xml version="1.1"?>' + WHOLE, "malformed"),
    "text behind the root": (WHOLE + "x", "malformed"), "an attribute twice": (
        WHOLE.replace("<edXML:Subject", '<edXML:Subject a="1" a="2"'), "malformed"),
    "a second declaration": (DECLARED + DECLARED + WHOLE, "malformed"),
    "a declaration behind a comment": (f"<!-- x -->{DECLARED}{WHOLE}", "malformed"),
    "tags that cross": (subject("<edXML:Z><edXML:Y></edXML:Z></edXML:Y>"), "malformed"),
    # a second message, where another reader might look
    "a message in an element of its own": (WHOLE.replace("</edXML>", f"<Wrapper>{WHOLE}</Wrapper></edXML>"), "hidden"),
    "a message in another namespace": (WHOLE.replace("</edXML>", '<w:W xmlns:w="urn:w"><w:edXML/></w:W></edXML>'),
                                       "hidden"),
    "a message in a signature": (WHOLE.replace("<SignedInfo>", f"<Object>{WHOLE}</Object><SignedInfo>"), "hidden"),
    "a message in a field": (subject(WHOLE), "hidden"),
    "a message beside": (WHOLE.replace("</edXML>", f"{WHOLE}</edXML>"), "repeated"),
    "a header beside": (WHOLE.replace("</edXML:MessageHeader>", "</edXML:MessageHeader><MessageHeader/>"), "repeated"),
    "two signatures": (WHOLE.replace("</edXML:edXMLHeader>", WHOLE[WHOLE.index("<edXML:Signature>"):WHOLE.index(
        "</edXML:edXMLHeader>")] + "</edXML:edXMLHeader>"), "signature_repeated"),
}
ENCODED = {
    "UTF-16 without its mark": sample(B).encode("utf-16-le"), "UTF-16 the other way": sample(B).encode("utf-16-be"),
    "UTF-32": sample(B).encode("utf-32"), "UTF-32 the other way": ("\ufeff" + sample(B)).encode("utf-32-be"),
    "UTF-7": b"+/v8-" + sample(B).encode("utf-7"), "EBCDIC": sample(B).encode("cp500", "replace"),
    "half a pair in UTF-16": b"\xff\xfe" + sample(B).encode("utf-16-le") + b"\x00\xd8\x00",
    "an odd byte in UTF-16": b"\xff\xfe" + sample(B).encode("utf-16-le") + b"\x00",
    **{f"{name} declared": changed(B, ('"UTF-8"', f'"{name}"')) for name in (
        "windows-1258", "ISO-8859-1", "UTF-7", "cp037", "TCVN", "IBM037", "rot13", "unicode_escape", "idna", "UTF-32")},
}
#: Whatever is declared before the root is declared in UTF-16 too, where a search for its bytes would not find it.
WIDE = [how for how, (text, reason) in HOSTILE.items() if reason == "doctype"]


def refusal(content, folder, **limits):
    with pytest.raises(Refused) as refused:
        understood(content, folder, **limits)
    assert refused.value.reason in REASONS
    assert list(folder.iterdir()) == []
    return refused.value.reason


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_made_to_harm_is_refused(tmp_path, how):
    text, reason = HOSTILE[how]
    assert refusal(text.encode("utf-8", "surrogatepass"), tmp_path) == reason


@pytest.mark.parametrize("how", WIDE)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_document_type_is_found_in_utf_16_too(tmp_path, how, codec):
    text = '\ufeff<?xml version="1.0" encoding="UTF-16"?>' + HOSTILE[how][0]
    assert refusal(text.encode(codec), tmp_path) == "doctype"


@pytest.mark.parametrize("how", WIDE)
def test_a_document_type_is_found_before_any_parser_sees_a_byte(tmp_path, monkeypatch, how):
    monkeypatch.setattr("portal.exchange.edxml.parsing.expat.ParserCreate", lambda *_args: None)
    with pytest.raises(AttributeError):  # the check: without a parser, what is well cannot be read
        understood(sample(A).encode(), tmp_path)
    seen = []
    monkeypatch.setattr("portal.exchange.edxml.parsing._Reading.__init__", lambda *_args: None)
    monkeypatch.setattr("portal.exchange.edxml.parsing._Reading.feed", lambda _self, piece: seen.append(piece))
    monkeypatch.setattr("portal.exchange.edxml.parsing._Reading.forget", lambda _self: None)
    assert refusal((DECLARED + HOSTILE[how][0]).encode(), tmp_path) == "doctype"
    assert seen == []


@pytest.mark.parametrize("how", ENCODED)
def test_other_encodings_are_refused(tmp_path, how):
    assert refusal(ENCODED[how], tmp_path) in ("encoding", "not_edxml")


@pytest.mark.parametrize("broken", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xf4\x90\x80\x80"])
def test_what_is_not_utf_8_is_refused(tmp_path, broken):
    assert refusal(sample(A).encode().replace(b"V/v", broken), tmp_path) == "malformed"


@pytest.mark.parametrize("name", [A, B, "03_status_03_received"])
def test_a_message_that_is_cut_anywhere_is_refused(tmp_path, name):
    whole = (SAMPLES / f"{name}.edxml").read_bytes().rstrip()
    for length in range(0, len(whole), 7):
        refusal(whole[:length], tmp_path)


# --- zips


def changed_zip(old, new, content=None):
    made = content or zipped(("a.pdf", PDF))
    assert old in made
    return made.replace(old, new)


def with_field(signature, offset, form, value, content=None):
    """The zip with one field of the record that begins so written anew."""
    made = bytearray(content or zipped(("a.pdf", PDF)))
    struct.pack_into(form, made, bytes(made).index(signature) + offset, value)
    return bytes(made)


def link():
    made = ZipInfo("a.pdf")
    made.external_attr = 0o120777 << 16
    return zipped((made, b"/etc/passwd"))


def both(flag):
    """A flag set in the record before the file and in the list."""
    return with_field(b"PK\x01\x02", 8, "<H", flag, with_field(b"PK\x03\x04", 6, "<H", flag))


def overlapping():
    """Fifield's: many names for one and the same bytes."""
    made = zipped(("a.pdf", b"0" * 900_000))
    start, end = made.index(b"PK\x01\x02"), made.index(b"PK\x05\x06")
    listed = b"".join(made[start:end].replace(b"a.pdf", b"%c.pdf" % letter) for letter in b"abcdefgh")
    return made[:start] + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 8, 8, len(listed), start, 0)


def method(number):
    out = BytesIO()
    with ZipFile(out, "w", number) as made:
        made.writestr("a.pdf", PDF * 50)
    return out.getvalue()


ZIPS = {
    "a bomb": (zipped(("a.pdf", bytes(20 * MIB))), "zip_bomb"),
    "a bomb of many": (zipped(*((f"{n}.pdf", bytes(2 * MIB)) for n in range(90))), "zip_bomb"),
    "a bomb that says it is small": (with_field(b"PK\x01\x02", 24, "<L", 100, with_field(
        b"PK\x03\x04", 22, "<L", 100, zipped(("a.pdf", bytes(20 * MIB))))), "zip_damaged"),
    "one over another": (overlapping(), "zip_damaged"),
    "a zip in a zip": (zipped(("a.zip", zipped(("a.pdf", PDF)))), "zip_nested"),
    "a zip in a zip by another name": (zipped(("a.pdf", zipped(("a.pdf", PDF)))), "zip_nested"),
    "a gzip in a zip": (zipped(("a.pdf", b"\x1f\x8b\x08" + bytes(20))), "zip_nested"),
    "a rar in a zip": (zipped(("a.pdf", b"Rar!\x1a\x07" + bytes(20))), "zip_nested"),
    "with a password": (both(1), "zip_locked"), "with strong encryption": (both(0x40), "zip_locked"),
    "a path upwards": (zipped(("../a.pdf", PDF)), "zip_path"), "a path upwards inside": (
        zipped(("b/../../a.pdf", PDF)), "zip_path"),
    "a path upwards of Windows": (zipped(("..\\a.pdf", PDF)), "zip_path"),
    "an absolute path": (zipped(("/etc/a.pdf", PDF)), "zip_path"), "a drive": (zipped(("C:\\a.pdf", PDF)), "zip_path"),
    "a share": (zipped(("\\\\host\\a.pdf", PDF)), "zip_path"), "no name": (changed_zip(b"a.pdf", b".//./"), "zip_path"),
    "a null byte in a name": (changed_zip(b"a.pdf", b"a\0pdf"), "zip_path"),
    "a link": (link(), "zip_link"), "one name twice": (changed_zip(b"b.pdf", b"a.pdf", zipped(
        ("a.pdf", PDF), ("b.pdf", PDF))), "zip_repeated"),
    "one name twice, in capitals": (zipped(("a.pdf", PDF), ("A.PDF", PDF)), "zip_repeated"),
    "another name in front": (with_field(b"PK\x03\x04", 30, "<B", ord("b")), "zip_damaged"),
    "another size in front": (with_field(b"PK\x03\x04", 22, "<L", 7), "zip_damaged"),
    "another method in front": (with_field(b"PK\x03\x04", 8, "<H", 0), "zip_damaged"),
    "another checksum": (with_field(b"PK\x01\x02", 16, "<L", 7, with_field(b"PK\x03\x04", 14, "<L", 7)), "zip_damaged"),
    "another place": (with_field(b"PK\x01\x02", 42, "<L", 3), "zip_damaged"),
    "bytes in front of the list": (changed_zip(b"PK\x01\x02", b"xxxxPK\x01\x02"), "zip_damaged"),
    "bytes behind": (zipped(("a.pdf", PDF)) + b"x", "zip_damaged"),
    "two zips in one": (zipped(("a.pdf", PDF)) + zipped(("b.pdf", PDF)), "zip_damaged"),
    "a list that is longer than it says": (with_field(b"PK\x05\x06", 12, "<L", 40), "zip_damaged"),
    "more names than it lists": (with_field(b"PK\x05\x06", 8, "<2H".replace("2", ""), 9), "zip_strange"),
    "several disks": (with_field(b"PK\x05\x06", 4, "<H", 1), "zip_strange"),
    "bzip2": (method(ZIP_BZIP2), "zip_strange"), "lzma": (method(ZIP_LZMA), "zip_strange"),
    "too many files": (zipped(*((f"{n}.pdf", b"x") for n in range(101))), "zip_many"),
    "far too many files": (zipped(*((f"{n}.pdf", b"") for n in range(20_000))), "zip_many"),
    "no file": (zipped(), "zip_empty"), "only folders": (zipped(("a/", b"")), "zip_empty"),
    "a folder with content": (zipped(("a/", PDF)), "zip_damaged"),
    "damaged inside": (changed_zip(zipped(("a.pdf", PDF))[40:44], b"\xff\xff\xff\xff"), "zip_damaged"),
}


@pytest.mark.parametrize("how", ZIPS)
def test_a_zip_that_plays_tricks_is_refused(tmp_path, how):
    content, reason = ZIPS[how]
    assert content.startswith(b"PK")
    body = letter(body=manifest(reference()), files=file(content, type_="application/zip"))
    assert refusal(body, tmp_path) == reason


def test_files_that_grow_too_large_together_are_refused(tmp_path):
    limits = Limits(unpacked=3000)
    packed = zipped(("a.txt", os.urandom(1000)), ("b.txt", os.urandom(1000)))
    assert len(understood(letter(files=file(packed)), tmp_path, limits=limits).attachments) == 2
    for path in tmp_path.iterdir():
        path.unlink()
    assert refusal(letter(files=file(packed) * 2), tmp_path, limits=limits) == "attachment_large"


def test_a_file_and_a_message_have_their_largest_size(tmp_path):
    assert refusal(letter(files=file(bytes(5000))), tmp_path, limits=Limits(file=4999)) == "attachment_large"
    assert refusal(sample(A).encode(), tmp_path, limits=Limits(size=4000)) == "too_large"
    assert LIMITS.size >= 50 * MIB * 4 / 3 * 78 / 76, "50 MB in lines of 76 characters"
    assert refusal(sample(A).encode(), tmp_path, limits=Limits(seconds=-1)) == "slow"


# --- in a process of its own, weighed


def base64_of(size):
    return base64.b64encode(os.urandom(size)).decode()


def large(what: str) -> bytes:
    """Messages as large as may be, and larger."""
    start, end = WHOLE.split("<edXML:ContentTransferEncoded>")[0], WHOLE.split("</edXML:ContentTransferEncoded>")[1]
    start = re.sub("<edXML:Signature>.*</edXML:Signature>", "", start)
    inside = "<edXML:ContentTransferEncoded>{}</edXML:ContentTransferEncoded>".format
    return {
        "a file of 50 MB": lambda: (start + inside(base64_of(50 * MIB)) + end).encode(),
        "a zipped file of 50 MB": lambda: (start + inside(base64.b64encode(zipped(
            ("cv.pdf", os.urandom(50 * MIB)))).decode()) + end).encode(),
        "a file that is cut after 20 MB": lambda: (start + inside(base64_of(20 * MIB))[:-60] + end[:0]).encode(),
        "base64 in another field": lambda: (start + end).replace(
            "<edXML:Subject>", "<edXML:Subject>" + base64_of(20 * MIB)).encode(),
        "a message of 80 MB": lambda: (start + inside("A" * 80 * MIB) + end).encode(),
        "an endless tag": lambda: f'<edXML xmlns="{STANDARD}" a="'.encode() + b"x" * 60 * MIB,
        "an endless comment": lambda: WHOLE[:200].rpartition("<")[0].encode() + b"<!--" + b"x" * 60 * MIB,
        "endless blanks": lambda: WHOLE[:300].rpartition("<")[0].encode() + b" " * 60 * MIB,
        "many empty elements": lambda: subject("<a/>" * (5 * MIB)).encode(),
        "a foreign element of 60 MB": lambda: subject(f'<o:a xmlns:o="urn:o">{"x" * 60 * MIB}</o:a>').encode(),
        "a bomb of 200 MB": lambda: (start + inside(base64.b64encode(bomb()).decode()) + end).encode(),
    }[what]()


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made, made.open("cv.pdf", "w") as member:
        for _nth in range(200):
            member.write(bytes(MIB))
    return out.getvalue()


WEIGHED = {"a file of 50 MB": None, "a zipped file of 50 MB": None, "a file that is cut after 20 MB": "cut",
           "base64 in another field": "text", "a message of 80 MB": "too_large", "an endless tag": "token",
           "an endless comment": "token", "endless blanks": "cut", "many empty elements": "elements",
           "a foreign element of 60 MB": None, "a bomb of 200 MB": "zip_bomb"}


@pytest.mark.parametrize("what", WEIGHED)
def test_a_large_message_is_read_or_refused_in_flat_memory(tmp_path: Path, what: str) -> None:
    path = tmp_path / "message.edxml"
    path.write_bytes(large(what))
    said = weigh(path)
    path.unlink()
    assert said["refused"] == WEIGHED[what]
    assert said["grown"] < 10 * MIB
    assert said["seconds"] < 30
    if "50 MB" in what:
        assert said["files"] == [50 * MIB]


# little that costs much: each of these took a minute for a megabyte

def _signed(references: str = "", prefixes: str = "") -> str:
    ds = "http://www.w3.org/2000/09/xmldsig#"
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    return (f'<Signature xmlns="{ds}"><SignedInfo><CanonicalizationMethod Algorithm="{exclusive}"/>'
            '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="">'
            f'<Transforms><Transform Algorithm="{ds}enveloped-signature"/><Transform Algorithm="{exclusive}">'
            f'<InclusiveNamespaces xmlns="{exclusive}" PrefixList="{prefixes}"/></Transform></Transforms>'
            f'<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>{"A" * 43}=</DigestValue>'
            f'</Reference>{references}</SignedInfo><SignatureValue>{"A" * 344}</SignatureValue></Signature>')


def _costly(what: str) -> bytes:
    names = [f"p{n}" for n in range(30_000)]
    attributes = "".join(f"<x {' '.join(f'{name}=' + chr(34) * 2 for name in names[n:n + 30])}/>"
                         for n in range(0, len(names), 30))
    to, header, signature = "<To><OrganId>H17</OrganId></To>", "", ""
    match what:
        case "references":
            signature = _signed(references='<Reference URI="#x"/>' * 6000)
        case "prefixes":
            header, signature = f"<Content>{attributes}{'<x/>' * 15_000}</Content>", _signed(prefixes=" ".join(names))
        case "receivers":
            ids = ";".join(f"H{n}" for n in range(1990))
            to = f"<To><OrganId>{ids}</OrganId>{'<x/>' * 15_000}</To>"
        case "comments":
            header = f"<Content>{'ấ<?a?>' * 250_000}</Content>"
    text = (f'<edXML xmlns="{STANDARD}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>H26</OrganId></From>'
            f"{to}<Code><CodeNumber>1</CodeNumber><CodeNotation>CV</CodeNotation></Code><Subject>x</Subject>{header}"
            f"</MessageHeader>{signature}</edXMLHeader><edXMLBody/></edXMLEnvelope></edXML>")
    match what:
        case "blanks":
            return b" " * 30 * MIB + text.encode()
        case "wide blanks":
            return codecs.BOM_UTF16_LE + b" \x00" * 15 * MIB + text.encode("utf-16-le")
    return text.encode()


@pytest.mark.parametrize("what", ["references", "prefixes", "receivers", "comments", "blanks", "wide blanks"])
def test_little_costs_little(tmp_path: Path, what: str) -> None:
    started = time.thread_time()
    with suppress(Refused):
        read(BytesIO(_costly(what)), tmp_path)
    assert time.thread_time() - started < 4


@pytest.mark.parametrize("header", [
    "<ResponseFor><DocumentId>H17,2026/11/03,{}/CV</DocumentId></ResponseFor>" * 201,
    f"<OtherInfo><ReferenceCodes>{';'.join(f'H17-{n}' for n in range(201))}</ReferenceCodes></OtherInfo>",
    "<Bussiness><BussinessDocType>3</BussinessDocType><ReplacementInfoList>" + 201 * (
        "<ReplacementInfo><DocumentId>H17,2026/11/03,1/CV</DocumentId></ReplacementInfo>")
    + "</ReplacementInfoList></Bussiness>"])
def test_nobody_looks_for_thousands_of_documents(tmp_path: Path, header: str) -> None:
    """Each is asked for in the transaction that takes the message."""
    with pytest.raises(Refused, match="elements"):
        read(BytesIO((f'<edXML xmlns="{STANDARD}"><edXMLEnvelope><edXMLHeader><MessageHeader><From>'
                      f"<OrganId>H26</OrganId></From><To><OrganId>H17</OrganId></To><Subject>x</Subject>{header}</MessageHeader>"
                      "</edXMLHeader><edXMLBody/></edXMLEnvelope></edXML>").encode()), tmp_path)
