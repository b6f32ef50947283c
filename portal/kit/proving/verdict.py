"""What the judges of a file say, and the limits that they share. Sizes in bytes."""
from collections.abc import Callable
from typing import NamedTuple

MIB = 1024 * 1024
MOST_UNPACKED = 200 * MIB  # of all that is packed in one file
PDF, JPEG, PNG, ZIP = "application/pdf", "image/jpeg", "image/png", "application/zip"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = _OFFICE + "wordprocessingml.document", _OFFICE + "spreadsheetml.sheet"


class Bad(Exception):
    """The file is not taken. `reason`: one of portal.kit.files.REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Good(NamedTuple):
    """What a file truly is, and the ending that belongs to it; `content` where what is kept is not what was sent."""

    media_type: str
    ending: str
    content: bytes | None = None


# Judges a file that lies in another, by its name there and its bytes.
Inner = Callable[[str, bytes], None]

_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"#!", b"FWS", b"CWS",
             b"ZWS", b"dex\n", b"L\0\0\0\x01\x14\x02\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ",
             b"MSCF", b"ITSF")
_OTHERS = (b"%PDF-", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<", b"BM")
OLE = _PROGRAMS[-1]


def is_program(content: bytes) -> bool:
    """Whether the bytes begin as a program does, or as what old Office keeps its macros and objects in."""
    return content.startswith(_PROGRAMS)


def begins_as_another(content: bytes) -> bool:
    """Whether the bytes begin as a file of some kind that people or machines open."""
    return content.startswith(_PROGRAMS + _ARCHIVES + _OTHERS)
