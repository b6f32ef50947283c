"""Words of agencies' systems that nobody knew: what waits for them, what they were said to mean, taking the rows in.

The rows that waited are taken piece by piece. Each piece becomes a batch of the feed under a key of its own, so that a
worker that dies begins again where it was, and everybody can see what became of the rows. Such a batch is no sign of
life of its agency: the rows had arrived before.
"""
import json
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_, union_all

from portal.catalogue import queries as catalogue
from portal.intake import feed, queries
from portal.intake.models import ProgressBatch, ProgressMapping, ProgressQuarantine
from portal.kit import clock, files, jobs
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.upsert import insert
from portal.law import codes, statuses
from portal.people.models import Agency, Person

MAPPED = ("status_unknown", "procedure_unknown", "agency_unknown")
PAGE = 50
PIECE = 500  # rows taken at once; as few as this are taken while the administrator waits
EXAMPLES = 5
CHANNEL: Any = "replay"  # rows come in by the feed's channels; these have come in already
_ASKED = 500  # pieces looked up by one statement
_FULL = {result[0]: result for result in feed.RESULTS}
log = logging.getLogger(__name__)
_quarantine: Any = ProgressQuarantine.__table__


class Place(NamedTuple):
    """A word of an agency's system: where a list stands. `reason` is one of MAPPED."""

    reason: str
    value: str
    agency_id: int


class Word(NamedTuple):
    """A word with how many rows wait for it, since when (None where none waits), and what it means (None: unknown).

    `by`: the name of who said so, and when; None where that is not known.
    """

    agency_id: int
    agency_key: str
    agency_name: str
    reason: str
    value: str
    rows: int
    since: datetime | None
    means: str | None = None
    by: str | None = None
    mapped_at: datetime | None = None

    @property
    def place(self) -> Place:
        return Place(self.reason, self.value, self.agency_id)


class Example(NamedTuple):
    """A row that waits: the dossier's code, procedure and status as they were told, and the moment that it tells of."""

    code: str
    procedure: str
    status: str
    at: datetime


@dataclass(frozen=True)
class Taking:
    """What became of the rows that waited for a word, so far. `why`: how many by (result, field, reason)."""

    place: Place
    done: int
    total: int
    counts: Counter[str]
    why: Counter[tuple[str, str, str]]

    @property
    def finished(self) -> bool:
        """Whether no row waits for the word any more."""
        return self.done == self.total


def waiting(agency_id: int | None = None, reason: str | None = None, after: Place | None = None,
            size: int | None = PAGE) -> list[Word]:
    """Up to `size` words that nobody knows yet, by reason, word and agency, of one agency or all, after a place;
    None: all there are. What waits for its dossier needs nobody.

    One statement: a part for each reason, so that each reads the index of what waits in its order and stops.
    """
    reasons = [each for each in sorted(MAPPED) if reason in (None, each) and (not after or each >= after.reason)]
    if not reasons:
        return []
    found = union_all(*(_of_reason(each, agency_id, after, size) for each in reasons)).subquery()
    rows = session.execute(
        select(found.c.agency_id, Agency.key.label("agency_key"), Agency.name.label("agency_name"), found.c.reason,
               found.c.value, found.c.rows, found.c.since)
        .join(Agency, Agency.id == found.c.agency_id)
        .order_by(found.c.reason, found.c.value, found.c.agency_id).limit(size))
    return [Word(**row) for row in rows.mappings()]


def mapped(agency_id: int | None = None, reason: str | None = None, after: Place | None = None,
           size: int = PAGE) -> list[Word]:
    """Up to `size` words with what they mean, by agency, reason and word, after a place. `rows` is not counted: 0."""
    m = ProgressMapping
    statement = (select(m.agency_id, Agency.key.label("agency_key"), Agency.name.label("agency_name"), m.reason,
                        m.value, m.means, Person.name.label("by"), m.mapped_at)
                 .join(Agency, Agency.id == m.agency_id).outerjoin(Person, Person.id == m.by_id)
                 .order_by(m.agency_id, m.reason, m.value).limit(size))
    if agency_id is not None:
        statement = statement.where(m.agency_id == agency_id)
    if reason is not None:
        statement = statement.where(m.reason == reason)
    if after is not None:
        statement = statement.where(
            tuple_(m.agency_id, m.reason, m.value) > (after.agency_id, after.reason, after.value))
    return [Word(rows=0, since=None, **row) for row in session.execute(statement).mappings()]


