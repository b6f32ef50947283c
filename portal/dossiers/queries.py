"""Reading dossiers. Each list is one query with an index behind it, keyset-paged."""
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.catalogue import copies
from portal.catalogue.copies import Copies
from portal.catalogue.models import Procedure, Service
from portal.catalogue.reception import Reception
from portal.catalogue.reception import of as receiving
from portal.dossiers import permissions
from portal.dossiers.models import OPEN, STRANDED, UNANSWERED, Dossier, DueChange, Event, SupplementRequest
from portal.dossiers.states import State
from portal.files import queries as documents
from portal.files.actions import RESULT
from portal.files.models import Attachment, StoredFile
from portal.forms.application import Application, Attached, Gap, Problem
from portal.forms.parties import Parties, Party
from portal.forms.parties import of as parties_of
from portal.forms.types.question import Words
from portal.kit import clock, text
from portal.kit.db import session
from portal.kit.i18n import _, say
from portal.kit.row_security import reaching_all
from portal.law.papers import PaperKind
from portal.papers.models import Paper, ResultEntry
from portal.people import contacts
from portal.people import queries as people
from portal.people.models import Agency, Person, Unit
from portal.people.permissions import Place

PAGE = 25


@dataclass(frozen=True)
class Page:
    """One page of dossiers; `next` is the key to ask for the following one, or None."""

    rows: list[Dossier]
    next: str | None


class Outline(NamedTuple):
    """Of a dossier what says who may see it."""

    state: str
    agency_id: int
    unit_id: int | None
    applicant_id: int
    officer_id: int | None


NOBODYS = Outline(State.submitted, 0, None, 0, None)


def outline(dossier_id: int) -> Outline:
    """Who may see a dossier is asked of this, before any more of it is read: of one that is not there, of NOBODYS, so
    that it takes as long to refuse as somebody else's."""
    row = session.execute(select(Dossier.state, Dossier.agency_id, Dossier.unit_id, Dossier.applicant_id,
                                 Dossier.officer_id).where(Dossier.id == dossier_id)).first()
    return NOBODYS if row is None else Outline(*row)


def get(dossier_id: int) -> Dossier | None:
    """A dossier with all that its page shows, or None."""
    return session.scalar(
        select(Dossier).where(Dossier.id == dossier_id).options(
            joinedload(Dossier.service).joinedload(Service.procedure).joinedload(Procedure.sector),
            joinedload(Dossier.terms), joinedload(Dossier.agency), joinedload(Dossier.unit),
            joinedload(Dossier.applicant), joinedload(Dossier.officer),
            selectinload(Dossier.events).joinedload(Event.by),
            selectinload(Dossier.requests).selectinload(SupplementRequest.items),
            selectinload(Dossier.requests).joinedload(SupplementRequest.by),
            selectinload(Dossier.due_changes).joinedload(DueChange.by)))


def went_to(dossier_id: int, person: Person) -> str | None:
    """The unit in which a dossier lies now that somebody of the staff took a step with; None for everybody else."""
    if not person.staff or not person.roles:
        return None
    with reaching_all():
        return session.scalar(select(Unit.name).join(Dossier, Dossier.unit_id == Unit.id).where(
            Dossier.id == dossier_id, Dossier.agency_id.in_([held.agency_id for held in person.roles]),
            exists().where(Event.dossier_id == Dossier.id, Event.by_id == person.id)))


def by_code(code: str) -> Dossier | None:
    """The dossier that was handed in here under this code; None for one of an agency's own system too."""
    number = session.scalar(select(Dossier.id).where(Dossier.code == code))
    return get(number) if number else None


def application(dossier: Dossier, attachments: Iterable[Attached] | None = None) -> Application:
    """The form, the answers and the files that count, put together; `attachments` where they are read already."""
    form = dossier.terms.form
    counting = documents.attachments_of(dossier.owner) if attachments is None else attachments
    return Application(form.definition if form else None, dossier.answers, counting)


