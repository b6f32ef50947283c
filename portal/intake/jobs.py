"""Work put off until after the commit: taking rows in, forgetting those that nobody takes. Safe to run twice."""
import logging
from datetime import timedelta

from portal.intake import feed, mapping, uploads
from portal.kit import clock, garbage_collection, jobs
from portal.kit.jobs import Lane

EARLY_DAYS = 90  # a step waits so long for its dossier
log = logging.getLogger(__name__)


@jobs.nightly("02:55")
@jobs.job(Lane.slow)
def forget_early() -> None:
    """Forget rows whose dossier never came."""
    feed.forget_early(clock.now() - timedelta(days=EARLY_DAYS))


@jobs.nightly("03:00")  # before new files of open data: what they replace stays one more day
@jobs.job(Lane.slow, limit_s=1800)
def sweep_files() -> list[str] | None:
    """Find kept files that nothing names any more. Raises garbage_collection.TooMany: somebody must then look."""
    return garbage_collection.unwanted(uploads.is_kept) or None


@sweep_files.write
def _delete(paths: list[str]) -> None:
    """A few at a time: nobody may write a row that names a file meanwhile."""
    log.info("%s kept files swept", garbage_collection.delete(paths[:garbage_collection.AT_ONCE]))
    if len(paths) > garbage_collection.AT_ONCE:
        jobs.put("intake.sweep_files")


@jobs.job(Lane.slow)
def take_upload(upload_id: str) -> uploads.Piece | None:
    """Read the next rows of a table that an officer uploaded, and come back for the rest.

    Raises LookupError when the kept table is gone: somebody must then look.
    """
    upload = uploads.find(upload_id)
    if upload is None:
        raise LookupError("the uploaded table is not among the kept files")
    return uploads.next_piece(upload)


@take_upload.write
def _take(piece: uploads.Piece) -> None:
    """Each piece has a key of its own: one that was taken meanwhile is not taken twice."""
    uploads.take(piece)
    if not piece.is_last:
        jobs.put("intake.take_upload", upload_id=piece.upload_id)


@jobs.job(Lane.slow)
def take_mapped(last_id: int) -> None:
    """Take in the next of the rows that waited for a word which was mapped, and come back for the rest."""
    if mapping.take_piece(last_id):
        jobs.put("intake.take_mapped", last_id=last_id)
