"""HTML to archival PDF: PDF/A-3a and PDF/UA-1, the same bytes for the same input, nothing fetched from anywhere.

The renderer is the one part of the portal that follows addresses found inside a page, so its fetcher knows
two things only: `data:` and the fonts by name. There is no file and no network to reach.
WeasyPrint costs more than a second to import, hence the imports inside functions.
"""

import atexit
import gc
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup, escape

from portal.kit import letters, pdf_structure

if TYPE_CHECKING:
    from weasyprint import CSS, HTML
    from weasyprint.css import ColorProfile
    from weasyprint.urls import URLFetcher

logging.getLogger("fontTools").setLevel(logging.WARNING)

FAMILY = "Be Vietnam Pro"
FONTS = {  # face → (weight, style)
    "BeVietnamPro-Regular": (400, "normal"),
    "BeVietnamPro-Italic": (400, "italic"),
    "BeVietnamPro-Bold": (700, "normal"),
    "BeVietnamPro-BoldItalic": (700, "italic"),
}
INTENT = "paper-srgb"
STYLESHEETS = Path(__file__).resolve().parents[2] / "static" / "css"
XMP_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")

# What the HTML specification asks of the elements that papers use, and no more: matching WeasyPrint's own
# sheet of two hundred rules against every element costs a third of a short document.
PLAIN_ELEMENTS = """
head, link, meta, script, style, template, title, [hidden] { display: none }
html, body, address, article, aside, blockquote, div, dd, dl, dt, figure, figcaption, footer, form, h1, h2,
h3, h4, h5, h6, header, hr, main, nav, ol, p, pre, section, ul { display: block }
li { display: list-item } ol { list-style-type: decimal } ul { list-style-type: disc }
ol, ul { counter-reset: list-item; padding-left: 2em }
table { display: table; border-spacing: 0; box-sizing: border-box } caption { display: table-caption }
thead { display: table-header-group } tbody { display: table-row-group } tfoot { display: table-footer-group }
tr { display: table-row } td, th { display: table-cell } thead, tbody { vertical-align: middle }
tr, td, th { vertical-align: inherit }
b, strong, th, h1, h2, h3, h4, h5, h6 { font-weight: bold } em, i { font-style: italic }
a:link { color: inherit } pre { white-space: pre } br::before { content: "\\A"; white-space: pre-line }
"""

Attached = tuple[str, bytes, str]
_press_lock = Lock()


class Refused(ValueError):
    """The page asks for an address that a paper has no business with."""


