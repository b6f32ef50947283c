"""Answers that a shared cache may keep: the same bytes for the same page, nothing of anybody in them."""
from collections.abc import Iterator

import pytest
from flask import Flask, session

from portal.kit.caching import public_cache
from portal.kit.web import csp_nonce


@pytest.fixture
def said() -> dict[str, str]:
    return {"words": "một"}


@pytest.fixture
def board(said: dict[str, str]) -> Iterator[Flask]:
    app = Flask("board")
    app.secret_key = "board"

    @app.get("/<name>")
    @public_cache(5)
    def show(name: str) -> tuple[str, dict[str, str]]:
        return f'{said["words"]} {name} <script nonce="{csp_nonce()}">', {"X-Robots-Tag": "noindex"}

    @app.get("/<name>/signed")
    @public_cache(5)
    def signed(name: str) -> str:
        session["of"] = name
        return name

    @app.get("/<name>/gone")
    @public_cache(5)
    def gone(name: str) -> tuple[str, int]:
        return name, 404

    @app.after_request
    def policy(response):  # type: ignore[no-untyped-def]
        response.headers["Content-Security-Policy"] = f"script-src 'nonce-{csp_nonce()}'"
        return response

    yield app


def test_the_same_page_has_the_same_bytes_and_the_same_tag(board: Flask) -> None:
    first, second = (board.test_client().get("/a") for _ in range(2))
    assert first.data == second.data and first.headers["ETag"] == second.headers["ETag"]


def test_what_is_shown_is_never_old(board: Flask, said: dict[str, str]) -> None:
    before = board.test_client().get("/a")
    said["words"] = "hai"
    after = board.test_client().get("/a", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and after.text.startswith("hai") and after.headers["ETag"] != before.headers["ETag"]


def test_it_says_how_long_it_may_be_kept_and_by_whom(board: Flask) -> None:
    answer = board.test_client().get("/a")
    assert answer.headers["Cache-Control"] == (
        "public, max-age=0, s-maxage=5, stale-while-revalidate=5, stale-if-error=600")
    assert answer.headers["Vary"] == "Cookie" and answer.headers["X-Robots-Tag"] == "noindex"


def test_with_a_cookie_nothing_may_be_kept(board: Flask) -> None:
    client = board.test_client()
    client.set_cookie("any", "1")
    answer = client.get("/a")
    assert "ETag" not in answer.headers and "Cache-Control" not in answer.headers
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", ["/a/signed", "/a/gone"])
def test_a_page_of_somebody_or_of_nothing_is_not_kept(board: Flask, path: str) -> None:
    assert "Cache-Control" not in board.test_client().get(path).headers


def test_the_tag_of_a_page_gives_not_modified(board: Flask) -> None:
    tag = board.test_client().get("/a").headers["ETag"]
    answer = board.test_client().get("/a", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_the_nonce_of_a_page_is_the_one_in_its_header_and_changes_with_the_page(board: Flask) -> None:
    nonces = []
    for name in ("a", "b"):
        answer = board.test_client().get(f"/{name}")
        nonces.append(answer.text.split('nonce="')[1].split('"')[0])
        assert len(nonces[-1]) == 32 and f"'nonce-{nonces[-1]}'" in answer.headers["Content-Security-Policy"]
    assert nonces[0] != nonces[1]


def test_asked_for_its_head_a_page_has_no_body(board: Flask) -> None:
    whole, head = board.test_client().get("/a"), board.test_client().head("/a")
    assert head.data == b"" and head.headers == whole.headers
