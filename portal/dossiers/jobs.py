"""Papers, drawn after the commit. Each is safe to run twice: an issued paper is left as it is."""
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.documents import actions as documents
from portal.documents.actions import Drawn
from portal.documents.papers import PaperFacts
from portal.dossiers import papers, queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import Step
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Kind, Lane

LIMIT_S = 60.0


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
    """Form 02, once for each round of asking."""
    request = session.get_one(SupplementRequest, request_id)
    dossier = _dossier(request.dossier_id)
    return _draft(issue_supplement, request_id, dossier, papers.supplement(dossier, request), request.asked_at,
                  request.round)


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
