"""Odd requests at every door: no answer of 500, nothing of a stranger shown. 1,000 a door by `make fuzz`."""
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from portal.kit.db import session, transaction
from portal.people import keys
from portal.people.models import ApiKey, Person
from tests import make
from tests.conftest import bound
from tests.house.conftest import Stage
from tests.house.fuzzing import DOORS, Asked, Fuzzer
from tests.house.matrix import READERS

EACH = int(os.environ.get("PORTAL_TEST_FUZZ") or 12)
MAY_SEE_THE_OWNER = {"owner", *READERS}


@pytest.fixture(scope="module")
def key(furnished: Stage) -> Iterator[tuple[str, str]]:
    """A key of H17, and where the owner of the dossiers is reached: what nobody else may read."""
    with bound(furnished.app), furnished.app.app_context():
        with transaction():
            made, secret = keys.issue(make.agency("H17"), ["progress"])
        yield secret, session.get_one(Person, furnished.people["owner"]).email or ""
        with transaction():
            keys.revoke(session.get_one(ApiKey, made.id))


def send(stage: Stage, asked: Asked) -> tuple[int, str]:
    """What was answered, and the whole of it."""
    answer = stage.browser(asked.actor).open(asked.url, method=asked.method, data=asked.body, headers=asked.headers)
    said = f"{answer.headers}{answer.get_data().decode('utf-8', 'replace')}"
    answer.close()
    return answer.status_code, said


@pytest.mark.parametrize("door", DOORS)
def test_no_odd_request_breaks_a_door_or_shows_a_stranger(furnished: Stage, door: str, key: tuple[str, str],
                                                          caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    broken, shown = [], []
    secret, owner = key
    statuses = Counter[int]()
    for asked in Fuzzer(furnished, door, secret).requests(EACH):
        caplog.clear()
        with furnished.undone():
            status, said = send(furnished, asked)
        statuses[status] += 1
        if status >= 500:
            broken.append(f"{status} {asked}\n    {last_line(caplog.text)}")
        if asked.actor not in MAY_SEE_THE_OWNER and owner in said:
            shown.append(str(asked))
    print(door, sorted(statuses.items()))
    assert (broken, shown) == ([], [])
    assert EACH < 100 or sum(n for status, n in statuses.items() if status < 400) > EACH / 10, "refused at the door"


def last_line(text: str) -> str:
    return "; ".join(re.findall(r'File "[^"]*?/portal/([^"]+)", line (\d+)', text)[-1:] and [
        text.strip().splitlines()[-1][:300], *("{}:{}".format(*each) for each in re.findall(
            r'File "[^"]*?/portal/([^"]+)", line (\d+)', text)[-2:])])
