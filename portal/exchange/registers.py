"""The registers of a desk: documents that came, documents that went, each part of them one query over an index and
paged by the last line; and finding a document in them.

A desk is a unit or a whole agency. What came for the agency itself is at home in its central unit.
"""
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, and_, case, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from portal.catalogue import queries as catalogue
from portal.exchange.due import soon_until
from portal.exchange.models import Copy, Document, Participant
from portal.exchange.models.documents import (
    ANSWERED,
    AWAITED,
    DUE,
    RECALL_ASKED,
    RECALLED,
    WAITING,
)
from portal.exchange.states import Recall, State
from portal.kit import clock
from portal.kit.db import UtcDateTime, session
from portal.kit.text import fold
from portal.papers.models import PaperBook
from portal.people.models import Unit
from portal.people.permissions import Place

PAGE = 50
MANY = 100  # so far is counted in tabs
LOOKED_THROUGH = 20_000  # lines of a desk that one search reads at most, from the newest back
MOST_WORDS = 8
AWAITED_SINCE = timedelta(days=365)  # an answer that is later than this stands in the register alone
OPEN_STATES = tuple(str(one) for one in State if one not in (State.done, State.refused))
IN, OUT = "document_in", "document_out"  # kinds of books (papers.next_number)
_NUMBER = re.compile(r"(\d{1,9})(?:\s*/\s*(.+))?")
_COLUMN = re.compile(r"\b(?:in_number|state|removed_at|recall|answered_at|due_on|sent_at)\b")


def _said(table: str, predicate: str) -> str:
    """A part as an index says it, its columns named with their table."""
    return _COLUMN.sub(lambda found: f"{table}.{found[0]}", predicate)


_WAITING, _ANSWERED, _ASKED, _RECALLED, _AWAITED = (
    _said("exchange_copy", one) for one in (WAITING, ANSWERED, RECALL_ASKED, RECALLED, AWAITED.text))
_DUE = _said("exchange_document", DUE)
#: An answer is still to come: nothing made it needless.
_STILL = (Copy.state != State.refused, Copy.recall.is_distinct_from(Recall.agreed), Copy.replaced_at.is_(None),
          Copy.removed_at.is_(None))


class Desk(NamedTuple):
    """Whose registers. `central`: the unit is its agency's central one, where what came for the agency is at home."""

    place: Place
    central: bool = False


class Page(NamedTuple):
    """Lines, and the place after the last of them where there are more. `until`: how far a search came that did not
    look at everything."""

    rows: list[Any]
    next: str | None
    until: int | None = None


class Tally(NamedTuple):
    """How a document stands at its receivers: how many there are, arrived at, registered or further, done, refused,
    answered; late without an answer; asked to give it back, and gave it back."""

    receivers: int
    arrived: int
    registered: int
    done: int
    refused: int
    answered: int
    late: int
    recall: int
    recalled: int


def search_key(number: str, notation: str, subject: str, organ: str) -> str:
    """By what a document is found: number and notation, subject, who issued it, without marks."""
    return fold(" ".join((f"{number}/{notation}".strip("/"), subject, organ)))[:4000]


# what came

def incoming(desk: Desk, tab: str, *, person_id: int, year: int, after: str = "", size: int = PAGE) -> Page:
    """One part of what came (a key of `INCOMING`). `year`: of the register."""
    part = INCOMING[tab]
    query = _copies().where(*part.where(desk, person_id, year))
    return _paged(query, part.order, part.falling, after, size)


def count_incoming(desk: Desk, tab: str, person_id: int, most: int = MANY) -> int:
    """How many are in a part, counted to `most` and no further."""
    where = INCOMING[tab].where(desk, person_id, 0)
    return session.scalar(select(func.count()).select_from(
        select(Copy.id).where(*where).limit(most).subquery())) or 0


def _copies() -> Select[Any]:
    return select(Copy).join(Copy.document).join(Document.sender).options(
        contains_eager(Copy.document).contains_eager(Document.sender), joinedload(Copy.receiver),
        joinedload(Copy.assignee), joinedload(Copy.assigned_unit))


def _came_to(desk: Desk) -> list[Any]:
    """What came for the desk itself: for its agency as a whole, or for its unit."""
    agency_id, unit_id = desk.place
    if unit_id is None:
        return [Copy.agency_id == agency_id]
    return [Copy.agency_id == agency_id, Copy.unit_id.is_(None)] if desk.central else [Copy.unit_id == unit_id]


