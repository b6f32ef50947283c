"""Lists that go on from a row: one page forward, one page back."""
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from portal.web.paging import MOST, around

pytestmark = pytest.mark.once


def at(app: Flask, address: str, further: Any) -> tuple[str | None, str | None]:
    with app.test_request_context(address):
        return around("before", further)


def test_previous_page_goes_one_page_back(app: Flask) -> None:
    address, pages, visited = "/account/notices", iter((50, 40, 30, None)), []
    for further in pages:
        visited.append(address)
        following, previous = at(app, address, further)
        address = following or address
    while previous:
        visited.pop()
        assert sorted(parse_qsl(urlsplit(previous).query)) == sorted(parse_qsl(urlsplit(visited[-1]).query))
        previous = at(app, previous, 1)[1]
    assert len(visited) == 1


def test_the_first_page_has_none_before_it_and_the_last_none_after_it(app: Flask) -> None:
    assert at(app, "/account/notices", None) == (None, None)


def test_an_address_that_was_made_up_leads_back_to_the_first_page_and_does_not_grow(app: Flask) -> None:
    assert at(app, "/account/notices?before=7", None)[1] == "/account/notices"
    following, _previous = at(app, "/account/notices?before=7" + "&back=x" * 500, 3)
    assert following is not None
    assert following.count("back=") == MOST
