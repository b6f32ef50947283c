"""Plans that agencies issued for a programme: registered with the document that is the plan, withdrawn with a reason,
and who has one on a day. Actions flush, the edge commits.

That an agency issued a plan, with its number, day and title, is public. What the plan says is so only where whoever
registered it said that its file may be read by everybody, and a scanner found the file clean (decision 0109).
"""
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.exchange import queries as exchange
from portal.exchange.models import Document
from portal.files import actions as files
from portal.files import queries as stored
from portal.files import scanning
from portal.files.models import Attachment, StoredFile
from portal.kit import clock
from portal.kit.db import session
from portal.oversight.models import ActionPlan
from portal.people.models import Agency, Person

LONGEST_REASON = 2000
PAGE = 50
FILE = "plan"
LABEL = "Kế hoạch"


class AlreadyThere(ValueError):
    """The agency has registered this plan already."""


class NoDocument(ValueError):
    """A plan has its document: one of the exchange that the agency issued, or a file."""


class NotYetIssued(ValueError):
    """The day on which it was issued is still to come."""


class NeedsReason(ValueError):
    """It must be said why."""


class Withdrawn(Exception):
    """It was withdrawn already."""


def document_of(agency: Agency, number: str, issued_on: date | None) -> Document | None:
    """The document of the exchange with this number and day that the agency itself issued."""
    found = exchange.document_numbered(number, issued_on)
    return found if found is not None and found.agency_id == agency.id else None


def register(agency: Agency, programme: str, number: str, issued_on: date, title: str, *, by: Person,
             document: Document | None = None, proven: files.Proven | None = None, public: bool = False) -> ActionPlan:
    """Register a plan. Without `document`, the exchange's document of its number and day is taken, where the agency
    issued one. `public`: everybody may open the file. Raises AlreadyThere, NoDocument, NotYetIssued,
    kit.files.Refused."""
    if issued_on > clock.today():
        raise NotYetIssued
    document = document or document_of(agency, number, issued_on)
    if (document is None and proven is None) or (document is not None and document.agency_id != agency.id):
        raise NoDocument
    session.get(Agency, agency.id, with_for_update=True)  # of two who register the same, the second sees the first's
    if session.scalar(select(ActionPlan.id).where(
            ActionPlan.agency_id == agency.id, ActionPlan.programme == programme, ActionPlan.number == number,
            ActionPlan.issued_on == issued_on, ActionPlan.withdrawn_at.is_(None))) is not None:
        raise AlreadyThere
    made = ActionPlan(agency_id=agency.id, programme=programme, number=number, issued_on=issued_on, title=title,
                      document_id=document.id if document else None, public=public and proven is not None,
                      registered_at=clock.now(), registered_by_id=by.id)
    session.add(made)
    session.flush()
    if proven is not None:
        files.attach(made.owner, FILE, LABEL, proven, by_id=by.id)
    return made


def withdraw(plan: ActionPlan, reason: str, by: Person) -> None:
    """It was registered in error, or holds no longer; from today on the agency does not have it. Raises NeedsReason,
    Withdrawn."""
    if not reason.strip():
        raise NeedsReason
    session.refresh(plan, with_for_update={"of": ActionPlan})
    if plan.withdrawn_at is not None:
        raise Withdrawn
    plan.withdrawn_at, plan.withdrawn_by_id = clock.now(), by.id
    plan.withdrawn_why = reason.strip()[:LONGEST_REASON]
    session.flush()


def of(programme: str, day: date) -> Mapping[int, ActionPlan]:
    """By agency, the newest plan for the programme that was issued by that day and not withdrawn by its end."""
    over = _end_of(day)
    rows = session.scalars(select(ActionPlan).where(
        ActionPlan.programme == programme, ActionPlan.issued_on <= day,
        or_(ActionPlan.withdrawn_at.is_(None), ActionPlan.withdrawn_at >= over)).order_by(
        ActionPlan.issued_on, ActionPlan.id))
    return {one.agency_id: one for one in rows}


def programmes() -> Sequence[str]:
    """The programmes for which a plan was registered, by name."""
    return session.scalars(select(ActionPlan.programme).distinct().order_by(ActionPlan.programme)).all()


def of_agency(agency_id: int, size: int = PAGE) -> Sequence[ActionPlan]:
    """An agency's plans, those withdrawn too, the newest first."""
    return session.scalars(select(ActionPlan).where(ActionPlan.agency_id == agency_id).order_by(
        ActionPlan.issued_on.desc(), ActionPlan.id.desc()).limit(size)).all()


def plan(plan_id: int) -> ActionPlan | None:
    """One plan with its agency."""
    return session.scalar(select(ActionPlan).where(ActionPlan.id == plan_id).options(joinedload(ActionPlan.agency)))


def file_of(plan: ActionPlan) -> Attachment | None:
    """The file that is the plan, where it was uploaded."""
    return next(iter(stored.attachments_of(plan.owner)), None)


def public_files(plans: Collection[ActionPlan]) -> Mapping[int, Attachment]:
    """By plan, the file where everybody may open it: the agency said so, the plan holds, and a scanner found nothing in
    it. One that nobody scanned is for the desk alone."""
    shown = {one.id for one in plans if one.public and one.withdrawn_at is None}
    rows = session.scalars(select(Attachment).join(Attachment.file).where(
        StoredFile.owner_kind == "plan", StoredFile.owner_id.in_(shown), Attachment.replaced_at.is_(None)).options(
        contains_eager(Attachment.file)).order_by(Attachment.id.desc()))
    return {one.file.owner_id: one for one in rows if scanning.standing(one.file) == scanning.Standing.clean}


def _end_of(day: date) -> datetime:
    return datetime.combine(day + date.resolution, time.min, clock.VN)