def word(place: Place) -> Word | None:
    """One word; None when no row waits for it and it was never mapped."""
    rows, since = session.execute(select(func.count(), func.min(_quarantine.c.at)).where(*_waits(place))).one()
    mapping = queries.mapping(place.agency_id, place.reason, place.value)
    if not rows and mapping is None:
        return None
    agency = session.get_one(Agency, place.agency_id)
    found = Word(agency.id, agency.key, agency.name, place.reason, place.value, rows, since)
    if mapping is None:
        return found
    person = session.get(Person, mapping.by_id) if mapping.by_id is not None else None
    return found._replace(means=mapping.means, by=person.name if person else None, mapped_at=mapping.mapped_at)


def examples(place: Place) -> list[Example]:
    """A few of the rows that wait for a word."""
    rows = session.scalars(select(_quarantine.c.row).where(*_waits(place)).limit(EXAMPLES))
    return [Example(row["code"], str(row.get("procedure", "")), str(row["status"]), datetime.fromisoformat(row["at"]))
            for row in rows]


def own_names(agency_id: int) -> list[tuple[str, str]]:
    """The keys that an agency may use for itself, each with the name of the agency that it stands for: its own, and
    those of the agencies that it took over from."""
    own = queries.sender(session.get_one(Agency, agency_id)).own
    rows = session.execute(select(Agency.key, Agency.name).where(Agency.key.in_(own))
                           .order_by(Agency.valid_to.is_not(None), Agency.valid_to.desc(), Agency.name))
    names: dict[str, str] = {}
    for key, name in rows:  # today's agency of a key before those that had it earlier
        names.setdefault(key, name)
    return list(names.items())


def map_word(place: Place, means: str, *, by_id: int | None, and_take: bool = True) -> int | None:
    """Say what a word of an agency means here: a status (1 to 10), a procedure's code, an agency's key. The rows that
    wait for it are taken in, or stay until `take`.

    `by_id`: the administrator; None from the command line. Returns what `take` returns. ValueError when `means` is
    nothing that we know.
    """
    if place.reason not in MAPPED:
        raise ValueError(f"only {', '.join(MAPPED)} can be mapped")
    means = codes.procedure_code(means) or means if place.reason == "procedure_unknown" else means
    if not _is_known(place, means):
        raise ValueError(f"{means} is not known here")
    bulk.serialise("progress.feed", place.agency_id)  # a batch that does not know the word yet keeps its rows first
    said = {"means": means, "by_id": by_id, "mapped_at": clock.now()}
    session.execute(insert(ProgressMapping).values(**place._asdict(), **said).on_conflict_do_update(
        index_elements=["agency_id", "reason", "value"], set_=said))
    session.get(ProgressMapping, (place.agency_id, place.reason, place.value), populate_existing=True)
    log.info("%s %s of agency %s mapped to %s by %s", place.reason, place.value, place.agency_id, means, by_id)
    return take(place) if and_take else None


def take(place: Place) -> int | None:
    """Have the rows that wait for a word which is mapped taken in: at once where they are few, else by the worker.

    Returns the last of these rows, by which `taking` tells what became of them; None when none waited. LookupError
    when the word was not mapped.
    """
    if queries.mapping(place.agency_id, place.reason, place.value) is None:
        raise LookupError(f"{place.value} was not mapped")
    bulk.serialise("progress.feed", place.agency_id)
    last_id, rows = session.execute(select(func.max(_quarantine.c.id), func.count()).where(*_waits(place))).one()
    if not rows:
        return None
    if rows <= PIECE:
        take_piece(last_id)
    else:
        jobs.put("intake.take_mapped", last_id=last_id)
    return int(last_id)


