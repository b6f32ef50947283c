"""Walking through the codes, which anybody can count up: the limit is met, and nothing is learnt on the way."""
import re

import pytest

from tests import make

FOREIGN = "/progress/H17-260101-{:04}"


@pytest.fixture
def limited(app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_READS_PER_MINUTE", 60)
    return app


def test_ten_thousand_codes_meet_the_limit(limited, client):
    """Unknown codes: at most the limit is answered, and the rest is told to wait."""
    answers = [client.get(FOREIGN.format(n), environ_base={"REMOTE_ADDR": "203.0.113.7"}) for n in range(1, 401)]
    codes = [answer.status_code for answer in answers]
    assert 60 <= codes.count(404) <= 120  # two minutes may share the walk
    assert codes.count(404) + codes.count(429) == len(codes)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_the_limit_is_each_addresss_own(limited, client):
    for n in range(1, 62):
        client.get(FOREIGN.format(n), environ_base={"REMOTE_ADDR": "203.0.113.8"})
    assert client.get(FOREIGN.format(1), environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_an_unknown_code_says_no_more_than_another(client):
    plain = [re.sub(r'nonce="[^"]+"|H17-260101-\d+', "", client.get(FOREIGN.format(n)).text) for n in (1, 9999)]
    assert plain[0] == plain[1]


def test_a_known_code_tells_the_published_line_and_no_name(app, client):
    dossier = make.dossier("received")
    page = client.get(f"/progress/{dossier.code}").text
    assert dossier.service.procedure.name in page
    assert dossier.applicant.name not in page and (dossier.holder_name or "—") not in page.replace(
        dossier.service.procedure.name, "")
