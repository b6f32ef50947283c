"""Files to be judged, made at run time: nothing of the kind lies in the repository."""
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def pdf(change: Callable[[Pdf], None] = lambda _pdf: None, **how: Any) -> bytes:
    made, out = Pdf.new(), BytesIO()
    made.add_blank_page(page_size=(200, 200))
    change(made)
    made.save(out, **how)
    return out.getvalue()


def packed(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def relations(*each: tuple[str, str, bool]) -> bytes:
    """A part of relationships: (last word of the type, target, whether it is external)."""
    lines = "".join(f'<Relationship Id="r{n}" Type="{RELATION}{kind}" Target="{target}"'
                    f'{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
                    for n, (kind, target, outside) in enumerate(each))
    return ('<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{lines}</Relationships>").encode()


def docx(more: dict[str, bytes] | None = None, *, main: str = "document.main+xml", types: str = "",
         body: str = "<w:p/>") -> bytes:
    """A Word file with further parts and content types."""
    words = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    kind = main if "/" in main else words + main
    return packed({
        "[Content_Types].xml": (
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/>{types}</Types>').encode(),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": ('<?xml version="1.0"?><w:document xmlns:w="urn:w" xmlns:o="urn:o"><w:body>'
                              f"{body}</w:body></w:document>").encode(), **(more or {})})


def picture(kind: str, *, size: tuple[int, int] = (24, 12), **how: Any) -> bytes:
    """A picture whose left half is red, the right blue."""
    made, out = Image.new("RGB", size, "blue"), BytesIO()
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    if kind == "HEIF":
        pillow_heif.from_pillow(made).save(out, quality=80, **how)
    else:
        made.save(out, kind, **how)
    return out.getvalue()


def taken_in_hanoi(orientation: int) -> bytes:
    """The facts that a camera writes: where it was, and how it was held."""
    facts = Image.Exif()
    facts[0x0112] = orientation
    facts[0x010F] = "Maker of cameras"
    facts.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.0), 3: "E", 4: (105.0, 51.0, 12.0)})
    return facts.tobytes()


def flood(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that says it has side × side pixels."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LLBBBBB", side, side, 1, 0, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(bytes(100_000), 9)) + chunk(b"IEND", b"")


def with_file(name: str, content: bytes, **stream: Any) -> Callable[[Pdf], None]:
    """A PDF/A-3 with one attached file."""
    def change(made: Pdf) -> None:
        held = made.make_stream(content, Type=Name.EmbeddedFile, **stream)
        spec = made.make_indirect(Dictionary(Type=Name.Filespec, F=name, UF=name, EF=Dictionary(F=held, UF=held),
                                             AFRelationship=Name.Data))
        made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(name), spec])))
        made.Root.AF = Array([spec])
    return change


def named_otherwise(content: bytes, name: bytes, otherwise: bytes) -> bytes:
    """The same PDF with a name written with its letters in hex; its table is left as it is, as in the wild."""
    assert name in content
    return content.replace(name, otherwise)


__all__ = ["OLE", "RELATION", "SCRIPT", "Array", "Dictionary", "Name", "Pdf", "Stream", "String", "docx", "flood",
           "named_otherwise", "packed", "pdf", "picture", "pikepdf", "relations", "taken_in_hanoi", "with_file"]
