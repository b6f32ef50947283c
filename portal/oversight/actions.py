"""Taking in what was published. Nothing here commits."""
from collections.abc import Iterator

from sqlalchemy import select

from portal.kit.db import session
from portal.oversight import history
from portal.oversight.models import IndexValue, PublishedFigure


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
        IndexValue.index_key, IndexValue.year, IndexValue.group, IndexValue.member, IndexValue.indicator).where(
        IndexValue.kind == "published"))}
    places = [one for one in (*_places(), *_surveys()) if (
        one.index_key, one.year, one.group, one.member, one.indicator) not in placed]
    session.add_all([*figures, *places])
    session.flush()
    return len(figures) + len(places)


def _places() -> Iterator[IndexValue]:
    """Places in indices of agencies that others publish."""
    for one in history.ranks():
        yield IndexValue(index_key=one.key, year=one.year, group=one.group, member=one.name, indicator=one.component,
                         value=one.score or None, kind="published", source=one.source, confidence=one.confidence,
                         record={"rank": one.rank} if one.rank else {"among_last": 3})


def _surveys() -> Iterator[IndexValue]:
    """Viet Nam in the surveys of the United Nations: the whole with its rank, and the parts where they are known."""
    for one in history.surveys():
        for indicator, value in (("egdi", one.egdi), *one.parts.items()):
            if value is not None:
                yield IndexValue(
                    index_key="egdi", year=one.year, group="nation", member="Việt Nam", indicator=indicator,
                    value=str(value), kind="published", source=one.source, confidence=one.confidence,
                    record={"rank": one.rank, "of": one.countries} if indicator == "egdi" else {})
