"""The printing press: archival, tagged, the same bytes twice, deaf to every address in the page."""

import io
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from portal.kit import pdf
from portal.kit.letters import PRINTED

MADE = '<meta name="dcterms.created" content="2026-11-22T05:00:00+00:00">'
CSS = "@page { size: A5; margin: 10mm } body { font-family: 'Be Vietnam Pro' }"
VIETNAMESE = "ẮẰẲẴẶ ứừửữự Đđ 10.000 ₫ “Độc lập - Tự do - Hạnh phúc”"


def page(body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="vi"><head>{MADE}<title>t</title>{head}</head><body>{body}</body></html>'
    )


def printed(body: str, head: str = "", **options: object) -> bytes:
    return pdf.render(page(body, head), css=CSS, title="Giấy", **options)  # type: ignore[arg-type]


def text_of(data: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


def words_of(data: bytes) -> str:
    return " ".join(text_of(data).split())


def test_vietnamese_text_comes_back_letter_for_letter() -> None:
    assert VIETNAMESE in words_of(printed(f"<p>{VIETNAMESE}</p>"))


@pytest.mark.once
def test_every_face_has_the_letters_that_names_are_judged_by() -> None:
    for name in pdf.FONTS:
        assert {chr(code) for code in TTFont(io.BytesIO(pdf._font(name))).getBestCmap()} - {"\r"} == PRINTED


@pytest.mark.once
def test_letters_of_the_peoples_are_printed_by_our_own_font() -> None:
    data = printed("<p>Y Ƀlŏ ƀĕ Ĭĭ Ŭŭ Čč ê̆ ô̆ ơ̆ ư̆ H’Hen</p>")
    assert "Y Ƀlŏ ƀĕ Ĭĭ Ŭŭ Čč ê̆ ô̆ ơ̆ ư̆ H’Hen".replace(" ", "") in words_of(data).replace(" ", "")
    with pikepdf.open(io.BytesIO(data)) as book:
        fonts = [str(font.BaseFont).split("+")[-1] for font in book.pages[0].Resources.Font.values()]
    assert fonts == ["Be-Vietnam-Pro"]


def test_the_file_is_a_tagged_archival_pdf() -> None:
    data = printed("<h1>Giấy</h1><p>một</p>", attachments=[("facts.json", b'{"a":1}', "Dữ liệu")])
    with pikepdf.open(io.BytesIO(data)) as book:
        with book.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
            assert xmp["dc:title"] == "Giấy"
        root = book.Root
        assert root.OutputIntents[0].S == "/GTS_PDFA1" and "/DestOutputProfile" in root.OutputIntents[0]
        assert bool(root.MarkInfo.Marked) and root.StructTreeRoot.K[0].S == "/Document"
        assert str(root.Lang) == "vi"
        assert bytes(book.attachments["facts.json"].get_file().read_bytes()) == b'{"a":1}'
        assert len(root.AF) == 1 and root.AF[0].AFRelationship == "/Data"


def test_every_font_is_embedded_and_is_be_vietnam_pro() -> None:
    faces = {"Be-Vietnam-Pro", "Be-Vietnam-Pro-Bold", "Be-Vietnam-Pro-Italic", "Be-Vietnam-Pro-Bold-Italic"}
    data = printed("<p>Thường <b>đậm</b> <i>nghiêng</i> <b><i>cả hai</i></b></p>")
    with pikepdf.open(io.BytesIO(data)) as book:
        fonts = [font.DescendantFonts[0] for font in book.pages[0].Resources.Font.values()]
        names = {str(font.BaseFont).split("+")[-1] for font in fonts}
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
    assert names == faces


def test_the_same_input_gives_the_same_bytes_whatever_the_clock_says(time_machine: object) -> None:
    kept = [("facts.json", b"{}", "Dữ liệu")]
    first = printed("<p>một</p>", attachments=kept)
    time_machine.move_to("2031-05-05 05:05")  # type: ignore[attr-defined]
    assert printed("<p>một</p>", attachments=kept) == first


def test_what_was_printed_before_changes_nothing() -> None:
    first = printed("<p>một</p>")
    printed("<h1>Hai</h1><p><i>ba</i></p>", "<style>p { color: red }</style>")
    assert printed("<p>một</p>") == first


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import sys; from portal.kit import pdf; "
        f"sys.stdout.buffer.write(pdf.render({page('<p>một</p>')!r}, css={CSS!r}, title='Giấy'))"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout == printed("<p>một</p>") and other.returncode == 0


def test_a_page_without_its_date_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dcterms\.created"):
        pdf.render("<html lang=vi><p>x", css=CSS, title="x")


def test_two_stylesheets_do_not_run_into_each_other() -> None:
    small = pdf.render(page("x"), css="@page { size: 50mm 50mm; margin: 0 }", title="x")
    with pikepdf.open(io.BytesIO(small)) as book:
        assert float(book.pages[0].MediaBox[2]) == pytest.approx(50 / 25.4 * 72, abs=0.1)
    with pikepdf.open(io.BytesIO(printed("x"))) as book:
        assert float(book.pages[0].MediaBox[2]) == pytest.approx(148 / 25.4 * 72, abs=0.1)


@contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine that counts who knocks."""
    hits: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def accept() -> None:
            while True:
                try:
                    connection, who = server.accept()
                except OSError:
                    return
                hits.append(who)
                connection.close()

        waiting = threading.Thread(target=accept, daemon=True)
        waiting.start()
        yield server.getsockname()[1], hits
        server.shutdown(socket.SHUT_RDWR)
        waiting.join(5)


def attacks(url: str) -> dict[str, tuple[str, str]]:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
        " width='9' height='9'>"
        f"<use href='{url}#x'/><image xlink:href='{url}' width='9' height='9'/>"
        f"<style>@import url({url});</style></svg>"
    )
    return {
        "image": (f'<img src="{url}" alt="x">', ""),
        "stylesheet": ("x", f'<link rel=stylesheet href="{url}">'),
        "import": ("x", f"<style>@import url({url}); @import '{url}';</style>"),
        "background": (f'<p style="background:url({url})">x</p>', ""),
        "font": (
            "x",
            f"<style>@font-face {{ font-family: q; src: url({url}) }} body {{ font-family: q }}</style>",
        ),
        "attachment": ("x", f'<link rel=attachment href="{url}">'),
        "attached link": (f'<a rel=attachment href="{url}">x</a>', ""),
        "inline svg": (svg, ""),
        "svg image": (f'<img alt="x" src="data:image/svg+xml,{quote(svg)}">', ""),
        "base": ('<img src="secret.png" alt="x">', f'<base href="{url}/">'),
        "object": (f'<object data="{url}">x</object><embed src="{url}"><iframe src="{url}"></iframe>', ""),
    }


@pytest.mark.parametrize("attack", attacks("x"))
def test_nothing_in_a_page_reaches_the_network(attack: str) -> None:
    with listener() as (port, hits):
        for scheme in ("http", "https", "ftp"):
            body, head = attacks(f"{scheme}://127.0.0.1:{port}")[attack]
            printed(body, head)
    assert hits == []


@pytest.mark.parametrize("attack", attacks("x"))
def test_nothing_in_a_page_reads_a_file(attack: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_text("CANARY-4711", "utf-8")
    for url in (secret.as_uri(), "file:///etc/passwd", str(secret)):
        body, head = attacks(url)[attack]
        data = printed(body, head)
        with pikepdf.open(io.BytesIO(data)) as book:
            streams = b"".join(
                each.read_bytes()
                for each in book.objects
                if isinstance(each, pikepdf.Stream) and "/DCTDecode" not in str(each.get("/Filter"))
            )
            assert len(book.attachments) == 0
        assert b"CANARY-4711" not in streams and b"root:" not in streams


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://a/b",
        "font:../../../etc/passwd",
        "font:Arial",
        "//host/x",
        "/etc/passwd",
        "",
    ],
)
def test_the_fetcher_knows_data_and_its_own_fonts_only(url: str) -> None:
    with pytest.raises(pdf.Refused):
        pdf.fetcher().fetch(url)
    assert pdf.fetcher().fetch("font:BeVietnamPro-Bold").read()[:4] == b"\0\1\0\0"
    assert pdf.fetcher().fetch("data:,xin").read() == b"xin"


def test_a_qr_code_reads_back_and_says_in_words_what_it_is() -> None:
    data = printed(
        pdf.qr_svg("https://example.vn/ho-so/H17-261122-0001", "Mã QR của “hồ sơ” <1>"),
        "<style>.qr { width: 30mm }</style>",
    )
    png = subprocess.run(
        ["pdftoppm", "-r", "200", "-png"], input=data, capture_output=True, check=True
    ).stdout
    found = zxingcpp.read_barcode(Image.open(io.BytesIO(png)))
    assert found is not None and found.text == "https://example.vn/ho-so/H17-261122-0001"
    with pikepdf.open(io.BytesIO(data)) as book:
        alts = [
            str(each["/Alt"])
            for each in book.objects
            if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]
    assert alts == ["Mã QR của “hồ sơ” <1>"]


def test_threads_may_print_at_the_same_time() -> None:
    first, results = printed("<p>một</p>"), []
    threads = [threading.Thread(target=lambda: results.append(printed("<p>một</p>"))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert results == [first] * 4


def test_the_renderer_is_not_imported_until_a_paper_is_made() -> None:
    program = (
        "import sys, portal.papers.kinds; sys.exit('weasyprint' in sys.modules or 'segno' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_child_of_a_printing_process_prints_and_leaves_its_parents_fonts_alone() -> None:
    program = f"""
import os, sys
from portal.kit import pdf
one = lambda body: pdf.render({page("@")!r}.replace('@', body), css={CSS!r}, title='x')
first = one('<p>một')
child = os.fork()
if not child:
    sys.exit(0 if one('<p>một') == first else 3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert len(one('<b>hai <i>ba')) > len(one('<b>hai')) and one('<p>một') == first
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, re.sub(r"\s", "", done.stderr)) == (0, "")
