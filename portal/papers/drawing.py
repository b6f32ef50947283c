"""From the facts of a paper to its files. Slow: no transaction may be open."""
import json
from typing import Any

from flask import render_template

from portal.kit import db, files, pdf
from portal.papers.actions import Drawn
from portal.papers.facts import PaperFacts, to_plain

SIZES = ("A5", "A4")  # the circular's size, and the size that provinces in fact print on
STYLESHEET = "papers.css"


def draw(facts: PaperFacts) -> list[Drawn]:
    """The paper in A5 and in A4, as stored files that no row names yet."""
    db.slow("drawing a paper")
    drawn = []
    for size in SIZES:
        html = render_template(facts.template, **context(facts, size))
        drawn.append(Drawn(size, files.keep_bytes(to_pdf(facts, html), "application/pdf")))
    return drawn


def facts_json(facts: PaperFacts) -> bytes:
    """The facts.json that travels inside the PDF: UTF-8, sorted, the same bytes for the same facts."""
    return json.dumps(to_plain(facts), ensure_ascii=False, indent=1, sort_keys=True).encode()


def context(facts: PaperFacts, size: str = "A5") -> dict[str, Any]:
    """What the template of these facts needs: the facts, the page size and the QR code of the public page."""
    if size not in SIZES:
        raise ValueError(f"papers are printed on {' or '.join(SIZES)}, not on {size!r}")
    alt = f"Mã QR mở trang theo dõi công khai của hồ sơ {facts.dossier_code}"
    return {"facts": facts, "size": size, "qr": pdf.qr_svg(facts.progress_url, alt)}


def to_pdf(facts: PaperFacts, html: str) -> bytes:
    """The paper as a PDF/A-3a file from its rendered template, with facts.json inside."""
    return pdf.render(
        html,
        css=STYLESHEET,
        title=facts.title,
        attachments=[("facts.json", facts_json(facts), "Dữ liệu in trên giấy này, cho máy đọc")],
    )
