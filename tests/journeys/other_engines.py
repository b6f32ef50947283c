"""`make browsers`: the journeys of Chromium in Firefox and WebKit. Not found by `make test`: a run takes minutes."""
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.journeys.conftest import Portal, Visitor
from tests.journeys.driven import ENGINES, Driven, Page, without_scripts
from tests.journeys.test_engines import test_j_and_k_show_where_one_is_even_after_a_click  # noqa: F401
from tests.journeys.test_failed_jobs import test_failed_jobs_are_decided_about  # noqa: F401
from tests.journeys.test_main_job import test_from_register_to_a_verified_receipt  # noqa: F401
from tests.journeys.test_rows import test_people_are_added_and_taken_away_and_read_on_the_check_page  # noqa: F401

# selenium's driver of WebKit is older than its own rules
pytestmark = [pytest.mark.real_commits, pytest.mark.once,
              pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")]


@pytest.fixture(scope="session")
def plain(portal: Portal) -> Iterator[Portal]:
    """The same portal at another port, without its scripts."""
    server = make_server("127.0.0.1", 0, without_scripts(portal.app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(portal.app, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture(params=list(ENGINES))
def visit(portal: Portal, plain: Portal, request: pytest.FixtureRequest,
          record_property: Callable[..., None]) -> Iterator[Callable[..., Visitor]]:
    """Browsers of people who know nothing of each other, in this engine."""
    opened = []

    def visit(scripted: bool = True, **_options: Any) -> Visitor:
        driver = ENGINES[request.param](scripted)
        opened.append(driver)
        record_property("engine", f"{request.param} {driver.capabilities['browserVersion']}")
        driver.set_window_size(1280, 900)
        driver.set_page_load_timeout(90)
        place = portal if scripted or request.param == "Firefox" else plain  # Firefox itself turns them off
        return Driven(place, None, Page(driver), scripted)  # type: ignore[arg-type]

    yield visit
    for driver in opened:
        driver.quit()


def test_all_suggestions_are_seen(visit: Callable[..., Visitor]) -> None:
    anybody = visit()
    anybody.go("/")
    anybody.page.fill("main [data-suggest] input", "đăng ký")
    anybody.page.wait_for_selector("[role=option]")
    seen = anybody.page.evaluate("""[...document.querySelectorAll("[role=option]")].map(option => {
        const box = option.getBoundingClientRect(), list = option.parentElement.getBoundingClientRect();
        return box.top + 8 > Math.min(list.bottom, innerHeight) - 8
            || option.contains(document.elementFromPoint(box.left + 20, box.top + 8));
    })""")
    assert len(seen) >= 4 and all(seen), seen
