"""What the public page of a dossier reads: records and steps, and of other tables only what agencies and units are
called."""
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, literal_column, select

from portal.catalogue.sensitive import is_sensitive
from portal.kit.hot import reading
from portal.law.statuses import Status
from portal.people.models import Agency, Unit
from portal.progress import merging
from portal.progress.estimates import Usual
from portal.progress.models import ProgressEstimate, ProgressRecord, ProgressStep
from portal.progress.updates import PORTAL

_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_agency: Any = Agency.__table__
_unit: Any = Unit.__table__


class Step(NamedTuple):
    """What happened, the national status after it, and when.

    `due_at` is the due moment as it stood after the step, where the step told it; `reason` a short code;
    `step_due_at` by when this step itself was to be done.
    """

    step: str
    status: int
    at: datetime
    due_at: datetime | None = None
    reason: str | None = None
    correction: bool = False
    step_due_at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """All that the public may know about one dossier. Moments are aware UTC. While it is the same, so is the object.

    `unit_name`: the part of the agency, where one is told. `first_due_at`: the due moment that was set first,
    where it was moved since; `missed_due_at`: the one that had passed when a new one was told. `usual_here`,
    `usual_anywhere`: how long dossiers of this procedure usually take from this stage on, in this agency and in
    the country.
    `is_own`: the dossier is one of this portal.
    Of a sensitive procedure the agency alone is told: no unit, procedure, service or level, nor usual times, by which
    it could be known.
    """

    code: str
    agency_key: str
    agency_name: str
    unit_name: str | None
    procedure_code: str | None
    service_name: str | None
    level: int | None
    channel: str
    status: int
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    timing: str | None
    changed_at: datetime
    first_due_at: datetime | None
    missed_due_at: datetime | None
    corrected: bool
    usual_here: Usual | None
    usual_anywhere: Usual | None
    steps: tuple[Step, ...]
    is_own: bool = False

    @property
    def deadline(self) -> datetime | None:
        """The due moment by which it is in time or late: one that was missed stays it."""
        return self.missed_due_at or self.due_at


_SUBMIT, _ACCEPT = merging.WORDS[Status.registered], merging.WORDS[Status.received]
_OF_A_RECORD = ("procedure_code", "service_name", "level", "channel", "status", "submitted_at", "received_at",
                "due_at", "stopped_at", "finished_at", "timing", "changed_at", "first_due_at", "missed_due_at",
                "corrected", "source")
_here: Any = ProgressEstimate.__table__.alias("here")
_anywhere: Any = ProgressEstimate.__table__.alias("anywhere")


def _usual_of(table: Any, agency_id: Any) -> Any:
    """The usual time from the stage in which the dossier is; a join that finds one row or none."""
    return and_(table.c.agency_id == agency_id, table.c.procedure_code == _record.c.procedure_code,
                table.c.stage == _record.c.status)


_BY_CODE = (
    select(_record.c.code, _agency.c.key, _agency.c.name, _unit.c.name, *(_record.c[name] for name in _OF_A_RECORD),
           *(table.c[name] for table in (_here, _anywhere) for name in ("p50", "p90", "cases")),
           reading.gathered([_step.c[name] for name in Step._fields], _step.c.record_id == _record.c.id,
                            _step.c.position))
    .select_from(_record.join(_agency, _agency.c.id == _record.c.agency_id)
                 .outerjoin(_unit, _unit.c.id == _record.c.unit_id)
                 .outerjoin(_here, _usual_of(_here, _record.c.agency_id))
                 .outerjoin(_anywhere, _usual_of(_anywhere, literal_column("0"))))
    .where(_record.c.code == bindparam("code")))
_FIELDS = ("code", "agency_key", "agency_name", "unit_name", *_OF_A_RECORD)
_MOMENTS = tuple(name for name in _FIELDS if name.endswith("_at"))
_OWN = len(_FIELDS)
_STEPS = _OWN + 6  # two usual times of three numbers stand between


def by_code(code: str) -> Published | None:
    """What is published about a dossier, in one statement. `code` as codes.parse writes it."""
    found = reading.rows(_BY_CODE, code=code)
    return _told(found[0]) if found else None


@lru_cache(maxsize=1_000)
def _told(row: tuple[Any, ...]) -> Published:
    """The row of _BY_CODE as one dossier: the same row is read once."""
    steps = [_step_of(*step) for step in json.loads(row[_STEPS] or "[]")]
    own: dict[str, Any] = dict(zip(_FIELDS, row, strict=False))
    own |= {name: reading.moment_or_none(own[name]) for name in _MOMENTS} | {"corrected": bool(own["corrected"])}
    own["is_own"] = own.pop("source") == PORTAL
    steps = with_known(steps, own["submitted_at"], own["received_at"])
    here, anywhere = row[_OWN:_OWN + 3], row[_OWN + 3:_STEPS]
    if is_sensitive(own["procedure_code"]):
        own |= dict.fromkeys(("unit_name", "procedure_code", "service_name", "level"))
        here = anywhere = (0, 0, 0)
    return Published(**own, steps=tuple(steps), usual_here=Usual(*here) if here[2] else None,
                     usual_anywhere=Usual(*anywhere) if anywhere[2] else None)


def with_known(steps: Sequence[Step], submitted_at: datetime, received_at: datetime | None) -> list[Step]:
    """The steps, and before them those that nobody told as steps and whose moments somebody told: a dossier of which
    the first news is that it is settled was handed in and accepted before, as its own dates say."""
    if not steps:
        return []
    begun, told = min(step.at for step in steps), {step.step for step in steps}
    if told & {_SUBMIT, _ACCEPT}:
        return [*steps]
    known = []
    if received_at and received_at < begun:
        known.append(Step(_ACCEPT, int(Status.received), received_at))
        begun = received_at
    if (known or submitted_at < begun) and submitted_at <= begun:
        known.insert(0, Step(_SUBMIT, int(Status.registered), submitted_at))
    return [*known, *steps]


def _step_of(step: str, status: int, at: Any, due_at: Any, reason: str | None, correction: Any,
             step_due_at: Any) -> Step:
    return Step(step, status, reading.moment(at), reading.moment_or_none(due_at), reason, bool(correction),
                reading.moment_or_none(step_due_at))
