"""Taking in what was published. Nothing here commits."""
from sqlalchemy import select

from portal.kit.db import session
from portal.oversight import history
from portal.oversight.models import PublishedFigure, ReadinessRank


def load_history() -> int:
    """Load the published facts that are not there yet; returns how many. What is there stays: a published figure is
    corrected by a further one with a source of its own, never overwritten."""
    known = {tuple(row) for row in session.execute(select(
        PublishedFigure.on, PublishedFigure.indicator, PublishedFigure.group, PublishedFigure.source))}
    figures = [PublishedFigure(
        indicator=one.indicator, group=one.group, on=one.on, value=str(one.value), as_published=one.as_published,
        denominator=one.denominator, share=one.share, other_denominator=one.other_denominator, source=one.source,
        confidence=one.confidence, names=list(one.names)) for one in history.figures()
        if (one.on, one.indicator, one.group, one.source) not in known]
    placed = {tuple(row) for row in session.execute(select(
        ReadinessRank.year, ReadinessRank.group, ReadinessRank.name, ReadinessRank.component))}
    ranks = [ReadinessRank(**one._asdict()) for one in history.ranks()
             if (one.year, one.group, one.name, one.component) not in placed]
    session.add_all([*figures, *ranks])
    session.flush()
    return len(figures) + len(ranks)
