"""Walking through the codes, which anybody can count up: the limit is met, and nothing is learnt on the way."""
import re

import pytest
import time_machine

import config
from tests import make

FOREIGN = "/progress/H17-260101-{:04}"


@pytest.fixture
def limited(app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_MISSES_PER_MINUTE", 60)
    return app


@pytest.mark.once
def test_a_carriers_customers_read_their_own_dossiers_behind_one_address(limited, client, monkeypatch):
    """A thousand telephones have one address. Each reads its own dossier; one of them walks through the codes."""
    monkeypatch.setitem(limited.config, "PUBLIC_READS_PER_MINUTE", 3_000)
    codes = [make.dossier("received").code for _ in range(3)]
    carrier = {"REMOTE_ADDR": "203.0.113.20"}
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        walker = [client.get(FOREIGN.format(n), environ_base=carrier).status_code for n in range(1, 101)]
        assert walker == [404] * 60 + [429] * 40
        readers = [client.get(f"/progress/{codes[n % 3]}", environ_base=carrier).status_code for n in range(300)]
        assert set(readers) == {200}


def test_one_address_reads_no_more_than_a_carriers(limited, client, monkeypatch):
    monkeypatch.setitem(limited.config, "PUBLIC_READS_PER_MINUTE", 50)
    code = make.dossier("received").code
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        answers = [client.get(f"/progress/{code}", environ_base={"REMOTE_ADDR": "203.0.113.21"}).status_code
                   for _ in range(60)]
    assert answers == [200] * 50 + [429] * 10


def test_the_limits_as_they_are_shipped_leave_room_for_a_carrier():
    assert config.Default.PUBLIC_READS_PER_MINUTE >= 3_000 and config.Default.PUBLIC_MISSES_PER_MINUTE <= 120


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