def parties(dossier: Dossier, account: Person | None = None) -> Parties:
    """Who is who in it: by its answers, and, once it is handed in, by the names that were kept then."""
    who = account or dossier.applicant
    name = dossier.handed_in_by if account is None else who.name
    own = Party(name, phone=contacts.shown(who.phone), email=who.email or "") if name == who.name else Party(name)
    return parties_of(application(dossier, ()), own)


def copies_of(dossier: Dossier) -> Copies | None:
    """What the copies cost that are asked for, on the day of receipt or today; None where there is no such fee."""
    count = application(dossier, ()).values.get(copies.ASKED_BY, 0)
    return copies.of(dossier.service.procedure.code, day=clock.day_of(dossier.received_at or clock.now()),
                     channel=dossier.channel, count=count)


def results(dossier: Dossier) -> list[Attachment]:
    """The files of the result."""
    return [one for one in documents.attachments_of(dossier.owner) if one.key == RESULT]


UNIT = "commune"  # as a question beside those of the form, and the step that asks it
UNIT_LABEL = {"vi": "Phường, xã tiếp nhận hồ sơ", "en": "Ward or commune that receives the dossier"}


def reception(dossier: Dossier) -> Reception:
    """Who of the agency receives it."""
    return receiver(dossier.service)


def receiver(service: Service) -> Reception:
    """Who of the agency receives the dossiers of a service."""
    return receiving(service.procedure.government_levels, service.agency.kind)


def unit_gaps(dossier: Dossier) -> list[Gap]:
    """That a commune must still be chosen, where one receives it."""
    chosen = dossier.unit_id is not None or reception(dossier) is Reception.agency
    return [] if chosen else [Gap(UNIT, UNIT, UNIT_LABEL)]


def problems(dossier: Dossier, application: Application) -> list[Problem]:
    """What is not right in a draft: its answers, and what was typed in a step and is no answer. An answer of before
    that stands behind such a text is not what the applicant wants to say."""
    found = [*application.errors, *_elsewhere(dossier, application)]
    told = {gap.step for gap in application.gaps} | {problem.step for problem in found}
    return found + [Problem(step["key"], step["fields"][0]["key"], _(
        "In “%(step)s” stands something that is not right yet: look at it again", step=say(step["title"])))
        for step in application.steps if step["key"] in (dossier.typed or {}) and step["key"] not in told]


def _elsewhere(dossier: Dossier, application: Application) -> list[Problem]:
    """Addresses that decide which province receives it, and lie in another."""
    here = dossier.agency.gso_code
    return [Problem(step, q["key"], _("“%(question)s” lies in another province: %(agency)s cannot receive it. Check "
                                      "the address, or apply to the province where it is",
                                      question=say(q["label"]), agency=dossier.agency.name))
            for step, q in application.asked if q.get("in_agency") and here
            and (address := application.values.get(q["key"])) and address["province"] != here]


def communes_in(dossier: Dossier) -> dict[str, Words]:
    """The codes of the communes in the form's addresses, in its order, each with the question that named it first."""
    put, found = application(dossier, ()), dict[str, Words]()
    for _step, q in put.asked:
        if q["kind"] == "address" and (address := put.values.get(q["key"])):
            found.setdefault(address["ward"], q["label"])
    return found


def by_submit_key(key: str) -> Dossier | None:
    """The dossier that a form's key has already made."""
    return session.scalar(select(Dossier).where(Dossier.submit_key == key))


def draft_of(person: Person, service: Service) -> Dossier | None:
    """This person's newest draft for this service, so that "apply" goes on where they stopped."""
    return session.scalar(
        select(Dossier).where(Dossier.applicant_id == person.id, Dossier.service_id == service.id,
                              Dossier.state == State.draft).order_by(Dossier.id.desc()).limit(1))


def with_service() -> Select[Dossier]:
    """Dossiers with what a line of a list shows of their service."""
    return select(Dossier).join(Dossier.service).join(Service.procedure).options(
        contains_eager(Dossier.service).contains_eager(Service.procedure), joinedload(Dossier.agency))


