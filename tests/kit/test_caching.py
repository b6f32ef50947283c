"""Pages kept in the process: the same page is written once, another never shown in its place."""
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, Response, session

from portal.kit import caching
from portal.kit.caching import Page, public_cache
from portal.kit.web import csp_nonce


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def said() -> dict[str, str]:
    return {"words": "một"}


@pytest.fixture
def board(written: list[str], said: dict[str, str]) -> Iterator[Flask]:
    app = Flask("board")
    app.secret_key = "board"
    app.config["INSECURE_HTTP"] = True

    @app.get("/<name>")
    @public_cache(5)
    def show(name: str) -> Page:
        def write() -> str:
            written.append(said["words"])
            return f'{said["words"]} <script nonce="{csp_nonce()}">'
        return Page((said["words"],), write, {"X-Robots-Tag": "noindex"})

    @app.get("/<name>/signed")
    @public_cache(5)
    def signed(name: str) -> Page:
        def write() -> str:
            session["of"] = name
            return name
        return Page((), write)

    yield app


def test_a_page_that_says_the_same_is_written_once(board: Flask, written: list[str]) -> None:
    first, second = (board.test_client().get("/a") for _ in range(2))
    assert written == ["một"] and first.data == second.data and first.headers["ETag"] == second.headers["ETag"]
    assert second.headers["X-Robots-Tag"] == "noindex" and "s-maxage=5" in second.headers["Cache-Control"]


def test_a_page_that_says_something_else_is_written_anew(board: Flask, said: dict[str, str]) -> None:
    before = board.test_client().get("/a").data
    said["words"] = "hai"
    assert before.startswith("một".encode()) and board.test_client().get("/a").data.startswith(b"hai")


def test_another_address_is_another_page(board: Flask, written: list[str]) -> None:
    for path in ("/a", "/b", "/a?x=1"):
        board.test_client().get(path)
    assert len(written) == 3


def test_with_a_cookie_nothing_is_kept(board: Flask, written: list[str]) -> None:
    for _ in range(2):
        client = board.test_client()
        client.set_cookie("any", "1")
        answer = client.get("/a")
    assert len(written) == 2 and "ETag" not in answer.headers and answer.headers["X-Robots-Tag"] == "noindex"


def test_the_tag_of_a_kept_page_gives_not_modified(board: Flask, written: list[str]) -> None:
    tag = board.test_client().get("/a").headers["ETag"]
    answer = board.test_client().get("/a", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, written) == (304, b"", ["một"])


def test_only_so_many_pages_are_kept(board: Flask, written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_PAGES", 2)
    for path in ("/a", "/b", "/a", "/c", "/a", "/b"):
        board.test_client().get(path)
    assert len(board.extensions["pages"]) == 2
    assert len(written) == 4  # a, b, c, and b again: it had been asked for longest ago when c came


def test_threads_that_make_room_at_once_hinder_nobody(board: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_PAGES", 3)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # a thread stops wherever it can
    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: board.test_client().get(f"/{n % 40}").status_code, range(2_000)))
    finally:
        sys.setswitchinterval(before)
    assert set(answers) == {200} and len(board.extensions["pages"]) == 3


def test_the_nonce_of_a_kept_page_is_the_one_in_its_header(board: Flask) -> None:
    for _ in range(2):
        answer = board.test_client().get("/a")
        nonce = answer.text.split('nonce="')[1].split('"')[0]
        assert len(nonce) == 32 and f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


def test_a_page_that_needs_a_cookie_is_not_kept(board: Flask) -> None:
    answer = board.test_client().get("/a/signed")
    assert "Set-Cookie" in answer.headers and "Cache-Control" not in answer.headers
    assert board.extensions["pages"] == {}


def test_what_is_added_to_one_answer_is_not_in_the_next(board: Flask) -> None:
    @board.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Mark"] = str(len(marks))
        marks.append(1)
        return response

    marks: list[int] = []
    answers = [board.test_client().get("/a").headers.getlist("X-Mark") for _ in range(2)]
    assert answers == [["0"], ["1"]]


def test_asked_for_its_head_a_kept_page_has_no_body(board: Flask) -> None:
    whole, head = board.test_client().get("/a"), board.test_client().head("/a")
    assert head.data == b"" and head.headers == whole.headers
