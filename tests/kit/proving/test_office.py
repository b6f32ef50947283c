"""Word files: macros, objects and what is fetched from elsewhere, under any name."""
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.kit import proving
from portal.kit.proving.verdict import Bad
from tests.kit.proving.made import OLE, docx, flood, packed, pdf, picture, relations

pytestmark = pytest.mark.once
RELS = "word/_rels/document.xml.rels"


def override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="application/vnd.{kind}"/>'


def linked(kind: str, target: str, *, outside: bool = True) -> bytes:
    return docx({RELS: relations((kind, target, outside))})


def overlapping() -> bytes:
    """A zip of which two members are the same bytes, as bombs without nesting have it."""
    content = bytearray(docx({"word/a.xml": b"<a/>", "word/b.xml": b"<a/>"}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        first = archive.getinfo("word/a.xml").header_offset
    at = content.rfind(b"word/b.xml") - 4
    content[at:at + 4] = first.to_bytes(4, "little")
    return bytes(content)


HARMLESS: dict[str, Callable[[], bytes]] = {
    "plain": docx, "a link": lambda: linked("hyperlink", "https://dichvucong.gov.vn/"),
    "a picture": lambda: docx({"word/media/image1.png": picture("PNG")}),
    "a chart with its sheet": lambda: docx({"word/embeddings/Sheet1.xlsx": docx(
        main="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml")}),
    "words about DDE": lambda: docx(body="<w:p><w:t>DDEAUTO macro vbaProject.bin</w:t></w:p>"),
    "a picture copied from a page": lambda: docx(
        body='<w:r><w:instrText>INCLUDEPICTURE "https://vi.example/a.png" \\* MERGEFORMATINET</w:instrText></w:r>'),
    "facts of a template": lambda: docx({"customXml/item1.xml": b"<a/>"}),
}
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "macros": ("macro", lambda: docx({"word/vbaProject.bin": OLE})),
    "macros under another name": ("macro", lambda: docx(
        {"word/settings2.dat": OLE, RELS: relations(("vbaProject", "settings2.dat", False))},
        types=override("word/settings2.dat", "ms-office.vbaProject"))),
    "a kind with macros under a name without": ("macro", lambda: docx(
        main="application/vnd.ms-word.document.macroEnabled.main+xml")),
    "an object": ("active", lambda: docx({"word/embeddings/oleObject1.bin": OLE})),
    "an object under another name": ("active", lambda: docx({"word/media/image1.emf": OLE})),
    "a control": ("active", lambda: docx({"word/x.xml": b"<a/>"},
                                         types=override("word/x.xml", "ms-office.activeX+xml"))),
    "DDE in pieces": ("active", lambda: docx(body="<w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:"
                                                  "</w:instrText></w:r>")),
    "DDE by the numbers of its letters": ("active", lambda: docx(
        body="<w:r><w:instrText>QUOTE 68 68 69 65 85 84 79</w:instrText></w:r>")),
    "DDE in a part of another name": ("active", lambda: docx(
        {"word/second.dat": b'\xef\xbb\xbf<a><instrText>DDEAUTO c:</instrText></a>'})),
    "DDE in a part of another name, in wide letters": ("active", lambda: docx(
        {"word/second": "<a><instrText>DDEAUTO c:</instrText></a>".encode("utf-16")})),
    "a text from elsewhere": ("outside", lambda: docx(
        body='<w:r><w:instrText>INCLUDETEXT "https://198.51.100.7/a.docx"</w:instrText></w:r>')),
    "a text of another machine": ("outside", lambda: docx(
        body='<w:r><w:instrText>INCLUDETEXT "\\\\\\\\198.51.100.7\\\\a.docx"</w:instrText></w:r>')),
    "a picture of another machine": ("outside", lambda: docx(
        body='<w:r><w:instrText>INCLUDEPICTURE \\\\198.51.100.7\\a.png</w:instrText></w:r>')),
    "a picture fetched anew": ("outside", lambda: docx(
        body='<w:r><w:instrText>INCLUDEPICTURE "https://198.51.100.7/a.png" \\d</w:instrText></w:r>')),
    "letters that are not read": ("damaged", lambda: docx(
        {"word/x.xml": b'<?xml version="1.0" encoding="UTF-7"?><a/>'})),
    "a page inside": ("active", lambda: linked("aFChunk", "chunk.htm", outside=False)),
    "entities": ("active", lambda: docx({"word/x.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})),
    "a template from elsewhere": ("outside", lambda: docx(
        {"word/_rels/settings.xml.rels": relations(("attachedTemplate", "https://198.51.100.7/a.dotm", True))})),
    "a template of another machine": ("outside", lambda: linked("attachedTemplate", "\\\\198.51.100.7\\a.dotx")),
    "a picture from elsewhere": ("outside", lambda: linked("image", "http://198.51.100.7/a.png")),
    "a frame from elsewhere": ("outside", lambda: linked("frame", "http://198.51.100.7/")),
    "a program": ("program", lambda: docx({"word/media/image1.png": b"MZ" + bytes(60)})),
    "another archive": ("program", lambda: docx({"word/x.bin": packed({"a.dat": b"MZ" + bytes(60)})})),
    "a flood of pixels": ("picture", lambda: docx({"word/media/image1.png": flood()})),
    "a template": ("mismatch", lambda: docx(main="template.main+xml")),
    "a bare zip": ("mismatch", lambda: packed({"a.txt": b"x"})),
    "a PDF": ("damaged", pdf),
    "an old file": ("old", lambda: OLE),
    "a password": ("locked", lambda: OLE + "EncryptedPackage".encode("utf-16-le")),
    "cut off": ("damaged", lambda: docx()[:-30]),
    "something before it": ("mismatch", lambda: b"GIF89a" + docx()),
    "something behind it": ("mismatch", lambda: docx() + b"<script>"),
    "a bomb": ("bomb", lambda: docx({"word/media/a.xml": b"<a>" + b" " * 70_000_000 + b"</a>"})),
    "members that are each other": ("mismatch", overlapping),
    "too many members": ("bomb", lambda: packed({f"word/{n}.xml": b"" for n in range(1001)})),
    "a way out": ("mismatch", lambda: docx({"../../evil.xml": b"<a/>"})),
}


def judged(folder: Path, content: bytes) -> str:
    place = folder / "file"
    place.write_bytes(content)
    try:
        proving.prove(place, ".docx", out=folder / "out", most=10_000_000)
    except Bad as bad:
        return bad.reason
    return ""


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_harmless_is_taken(tmp_path: Path, content: Callable[[], bytes]) -> None:
    assert judged(tmp_path, content()) == ""


@pytest.mark.parametrize(("reason", "content"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_is_refused_with_its_reason(tmp_path: Path, reason: str, content: Callable[[], bytes]) -> None:
    assert judged(tmp_path, content()) == reason
