"""What a PDF does is found wherever it hides; what is harmless passes."""
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, Permissions, Stream, String

from portal.kit import proving
from portal.kit.proving.verdict import Bad
from tests import make
from tests.kit.proving.made import OLE, docx, named_otherwise, packed, pdf, picture, with_file

pytestmark = pytest.mark.once
Judge = Callable[[bytes, str], str]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """What becomes of a file: "" where it is taken, else the reason."""
    def judged(content: bytes, ending: str = ".pdf") -> str:
        place = tmp_path / "file"
        place.write_bytes(content)
        try:
            proving.prove(place, ending, out=tmp_path / "out", most=10_000_000)
        except Bad as bad:
            return bad.reason
        return ""
    return judged


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def on_opening(action: Dictionary) -> Callable[[Pdf], None]:
    def change(made: Pdf) -> None:
        made.Root.OpenAction = action
    return change


def in_names_tree(made: Pdf) -> None:
    leaf = made.make_indirect(Dictionary(Names=Array([String("a"), made.make_indirect(script())])))
    made.Root.Names = Dictionary(JavaScript=Dictionary(Kids=Array([leaf])))


def in_nested_arrays(made: Pdf) -> None:
    made.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, A=Dictionary(
        S=Name.GoTo, D=String("x"), Next=Array([Dictionary(S=Name.GoTo, Next=Array([script()]))])))])


def by_a_name_elsewhere(made: Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=made.make_indirect(Name.JavaScript), JS=made.make_stream(b"app.alert(1)"))


def in_a_form(xml: bytes) -> Callable[[Pdf], None]:
    def change(made: Pdf) -> None:
        half = len(xml) // 2
        made.Root.AcroForm = Dictionary(XFA=Array([String("template"), made.make_stream(xml[:half]),
                                                   String("more"), made.make_stream(xml[half:])]))
    return change


def link(made: Pdf) -> None:
    made.pages[0].obj.Annots = Array([
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]),
                   A=Dictionary(S=Name.URI, URI=String("https://dichvucong.gov.vn/JavaScript/Launch"))),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, A=Dictionary(S=Name.Named, N=Name.NextPage))])
    made.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]))
    made.docinfo["/Title"] = "/JavaScript /Launch << /S /JavaScript /JS (x) >>"


