"""How many applications one person may begin and hand in on a day of Vietnam: far more than anybody needs, and fewer
than would fill the queues of an agency. Said on the pages before it is met; nothing is lost when it is."""
from datetime import datetime, time
from typing import NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, func, select

from portal.dossiers.models import Dossier
from portal.kit import clock
from portal.kit.db import session


class EnoughToday(Exception):
    """The person may begin ("drafts"), or hand in ("submissions"), no more today. `limit`: how many a day."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what} a day")
        self.what, self.limit = what, limit


class Left(NamedTuple):
    """How many more today; None where there is no limit."""

    drafts: int | None
    submissions: int | None


_WHEN = {"drafts": Dossier.created_at, "submissions": Dossier.submitted_at}
_SETTING = {"drafts": "DRAFTS_A_DAY", "submissions": "SUBMISSIONS_A_DAY"}


def left(person_id: int) -> Left:
    """What this person may still do today."""
    return Left(_left("drafts", person_id), _left("submissions", person_id))


def check(what: str, person_id: int) -> None:
    """Raise EnoughToday unless this person may begin, or hand in, one more."""
    if _left(what, person_id) == 0:
        raise EnoughToday(what, int(current_app.config[_SETTING[what]]))


def _left(what: str, person_id: int) -> int | None:
    limit = int(current_app.config[_SETTING[what]])
    if not limit:
        return None
    midnight = datetime.combine(clock.today(), time(), clock.VN)
    since: ColumnElement[bool] = _WHEN[what] >= midnight
    done = session.scalar(select(func.count()).select_from(Dossier).where(Dossier.applicant_id == person_id, since))
    return max(0, limit - (done or 0))
