"""Work put off until after the commit: taking rows in, forgetting those that nobody takes. Safe to run twice."""
import logging
from datetime import timedelta

from portal.intake import feed, mapping, uploads
from portal.kit import clock, queue, sweeping
from portal.kit.queue import job

EARLY_DAYS = 90  # a step waits so long for its dossier
log = logging.getLogger(__name__)


@job
def sweep_files() -> None:
    """Forget rows whose dossier never came, and delete kept files that nothing names any more.

    Raises sweeping.TooMany: somebody must then look.
    """
    feed.forget_early(clock.now() - timedelta(days=EARLY_DAYS))
    log.info("%s kept files swept", sweeping.sweep(uploads.is_kept))


@job
def take_upload(upload_id: str) -> None:
    """Take the next rows of a table that an officer uploaded, and come back for the rest.

    Raises LookupError when the kept table is gone: somebody must then look.
    """
    upload = uploads.find(upload_id)
    if upload is None:
        raise LookupError("the uploaded table is not among the kept files")
    if uploads.take_piece(upload):
        uploads.send(upload)


@job
def take_mapped(last_id: int) -> None:
    """Take in the next of the rows that waited for a word which was mapped, and come back for the rest."""
    if mapping.take_piece(last_id):
        queue.put("intake.take_mapped", last_id=last_id)
