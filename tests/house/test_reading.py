"""Reading changes nothing (T21): every GET route, by everybody, leaves the database as it was."""
import hashlib
from itertools import product

import pytest
from sqlalchemy import Connection, select

from portal.kit.db import Base
from tests.house.conftest import Stage
from tests.house.matrix import ACTORS, ROWS, Row
from tests.house.test_routes import address

# a count of attempts, who looked and what was refused, when a session was seen, and when a worker was: written by
# looking, and meant to be
KEPT_BY_LOOKING = {"throttle": None, "look": None, "security_event": None, "worker_beat": None,
                   "sign_in": "seen_at"}


def digest(connection: Connection) -> str:
    """One word for everything in the database, but what is written by looking."""
    sum_ = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        left_out = KEPT_BY_LOOKING.get(table.name, "")
        if left_out is None:
            continue
        columns = [column for column in table.columns if column.name != left_out]
        for row in connection.execute(select(*columns).order_by(*table.primary_key.columns)):
            sum_.update(repr(tuple(row)).encode())
    return sum_.hexdigest()


#: Who reads in the other language too: the guards are the same, so one of each kind will do.
IN_ENGLISH = ("anonymous", "owner", "holder", "clerk", "portal_administrator")
READ = [row for row in ROWS if row.method == "GET"]
TOGETHER = 8  # routes that one look at the whole database is for


def batched(rows: list[Row], size: int) -> list[list[Row]]:
    return [rows[at:at + size] for at in range(0, len(rows), size)]


def test_the_digest_notices_a_change(furnished: Stage) -> None:
    with furnished.undone() as connection:
        before = digest(connection)
        answer = furnished.browser("owner").post("/account", data={"name": "Tên Khác", "language": "en"})
        assert answer.status_code == 303
        assert digest(connection) != before


@pytest.mark.parametrize(("prefix", "actors"), [("", ACTORS), ("/en", IN_ENGLISH)])
def test_no_get_route_changes_anything(furnished: Stage, prefix: str, actors: tuple[str, ...]) -> None:
    with furnished.undone() as connection:
        before = digest(connection)
        for some in batched(READ, TOGETHER):
            for row, actor in product(some, actors):
                read(furnished, row, actor, prefix)
            assert digest(connection) == before, [row.name for row in some]


def read(stage: Stage, row: Row, actor: str, prefix: str) -> None:
    answer = stage.browser(actor).get(prefix + address(stage, row))
    assert answer.status_code < 500 or answer.status_code == 503
    answer.close()
