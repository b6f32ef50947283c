"""The structure of each paper read back, held against what PDF/UA-1 (ISO 14289-1, Matterhorn Protocol) asks for."""
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

from portal.papers import drawing
from portal.papers.facts import PaperFacts
from portal.papers.kinds.extension import ExtensionFacts
from portal.papers.kinds.refusal import RefusalFacts
from portal.papers.kinds.supplement import SupplementFacts
from tests.papers.test_papers import COMMON, JINJA, receipt

pytestmark = pytest.mark.once
AT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
MANY = tuple(f"Giấy thứ {n}:\n- mờ, không đọc được\n- thiếu trang" for n in range(40))
PAPERS: dict[str, PaperFacts] = {
    "receipt": receipt(3, holder_number="048190001777", representative_name="Y Ƀlŏ Kpă"),
    "receipt of three pages": receipt(60),
    "supplement of pages": SupplementFacts(**COMMON, items=MANY, reason="Chưa đủ", contact_name="Lê", contact_phone=""),
    "refusal": RefusalFacts(**COMMON, reasons=("Thiếu:", "- giấy chứng sinh")),
    "extension": ExtensionFacts(**COMMON, received_at=AT, old_due_at=AT, new_due_at=AT, reason="Chờ\nhỏi")}
PAINTING = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh"}


@pytest.fixture(scope="module", params=[(name, size) for name in PAPERS for size in ("A5", "A4")],
                ids=lambda param: " ".join(param))
def book(request: pytest.FixtureRequest) -> Iterator[pikepdf.Pdf]:
    name, size = request.param
    facts = PAPERS[name]
    html = JINJA.get_template(facts.template).render(**drawing.context(facts, size))
    with pikepdf.open(io.BytesIO(drawing.to_pdf(facts, html))) as opened:
        yield opened


def kids(element: Any) -> list[Any]:
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def elements(book: pikepdf.Pdf) -> Iterator[tuple[Any, Any]]:
    """Every element of the structure, with its parent."""
    waiting = [(kid, book.Root.StructTreeRoot) for kid in kids(book.Root.StructTreeRoot)]
    while waiting:
        element, parent = waiting.pop(0)
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            yield element, parent
            waiting += [(kid, element) for kid in kids(element)]


def of(book: pikepdf.Pdf, kind: str) -> list[tuple[Any, Any]]:
    return [(element, parent) for element, parent in elements(book) if kind == element.S]


def test_the_file_says_that_it_is_pdf_a_and_pdf_ua(book: pikepdf.Pdf) -> None:
    with book.open_metadata() as about:
        assert (about["pdfuaid:part"], about["pdfaid:part"], about["pdfaid:conformance"]) == ("1", "3", "A")
        assert about["dc:title"]
        assert "PDF/UA identification schema" in str(about), "PDF/A-3 wants a foreign schema described"
    assert book.Root.ViewerPreferences.DisplayDocTitle and str(book.Root.Lang) == "vi" and book.Root.MarkInfo.Marked


def test_a_figure_lies_where_its_box_says_in_the_units_of_the_page(book: pikepdf.Pdf) -> None:
    [(figure, _parent)] = of(book, "/Figure")
    left, low, right, high = (float(each) for each in figure.A.BBox)
    _x, _y, width, height = (float(each) for each in figure.Pg.MediaBox)
    assert 0 < left < right < width / 3 and 0 < low < high < height and str(figure.Alt)
    assert right - left == pytest.approx(high - low, abs=1), "a QR code is a square"


def test_headers_of_a_table_say_what_they_head_and_are_found_by_their_names(book: pikepdf.Pdf) -> None:
    headers = of(book, "/TH")
    assert all(header.A.Scope == "/Column" for header, _parent in headers)
    cells = of(book, "/TD")
    if headers:
        names = [bytes(each) for each in list(book.Root.StructTreeRoot.IDTree.Names)[0::2]]
        assert names == sorted(bytes(header.ID) for header, _parent in headers)
        assert {bytes(name) for cell, _parent in cells for name in cell.A.Headers} <= set(names) and cells
    rows = {len(kids(row)) for row, _parent in of(book, "/TR")}
    assert len(rows) <= 1, "every row has as many cells"


def test_no_paragraph_lies_within_a_paragraph_and_nothing_is_empty(book: pikepdf.Pdf) -> None:
    for element, parent in elements(book):
        assert element.S != "/P" or parent.S in ("/Document", "/Div", "/TD", "/TH", "/LBody")
        assert kids(element) or element.S in ("/TD", "/TH"), f"an empty {element.S}"
        assert element.P.objgen == parent.objgen


def test_the_title_is_the_first_and_only_heading(book: pikepdf.Pdf) -> None:
    assert len(of(book, "/H1")) == 1
    assert not [element for element, _parent in elements(book) if str(element.S) in ("/H2", "/H3", "/H4", "/H")]


def test_addresses_are_links_that_say_where_they_lead(book: pikepdf.Pdf) -> None:
    notes = [note for page in book.pages for note in page.get("/Annots", [])]
    addresses = [str(note.A.URI) for note in notes]
    assert {COMMON["progress_url"], COMMON["verify_url"], f"mailto:{COMMON['email']}"} == set(addresses)
    assert all(str(note.Contents) and int(note.F) & 4 for note in notes)
    assert all(note.Rect[0] < note.Rect[2] and note.Rect[1] < note.Rect[3] for note in notes)
    assert all(page.Tabs == "/S" for page in book.pages if "/Annots" in page)
    tagged = [kid for link, _parent in of(book, "/Link") for kid in kids(link) if isinstance(kid, pikepdf.Dictionary)]
    assert len(tagged) == len(notes)


def test_whatever_is_printed_is_either_of_the_structure_or_an_artifact(book: pikepdf.Pdf) -> None:
    held = {(element.Pg.objgen, int(kid)) for element, _parent in elements(book) for kid in kids(element)
            if isinstance(kid, int)}
    seen = set()
    for page in book.pages:
        marks: list[Any] = []
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                mcid = operands[1].MCID if len(operands) > 1 else None
                assert (operands[0] == "/Artifact") == (mcid is None)
                marks.append(mcid)
                seen |= {(page.objgen, int(mcid))} if mcid is not None else set()
            elif str(operator) == "EMC":
                marks.pop()
            elif str(operator) in PAINTING:
                assert marks, f"{operator} is neither content nor artifact"
    assert seen == held


def test_the_attached_facts_have_a_name_in_both_spellings(book: pikepdf.Pdf) -> None:
    [spec] = list(book.Root.AF)
    assert str(spec.F) == str(spec.UF) == "facts.json" and str(spec.Desc)
