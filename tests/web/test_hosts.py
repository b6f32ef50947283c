"""The host that is asked for decides no link: a page that is kept for everybody leads where the operators say."""
import re

import pytest
from flask import Flask

PAGES = (
    "/", "/services", "/services/H17/1.001193", "/procedures/1.001193", "/agencies", "/sectors", "/about", "/progress",
    "/progress/H17", "/progress/H17/months.json", "/progress/publishers", "/open-data", "/open-data/catalogue.jsonld",
    "/verify", "/sign-in", "/robots.txt", "/api", "/api/openapi.json", "/en", "/en/progress", "/khong-co")
ACCIDENTS = re.compile(r"""nonce[-=\\"']+[^\\"' ]+|value=.[^"]{60,}""")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_the_host_that_was_asked_for(app: Flask, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Two trusted names, one cache: whoever asks first by the other name must not send everybody there."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example")
    told = []
    for host in ("localhost", "portal.test", "portal.test:8443"):
        answer = app.test_client().get(path, base_url=f"http://{host}/", headers={"X-Forwarded-Host": "evil.example"})
        headers = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie",)}
        assert "portal.test" not in answer.text + str(headers) and "evil.example" not in answer.text
        assert not re.search(r"https?://localhost", answer.text + str(headers))
        told.append(ACCIDENTS.sub("", answer.text))
    assert len(set(told)) == 1


def test_a_page_names_its_other_language_by_the_public_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example/")
    page = app.test_client().get("/en/agencies?x=1").text
    assert '<link rel="alternate" hreflang="en" href="https://portal.example/en/agencies">' in page
    assert '<link rel="alternate" hreflang="vi" href="https://portal.example/agencies' in page
