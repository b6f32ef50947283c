"""Which judge a file goes to: by what its bytes are, held against the ending that its name has."""
from portal.kit.proving import archives, office, pdf, pictures
from portal.kit.proving.verdict import OLE, Bad, Good, is_program

MOST_DEPTH = 2  # files in files
_PICTURES = (".jpg", ".jpeg", ".jfif", ".png", ".heic", ".heif")
_OFFICE = (".docx", ".xlsx")
_HARMLESS = (".txt", ".csv", ".json", ".md")
_OF_ITS_OWN = ("mismatch", "damaged", "type", "old", "archive")  # reasons that would be said of the file around it
_WORDS = (".xml", ".xsd", ".xsl", ".rdf", ".p7s", ".p7m", ".sig", ".cer", ".crt", ".tsr")


def judge(content: bytes, ending: str, most: int) -> Good:
    """What the file is and how it is kept. Raises Bad."""
    if ending == ".pdf":
        return pdf.judge(content, _Inside(1))
    if ending in _PICTURES:
        if not pictures.is_picture(content):
            raise Bad("mismatch")
        return pictures.judge(content, most)
    if ending in _OFFICE:
        found = office.judge(content, _Inside(1))
        if found.ending != ending:
            raise Bad("mismatch")
        return found
    raise Bad("type")


class _Inside:
    """Judges what lies in another file, so many files deep: attachments are judged by themselves."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def __call__(self, name: str, content: bytes) -> None:
        if self.depth > MOST_DEPTH:
            raise Bad("bomb")
        deeper = _Inside(self.depth + 1)
        try:
            self._judge(name.lower(), content, deeper)
        except Bad as bad:
            raise Bad("inner" if bad.reason in _OF_ITS_OWN else bad.reason) from None

    def _judge(self, name: str, content: bytes, deeper: "_Inside") -> None:
        if is_program(content) and not content.startswith(OLE):
            raise Bad("program")
        if content.startswith(OLE):
            raise Bad("active")
        if b"%PDF-" in content[:1024]:
            pdf.judge(content, deeper)
        elif pictures.is_picture(content):
            pictures.judge(content, len(content))
        elif content.startswith(b"PK"):
            self._judge_zip(content, deeper)
        elif not _is_text(content, name):
            raise Bad("program")

    def _judge_zip(self, content: bytes, deeper: "_Inside") -> None:
        parts = dict(archives.members(content))
        if "[Content_Types].xml" in parts:
            office.judge(content, deeper)
            return
        for name, part in parts.items():
            deeper(name, part)


def _is_text(content: bytes, name: str) -> bool:
    """Words or XML that no machine runs: by name one of few, or without a name; and no page, script or drawing."""
    _stem, dot, ending = name.rpartition(".")
    if dot and dot + ending not in _HARMLESS + _WORDS:
        return False
    if dot + ending in _WORDS[3:]:
        return len(content) < 1_000_000
    try:
        words = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return False
    small = words.lower()
    return "\0" not in words and not any(sign in small for sign in ("<script", "<html", "<?php", "<svg", "<!entity"))
