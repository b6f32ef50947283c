"""The receipt from its HTML, against WeasyPrint as its manual shows it, with the same page, sheet and font."""
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib import resources
from itertools import count
from statistics import median

from flask import Flask, render_template
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from portal.kit import pdf
from portal.papers import drawing
from portal.papers.kinds.receipt import HandedIn, ReceiptFacts
from tests.bench.measuring import Row, Size, cpu_ms, in_turn, ratio

LABELS = ("Tờ khai đăng ký khai sinh theo mẫu", "Giấy chứng sinh do cơ sở y tế cấp",
          "Giấy tờ tùy thân của người đi đăng ký",
          "Văn bản thỏa thuận của cha mẹ về việc chọn quốc tịch cho con", "Giấy chứng nhận kết hôn của cha, mẹ trẻ em")


def facts(n: int) -> ReceiptFacts:
    """The receipt of dossier n: no two alike."""
    dice, code = random.Random(n), f"H17-261122-{n:04}"
    return ReceiptFacts(
        parent_body="Ủy ban nhân dân thành phố Đà Nẵng", unit_name="Trung tâm Phục vụ hành chính công",
        number=f"{n:04}/TTPVHCC", place="Đà Nẵng", issued_on=date(2026, 11, 22), dossier_code=code,
        applicant_name="Nguyễn Thị Ánh Nguyệt", holder_name="Trần Đức Ẩn",
        address=f"Số {n} đường Lê Duẩn, phường Hải Châu",
        phone="0905 123 456", email="anh.nguyet@example.vn", identity_number=f"{dice.randrange(10**12):012}",
        content="Đăng ký khai sinh có yếu tố nước ngoài", officer_name="Lê Văn Bình",
        verification_code="7Q4M-2ZD9-KX0T-HV5R", verify_url="https://dichvucong.example.vn/verify",
        progress_url=f"https://dichvucong.example.vn/progress/{code}",
        papers=tuple(HandedIn(label, copies=dice.randint(1, 3)) for label in LABELS), limit_text="05 ngày làm việc",
        received_at=datetime(2026, 11, 22, 2, 30, tzinfo=UTC), due_at=datetime(2026, 11, 27, 9, tzinfo=UTC),
        return_place="Trung tâm Phục vụ hành chính công", book_number="01/2026", order_number=str(n))


def _faces() -> str:
    folder = resources.files("fontpkg_be_vietnam_pro").joinpath("files")
    return "".join(f"@font-face {{ font-family: '{pdf.FAMILY}'; src: url(file://{folder / face}.ttf); "
                   f"font-weight: {weight}; font-style: {style} }}\n" for face, (weight, style) in pdf.FONTS.items())


def plain(html: str, *, archival: bool) -> bytes:
    """WeasyPrint by its manual; `archival` for the same kind of file as the portal's: tagged PDF/A-3a."""
    fonts = FontConfiguration()
    sheets = [CSS(string=_faces(), font_config=fonts),
              CSS(filename=str(pdf.STYLESHEETS / drawing.STYLESHEET), font_config=fonts)]
    more = {"pdf_variant": "pdf/a-3a", "pdf_tags": True} if archival else {}
    made: bytes = HTML(string=html).write_pdf(stylesheets=sheets, font_config=fonts, **more)
    return made


def receipts(app: Flask, size: Size) -> list[Row]:
    """CPU for each document; every document differs from the one before."""
    numbers: Iterator[int] = count(1)

    def page(given: ReceiptFacts) -> str:
        with app.app_context():
            return render_template(given.template, **drawing.context(given, "A4"))

    def from_html(render: Callable[[ReceiptFacts, str], object]) -> Callable[[], float]:
        def go() -> float:
            made = [facts(next(numbers)) for _ in range(3)]
            pages = [page(one) for one in made]
            return cpu_ms(lambda: [render(one, html) for one, html in zip(made, pages, strict=True)]) / len(made)
        return go

    def whole() -> float:
        made = [facts(next(numbers)) for _ in range(3)]
        return cpu_ms(lambda: [drawing.to_pdf(one, page(one)) for one in made]) / len(made)

    variants: dict[str, Callable[[], float]] = {
        "portal": from_html(drawing.to_pdf), "plain": from_html(lambda _f, html: plain(html, archival=False)),
        "archival": from_html(lambda _f, html: plain(html, archival=True)), "whole": whole}
    for variant in variants.values():
        variant()
    series = in_turn(variants, max(size.rounds, 7))
    ms = {name: median(values) for name, values in series.items()}
    times, alike, each = ratio(series, "plain", "portal"), ratio(series, "archival", "portal"), 1000 / ms["whole"]
    return [Row("receipt PDF from its HTML", f"{ms['portal']:.0f} ms CPU",
                f"{ms['plain']:.0f} ms CPU (plain WeasyPrint)", f"{times:.2f} x", ">= 1.7 x", times >= 1.7),
            Row("the same, plain WeasyPrint also tagged PDF/A-3a", f"{ms['portal']:.0f} ms CPU",
                f"{ms['archival']:.0f} ms CPU", f"{alike:.2f} x"),
            Row("receipts a second and core, from the facts on", f"{each:.1f}/s", "", "", ">= 12/s", each >= 12)]
