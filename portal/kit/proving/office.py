"""Word and Excel files of the kind that is a zip of XML: what they are stands in their parts, never in names alone.

Refused: macros under any name, OLE objects and controls, links that run programs (DDE), and whatever is fetched from
elsewhere when somebody opens the file (templates, pictures, frames). A link that somebody must press is harmless.
"""
import re

from portal.kit.proving import archives, pictures
from portal.kit.proving.archives import Markup
from portal.kit.proving.verdict import DOCX, OLE, XLSX, Bad, Good, Inner, is_program

_TYPES = "[Content_Types].xml"
_MAIN = {"wordprocessingml.document.main+xml": Good(DOCX, ".docx"), "spreadsheetml.sheet.main+xml": Good(XLSX, ".xlsx")}
# parts of content types and of relationships' types, in small letters
_MACROS = ("macro", "vba", "xlmmacrosheet")
_OBJECTS = ("activex", "oleobject", "control")
_PRESSED = ("hyperlink",)
_OUTSIDE = ("afchunk", "subdocument", "frame", "attachedtemplate", "externallinkpath", "oleobject", "image")
_DDE = re.compile(r"\bDDE(AUTO)?\b|\bQUOTE(\s+\d+){3}", re.I)  # by its name, or by the numbers of its letters
# Fields that take what lies on another machine into the page. A picture from the Web is left as it lies in the file
# unless its field says otherwise (\\d), and whoever copies a page has such.
_AWAY = r'\s+"?\s*(\\{2,4}[\w.]|//|(https?|ftp|file):)'
_FETCHED = re.compile(rf'\b(INCLUDE(TEXT)?|IMPORT|RD){_AWAY}|\bINCLUDEPICTURE\s+"?\s*(\\{{2,4}}[\w.]|file:)|'
                      rf'\bINCLUDEPICTURE{_AWAY}[^"]*"?[^"]*\\d\b', re.I)
_PACKAGES = (".docx", ".xlsx")
_PICTURES = (".png", ".jpg", ".jpeg")
_FORBIDDEN = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".hta", ".scr", ".jar", ".html", ".htm", ".mht",
              ".swf", ".lnk", ".rtf", ".svg")


def judge(content: bytes, inner: Inner) -> Good:
    """Which of the kinds that are taken it is. Raises Bad."""
    if content.startswith(OLE):
        raise Bad("locked" if "EncryptedPackage".encode("utf-16-le") in content else "old")
    parts = dict(archives.members(content))
    if _TYPES not in parts:
        raise Bad("mismatch")
    kind = _kind(Markup(parts[_TYPES]))
    for name, part in parts.items():
        _judge_part(name, part, inner)
    return kind


def _kind(types: Markup) -> Good:
    found = None
    for element, attributes in types.elements:
        said = attributes.get("ContentType", "").lower()
        if any(word in said for word in _MACROS):
            raise Bad("macro")
        if element == "Override" and any(word in said for word in _OBJECTS):
            raise Bad("active")
        for ending, kind in _MAIN.items():
            if said.endswith(ending):
                found = kind
    if found is None:
        raise Bad("mismatch")
    return found


def _judge_part(name: str, part: bytes, inner: Inner) -> None:
    small = name.lower()
    if part.startswith(OLE):
        raise Bad("macro" if "vba" in small or b"V\0B\0A\0" in part else "active")
    if is_program(part) or small.endswith(_FORBIDDEN):
        raise Bad("program")
    if small.endswith(_PICTURES):
        pictures.prove_size(part)
    elif small.endswith(_PACKAGES) or part.startswith(b"PK\x03\x04"):
        inner(name, part)
    elif small.endswith(".rels"):
        _judge_relations(Markup(part))
    elif small.endswith((".xml", ".vml")) or _is_markup(part):
        _judge_words(Markup(part))


def _is_markup(part: bytes) -> bool:
    """Whether it begins as XML: the content types give any part any name, and readers go by those."""
    return part[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<")


def _judge_relations(relations: Markup) -> None:
    for _element, said in relations.elements:
        kind = said.get("Type", "").rpartition("/")[2].lower()
        if any(word in kind for word in _MACROS):
            raise Bad("macro")
        if kind in _OBJECTS or "activex" in kind or kind == "afchunk":
            raise Bad("active")
        away = kind in _OUTSIDE and _leads_away(said.get("Target", ""))
        if kind not in _PRESSED and (away or said.get("TargetMode", "").lower() == "external"):
            raise Bad("outside")


def _leads_away(target: str) -> bool:
    return "://" in target or target.startswith(("\\\\", "//", "file:"))


def _judge_words(part: Markup) -> None:
    instructions = "".join(words for element, words in part.text if element == "instrText")
    instructions += " ".join(said.get("instr", "") for element, said in part.elements if element == "fldSimple")
    if _FETCHED.search(instructions):
        raise Bad("outside")
    if _DDE.search(instructions) or any(element == "ddeLink" for element, _said in part.elements):
        raise Bad("active")
    if any(element in ("OLEObject", "altChunk", "oleObject") for element, _said in part.elements):
        raise Bad("active")
