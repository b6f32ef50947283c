"""PDF: read as its readers read it, object by object, so that no way of writing a name hides what it does.

Harmless: links, places to go to, form fields, signatures, layers, files that are harmless themselves. Refused: scripts,
programs that are started, forms that send or fetch, films with scripts, references to files elsewhere.
"""
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from portal.kit.proving import archives
from portal.kit.proving.archives import Markup
from portal.kit.proving.verdict import MIB, MOST_UNPACKED, PDF, Bad, Good, Inner, begins_as_another

MOST_PAGES = 1_000
MOST_STREAM = 64 * MIB  # of one stream that is no picture, unpacked
MOST_PICTURE = 512 * MIB  # of one picture, drawn
HEADER_WITHIN = END_WITHIN = 1024  # bytes, as readers allow
_HEADER = re.compile(rb"%PDF-\d\.\d")
# where the library sees no object begin, and readers do
_SAME_LINE = re.compile(rb"endobj[ \t\r](?=\d{1,10} \d{1,5} obj)")
# names that a harmless PDF need not have; an object without any of them is not walked through
_SIGNS = (b"/JavaScript", b"/JS", b"/Launch", b"/EF", b"/EmbeddedFile", b"/XFA", b"/RichMedia", b"/ImportData",
          b"/SubmitForm", b"/GoToR", b"/GoToE", b"/Rendition", b"/OnInstantiate", b"/Movie", b"/Sound", b"/FFilter",
          b"/Thread", b"/Flash", b"/3D")
_UNPACKED = {"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode"}  # by the library
_SCRIPTS = {"/JavaScript", "/Rendition"}
_STARTS = {"/Launch"}
_SENDS = {"/SubmitForm", "/ImportData"}
_PLACES = ("/UF", "/F", "/DOS", "/Mac", "/Unix")  # of another file; the last three of old readers
_ELSEWHERE = {"/GoToR", "/GoToE", "/Thread"}
_ACTIONS = _SCRIPTS | _STARTS | _SENDS | {"/RichMediaExecute"}
_XFA_ACTS = {"script", "submit", "execute", "connectionSet", "sourceSet"}
_FROM_ELSEWHERE = re.compile(r"^\s*(\\\\|//|[a-z][a-z0-9+.-]{1,}:)", re.I)


def judge(content: bytes, inner: Inner) -> Good:
    """Raises Bad: damaged, locked, active, program, outside, archive, bomb, pages, mismatch."""
    _prove_edges(content)
    import pikepdf

    with _opened(content) as pdf:
        try:
            pages = len(pdf.pages)
        except Exception:  # whatever the damage made the reader stumble over
            raise Bad("damaged") from None
        if not pages:
            raise Bad("damaged")
        if pages > MOST_PAGES:
            raise Bad("pages")
        try:
            _Reading(pdf, inner, archives.hangs_in(content)).prove()
        except (pikepdf.PdfError, zlib.error, ValueError, TypeError):
            raise Bad("damaged") from None
    return Good(PDF, ".pdf")


def _prove_edges(content: bytes) -> None:
    header = _HEADER.search(content[:HEADER_WITHIN + 8])
    if header is None or header.start() > HEADER_WITHIN:
        raise Bad("mismatch")
    if begins_as_another(content[:header.start()].lstrip(b"\0 \r\n\t\xef\xbb\xbf")):
        raise Bad("archive")
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise Bad("damaged")
    tail = content[end + 5:].lstrip(b"\0 \r\n\t")
    if begins_as_another(tail):
        raise Bad("archive")
    if len(tail) > END_WITHIN:
        raise Bad("damaged")


