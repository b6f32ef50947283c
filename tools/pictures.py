"""The README's pictures: `make pictures`. Nothing of a running portal is touched.

A portal of its own, on a temporary database with the demonstration set and with the clock set to MOMENT, is
looked at by headless Chromium. The same code gives the same pictures, but for the receipt's random code.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import time_machine
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from portal import create_app, worker
from portal.catalogue import actions as catalogue
from portal.cli import demonstration
from portal.cli.database import upgrade_to_head
from portal.dossiers.models import Dossier
from portal.dossiers.states import State
from portal.files.models import StoredFile
from portal.kit import files
from portal.kit.db import session, transaction
from portal.papers.models import Paper, PaperSheet

MOMENT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)  # a Wednesday, 10 in the morning in Vietnam
TARGET = Path(__file__).resolve().parent.parent / "docs" / "pictures"
MOST_BYTES = 150 * 1024  # of one picture
OFFICER = f"canbo.{demonstration.MAIN_AGENCY.lower()}@demo.example"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--no-first-run"]


def shown() -> dict[str, Any]:
    """A dossier with papers and a receipt whose clock runs, the latest due: its id, its applicant, the file."""
    found = session.execute(
        select(Dossier, StoredFile).join(Paper, Paper.owner_id == Dossier.id).join(Paper.sheets).join(PaperSheet.file)
        .where(Dossier.state == State.processing, Paper.kind == "receipt", PaperSheet.size_name == "A5")
        .order_by(Dossier.due_at.desc(), Dossier.id).limit(1)).one()
    dossier, receipt = found.tuple()
    return {"dossier": dossier.id, "applicant": dossier.applicant.email, "receipt": str(files.where(receipt.blob))}


def be_the_portal(folder: Path, port: int) -> None:
    """The child's life: prepare everything, say in one line of JSON what there is to see, serve until killed."""
    settings = {"SECRET_KEY": "pictures only, and nobody signs in here", "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite",
                "FILES_FOLDER": str(folder / "files"), "DEMONSTRATION": True, "INSECURE_HTTP": True,
                "PUBLIC_URL": "https://portal.example"}
    with time_machine.travel(MOMENT, tick=True):
        app = create_app(type("Pictures", (config.Default,), settings))
        with app.app_context():
            upgrade_to_head(app)
            with transaction():
                catalogue.load_reference()
            demonstration.load()
        worker.run_all(app)
        with app.app_context():
            print(json.dumps(shown()), flush=True)
        make_server("127.0.0.1", port, app, threaded=True).serve_forever()


@contextmanager
def portal(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A portal of its own: (its address, what `shown` found)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    child = subprocess.Popen([sys.executable, __file__, str(folder), str(port)], env=bare, text=True,
                             stdout=subprocess.PIPE, stderr=(folder / "log").open("w"))
    try:
        line = child.stdout.readline() if child.stdout else ""
        if not line:
            raise SystemExit((folder / "log").read_text())
        yield f"http://127.0.0.1:{port}", json.loads(line)
    finally:
        child.kill()
        child.wait()


def open_page(browser: Browser, address: str, width: int, height: int, *, scale: float = 1,
              contact: str = "") -> Page:
    """A window of a reader in Vietnam, signed in as `contact` if one is given."""
    context = browser.new_context(base_url=address, viewport={"width": width, "height": height},
                                  device_scale_factor=scale, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh",
                                  color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    if contact:
        page.goto("/sign-in")
        page.fill("[name=contact]", contact)
        page.fill("[name=password]", demonstration.PASSWORD)
        page.click("main [type=submit]")
        page.wait_for_url(lambda url: not url.endswith("/sign-in"))
        if "/sign-in/code" in page.url:
            page.fill("[name=proof_code]", page.locator("[data-demo-code]").get_attribute("data-demo-code") or "")
            page.click("main [type=submit]")
            page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def photograph(page: Page, path: str, name: str) -> None:
    """Save the first screen of `path`."""
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status if answer else 'nothing'}")
    page.evaluate("document.fonts.ready.then(() => true)")
    save(page.screenshot(), name)


def print_out(receipt: str, name: str) -> None:
    """Save the receipt's first page, drawn by poppler."""
    png = subprocess.run(["pdftoppm", "-png", "-r", "110", "-singlefile", receipt], check=True, capture_output=True)
    save(png.stdout, name)


def save(png: bytes, name: str) -> None:
    """Write a picture with as many colours as MOST_BYTES lets it have."""
    picture = ImageOps.expand(Image.open(BytesIO(png)).convert("RGB"), 1, "#c9d3d3")
    for colours in (256, 128, 64, 32, 16):
        small = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        if small.tell() <= MOST_BYTES:
            break
    (TARGET / f"{name}.png").write_bytes(small.getvalue())
    print(f"docs/pictures/{name}.png  {picture.width} × {picture.height}, {small.tell() / 1024:.0f} KiB")


def take_all() -> None:
    """Take every picture."""
    subprocess.run(["tools/needs.sh", "test"], check=True, cwd=TARGET.parents[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, portal(Path(folder)) as (address, facts), \
            sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        photograph(open_page(browser, address, 1280, 900), "/", "home")
        citizen = open_page(browser, address, 390, 844, scale=1.5, contact=facts["applicant"])
        photograph(citizen, f"/my/dossiers/{facts['dossier']}", "dossier")
        photograph(open_page(browser, address, 1280, 800, contact=OFFICER), "/officer/queue", "queue")
        print_out(facts["receipt"], "receipt")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        be_the_portal(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        take_all()
