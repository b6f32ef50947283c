"""A real portal for a real browser: a server and a worker of its own, a database where commits are for good."""
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal import worker
from portal.kit.db import session, transaction
from portal.people import queries as people
from portal.people import second_factors
from portal.people.models import Person
from tests import make
from tests.conftest import CHROMIUM, Databases, bound, open_house

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDTHS = (1280, 390)


@dataclass
class Portal:
    """A running portal. `url` has no slash at its end."""

    app: Flask
    url: str

    def look_up(self, question: Callable[[], Any]) -> Any:
        """Ask the database something, outside any request."""
        with self.app.app_context():
            return question()

    def work_off(self) -> None:
        """Do what the worker has to do, now."""
        worker.run_all(self.app)


@pytest.fixture(scope="session")
def portal(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    app = open_house(databases.copy("journeys"), tmp_path_factory.mktemp("journeys"), WTF_CSRF_ENABLED=True,
                     DEMONSTRATION=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["PUBLIC_URL"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(app, app.config["PUBLIC_URL"])
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()
    app.extensions["engine"].dispose()


@pytest.fixture(autouse=True)
def in_the_portals_database(portal: Portal) -> Iterator[None]:
    with bound(portal.app):
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person at a browser. Everything that the browser complains of is kept and must be nothing."""

    portal: Portal
    context: BrowserContext
    page: Page
    scripted: bool
    complaints: list[str] = field(default_factory=list)
    examined: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        self.page.goto(self.portal.url + path)

    def press(self, selector: str) -> None:
        """Press what sends a form or follows a link, and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def send(self, form: str = "main form") -> None:
        """Press the main button of the form."""
        self.press(f"{form} button[type=submit]:not([name=_again]):not([aria-hidden]):not(.link):visible")

    def at(self, path: str) -> None:
        here = self.page.url.removeprefix(self.portal.url)
        assert here.startswith(path), f"at {here}, not at {path}: {self.page.inner_text('main')[:600]}"

    def says(self, *words: str) -> None:
        seen = " ".join(self.page.inner_text("body").split())
        for word in words:
            assert word in seen, f"“{word}” is not on {self.page.url}: {seen[:1500]}"

    def examine(self, name: str) -> None:
        """No barrier on this page, wide or narrow (WCAG 2.2 AA), and nothing sticks out at the side."""
        if not self.scripted or name in self.examined:
            return
        self.examined.add(name)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            if width == WIDTHS[0]:
                found = Axe().run(self.page, options=RULES).response["violations"]
            else:  # it is in the page already
                found = self.page.evaluate("options => axe.run(document, options)", RULES)["violations"]
            told = [f"{v['id']}: {v['help']} — {[n['target'] for n in v['nodes']][:4]}" for v in found]
            assert not told, f"{name} at {width}: {told}"
            over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{name} at {width}: {over} px stick out"
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def fetch(self, url: str) -> bytes:
        """What a link gives, with this person's cookies."""
        answer = self.context.request.get(url if url.startswith("http") else self.portal.url + url)
        assert answer.ok, f"{url}: {answer.status}"
        return answer.body()

    def sign_in(self, contact: str) -> None:
        self.go("/sign-in")
        self.page.fill("#contact", contact)
        self.page.fill("#password", make.PASSWORD)
        self.send()
        if "/sign-in/code" in self.page.url:
            self.page.fill("#proof_code", self.portal.look_up(lambda: code_of(contact)))
            self.send()


@pytest.fixture
def visit(portal: Portal, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open browsers of people who know nothing of each other."""
    opened: list[Visitor] = []

    def visit(scripted: bool = True, **options: Any) -> Visitor:
        context = chromium.new_context(java_script_enabled=scripted, locale="vi-VN", **(
            {"viewport": {"width": 1280, "height": 900}} | options))
        context.set_default_timeout(15_000)
        page = context.new_page()
        visitor = Visitor(portal, context, page, scripted)
        page.on("console", lambda m: visitor.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: visitor.complaints.append(str(e)))
        opened.append(visitor)
        return visitor

    yield visit
    for visitor in opened:
        visitor.context.close()


def person(portal: Portal, maker: Callable[..., Any], **kw: Any) -> Any:
    """Somebody made by `make`, detached and with what a test needs of them."""
    with portal.app.app_context():
        made = maker(**kw)
        if isinstance(made, Person) and made.staff:
            make.app_of(made)
        session.refresh(made)
        session.expunge(made)
        return made


def code_of(contact: str) -> str:
    """A code of this person's app that opens now, as often as the test likes."""
    found = people.person_by_contact(contact)
    assert found is not None
    factor = second_factors.of(found)[0]
    with transaction():
        factor.last_step = 0
    return make.code_of(second_factors.secret_of(factor))


@pytest.fixture
def made(portal: Portal) -> Callable[..., Any]:
    return lambda maker, **kw: person(portal, maker, **kw)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small photograph."""
    place = tmp_path / "ảnh giấy tờ.png"
    Image.new("RGB", (40, 30), (200, 220, 210)).save(place)
    return place


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A small scan."""
    place = tmp_path / "giấy chứng sinh.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(200, 200))
        pdf.save(place)
    return place