@lru_cache(maxsize=len(FONTS))
def _font(name: str) -> bytes:
    """One face with every letter kept and no hinting or kerning: print needs none, shaping is faster."""
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    whole = resources.files("fontpkg_be_vietnam_pro").joinpath("files", f"{name}.ttf").read_bytes()
    font = TTFont(BytesIO(whole), recalcTimestamp=False)  # the clock would change every document
    letters.complete(font)
    options = subset.Options(hinting=False, layout_features=["ccmp", "mark", "mkmk"], notdef_outline=True)
    options.drop_tables += ["DSIG", "gasp", "STAT", "meta"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=list(font.getBestCmap()))
    subsetter.subset(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _faces() -> str:
    return "".join(
        f"@font-face {{ font-family: '{FAMILY}'; src: url(font:{name}); font-weight: {weight}; "
        f"font-style: {style} }}\n"
        for name, (weight, style) in FONTS.items()
    )


def fetcher() -> "URLFetcher":
    """The only way to the outside that a page has: `data:` addresses and `font:<face>`; else `Refused`."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Sealed(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            scheme, _, name = url.partition(":")
            if scheme.lower() == "font" and name in FONTS:
                return URLFetcherResponse(url, _font(name), {"Content-Type": "font/ttf"})
            if scheme.lower() != "data":
                raise Refused(f"a paper may not fetch {scheme[:12]!r} addresses")
            return super().fetch(url, headers)

    return Sealed(allowed_protocols=("data",), allow_redirects=False)


class _Press:
    """What is costly and the same for every document of this process: fonts and parsed stylesheets."""

    def __init__(self) -> None:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self.fetcher = fetcher()
        self.fonts: FontConfiguration = FontConfiguration()
        self.sheets: dict[str, CSS] = {}
        self.faces: CSS = self._parse(_faces())
        self.plain: CSS = self._parse(PLAIN_ELEMENTS)
        self.colours = self._colours()

    @staticmethod
    def _colours() -> "dict[str, ColorProfile]":
        # WeasyPrint opens its profile anew for each document and never closes it, and LittleCMS writes
        # the same profile in two ways; so the file's own bytes are handed in.
        from weasyprint.css import ColorProfile

        raw = resources.files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()

        class Kept(ColorProfile):
            content = raw

        return {INTENT: Kept(BytesIO(raw), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))}

    def _parse(self, text: str) -> "CSS":
        from weasyprint import CSS

        return CSS(string=text, font_config=self.fonts, url_fetcher=self.fetcher)

    def sheet(self, css: str) -> "CSS":
        """The parsed stylesheet: `css` is a file name under static/css, or the text itself."""
        if css not in self.sheets:
            named = css.endswith(".css") and "{" not in css
            text = (STYLESHEETS / Path(css).name).read_text("utf-8") if named else css
            if len(self.sheets) >= 16:
                self.sheets.clear()
            self.sheets[css] = self._parse(text)
        return self.sheets[css]

    def page(self, html: str) -> "HTML":
        from weasyprint import HTML

        plain = self.plain

        class Page(HTML):
            def _ua_stylesheets(self, forms: bool = False) -> "list[CSS]":
                return [plain]

        # Relative addresses need something to be relative to, that the fetcher refuses like any other.
        return Page(string=html, url_fetcher=self.fetcher, base_url="https://paper.invalid/")


@lru_cache(maxsize=1)
def _press() -> _Press:
    # Let go of Pango's objects while its libraries are still loaded, else the process dies with a segfault.
    atexit.register(_press.cache_clear)
    return _Press()


def _after_fork() -> None:
    # The parent's fonts lie in a temporary folder that the object sweeps away when it dies: a child must
    # neither use it nor sweep it.
    if _press.cache_info().currsize:
        _press().fonts._folder = None
        _press.cache_clear()


os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Python's search for dead cycles finds nothing while a document is being built, and costs a twelfth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _made_at(written: str | None) -> datetime:
    if not written or not XMP_DATE.fullmatch(written):
        raise ValueError(
            "the page must say when it was made: <meta name=dcterms.created content=2026-11-22T…Z>"
        )
    return datetime.fromisoformat(written).astimezone(UTC)


def _tidy(document: Any, pdf: Any) -> None:
    """WeasyPrint lists each attachment twice under /AF; once is what the standard means. Its structure is mended."""
    if "AF" in pdf.catalog:
        once = list(dict.fromkeys(pdf.catalog["AF"]))
        pdf.catalog["AF"].clear()
        pdf.catalog["AF"].extend(once)
    pdf_structure.mend(pdf, [page.height for page in document.pages])


def render(
    html: str, *, css: str, title: str, lang: str = "vi", attachments: Iterable[Attached] = ()
) -> bytes:
    """A PDF/A-3a of `html` that is tagged as PDF/UA-1 asks, always the same bytes for the same arguments.

    `html` carries its own date in `<meta name="dcterms.created">` (ISO 8601 with seconds and zone), because
    a clock would make two prints of one paper differ; without it, ValueError. `css` is the name of a file
    under static/css or the text of a stylesheet. `attachments` are (name, bytes, description), embedded as
    /Data beside the page. What the page asks from outside is refused and leaves a blank.
    """
    from weasyprint import Attachment

    with _press_lock, _no_garbage_collection():  # what the press holds is shared; threads gain nothing under the GIL
        press = _press()
        document = press.page(html).render(
            font_config=press.fonts,
            stylesheets=[press.faces, press.sheet(css)],
            pdf_variant="pdf/a-3a",
            output_intent=INTENT,
            color_profiles=dict(press.colours),
        )
        about = document.metadata
        made_at = _made_at(about.created)
        about.modified = about.created
        about.title, about.lang, about.attachments = title, lang, []
        kept = [
            Attachment(
                file_obj=BytesIO(data),
                name=name,
                description=description,
                created=made_at,
                modified=made_at,
                relationship="Data",
                url_fetcher=press.fetcher,
            )
            for name, data, description in attachments
        ]
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            pdf_identifier=True,
            pdf_version="1.7",
            output_intent=INTENT,
            attachments=kept,
            finisher=_tidy,
        )
    return pdf


def qr_svg(text: str, title: str) -> Markup:
    """`<img class="qr">` with the QR code of `text` drawn as SVG in a data: address; `title` tells what.

    An image element, because an inline SVG becomes a figure without a text alternative in the tagged PDF.
    """
    import segno

    qr = segno.make_qr(text, error="m")
    path, width = _runs(qr.matrix), len(qr.matrix) + 8  # the standard's quiet zone of four modules
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {width} {width}">'
        f'<path stroke="#000" d="{path}"/></svg>'
    )
    return Markup('<img class="qr" alt="{}" src="data:image/svg+xml,{}">').format(
        escape(title), Markup(quote(svg, safe=" =:/-"))
    )


def _runs(matrix: Iterable[bytearray]) -> str:
    """Each run of dark modules in a row as one stroke of an SVG path, one unit thick."""
    return "".join(
        f"M{run.start()} {y}.5h{run.end() - run.start()}"
        for y, row in enumerate(matrix)
        for run in re.finditer(b"\x01+", bytes(row))
    )
