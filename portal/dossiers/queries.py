"""Reading dossiers. Each list is one query with an index behind it, keyset-paged."""
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.catalogue import copies
from portal.catalogue.copies import Copies
from portal.catalogue.models import Procedure, Service
from portal.catalogue.reception import Reception
from portal.catalogue.reception import of as receiving
from portal.dossiers import permissions
from portal.dossiers.models import OPEN, UNANSWERED, Dossier, DueChange, Event, SupplementRequest
from portal.dossiers.states import State
from portal.files import queries as documents
from portal.files.models import Attachment, StoredFile
from portal.forms.application import Application, Attached, Gap
from portal.forms.parties import Parties, Party
from portal.forms.parties import of as parties_of
from portal.forms.types.question import Words
from portal.kit import clock, text
from portal.kit.db import session
from portal.law.papers import PaperKind
from portal.papers.models import Paper, ResultEntry
from portal.people import contacts
from portal.people import queries as people
from portal.people.models import Person
from portal.people.permissions import Place

PAGE = 25
#: The order of the queue: what an index holds behind the place.
PRESSING = (Dossier.queue_rank, Dossier.queue_at, Dossier.id)


class After(NamedTuple):
    """The last line of a page of the queue."""

    rank: int
    at: datetime
    id: int


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


UNIT = "commune"  # as a question beside those of the form, and the step that asks it
UNIT_LABEL = {"vi": "Phường, xã tiếp nhận hồ sơ", "en": "Ward or commune that receives the dossier"}


def reception(dossier: Dossier) -> Reception:
    """Who of the agency receives it."""
    return receiving(dossier.service.procedure.government_levels, dossier.agency.kind)


def unit_gaps(dossier: Dossier) -> list[Gap]:
    """That a commune must still be chosen, where one receives it."""
    chosen = dossier.unit_id is not None or reception(dossier) is Reception.agency
    return [] if chosen else [Gap(UNIT, UNIT, UNIT_LABEL)]


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


def _with_service() -> Select[Dossier]:
    return select(Dossier).join(Dossier.service).join(Service.procedure).options(
        contains_eager(Dossier.service).contains_eager(Service.procedure), joinedload(Dossier.agency))


def of_applicant(person: Person, *, before: int | None = None, size: int = PAGE) -> Page:
    """A citizen's own dossiers and drafts, newest first."""
    query = _with_service().where(Dossier.applicant_id == person.id)
    if before is not None:
        query = query.where(Dossier.id < before)
    rows = list(session.scalars(query.order_by(Dossier.id.desc()).limit(size + 1)))
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def open_of(person: Person) -> Sequence[Dossier]:
    """What a citizen handed in that is not closed yet, the newest first."""
    return session.scalars(_with_service().where(Dossier.applicant_id == person.id, OPEN)
                           .order_by(Dossier.id.desc())).all()


def drafts_of(person: Person) -> Sequence[Dossier]:
    """What a citizen began and did not hand in."""
    return session.scalars(select(Dossier).where(Dossier.applicant_id == person.id, Dossier.state == State.draft)).all()


def _at(place: Place) -> Any:
    """What lies there: in one unit, or in the whole agency. One column, so that an index finds it in order."""
    return Dossier.agency_id == place.agency_id if place.unit_id is None else Dossier.unit_id == place.unit_id


def queue(place: Place, *, after: After | None = None, states: Collection[str] = (),
          officer_id: int | None = None, unclaimed: bool = False, size: int = PAGE) -> Page:
    """The open dossiers of a unit or of a whole agency, the most pressing first."""
    query = _with_service().options(joinedload(Dossier.officer), joinedload(Dossier.unit)).where(_at(place), OPEN)
    if states:
        query = query.where(Dossier.state.in_(states))
    if unclaimed:
        query = query.where(Dossier.officer_id.is_(None))
    if officer_id is not None:
        query = query.where(Dossier.officer_id == officer_id)
    if after is not None:
        # compared as one, which an index can seek to; spelled out with OR it would be read from the start
        query = query.where(tuple_(*PRESSING) > tuple_(
            literal(after.rank), literal(after.at, Dossier.queue_at.type), literal(after.id)))
    rows = list(session.scalars(query.order_by(*PRESSING).limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], f"{last.queue_rank}~{last.queue_at.isoformat()}~{last.id}" if last else None)


def queue_counts(place: Place, officer_id: int) -> dict[str, int]:
    """How many are open there, by state, and how many of them are this officer's ("mine")."""
    own = (Dossier.officer_id == officer_id).label("own")  # grouped by its name: two parameters are never one
    rows = session.execute(select(Dossier.state, own, func.count()).where(_at(place), OPEN)
                           .group_by(Dossier.state, own))
    counts: dict[str, int] = {"all": 0, "mine": 0}
    for state, mine, n in rows:
        counts["all"] += n
        counts["mine"] += n if mine else 0
        counts[state] = counts.get(state, 0) + n
    return counts


def held_by(person: Person) -> list[Dossier]:
    """The open dossiers that somebody holds, wherever they lie, in the order of their numbers: who locks them one by
    one never crosses another who does."""
    return list(session.scalars(_with_service().where(OPEN, Dossier.officer_id == person.id).order_by(Dossier.id)))


def colleagues_for(dossier: Dossier) -> list[Person]:
    """Who could bring it further as it stands, by name; who holds it is not among them."""
    return [one for one in people.staff_at(Place(dossier.agency_id, dossier.unit_id))
            if one.id != dossier.officer_id and permissions.may_keep(one, dossier)]


def find_at(place: Place, words: str, *, size: int = PAGE) -> list[Dossier]:
    """The dossiers of a unit or of a whole agency by code, or by the holder's or the applicant's name, however
    it is typed: with or without marks, spaces, apostrophes."""
    typed = words.strip()
    query = _with_service().options(joinedload(Dossier.officer), joinedload(Dossier.unit)).where(
        _at(place), Dossier.state != State.draft)
    found = [Dossier.holder_folded.like(f"%{_plain(text.fold(typed))}%", escape="\\")]
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
