"""The structure of a printed page as PDF/UA-1 (ISO 14289-1) asks for it, mended where the renderer falls short.

The renderer tags what it prints; what it leaves undone is done here, on its objects, before they are written: boxes in
the page's own units, headers of tables that say what they head and can be looked up, no paragraph within a paragraph,
no empty element, running headers as artifacts, links that say where they lead. The file then declares PDF/UA; the tests
read it back and hold it against these rules.
"""
from collections.abc import Iterator, Sequence
from typing import Any

#: What may not hold a paragraph: its own lines are spans.
_INLINE_WITHIN = ("/P", "/Span", "/Link", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6")
_POINTS = 0.75  # of a CSS pixel
_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


def mend(pdf: Any, heights: Sequence[float]) -> None:
    """Mend the structure of a pydyf document whose pages are so high (CSS pixels), and declare PDF/UA-1."""
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    document = _object(pdf, root["K"][0])
    pages = dict(zip(pdf.page_references, heights, strict=True))
    named: dict[Any, Any] = {}
    for element, parent in list(_elements(pdf, document, root)):
        if element["S"] == "/P" and parent["S"] in _INLINE_WITHIN:
            element["S"] = "/Span"
        elif element["S"] == "/Figure":
            element["A"]["BBox"] = _box(element["A"]["BBox"], pages[element["Pg"]])
        elif element["S"] == "/TH":
            element["A"]["Scope"] = "/Row" if parent["S"] == "/TR" and _object(pdf, parent["P"])["S"] == "/TBody" \
                else "/Column"
        if "ID" in element:
            named[element["ID"]] = element
    _prune(pdf, document)
    _index(pdf, root, named)
    _make_artifacts(pdf, root, document)
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Subtype") == "/Link" and "Rect" in each:
            x1, y1, x2, y2 = each["Rect"]
            each["Rect"][:] = [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]
    about = _object(pdf, pdf.catalog["Metadata"])
    about.stream[0] = about.stream[0].replace(b"</rdf:RDF>", _UA)


def _object(pdf: Any, reference: Any) -> Any:
    """What a reference such as b"12 0 R" names."""
    return pdf.objects[int(reference.split()[0])]


def _elements(pdf: Any, element: Any, parent: Any) -> Iterator[tuple[Any, Any]]:
    """Every structure element below, with its parent."""
    for kid in element["K"]:
        if isinstance(kid, int):
            continue
        found = _object(pdf, kid)
        if found.get("Type") == "/StructElem":
            yield found, element
            yield from _elements(pdf, found, element)


def _box(box: Sequence[float], height: float) -> Any:
    """From CSS pixels below the upper edge to points above the lower."""
    import pydyf  # noqa: PLC0415

    x1, y1, x2, y2 = box
    return pydyf.Array([x1 * _POINTS, (height - y2) * _POINTS, x2 * _POINTS, (height - y1) * _POINTS])


def _prune(pdf: Any, element: Any) -> None:
    """Leave out elements that hold nothing; a cell that holds nothing is still a cell."""
    kept = []
    for kid in element["K"]:
        found = None if isinstance(kid, int) else _object(pdf, kid)
        if found is not None and found.get("Type") == "/StructElem":
            _prune(pdf, found)
            if not found["K"] and found["S"] not in ("/TD", "/TH"):
                continue
        kept.append(kid)
    element["K"][:] = kept


def _index(pdf: Any, root: Any, named: dict[Any, Any]) -> None:
    """By their names the cells of tables find their headers."""
    import pydyf  # noqa: PLC0415

    if not named:
        return
    keys = sorted(named, key=lambda key: key.data)
    pairs = [part for key in keys for part in (key, named[key].reference)]
    tree = pydyf.Dictionary({"Names": pydyf.Array(pairs)})
    pdf.add_object(tree)
    root["IDTree"] = tree.reference


def _make_artifacts(pdf: Any, root: Any, document: Any) -> None:
    """What is printed on each page and belongs to none of its content (the running header) is no content at all."""
    reached = {element.number for element, _parent in _elements(pdf, document, root)}
    numbers = _object(pdf, root["ParentTree"])["Nums"]
    for page, held in zip(pdf.page_references, numbers[1::2], strict=False):
        lost = {mcid for mcid, reference in enumerate(held) if int(reference.split()[0]) not in reached}
        for mcid in lost:
            held[mcid] = "null"
        if lost:
            content = _object(pdf, _object(pdf, page)["Contents"])
            content.stream[:] = _artifacts(content.stream, lost)


def _artifacts(stream: Sequence[Any], lost: set[int]) -> list[Any]:
    """The content with its lost marks (three items: tag, properties, operator) as those of artifacts."""
    found: list[Any] = []
    for item in stream:
        if item == b"BDC" and found[-1].get("MCID") in lost:
            found[-2:] = ["/Artifact", b"BMC"]
        else:
            found.append(item)
    return found
