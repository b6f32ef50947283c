"""Other people's things, asked for by number and by everybody: none is shown, told of or changed. A few for each role
here, 500 by `make fuzz`."""
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers.models import Dossier
from portal.files import queries as documents
from portal.kit.db import session
from portal.people import queries as people
from tests import make
from tests.conftest import bound
from tests.house.conftest import Stage
from tests.house.fuzzing import with_query
from tests.house.matrix import ACTORS, READERS, ROWS
from tests.house.test_routes import routes

EACH = int(os.environ.get("PORTAL_TEST_FOREIGN") or 3)
STATES = ("draft", "submitted", "checking", "waiting", "processing", "decided", "returned")
DATA: dict[tuple[str, str], Any] = {(row.method, row.endpoint): dict(row.data) for row in ROWS if row.data}


@pytest.fixture(scope="module")
def elsewhere(furnished: Stage) -> Iterator[dict[str, Any]]:
    """Dossiers of a stranger at H26, and where that stranger is reached."""
    with bound(furnished.app), furnished.app.app_context():
        stranger = make.citizen(name="Trần Thị Canary", email="canary@example.vn")
        officer = make.officer("H26")
        made = [make.dossier(state, by=stranger, officer=officer, service=make.service(at="H26")) for state in STATES]
        found = {"dossiers": [one.id for one in made], "contact": stranger.email, "officer": officer.id,
                 "membership": officer.memberships[0].id, "unit": people.central_unit(make.agency("H26").id).id,
                 "attachments": [documents.attachments_of(one.owner)[0].id for one in made]}
        session.close()
    yield found


def foreign(stage: Stage, elsewhere: dict[str, Any], actor: str) -> tuple[list[int], list[int], list[str]]:
    """Dossiers, attachments and contacts that are not this actor's to see."""
    of_h17, with_h17 = list(stage.dossiers.values()), list(stage.attachments.values())
    with stage.app.app_context(), bound(stage.app):
        owner = people.person(stage.people["owner"])
        contact = (owner.email or "") if owner else ""
        session.close()
    if actor == "owner" or actor in READERS:
        return elsewhere["dossiers"], elsewhere["attachments"], [elsewhere["contact"]]
    if actor == "elsewhere":
        return of_h17, with_h17, [contact]
    return [*of_h17, *elsewhere["dossiers"]], [*with_h17, *elsewhere["attachments"]], [contact, elsewhere["contact"]]


def addresses(stage: Stage, elsewhere: dict[str, Any], actor: str,
              rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """(method, endpoint, address) of foreign things, without end. Of one's own dossier, foreign parts."""
    dossiers, attachments, _contacts = foreign(stage, elsewhere, actor)
    asked = [(method, rule) for method, rule in routes(stage.app) if rule.arguments & {
        "dossier_id", "person_id", "unit_id", "job_id", "agency_id"}
        and not (actor == "portal_administrator" and rule.endpoint.startswith("admin."))]
    own = [number for number in stage.dossiers.values() if number not in dossiers]
    while True:
        method, rule = rng.choice(asked)
        of_own = own and rule.arguments >= {"attachment_id"} and rng.random() < 0.5
        numbers = {
            "dossier_id": rng.choice(own if of_own else dossiers), "attachment_id": rng.choice(attachments),
            "paper_id": stage.paper_id, "person_id": elsewhere["officer"], "membership_id": elsewhere["membership"],
            "unit_id": elsewhere["unit"], "job_id": stage.dead_job_id, "agency_id": 1, "competence_id": 1, "last_id": 1}
        url = rule.rule
        for name in rule.arguments:
            value = numbers.get(name, "papers")
            url = "".join(str(value) if part.endswith(f"{name}>") else part for part in _parts(url))
        yield method, rule.endpoint, with_query(url, rng.choice(("", "before=9", "step=papers", "size=A5")))


def _parts(url: str) -> list[str]:
    found, rest = [], url
    while "<" in rest:
        before, _open, rest = rest.partition("<")
        inside, _close, rest = rest.partition(">")
        found += [before, f"<{inside}>"]
    return [*found, rest]


def _is_own(stage: Stage, url: str, actor: str) -> bool:
    """Whether the dossier of the address is one that the actor reads: a foreign part of it is looked for after the
    reason for looking was asked."""
    return actor in READERS and any(f"/dossiers/{number}/" in url for number in stage.dossiers.values())


def as_it_stands() -> list[Any]:
    return [tuple(row) for row in session.execute(select(
        Dossier.id, Dossier.state, Dossier.version, Dossier.officer_id, Dossier.changed_at).order_by(Dossier.id))]


@pytest.mark.parametrize("actor", ACTORS)
def test_what_is_another_persons_is_neither_shown_nor_changed(furnished: Stage, elsewhere: dict[str, Any],
                                                              actor: str) -> None:
    rng = random.Random(f"{actor}{os.environ.get('PORTAL_TEST_SEED', '')}")
    asked, wrong = addresses(furnished, elsewhere, actor, rng), []
    contacts = foreign(furnished, elsewhere, actor)[2]
    with furnished.undone():
        with furnished.app.app_context():
            before = as_it_stands()
            session.close()
        for _ in range(EACH):
            method, endpoint, url = next(asked)
            answer = furnished.browser(actor).open(url, method=method, data=DATA.get((method, endpoint)))
            to_sign_in = answer.status_code == 303 and answer.location.split("?")[0] == "/sign-in"
            asked_why = answer.status_code == 303 and "/why" in answer.location and _is_own(furnished, url, actor)
            if not (answer.status_code in (403, 404) or asked_why or (to_sign_in and actor == "anonymous")):
                wrong.append((answer.status_code, method, url))
            if any(contact.encode() in answer.data for contact in contacts):
                wrong.append(("shown", method, url))
            answer.close()
        with furnished.app.app_context():
            assert as_it_stands() == before
            session.close()
    assert wrong == []
