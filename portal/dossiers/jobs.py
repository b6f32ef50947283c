"""What time does to a dossier, and what earlier releases left undone.

Each is safe to run twice: what no longer waits is not ended, a paper that was issued is left as it is.
"""
from contextlib import suppress
from datetime import timedelta

from portal.catalogue import queries as catalogue
from portal.dossiers import actions, hands, papers, queries, refused_files
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import NotNow
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane

REMIND_BEFORE = timedelta(days=3)
AT_ONCE = 500  # dossiers looked at in one transaction


def _dossier(dossier_id: int) -> Dossier:
    dossier = queries.get(dossier_id)
    if dossier is None:
        raise LookupError(f"no dossier {dossier_id}")
    return dossier


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
def tell_of_refused_file(attachment_id: int) -> None:
    """A scanner found something in a file that was taken: who sent it is told to replace it, who reads it that it is
    closed."""
    refused_files.tell(attachment_id)


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


@jobs.nightly("01:30")
@jobs.job(Lane.slow)
def look_for_stranded() -> None:
    """Each night: what nobody can act on, agency by agency."""
    for agency_id in queries.agencies_at_work():
        jobs.put("dossiers.look_for_stranded_at", agency_id=agency_id)


@jobs.job(Lane.slow)
def look_for_stranded_at(agency_id: int) -> None:
    """Find what of this agency nobody can act on, and tell whoever is in charge."""
    hands.look_for_stranded(agency_id)


@jobs.nightly("01:50")
@jobs.job(Lane.quick)
def find_missing_papers() -> None:
    """Dossiers that an act of an earlier release left without its paper, or whose result nobody can verify."""
    for dossier_id in {*queries.without_paper(AT_ONCE), *queries.without_entry(AT_ONCE)}:
        jobs.put("dossiers.issue_missing", dossier_id=dossier_id)


@jobs.job(Lane.quick)
def issue_missing(dossier_id: int) -> None:
    """Issue the papers that this dossier lacks, and enter what was handed over."""
    papers.issue_missing(_dossier(dossier_id))
