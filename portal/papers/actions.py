"""Issuing papers: numbered and frozen with the act, drawn afterwards. Nothing here commits."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import literal, select, true

from portal.files import actions as stored
from portal.files.models import Owner, StoredFile
from portal.kit import clock, files, jobs
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.papers import codes, queries
from portal.papers.facts import PaperFacts, to_plain
from portal.papers.models import Paper, PaperBook, PaperSheet, ResultEntry
from portal.people.models import Unit


class Drawn(NamedTuple):
    """A paper of one size, drawn and stored; no row names it yet."""

    size: str
    blob: files.Blob


def next_number(unit_id: int, kind: str, at: datetime) -> int:
    """The next number in the unit's book of this kind and year. Its row is locked until the transaction ends, so that
    numbers have no gap and none is given twice."""
    year = clock.day_of(at).year
    statement = insert(PaperBook).values(unit_id=unit_id, kind=kind, year=year, n=1)
    return int(session.execute(statement.on_conflict_do_update(
        index_elements=["unit_id", "kind", "year"], set_={"n": PaperBook.n + 1}).returning(PaperBook.n)).scalar_one())


def skip_numbers(n: int, year: int) -> int:
    """Leave out the next `n` numbers of every book of this year; returns of how many. A book that somebody began
    meanwhile, and that is not known here, is begun with them left out."""
    books = 0
    for kind in session.scalars(select(PaperBook.kind).distinct()).all():
        numbering = select(Unit.id, literal(kind), literal(year), literal(n)).where(true())
        done = insert(PaperBook).from_select(["unit_id", "kind", "year", "n"], numbering).on_conflict_do_update(
            index_elements=["unit_id", "kind", "year"], set_={"n": PaperBook.n + n}).returning(PaperBook.unit_id)
        books += len(session.execute(done).all())
    return books


def issue(facts: PaperFacts, owner: Owner, *, occasion: int = 0, issued_at: datetime) -> Paper:
    """Freeze what a paper says, in the transaction of the act that it is about. It is drawn after the commit."""
    paper = Paper(kind=facts.paper, owner_kind=owner.kind, owner_id=owner.id, occasion=occasion, number=facts.number,
                  code=facts.verification_code, dossier_code=facts.dossier_code, agency_name=facts.parent_body,
                  facts=to_plain(facts), issued_at=issued_at)
    session.add(paper)
    session.flush()
    jobs.put("papers.draw", paper_id=paper.id)
    return paper


def enter(file: StoredFile, facts: dict[str, Any], dossier_code: str, agency_name: str, at: datetime) -> ResultEntry:
    """Note a file of a result that is handed over, so that anybody can verify it; once for each file."""
    entry = queries.entry_of(file.id)
    if entry is None:
        entry = ResultEntry(owner_kind=file.owner_kind, owner_id=file.owner_id, file_id=file.id, code=codes.new_code(),
                            dossier_code=dossier_code, agency_name=agency_name, facts=facts, issued_at=at)
        session.add(entry)
        session.flush()
    return entry


def void(owner: Owner, kind: str, occasion: int, at: datetime, how: str) -> None:
    """A paper counts no longer, though it was issued: whoever checks it is told ("replaced", "taken_back")."""
    if (paper := queries.one(owner, kind, occasion)) and paper.void_at is None:
        paper.void_at, paper.void_as = at, how
        session.flush()


def seal(paper_id: int, drawn: Sequence[Drawn]) -> None:
    """Write what was drawn, in every size at once; a paper that is drawn stays as it is."""
    paper = queries.paper(paper_id)
    if paper is None or paper.sheets:
        return
    for size, blob in drawn:
        session.add(PaperSheet(paper_id=paper.id, size_name=size, file_id=stored.store(paper.owner, blob).id))
    session.flush()
    session.expire(paper, ["sheets"])
