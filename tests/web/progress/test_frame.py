"""The page of one dossier: its frame is written once, and the page is byte for byte what it would be without."""
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from portal.kit.db import session
from portal.kit.hot.frame import piece
from portal.web.progress import breakdowns, publishers, views
from tests import make


@pytest.mark.parametrize("state", list(make.PATHS))
@pytest.mark.parametrize("form", ["/progress/{}", "/en/progress/{}", "/progress/{}?q=%22%3C%26&b=1"])
def test_with_a_frame_it_is_the_same_page(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, state: str,
                                          form: str) -> None:
    path = form.format(make.dossier(state).code)
    with time_machine.travel(datetime.now(UTC), tick=False):
        framed = client.get(path)
        again = client.get(path)
        monkeypatch.setattr(views, "render_framed", flask.render_template)
        whole = client.get(path)
    assert framed.status_code == 200 and framed.data == whole.data == again.data
    assert framed.headers == whole.headers == again.headers
    assert "\0" not in framed.text


@pytest.mark.parametrize("path", [
    "/progress", "/en/progress?month=2026-10&sort=late", "/progress/H17", "/en/progress/H17", "/progress/sectors",
    "/en/progress/groups/provinces", "/progress/publishers"])
def test_pages_of_figures_are_the_same_with_a_frame(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch,
                                                    path: str) -> None:
    make.dossier("received")
    with time_machine.travel(datetime.now(UTC), tick=False):
        framed = client.get(path)
        for door in (views, breakdowns, publishers):
            monkeypatch.setattr(door, "render_framed", flask.render_template)
        whole = client.get(path)
    assert framed.status_code == 200 and framed.data == whole.data and framed.headers == whole.headers


def test_a_piece_is_written_once_in_each_language(app: Flask) -> None:
    def written(root: str) -> Markup:
        with app.test_request_context("/progress", base_url=f"http://localhost{root}"):
            return piece("progress/_figures.html", "ways", "progress.nation")

    vi, en = written("/"), written("/en")
    assert "/progress/sectors" in vi and "/en/progress/sectors" in en and "/en/" not in vi
    assert "Sectors" in en and "Sectors" not in vi
    assert written("/") is vi and written("/en") is en


def test_the_frame_is_of_the_language_and_the_page_of_the_address(client: FlaskClient) -> None:
    one, other = make.dossier("received"), make.dossier("received")
    for dossier in (one, other):
        for prefix, switch in (("", "/en"), ("/en", "")):
            text = client.get(f"{prefix}/progress/{dossier.code}").text
            assert f'hreflang="{switch.strip("/") or "vi"}" href="http://localhost{switch}/progress/{dossier.code}"' \
                in text
            assert ("Skip to the content" in text) is (prefix == "/en")


def test_who_is_signed_in_gets_neither_the_frame_nor_the_page_of_strangers(client: FlaskClient, sign_in: Any) -> None:
    person = make.citizen(name="Người Đăng Nhập")
    dossier = make.dossier("received", by=person)
    path = f"/progress/{dossier.code}"
    assert person.name not in client.get(path).text
    own = sign_in(person).get(path)
    assert person.name in own.text and own.headers["Cache-Control"] == "no-store"
    assert 'name="csrf_token"' in own.text
    assert person.name not in client.get(path).text


def test_the_page_tells_the_time_by_the_minute_and_never_an_older_one(client: FlaskClient) -> None:
    dossier = make.dossier("received")
    record = f"/progress/{dossier.code}"
    due = dossier.due_at
    assert due is not None
    with time_machine.travel(due - timedelta(minutes=1), tick=False):
        before = client.get(record)
    with time_machine.travel(due + timedelta(seconds=59), tick=False):
        in_its_minute = client.get(record)
    with time_machine.travel(due + timedelta(minutes=1), tick=False):
        after = client.get(record)
    assert "xin lỗi" not in before.text and "xin lỗi" not in in_its_minute.text and "xin lỗi" in after.text
    session.rollback()