def of_applicant(person: Person, *, before: int | None = None, size: int = PAGE) -> Page:
    """A citizen's own dossiers and drafts, newest first."""
    query = with_service().where(Dossier.applicant_id == person.id)
    if before is not None:
        query = query.where(Dossier.id < before)
    rows = list(session.scalars(query.order_by(Dossier.id.desc()).limit(size + 1)))
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def open_of(person: Person) -> Sequence[Dossier]:
    """What a citizen handed in that is not closed yet, the newest first."""
    return session.scalars(with_service().where(Dossier.applicant_id == person.id, OPEN)
                           .order_by(Dossier.id.desc())).all()


def drafts_of(person: Person) -> Sequence[Dossier]:
    """What a citizen began and did not hand in."""
    return session.scalars(select(Dossier).where(Dossier.applicant_id == person.id, Dossier.state == State.draft)).all()


def at(place: Place) -> Any:
    """What lies there: in one unit, or in the whole agency. One column, so that an index finds it in order."""
    return Dossier.agency_id == place.agency_id if place.unit_id is None else Dossier.unit_id == place.unit_id


def held_by(person: Person) -> list[Dossier]:
    """The open dossiers that somebody holds, wherever they lie, in the order of their numbers: who locks them one by
    one never crosses another who does."""
    return list(session.scalars(with_service().where(OPEN, Dossier.officer_id == person.id).order_by(Dossier.id)))


def colleagues_for(dossier: Dossier) -> list[Person]:
    """Who could bring it further as it stands, by name; who holds it is not among them."""
    return [one for one in people.staff_at(Place(dossier.agency_id, dossier.unit_id))
            if one.id != dossier.officer_id and permissions.may_keep(one, dossier)]


def would_leave(person: Person, but: Any = None) -> list[Dossier]:
    """What somebody holds and could not bring further once the account is closed, or once the role `but` has ended.
    Whoever may do that may know of them, wherever they lie: asked for there."""
    with reaching_all():
        return [one for one in held_by(person) if but is None or not permissions.may_keep(person, one, but)]


def could_take(held: Iterable[Dossier], leaving: Person) -> list[Person]:
    """The colleagues who could bring at least one of them further, by name."""
    found = dict[int, Person]()
    there = dict[Place, Sequence[Person]]()
    for dossier in held:
        place = Place(dossier.agency_id, dossier.unit_id)
        if place not in there:
            there[place] = people.staff_at(place)
        found |= {one.id: one for one in there[place] if one.id not in found and one.id != leaving.id
                  and permissions.may_keep(one, dossier)}
    return sorted(found.values(), key=lambda one: text.vi_key(one.name))


class Group(NamedTuple):
    """The open dossiers of one unit in one state in one hand."""

    agency_id: int
    unit_id: int | None
    state: str
    officer_id: int | None
    number: int


def groups_of(agency_id: int) -> list[Group]:
    """All that is open at an agency."""
    by = (Dossier.agency_id, Dossier.unit_id, Dossier.state, Dossier.officer_id)
    rows = session.execute(select(*by, func.count()).where(Dossier.agency_id == agency_id, OPEN).group_by(*by))
    return [Group(*row) for row in rows]


def in_group(group: Group) -> Any:
    """The rows of a group, as a condition."""
    return and_(Dossier.agency_id == group.agency_id, Dossier.unit_id.is_not_distinct_from(group.unit_id), OPEN,
                Dossier.state == group.state, Dossier.officer_id.is_not_distinct_from(group.officer_id))


def agencies_at_work() -> Sequence[int]:
    """The agencies that have open dossiers."""
    return session.scalars(select(Agency.id).where(exists().where(Dossier.agency_id == Agency.id, OPEN))
                           .order_by(Agency.id)).all()