def _reached_by(desk: Desk) -> list[Any]:
    """The same, and what was given to the unit to work on."""
    agency_id, unit_id = desk.place
    if unit_id is None:
        return [Copy.agency_id == agency_id]
    return [Copy.agency_id == agency_id, or_(and_(*_came_to(desk)), Copy.unit_id == unit_id,
                                             Copy.assigned_unit_id == unit_id)]


def _new(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    return [*_came_to(desk), text(_WAITING)]


def _registered(desk: Desk, _person_id: int, year: int) -> list[Any]:
    agency_id, unit_id = desk.place
    return [Copy.agency_id == agency_id if unit_id is None else Copy.in_unit_id == unit_id, Copy.in_year == year,
            Copy.in_number.is_not(None)]


def _given(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    return [Copy.assigned_unit_id == desk.place.unit_id, Copy.state.in_(OPEN_STATES)]


def _mine(desk: Desk, person_id: int, _year: int) -> list[Any]:
    return [Copy.assignee_id == person_id, Copy.agency_id == desk.place.agency_id, Copy.state.in_(OPEN_STATES)]


def _due(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    until = soon_until(clock.today(), catalogue.calendar())
    return [*_reached_by(desk), text(_AWAITED), Copy.due_on <= until, Copy.state.in_(OPEN_STATES), *_STILL]


def _answered(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    return [*_reached_by(desk), text(_ANSWERED)]


def _recall(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    return [*_reached_by(desk), text(_ASKED)]


class Part(NamedTuple):
    """A part of a register: what is in it, and the order of its lines."""

    where: Any
    order: tuple[Any, ...]
    falling: bool = True


NEW, REGISTER, GIVEN, MINE, DUE_SOON, DONE, RECALL = "new", "register", "given", "mine", "due", "answered", "recall"
INCOMING = {
    NEW: Part(_new, (Copy.id,)),
    REGISTER: Part(_registered, (Copy.in_number, Copy.id)),
    GIVEN: Part(_given, (Copy.id,)),
    MINE: Part(_mine, (Copy.id,)),
    DUE_SOON: Part(_due, (Copy.due_on, Copy.id), falling=False),
    DONE: Part(_answered, (Copy.answered_at, Copy.id)),
    RECALL: Part(_recall, (Copy.id,)),
}


# what went

def outgoing(desk: Desk, tab: str, *, year: int, after: str = "", size: int = PAGE) -> Page:
    """One part of what went (a key of `OUTGOING`). `year`: of the register."""
    part = OUTGOING[tab]
    if tab == SENT and desk.place.unit_id is not None:
        part = part._replace(order=(Document.out_number, Document.id))
    query = select(Document).options(joinedload(Document.sender)).where(*part.where(desk, 0, year))
    return _paged(query, part.order, part.falling, after, size)


def count_outgoing(desk: Desk, tab: str, year: int, most: int = MANY) -> int:
    """How many are in a part, counted to `most` and no further."""
    where = OUTGOING[tab].where(desk, 0, year)
    return session.scalar(select(func.count()).select_from(
        select(Document.id).where(*where).limit(most).subquery())) or 0


def _went_from(desk: Desk) -> list[Any]:
    agency_id, unit_id = desk.place
    found = [Document.agency_id == agency_id]
    if unit_id is not None:
        found.append(Document.unit_id.is_(None) if desk.central else Document.unit_id == unit_id)
    return found


def _drafts(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    return [*_went_from(desk), Document.sent_at.is_(None), Document.state == "draft"]


def _sent(desk: Desk, _person_id: int, year: int) -> list[Any]:
    if desk.place.unit_id is not None:
        return [Document.out_unit_id == desk.place.unit_id, Document.out_year == year, Document.sent_at.is_not(None)]
    begins, ends = _bounds(year)
    return [Document.agency_id == desk.place.agency_id, Document.sent_at >= begins, Document.sent_at < ends]


def _awaited(desk: Desk, _person_id: int, _year: int) -> list[Any]:
    open_copy = select(Copy.id).where(Copy.document_id == Document.id, Copy.answered_at.is_(None),
                                      Copy.due_on.is_not(None), *_STILL).exists()
    return [*_went_from(desk), text(_DUE), Document.due_on >= clock.today() - AWAITED_SINCE, open_copy]


def _recalls(desk: Desk, _person_id: int, year: int) -> list[Any]:
    begins, ends = _bounds(year)
    asked = select(Copy.id).where(Copy.document_id == Document.id, text(_RECALLED)).exists()
    return [*_went_from(desk), Document.sent_at >= begins, Document.sent_at < ends, asked]


DRAFTS, SENT, OPEN, RECALLS = "drafts", "sent", "awaited", "recalls"
OUTGOING = {
    DRAFTS: Part(_drafts, (Document.id,)),
    SENT: Part(_sent, (Document.sent_at, Document.id)),
    OPEN: Part(_awaited, (Document.due_on, Document.id), falling=False),
    RECALLS: Part(_recalls, (Document.sent_at, Document.id)),
}


def _bounds(year: int) -> tuple[Any, Any]:
    """From when to before when a year lasts, in Vietnam."""
    return datetime(year, 1, 1, tzinfo=clock.VN), datetime(year + 1, 1, 1, tzinfo=clock.VN)


def tallies(document_ids: Collection[int]) -> dict[int, Tally]:
    """How each of these stands at its receivers, in one query; documents without one are left out."""
    if not document_ids:
        return {}
    at_work = (State.registered, State.assigned, State.in_work, State.done)

    def n(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    open_ = and_(Copy.answered_at.is_(None), *_STILL)
    rows = session.execute(select(
        Copy.document_id, func.count(), n(or_(Copy.state.in_(at_work), Copy.state == State.arrived)),
        n(Copy.state.in_(at_work)), n(Copy.state == State.done), n(Copy.state == State.refused),
        n(Copy.answered_at.is_not(None)), n(and_(open_, Copy.due_on < clock.today())), n(Copy.recall == "asked"),
        n(Copy.recall == "agreed"),
    ).where(Copy.document_id.in_(document_ids), Copy.removed_at.is_(None)).group_by(Copy.document_id)).all()
    return {document_id: Tally(*(int(one or 0) for one in rest)) for document_id, *rest in rows}


# books

def books(agency_id: int, kind: str) -> list[tuple[Unit, int]]:
    """The registers that were begun: (unit, year), the newest year first."""
    rows = session.execute(select(Unit, PaperBook.year).join(PaperBook, PaperBook.unit_id == Unit.id).where(
        Unit.agency_id == agency_id, PaperBook.kind == kind).order_by(PaperBook.year.desc(), Unit.id)).all()
    return [(row[0], row[1]) for row in rows]


# finding

def find_incoming(desk: Desk, typed: str, *, before: int | None = None, size: int = PAGE) -> Page:
    """What came to a desk by its own number, number and notation, subject or sender, however it is typed; the newest
    first. One search looks through so many lines, and says where it stopped."""
    window = select(Copy.id.label("id"), Document.search_key.label("key"), Document.number.label("number"),
                    Copy.in_number.label("own")).join(Copy.document).where(*_reached_by(desk))
    if before is not None:
        window = window.where(Copy.id < before)
    found, until = _find(window.order_by(Copy.id.desc()), typed, size)
    rows = session.scalars(_copies().where(Copy.id.in_(found)).order_by(Copy.id.desc())).all() if found else []
    return Page(list(rows), None, until)


def find_outgoing(desk: Desk, typed: str, *, before: int | None = None, size: int = PAGE) -> Page:
    """The same of what went."""
    window = select(Document.id.label("id"), Document.search_key.label("key"), Document.number.label("number"),
                    Document.out_number.label("own")).where(*_went_from(desk))
    if before is not None:
        window = window.where(Document.id < before)
    found, until = _find(window.order_by(Document.id.desc()), typed, size)
    rows = session.scalars(select(Document).options(joinedload(Document.sender)).where(
        Document.id.in_(found)).order_by(Document.id.desc())).all() if found else []
    return Page(list(rows), None, until)


def _find(window: Any, typed: str, size: int) -> tuple[list[int], int | None]:
    """The lines of the window that fit, at most `size`; and the last line looked at, where there may be more."""
    inside = window.limit(LOOKED_THROUGH).subquery()
    wanted = [inside.c.key.contains(word, autoescape=True) for word in fold(typed).split()[:MOST_WORDS]]
    fits = and_(*wanted)
    number = _NUMBER.fullmatch(typed.strip())
    if number and number[2] is None:
        fits = or_(inside.c.own == int(number[1]), inside.c.number == number[1])  # a bare number is no part of a longer
    elif number and (exact := _by_number(window, number[1], number[2], size)):
        return exact, None
    found = list(session.scalars(select(inside.c.id).where(fits).order_by(inside.c.id.desc()).limit(size + 1)))
    if len(found) > size:
        return found[:size], found[size - 1]
    last = session.scalar(window.with_only_columns(
        window.selected_columns["id"]).offset(LOOKED_THROUGH - 1).limit(1))
    return found, last


def _by_number(window: Any, number: str, notation: str, size: int) -> list[int]:
    """The lines with this very number and notation, however old: an index finds them."""
    query = window.with_only_columns(window.selected_columns["id"]).where(
        Document.number == number, Document.notation.in_({notation, notation.upper()}))
    return list(session.scalars(query.limit(size)))


# one document

def copy(copy_id: int) -> Copy | None:
    """One copy with its document, sender, receiver and whose work it is."""
    return session.scalar(_copies().where(Copy.id == copy_id))


def document(document_id: int) -> Document | None:
    """One document with its sender."""
    return session.scalar(select(Document).options(joinedload(Document.sender)).where(Document.id == document_id))


EVERY, UNANSWERED, LATE, REFUSED, BACK = "all", "unanswered", "late", "refused", "recall"
RECEIVERS: Mapping[str, Callable[[], Sequence[Any]]] = {
    EVERY: lambda: (),
    UNANSWERED: lambda: (Copy.answered_at.is_(None), Copy.state != State.refused, Copy.removed_at.is_(None)),
    LATE: lambda: (*RECEIVERS[UNANSWERED](), *_STILL, Copy.due_on < clock.today()),
    REFUSED: lambda: (Copy.state == State.refused, Copy.removed_at.is_(None)),
    BACK: lambda: (Copy.recall.is_not(None), Copy.removed_at.is_(None)),
}


def receivers(document_id: int, part: str = EVERY, *, after: int = 0, size: int = PAGE) -> Page:
    """A document at its receivers, in the order in which they were named; a part of them (a key of RECEIVERS)."""
    rows = list(session.scalars(select(Copy).join(Copy.receiver).options(contains_eager(Copy.receiver)).where(
        Copy.document_id == document_id, Copy.id > after, *RECEIVERS[part]()).order_by(Copy.id).limit(size + 1)))
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def names_of(participant_ids: Iterable[int]) -> Sequence[Participant]:
    """These participants, by their ids."""
    wanted = list(participant_ids)
    return session.scalars(select(Participant).where(Participant.id.in_(wanted)).order_by(Participant.code)).all() \
        if wanted else []


def _paged(query: Select[Any], order: tuple[Any, ...], falling: bool, after: str, size: int) -> Page:
    """A page that goes on after the line named `after` (a value~an id, or an id); the first one for anything else."""
    if (values := _read(order, after)) is not None:
        # compared as one, which an index can seek to
        here = tuple_(*order)
        there = tuple_(*(literal(value, column.type) for column, value in zip(order, values, strict=True)))
        query = query.where(here < there if falling else here > there)
    sorted_by = [column.desc() if falling else column for column in order]
    rows = list(session.scalars(query.order_by(*sorted_by).limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], "~".join(_write(getattr(last, column.key)) for column in order) if last else None)


def _write(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read(order: tuple[Any, ...], after: str) -> list[Any] | None:
    parts = after.split("~")
    if not after or len(parts) != len(order):
        return None
    try:
        return [_value(column.type, part) for column, part in zip(order, parts, strict=True)]
    except ValueError:
        return None


def _value(kind: Any, part: str) -> Any:
    if isinstance(kind, Date):
        return date.fromisoformat(part)
    if isinstance(kind, UtcDateTime):
        found = datetime.fromisoformat(part)
        if found.tzinfo is None:
            raise ValueError(part)
        return found
    if not (part.isascii() and part.isdigit() and len(part) < 10):
        raise ValueError(part)
    return int(part)
