"""Dossiers with a life in October 2026, told through the real verbs."""
from datetime import timedelta
from io import BytesIO
from typing import Any

from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.files import actions as documents
from portal.files.models import RESULT
from portal.intake import feed
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person, Unit
from tests import make

PERIOD = "2026-10"
DAY = timedelta(days=1)


def lived(*steps: tuple[str, float], by: Person | None = None, unit: Unit | None = None, file: bool = False,
          service: Any = None) -> Dossier:
    """(step, days after 5 October) of one dossier. `file`: with a file of the result before it is decided."""
    with clock.pretend(make.OCTOBER):
        made = make.draft(service=service)
        if unit is not None:
            made.unit_id = unit.id
        actions.submit(made, by=made.applicant)
    officer = by or make.officer(made.agency.key)
    for step, days in (("claim", 0.01), *steps):
        with clock.pretend(make.OCTOBER + days * DAY):
            if step == "decide" and file:
                attach_result(made, officer)
            who = made.applicant if step in ("answer", "withdraw") else officer
            getattr(actions, step)(made, by=who, **make.ARGUMENTS.get(step, {}))
    session.commit()
    return made


def attach_result(dossier: Dossier, officer: Person) -> None:
    proven = documents.prove(BytesIO(make.PDF), "kết quả.pdf")
    documents.attach(dossier.owner, RESULT, "Kết quả", proven, by_id=officer.id)


def pushed(*rows: dict[str, Any], agency: str = "H17", number: int = 1) -> None:
    """What the agency's own system tells of its dossiers: rows as they are pushed."""
    with clock.pretend(make.OCTOBER + 40 * DAY):
        answer = feed.ingest(make.agency(agency), list(rows), channel="api", idempotency_key=f"score-{agency}-{number}",
                             key_id=None, body_sha256=f"{number:064}")
    assert answer.accepted == len(rows), answer
    session.commit()


def told(number: int, status: int, days: float, **more: Any) -> dict[str, Any]:
    """A row: so many days after 5 October."""
    return {"code": f"H17.99-261005-{number:04}", "procedure": "1.001193", "status": status,
            "at": (make.OCTOBER + days * DAY).isoformat(), "submitted_at": make.OCTOBER.isoformat(),
            "received_at": make.OCTOBER.isoformat(), "channel": "online"} | more
