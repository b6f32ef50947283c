"""Work put off until after the commit. Each is safe to run twice: an issued paper is left as it is."""
from portal.documents import actions as documents
from portal.dossiers import papers, queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import Step
from portal.kit import clock
from portal.kit.db import session
from portal.kit.queue import job


def _dossier(dossier_id: int) -> Dossier:
    dossier = queries.get(dossier_id)
    if dossier is None:
        raise LookupError(f"no dossier {dossier_id}")
    return dossier


@job
def issue_receipt(dossier_id: int) -> None:
    """Form 01, when the dossier was accepted."""
    dossier = _dossier(dossier_id)
    documents.issue(papers.receipt(dossier), dossier_id=dossier.id, agency_name=dossier.agency.name,
                    issued_at=dossier.received_at or clock.now())


@job
def issue_supplement(request_id: int) -> None:
    """Form 02, once for each round of asking."""
    request = session.get_one(SupplementRequest, request_id)
    dossier = _dossier(request.dossier_id)
    documents.issue(papers.supplement(dossier, request), dossier_id=dossier.id,
                    agency_name=dossier.agency.name, occasion=request.round, issued_at=request.asked_at)


@job
def issue_refusal(dossier_id: int) -> None:
    """Form 03, when the dossier was not received."""
    dossier = _dossier(dossier_id)
    event = next(e for e in reversed(dossier.events) if e.step == Step.refuse)
    documents.issue(papers.refusal(dossier, event.note or "", event.at), dossier_id=dossier.id,
                    agency_name=dossier.agency.name, issued_at=event.at)