def _opened(content: bytes) -> Any:
    import pikepdf

    try:
        try:
            return pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True)
        except pikepdf.PasswordError:
            raise
        except pikepdf.PdfError:  # its table is wrong, as mail and old scanners leave it: readers build it anew
            return pikepdf.open(BytesIO(_SAME_LINE.sub(b"endobj\n", content)), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Bad("locked") from None
    except MemoryError:
        raise
    except Exception:
        raise Bad("damaged") from None


class _Reading:
    """One file's objects, each looked at once; those of its object streams are among them."""

    def __init__(self, pdf: Any, inner: Inner, archives_ends: list[bytes]) -> None:
        self.pdf, self.inner, self.ends = pdf, inner, archives_ends
        self.unpacked = 0
        self.judged: set[tuple[int, int]] = set()  # streams that are files
        self.judged_raw: list[bytes] = []

    def prove(self) -> None:
        import pikepdf

        for thing in self.pdf.objects:
            is_stream = isinstance(thing, pikepdf.Stream)
            said = thing.stream_dict.unparse() if is_stream else thing.unparse(resolved=True)
            if any(sign in said for sign in _SIGNS):  # names are written plainly here, however they were in the file
                self._prove_tree(thing)
            if is_stream:
                self._prove_stream(thing)
        # an archive may lie here only as a file that was judged: an unpacker given the whole would find it
        for end in self.ends:
            if not any(end in raw for raw in self.judged_raw):
                raise Bad("archive")

    def _prove_tree(self, thing: Any) -> None:
        import pikepdf

        if isinstance(thing, pikepdf.Name) and str(thing) in _ACTIONS:
            raise Bad("active")  # a name by itself, for an action to refer to
        for one in _direct(thing):
            self._prove_action(one)
            self._prove_keys(one)

    def _prove_action(self, one: Any) -> None:
        kind = _name(one.get("/S"))
        if kind in _STARTS:
            raise Bad("program")
        if kind in _SENDS or kind == "/RichMediaExecute" or kind == "/JavaScript":
            raise Bad("active")
        if kind in _ELSEWHERE and _leads_away(one.get("/F")):
            raise Bad("outside")
        if _name(one.get("/Subtype")) in ("/RichMedia", "/Flash") or "/OnInstantiate" in one:
            raise Bad("active")

    def _prove_keys(self, one: Any) -> None:
        import pikepdf

        script = one.get("/JS")
        if isinstance(script, pikepdf.String) or (
                isinstance(script, pikepdf.Stream) and _name(script.get("/Subtype")) not in ("/Image", "/Form")):
            raise Bad("active")
        if "/JavaScript" in one and not _is_empty_tree(one["/JavaScript"]):
            raise Bad("active")
        if "/XFA" in one:
            self._prove_xfa(one["/XFA"])
        if isinstance(one.get("/EF"), pikepdf.Dictionary):
            name = str(one.get("/UF") or one.get("/F") or "")
            for content in one["/EF"].values():
                self._prove_file(name, content)
        if _name(one.get("/Type")) == "/EmbeddedFile" and isinstance(one, pikepdf.Stream):
            self._prove_file("", one)

    def _prove_file(self, name: str, stream: Any) -> None:
        """A file that lies in this one, under each name that it has here."""
        import pikepdf

        if not isinstance(stream, pikepdf.Stream):
            return
        if not name and stream.objgen in self.judged:
            return
        self.judged.add(stream.objgen)
        self.judged_raw.append(stream.read_raw_bytes())
        self.inner(name, self._unpack(stream, self.judged_raw[-1]))

    def _prove_xfa(self, form: Any) -> None:
        import pikepdf

        parts = [part for part in form if isinstance(part, pikepdf.Stream)] if isinstance(form, pikepdf.Array) \
            else [form]
        whole = b"".join(self._unpack(part, part.read_raw_bytes()) for part in parts
                         if isinstance(part, pikepdf.Stream))
        if not whole.strip():
            return
        try:
            elements = Markup(whole).elements
        except Bad:
            raise Bad("active") from None  # what cannot be read here a reader might
        if any(element in _XFA_ACTS for element, _said in elements):
            raise Bad("active")

    def _prove_stream(self, stream: Any) -> None:
        import pikepdf

        if isinstance(stream.get("/F"), pikepdf.String | pikepdf.Dictionary):
            raise Bad("outside")  # its bytes would be fetched from a file elsewhere
        if _name(stream.get("/Subtype")) == "/Image":
            bits = _whole(stream.get("/BitsPerComponent"), 8) * 4
            if _whole(stream.get("/Width"), 0) * _whole(stream.get("/Height"), 0) * bits > MOST_PICTURE * 8:
                raise Bad("picture")
            return
        if stream.objgen not in self.judged:
            self._unpack(stream, stream.read_raw_bytes())

    def _unpack(self, stream: Any, raw: bytes) -> bytes:
        """Its bytes, never more than MOST_STREAM of them. Raises Bad: bomb, damaged."""
        filters, found = _filters(stream), raw
        if "/DecodeParms" not in stream:
            while filters[:1] == ["/FlateDecode"]:  # by ourselves, for as much as may come
                found, filters = _inflated(found), filters[1:]
        if filters and set(filters) <= _UNPACKED:
            found = stream.read_bytes()
        self.unpacked += len(found)
        if len(found) > MOST_STREAM or self.unpacked > MOST_UNPACKED:
            raise Bad("bomb")
        return found


def _direct(thing: Any) -> Iterator[Any]:
    """The dictionaries of one object: itself and those written inside it; what it refers to is looked at by itself."""
    import pikepdf

    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            inside = [value for _key, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            inside = list(one)
        else:
            continue
        waiting += [value for value in inside
                    if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect]


def _is_empty_tree(tree: Any) -> bool:
    """What an editor leaves of the scripts of a document when they are taken out."""
    import pikepdf

    return isinstance(tree, pikepdf.Dictionary) and "/Kids" not in tree and not len(tree.get("/Names", ()))


def _name(value: Any) -> str:
    import pikepdf

    return str(value) if isinstance(value, pikepdf.Name) else ""


def _whole(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return otherwise


def _filters(stream: Any) -> list[str]:
    import pikepdf

    said = stream.get("/Filter")
    return [_name(one) for one in said] if isinstance(said, pikepdf.Array) else [_name(said)] if said else []


def _leads_away(target: Any) -> bool:
    """Whether a place in another file lies on another machine: to go there tells it who goes."""
    import pikepdf

    if isinstance(target, pikepdf.Dictionary):
        return _name(target.get("/FS")) == "/URL" or any(_leads_away(target.get(key)) for key in _PLACES)
    return isinstance(target, pikepdf.String) and _FROM_ELSEWHERE.match(str(target)) is not None


def _inflated(raw: bytes) -> bytes:
    engine = zlib.decompressobj()
    try:
        found = engine.decompress(raw, MOST_STREAM + 1)
    except zlib.error:
        raise Bad("damaged") from None
    if len(found) > MOST_STREAM:
        raise Bad("bomb")
    return found
