"""Papers, drawn after the commit, and what time does to a dossier. Each is safe to run twice: an issued paper is left
as it is, and what no longer waits is not ended."""
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from portal.catalogue import queries as catalogue
from portal.documents import actions as documents
from portal.documents.actions import Drawn
from portal.documents.papers import PaperFacts
from portal.dossiers import actions, papers, queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import NotNow, Step
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Kind, Lane

LIMIT_S = 60.0
REMIND_BEFORE = timedelta(days=3)
AT_ONCE = 500  # dossiers looked at in one transaction


@dataclass(frozen=True)
class Draft:
    """What a paper will say, as the dossier stood in its `version`. `kind` of job and `of_id`: how to read it anew."""

    kind: Kind
    of_id: int
    facts: PaperFacts
    dossier_id: int
    version: int
    agency_name: str
    issued_at: datetime
    occasion: int = 0


def _dossier(dossier_id: int) -> Dossier:
    dossier = queries.get(dossier_id)
    if dossier is None:
        raise LookupError(f"no dossier {dossier_id}")
    return dossier


def _draft(kind: Kind, of_id: int, dossier: Dossier, facts: PaperFacts, issued_at: datetime,
           occasion: int = 0) -> Draft | None:
    """None: the paper was issued already."""
    if documents.is_issued(facts.paper, dossier.id, occasion):
        return None
    return Draft(kind, of_id, facts, dossier.id, dossier.version, dossier.agency.name, issued_at, occasion)


@jobs.job(Lane.slow, limit_s=LIMIT_S)
def issue_receipt(dossier_id: int) -> Draft | None:
    """Form 01, when the dossier was accepted."""
    dossier = _dossier(dossier_id)
    return _draft(issue_receipt, dossier_id, dossier, papers.receipt(dossier), dossier.received_at or clock.now())


@jobs.job(Lane.slow, limit_s=LIMIT_S)
def issue_supplement(request_id: int) -> Draft | None:
    """Form 02, once for each wording of each round of asking."""
    request = session.get_one(SupplementRequest, request_id)
    dossier = _dossier(request.dossier_id)
    occasion = [each.id for each in dossier.requests].index(request_id) + 1
    return _draft(issue_supplement, request_id, dossier, papers.supplement(dossier, request), request.written_at,
                  occasion)


@jobs.job(Lane.slow, limit_s=LIMIT_S)
def issue_refusal(dossier_id: int) -> Draft | None:
    """Form 03, when the dossier was not received."""
    dossier = _dossier(dossier_id)
    event = next(e for e in reversed(dossier.events) if e.step == Step.refuse)
    return _draft(issue_refusal, dossier_id, dossier, papers.refusal(dossier, event.note or "", event.at), event.at)


@issue_receipt.work
@issue_supplement.work
@issue_refusal.work
def _draw(draft: Draft) -> list[Drawn]:
    """In every size; stored before a row names it."""
    return documents.draw(draft.facts)


@issue_receipt.write
@issue_supplement.write
@issue_refusal.write
def _seal(draft: Draft, drawn: list[Drawn]) -> None:
    """Write the rows, if the dossier is what it was, or the paper would still say the same."""
    if documents.is_issued(draft.facts.paper, draft.dossier_id, draft.occasion):
        return
    if _dossier(draft.dossier_id).version != draft.version:
        now = draft.kind.read(draft.of_id)
        if now is None or not _says_the_same(draft.facts, now.facts):
            raise jobs.NoLongerStands
    documents.seal(draft.facts, drawn, dossier_id=draft.dossier_id, agency_name=draft.agency_name,
                   occasion=draft.occasion, issued_at=draft.issued_at)


def _says_the_same(facts: PaperFacts, others: PaperFacts) -> bool:
    """But for the code of verification, which is drawn by lot each time."""
    lot: dict[str, Any] = {"verification_code": facts.verification_code, "verify_url": facts.verify_url}
    return replace(others, **lot) == facts


@jobs.nightly("01:10")
@jobs.job(Lane.quick)
def look_for_silence() -> None:
    """Each night: end what was never answered, remind those whose time runs out, tell those who do not know of it; each
    by itself."""
    now = clock.now()
    for request_id in queries.silent(now):
        jobs.put("dossiers.end_silent", request_id=request_id)
    for request_id in queries.to_remind(now, now + REMIND_BEFORE):
        jobs.put("dossiers.remind", request_id=request_id)
    for request_id in queries.to_tell():
        jobs.put("dossiers.tell_answer_until", request_id=request_id)


@jobs.job(Lane.quick)
def end_silent(request_id: int) -> None:
    """End a dossier for which nothing came. Answered, changed or taken back meanwhile, it goes on."""
    request = session.get_one(SupplementRequest, request_id)
    with suppress(NotNow):
        actions.lapse(request.dossier)


@jobs.job(Lane.quick)
def remind(request_id: int) -> None:
    """Tell an applicant that the time to answer runs out."""
    actions.remind(session.get_one(SupplementRequest, request_id))


@jobs.job(Lane.quick)
def tell_answer_until(request_id: int) -> None:
    """Tell the applicant of a request that is older than the rules by which silence ends a dossier until when to
    answer it."""
    actions.tell_answer_until(session.get_one(SupplementRequest, request_id))


@jobs.nightly("01:20")
@jobs.job(Lane.slow)
def recount_due_dates() -> None:
    """Look at every open due date that was counted by other days than the calendar has now. Put when a release changes
    the calendar; at night for what was counted while that was not known yet."""
    jobs.put("dossiers.recount_part", after_id=0)


@jobs.job(Lane.slow)
def recount_part(after_id: int) -> None:
    """Some of them, and the rest after these."""
    catalogue.look_again()
    found = queries.counted_otherwise(catalogue.calendar().edition, after_id, AT_ONCE)
    for dossier_id in found:
        jobs.put("dossiers.recount_due_date", dossier_id=dossier_id)
    if len(found) == AT_ONCE:
        jobs.put("dossiers.recount_part", after_id=found[-1])


@jobs.job(Lane.slow)
def recount_due_date(dossier_id: int) -> None:
    """Count one open due date again."""
    catalogue.look_again()
    actions.recount(_dossier(dossier_id))
