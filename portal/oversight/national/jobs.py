"""Drawing a published report, after the commit: from what was frozen, and from nothing else."""
import json
from typing import NamedTuple

from portal.kit import db, files, jobs
from portal.kit.i18n import LANGUAGES
from portal.kit.jobs import Lane
from portal.oversight.national import actions, drawing, queries, workbook
from portal.oversight.national.actions import Drawn

LIMIT_S = 180.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Frozen(NamedTuple):
    publication_id: int
    file: bytes


@jobs.job(Lane.slow, limit_s=LIMIT_S)
def draw(publication_id: int) -> Frozen | None:
    """The paper and the workbook in both languages. None: they are drawn already."""
    found = queries.publication(publication_id)
    if found is None:
        raise LookupError(f"no publication {publication_id}")
    return None if queries.files(publication_id) else Frozen(found.id, queries.file_of(found))


@draw.work
def _draw(frozen: Frozen) -> list[Drawn]:
    """Stored before a row names it."""
    db.slow("drawing the national report")
    file = json.loads(frozen.file)
    return [Drawn(form, language, files.keep_bytes(content, media_type)) for language in LANGUAGES
            for form, content, media_type in (
                ("pdf", drawing.paper(file, frozen.file, language), "application/pdf"),
                ("xlsx", workbook.workbook(file, language), XLSX))]


@draw.write
def _seal(frozen: Frozen, drawn: list[Drawn]) -> None:
    actions.seal(frozen.publication_id, drawn)


@jobs.nightly("01:50")
@jobs.job(Lane.quick)
def draw_again() -> None:
    """What could not be drawn while it was tried, because a disk was away or full, is tried again each night."""
    for publication_id in queries.undrawn():
        jobs.put("oversight.national.draw", unique=str(publication_id), publication_id=publication_id)