def stranded(agencies: Collection[int] | None, *, after: int = 0, size: int = PAGE) -> Page:
    """What nobody can act on, as the night found: at these agencies, or (None) anywhere. Whoever keeps their people may
    know of it, and reads of each no more than its code, its procedure and where it lies."""
    query = with_service().options(joinedload(Dossier.officer), joinedload(Dossier.unit)).where(
        STRANDED, Dossier.id > after)
    if agencies is not None:
        query = query.where(Dossier.agency_id.in_(agencies))
    with reaching_all():
        rows = list(session.scalars(query.order_by(Dossier.id).limit(size + 1)))
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def find_at(place: Place, words: str, *, size: int = PAGE) -> list[Dossier]:
    """The dossiers of a unit or of a whole agency by code, or by the holder's or the applicant's name, however
    it is typed: with or without marks, spaces, apostrophes."""
    typed = words.strip()
    query = with_service().options(joinedload(Dossier.officer), joinedload(Dossier.unit)).where(
        at(place), Dossier.state != State.draft)
    found: list[ColumnElement[bool]] = [Dossier.holder_folded.like(f"%{_plain(text.fold(typed))}%", escape="\\")]
    if any(c.isdigit() for c in typed):
        found.append(Dossier.code.like(f"%{_plain(typed.upper())}%", escape="\\"))
    if key := text.name_key(typed):
        found.append(Dossier.names_key.contains(key, autoescape=True))
    query = query.where(or_(*found))
    return list(session.scalars(query.order_by(Dossier.id.desc()).limit(size)))


def _plain(typed: str) -> str:
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def silent(now: datetime) -> Sequence[int]:
    """Requests that were not answered in time."""
    return session.scalars(_unanswered().where(SupplementRequest.answer_until <= now)).all()


def to_remind(now: datetime, soon: datetime) -> Sequence[int]:
    """Requests whose time to answer runs out soon, and nobody was reminded."""
    return session.scalars(_unanswered().where(
        SupplementRequest.answer_until > now, SupplementRequest.answer_until <= soon,
        SupplementRequest.reminded_at.is_(None))).all()


def to_tell() -> Sequence[int]:
    """Requests of which the applicant does not know yet until when to answer: older than the rules by which silence
    ends a dossier."""
    return session.scalars(_unanswered().where(SupplementRequest.told_at.is_(None))).all()


def _unanswered() -> Select[int]:
    return select(SupplementRequest.id).where(UNANSWERED).order_by(SupplementRequest.answer_until)


def counted_otherwise(edition: str, after_id: int, size: int) -> Sequence[int]:
    """Open dossiers with a due date that was counted by the days of another edition of the calendar."""
    return session.scalars(
        select(Dossier.id).where(OPEN, Dossier.id > after_id, Dossier.due_at.is_not(None),
                                 Dossier.calendar_edition.is_distinct_from(edition))
        .order_by(Dossier.id).limit(size)).all()


def without_entry(limit: int) -> Sequence[int]:
    """Dossiers whose result was handed over as a file that nobody can verify, the newest first."""
    return session.scalars(
        select(Dossier.id).join(StoredFile, (StoredFile.owner_kind == "dossier") & (StoredFile.owner_id == Dossier.id))
        .join(Attachment, Attachment.file_id == StoredFile.id)
        .outerjoin(ResultEntry, ResultEntry.file_id == StoredFile.id)
        .where(Dossier.state == State.returned, Attachment.key == "result", Attachment.replaced_at.is_(None),
               ResultEntry.id.is_(None)).distinct().order_by(Dossier.id.desc()).limit(limit)).all()


def without_paper(limit: int) -> Sequence[int]:
    """Dossiers that were accepted or refused and have no paper that says so, the newest first."""
    issued = exists().where(Paper.owner_kind == "dossier", Paper.owner_id == Dossier.id,
                            Paper.kind.in_((PaperKind.receipt, PaperKind.refusal)))
    return session.scalars(select(Dossier.id).where(
        (Dossier.received_at.is_not(None)) | (Dossier.state == State.not_received), ~issued)
        .order_by(Dossier.id.desc()).limit(limit)).all()
