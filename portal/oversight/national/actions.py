"""Drafting, publishing and correcting the national report. Nothing here commits."""
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from portal.files import actions as stored
from portal.files.models import Owner
from portal.kit import clock, files, jobs
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.oversight import live, publishing
from portal.oversight.models import NationalDraft, Publication, PublicationFile
from portal.oversight.national import building, queries
from portal.oversight.national.content import KEY, SECTIONS
from portal.people.models import Person

LONGEST_PARAGRAPH = 20_000


class Clash(NamedTuple):
    """A section that somebody else changed meanwhile: what stands there now, and what was typed."""

    section: str
    theirs: str
    mine: str
    by: str


class Changed(ValueError):
    """The report is no longer what was seen before publishing."""


class Drawn(NamedTuple):
    """A file of a publication, drawn and stored; no row names it yet. `form`: pdf, xlsx."""

    form: str
    language: str
    blob: files.Blob


def begin(day: date, *, by: Person) -> NationalDraft:
    """The draft of that day, begun where there is none; what the portal can count of that day itself is counted.
    Raises building.NotYet for a day to come."""
    if day > clock.today():
        raise building.NotYet(day.isoformat())
    with suppress(live.TooEarly):
        live.measure(day)
    session.execute(insert(NationalDraft).values(
        key=KEY, on=day, paragraphs={}, seen={}, changed_at=clock.now(), changed_by_name=by.name, version=1
    ).on_conflict_do_nothing(index_elements=["key", "on_day"]))
    return _held(day)


def base(paragraph: str) -> str:
    """What a page keeps of a paragraph that it shows, to know it again."""
    return hashlib.sha256(_clean(paragraph).encode()).hexdigest()[:16]


def save(day: date, paragraphs: Mapping[str, str], bases: Mapping[str, str], *, by: Person) -> list[Clash]:
    """Take over what was typed, section by section: one that the page left as it was leaves that of another untouched.
    `bases`: by section `base` of what the page showed. Returns what clashes; nothing of that is written."""
    draft = _held(day)
    kept, seen, clashes = dict(draft.paragraphs), dict(draft.seen), []
    for section, typed in paragraphs.items():
        mine, theirs = _clean(typed), kept.get(section, "")
        if section not in SECTIONS or mine == theirs or base(mine) == bases.get(section):
            continue
        if base(theirs) != bases.get(section):
            clashes.append(Clash(section, theirs, mine, str(seen.get(section, {}).get("by", ""))))
            continue
        kept[section] = mine
        seen[section] = {"at": clock.now().isoformat(), "by": by.name}
    if kept != draft.paragraphs:
        draft.paragraphs, draft.seen = kept, seen
        draft.changed_at, draft.changed_by_name = clock.now(), by.name
    session.flush()
    return clashes


def publish(day: date, *, by: Person, seen: str | None = None, reason: str = "") -> Publication:
    """Publish what the draft and the sources say now, or correct what is out with a reason. `seen`: the digest of what
    was looked at before. Raises Changed, and what publishing.publish raises."""
    draft = _held(day)
    content = building.build(day, draft.paragraphs)
    if seen is not None and seen != publishing.digest(content):
        raise Changed
    made = publishing.publish(queries.KIND, KEY, day, content["title"], content, by=by, reason=reason)
    jobs.put("oversight.national.draw", unique=str(made.id), publication_id=made.id)
    return made


def seal(publication_id: int, drawn: Sequence[Drawn]) -> None:
    """Write what was drawn, all of it at once; what is drawn stays."""
    if queries.files(publication_id):
        return
    for form, language, blob in drawn:
        file = stored.store(Owner("publication", publication_id), blob)
        session.add(PublicationFile(publication_id=publication_id, form=form, language=language, file_id=file.id))
    session.flush()


def _held(day: date) -> NationalDraft:
    """Under its lock: of two who save at once, the second sees what the first wrote."""
    session.flush()
    return session.scalars(select(NationalDraft).where(NationalDraft.key == KEY, NationalDraft.on == day)
                           .with_for_update().execution_options(populate_existing=True)).one()


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())[:LONGEST_PARAGRAPH]