def take_piece(last_id: int) -> bool:
    """Take the next rows that wait for the word of this row, up to this one. Returns whether some may be left.

    In which order they are taken makes no difference: a record is the fold of its steps.
    """
    last = session.get_one(ProgressQuarantine, last_id)
    agency = session.get_one(Agency, last.agency_id)
    bulk.serialise("progress.feed", agency.id)
    q = ProgressQuarantine
    rows = session.scalars(select(q).where(*_waits(_place_of(last)), q.id <= last_id).limit(PIECE)
                           .with_for_update()).all()
    for row in rows:
        row.replayed_at = clock.now()
    session.flush()
    if rows:
        told = [row.row for row in rows]
        key = _key(last_id, len(_pieces(last, ProgressBatch.id)))
        feed.ingest(agency, told, channel=CHANNEL, idempotency_key=key,
                    body_sha256=files.digest(json.dumps(told).encode()), key_id=None)
    return len(rows) == PIECE


def taking(last_id: int) -> Taking | None:
    """How far the rows up to this one are that waited for the same word; None where nobody set them going."""
    last = session.get(ProgressQuarantine, last_id)
    if last is None or last.reason not in MAPPED:
        return None
    place, answers = _place_of(last), _pieces(last, ProgressBatch.answer)
    left = session.scalar(select(func.count()).where(*_waits(place), _quarantine.c.id <= last_id)) or 0
    if not answers and queries.mapping(place.agency_id, place.reason, place.value) is None:
        return None
    counts: Counter[str] = Counter()
    why: Counter[tuple[str, str, str]] = Counter()
    for answer in answers:
        letters = answer["results"]
        counts.update(_FULL[letter] for letter in letters)
        why.update((_FULL[letters[int(n)]], field, reason) for n, (field, reason) in answer["why"].items())
    return Taking(place, counts.total(), counts.total() + left, counts, why)


def _is_known(place: Place, means: str) -> bool:
    if place.reason == "status_unknown":
        return means.isdecimal() and int(means) in statuses.CODES
    if place.reason == "procedure_unknown":
        return catalogue.procedure(means) is not None
    return means in queries.sender(session.get_one(Agency, place.agency_id)).own


def _of_reason(reason: str, agency_id: int | None, after: Place | None, size: int | None) -> Any:
    q = _quarantine.c
    statement = (select(q.agency_id, q.reason, q.value, func.count().label("rows"), func.min(q.at).label("since"))
                 .where(q.reason == reason, q.replayed_at.is_(None)).group_by(q.reason, q.value, q.agency_id)
                 .order_by(q.value, q.agency_id).limit(size))
    if agency_id is not None:
        statement = statement.where(q.agency_id == agency_id)
    if after is not None and after.reason == reason:
        statement = statement.where(q.value >= after.value,
                                    tuple_(q.value, q.agency_id) > (after.value, after.agency_id))
    part = statement.subquery()
    return select(*part.c)


def _waits(place: Place) -> tuple[Any, ...]:
    q = _quarantine.c
    return (q.agency_id == place.agency_id, q.reason == place.reason, q.value == place.value, q.replayed_at.is_(None))


def _place_of(row: ProgressQuarantine) -> Place:
    return Place(row.reason, row.value, row.agency_id)


def _key(last_id: int, piece: int) -> str:
    return f"replay-{last_id}-{piece}"


def _pieces(last: ProgressQuarantine, column: Any) -> list[Any]:
    """`column` of the batches of the rows up to `last` that were taken, looked up by their keys until none is left."""
    found: list[Any] = []
    while len(found) % _ASKED == 0:
        keys = [_key(last.id, n) for n in range(len(found), len(found) + _ASKED)]
        further = session.scalars(select(column).where(
            ProgressBatch.agency_id == last.agency_id, ProgressBatch.idempotency_key.in_(keys))).all()
        if not further:
            break
        found += further
    return found
