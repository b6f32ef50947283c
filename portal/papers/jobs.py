"""Drawing papers, after the commit: from the facts that were frozen with the act, and from nothing else."""
from typing import NamedTuple

from portal.kit import jobs
from portal.kit.jobs import Lane
from portal.papers import actions, drawing, queries
from portal.papers import kinds as _kinds  # noqa: F401  registers them
from portal.papers.actions import Drawn
from portal.papers.facts import PaperFacts, from_plain

LIMIT_S = 60.0


class Draft(NamedTuple):
    paper_id: int
    facts: PaperFacts


@jobs.job(Lane.slow, limit_s=LIMIT_S)
def draw(paper_id: int) -> Draft | None:
    """A paper in every size. None: it is drawn already."""
    paper = queries.paper(paper_id)
    if paper is None:
        raise LookupError(f"no paper {paper_id}")
    return None if paper.sheets else Draft(paper.id, from_plain(paper.facts))


@draw.work
def _draw(draft: Draft) -> list[Drawn]:
    """Stored before a row names it."""
    return drawing.draw(draft.facts)


@draw.write
def _seal(draft: Draft, drawn: list[Drawn]) -> None:
    actions.seal(draft.paper_id, drawn)
