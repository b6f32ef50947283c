"""A published report as paper: PDF/A with its open data inside. Slow: no transaction may be open."""
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import render_template
from markupsafe import Markup, escape

from portal.kit import pdf
from portal.kit.i18n import speaking
from portal.oversight.national.reading import Bar, Reading, day

STYLESHEET = "national_report.css"
WIDE, HIGH = 200, 8  # of a bar, in units of its own


def paper(file: Mapping[str, Any], attached: bytes, language: str) -> bytes:
    """`file`: the open data of an edition; `attached`: its bytes, that travel inside."""
    report = Reading(file["content"], language)
    with speaking(language):
        html = render_template("oversight/national_report.html", report=report, file=file, bar=bar,
                               language=language, published_on=day(file["published_at"][:10]))
    name = f"national-report-{file['on']}-{file['edition']}.json"
    return pdf.render(html, css=STYLESHEET, title=report.title, lang=language,
                      attachments=[(name, attached, report.title)])


def bar(one: Bar) -> Markup:
    """A bar as long as its value, of a hundred, as an image that says so."""
    long = max(Decimal(0), min(Decimal(100), Decimal(one.value))) * WIDE / 100
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}">'
           f'<rect width="{WIDE}" height="{HIGH}" fill="#e3e8e8"/>'
           f'<rect width="{long:.2f}" height="{HIGH}" fill="#0b5f5f"/></svg>')
    return Markup('<img class="bar" alt="{}" src="data:image/svg+xml,{}">').format(
        escape(f"{one.label}: {one.text}"), Markup(quote(svg, safe=" =:/-")))
