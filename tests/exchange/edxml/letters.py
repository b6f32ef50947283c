"""Messages for the reader's tests: the samples with something changed in them, and small ones written here."""
import base64
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from portal.exchange.edxml.message import Message
from portal.exchange.edxml.reading import nobodys, read

SAMPLES = Path(__file__).parent / "samples"
STANDARD = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
PDF = b"%PDF-1.4\n% a paper\n%%EOF\n"
A, B, STATUS, RECALL, ANSWER = ("01_orderA_letter_zip", "02_orderB_xlink_plain", "03_status_03_received",
                                "05_recall_bussiness_1", "06_reply_with_dossier_code")


@cache
def sample(name: str) -> str:
    """A sample as text."""
    return (SAMPLES / f"{name}.edxml").read_text("utf-8")


def changed(name: str, *changes: tuple[str, str]) -> bytes:
    """A sample with each text of the pairs replaced; each must be there."""
    text = sample(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def between(name: str, start: str, end: str) -> str:
    """The part of a sample from `start` through `end`."""
    text = sample(name)
    at = text.index(start)
    return text[at:text.index(end, at) + len(end)]


def letter(header: str = "", *, business: str = "", body: str = "", files: str = "", around: str = "{}",
           organ: str = "H99.01") -> bytes:
    """A small document without prefixes. `header`: further elements of MessageHeader; `business`: of TraceHeaderList;
    `body`, `files`: of edXMLBody and AttachmentEncoded; `around`: what the whole is put into."""
    return around.format(
        f'<edXML xmlns="{STANDARD}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>{organ}</OrganId></From>'
        f"<To><OrganId>H99.02</OrganId></To>{header}</MessageHeader><TraceHeaderList>{business}</TraceHeaderList>"
        f"</edXMLHeader><edXMLBody>{body}</edXMLBody></edXMLEnvelope><AttachmentEncoded>{files}</AttachmentEncoded>"
        f"</edXML>").encode()


def status(inside: str, around: str = "{}") -> bytes:
    """A status in the older form, with `inside` the element Status."""
    return around.format(f'<Status xmlns="{STANDARD}">{inside}</Status>').encode()


def file(content: bytes, name: str | None = "a.pdf", id_: str | None = "cid:1", type_: str | None = None) -> str:
    """An Attachment."""
    return "<Attachment>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in (
        ("ContentId", id_), ("AttachmentName", name), ("ContentType", type_),
        ("ContentTransferEncoded", base64.b64encode(content).decode())) if value is not None) + "</Attachment>"


def reference(name: str | None = "a.pdf", id_: str | None = "cid:1", attributes: str = "") -> str:
    """A Reference of the manifest."""
    return f"<Reference{attributes}>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in (
        ("ContentId", id_), ("AttachmentName", name)) if value is not None) + "</Reference>"


def manifest(*references: str) -> str:
    """The manifest with these references."""
    return f'<edXMLManifest version="1.0">{"".join(references)}</edXMLManifest>'


def zipped(*files: tuple[str | ZipInfo, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """A zip of these files."""
    out = BytesIO()
    with ZipFile(out, "w", method) as made:
        for name, content in files:
            made.writestr(name, content, method)
    return out.getvalue()


def understood(content: bytes, folder: Path, certificates=nobodys, **limits) -> Message:
    """What the reader makes of these bytes."""
    return read(BytesIO(content), folder, certificates=certificates, **limits)