HARMLESS = {
    "plain": lambda: pdf(), "the tests' own": lambda: make.PDF, "links and places to go": lambda: pdf(link),
    "words that look like scripts": lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/Contents", made.make_stream(b"BT (/JavaScript /JS /Launch) Tj ET /OpenAction <<"))),
    "a form without scripts": lambda: pdf(in_a_form(b"<xdp><template><field name='ten'/></template></xdp>")),
    "objects packed": lambda: pdf(link, object_stream_mode=ObjectStreamMode.generate),
    "an owner's password": lambda: pdf(link, encryption=Encryption(
        owner="chu", user="", allow=Permissions(extract=False))),
    "attached words": lambda: pdf(with_file("hoadon.xml", "<hoaDon>Một triệu</hoaDon>".encode())),
    "attached zip of words": lambda: pdf(with_file("phuluc.zip", packed({"a.txt": b"x"}))),
    "attached picture": lambda: pdf(with_file("anh.jpg", picture("JPEG"))),
    "attached Word file": lambda: pdf(with_file("don.docx", docx())),
    "junk before it": lambda: b"TEXTmdos\r5 " + pdf(), "white space behind it": lambda: pdf() + b"\r\n" * 300,
    "a wrong table": lambda: pdf().replace(b"startxref\n", b"startxref\n9"),
}
ACTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a script on opening": ("active", lambda: pdf(on_opening(script()))),
    "its name in hex": ("active", lambda: named_otherwise(pdf(on_opening(script())), b"/JavaScript",
                                                          b"/J#61v#61Script")),
    "in an object stream": ("active", lambda: pdf(
        lambda made: on_opening(made.make_indirect(script()))(made), object_stream_mode=ObjectStreamMode.generate)),
    "in a names tree": ("active", lambda: pdf(in_names_tree)),
    "in nested arrays": ("active", lambda: pdf(in_nested_arrays)),
    "by a name elsewhere": ("active", lambda: pdf(by_a_name_elsewhere)),
    "under an owner's password": ("active", lambda: pdf(on_opening(script()),
                                                        encryption=Encryption(owner="x", user=""))),
    "a script in a form of XML": ("active", lambda: pdf(in_a_form(
        b"<xdp xmlns:t='urn:t'><t:event><t:script contentType='x'>1</t:script></t:event></xdp>"))),
    "a film with a script": ("active", lambda: pdf(on_opening(Dictionary(S=Name.Rendition, JS=String("x"))))),
    "a form that sends": ("active", lambda: pdf(on_opening(Dictionary(S=Name.SubmitForm, F=String("https://x"))))),
    "a program started": ("program", lambda: pdf(on_opening(Dictionary(S=Name.Launch, F=String("cmd.exe"))))),
    "started in hex": ("program", lambda: named_otherwise(pdf(on_opening(
        Dictionary(S=Name.Launch, F=String("cmd.exe")))), b"/Launch", b"/L#61un#63h")),
    "a file of another machine": ("outside", lambda: pdf(on_opening(
        Dictionary(S=Name.GoToR, F=String("\\\\198.51.100.7\\share\\a.pdf"), D=Array([0, Name.Fit]))))),
    "a file of another machine, for old readers": ("outside", lambda: pdf(on_opening(
        Dictionary(S=Name.GoToR, F=Dictionary(DOS=String("\\\\198.51.100.7\\a.pdf")), D=Array([0, Name.Fit]))))),
    "a program attached": ("program", lambda: pdf(with_file("hoadon.xml", b"MZ\x90\0" + bytes(60)))),
    "a program packed and attached": ("program", lambda: pdf(with_file(
        "a.zip", packed({"a.txt": b"\x7fELF" + bytes(60)})))),
    "a script attached": ("program", lambda: pdf(with_file("a.js", b"WScript.Echo(1)"))),
    "a page attached": ("program", lambda: pdf(with_file("a.xml", b"<html><script>1</script></html>"))),
    "macros attached": ("macro", lambda: pdf(with_file("a.docx", docx({"word/x.dat": OLE + b"V\0B\0A\0"})))),
    "a PDF with a script attached": ("active", lambda: pdf(with_file("a.pdf", pdf(on_opening(script()))))),
    "bytes from elsewhere": ("outside", lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/Contents", Stream(made, b"", F=String("http://x/y"), FFilter=Name.FlateDecode)))),
    "an archive behind it": ("archive", lambda: pdf() + packed({"a.txt": b"x"})),
    "an archive behind it that ends like a PDF": ("archive", lambda: pdf() + packed({"a.txt": b"x"})[:-2] +
                                                  b"\6\0%%EOF\n"),
    "an archive in a stream that is no file": ("archive", lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/X", made.make_stream(packed({"a.txt": b"x"}))), compress_streams=False)),
    "a picture before it": ("archive", lambda: picture("JPEG")[:300] + pdf()),
    "a script before it": ("archive", lambda: b"#!/bin/sh\nexit\n" + pdf()),
    "more junk than readers allow": ("mismatch", lambda: b" " * 1100 + pdf()),
    "no PDF": ("mismatch", lambda: picture("PNG")),
    "a user's password": ("locked", lambda: pdf(encryption=Encryption(owner="a", user="b"))),
    "cut off": ("damaged", lambda: pdf(link)[:-200]),
    "its page spoilt": ("damaged", lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/Contents", Stream(made, b"no zlib at all", Filter=Name.FlateDecode)))),
    "no page": ("damaged", lambda: pdf(lambda made: made.pages.__delitem__(0))),
    "a bomb": ("bomb", lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/Contents", Stream(made, zlib.compress(bytes(70_000_000)), Filter=Name.FlateDecode)))),
    "a bomb in a bomb": ("bomb", lambda: pdf(lambda made: made.pages[0].obj.__setitem__(
        "/Contents", Stream(made, zlib.compress(zlib.compress(bytes(70_000_000))),
                            Filter=Array([Name.FlateDecode, Name.FlateDecode]))))),
    "a flood of pixels": ("picture", lambda: pdf(lambda made: made.pages[0].obj.__setitem__("/Resources", Dictionary(
        XObject=Dictionary(A=Stream(made, b"", Subtype=Name.Image, Width=60_000, Height=60_000,
                                    BitsPerComponent=8)))))),
}


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_harmless_is_taken(judged: Judge, content: Callable[[], bytes]) -> None:
    assert judged(content(), ".pdf") == ""


@pytest.mark.parametrize(("reason", "content"), ACTS.values(), ids=ACTS.keys())
def test_what_acts_or_is_none_is_refused_with_its_reason(judged: Judge, reason: str,
                                                         content: Callable[[], bytes]) -> None:
    assert judged(content(), ".pdf") == reason
