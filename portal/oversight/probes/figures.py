"""Whether a figure reaches a value: one that was published, or one that the portal counts by itself."""
import re
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.kit.db import session
from portal.kit.i18n import say
from portal.kit.text import N_
from portal.oversight import figures, measures
from portal.oversight.models import PublishedFigure, ReportIndicator
from portal.oversight.probes.seen import Asked, Choices, Probe, Seen, Want, cannot

OWN = "own"
#: What follows is a measure of the portal (measures.MEASURES), and no published indicator.
MEASURE = "measure:"


def _reaches(asked: Asked) -> dict[int, Seen]:
    """The newest figure up to that day is the wanted value or more. `group` own: each agency's own figure; else one
    figure for all of them."""
    key, least = str(asked.wanted["figure"]), decimal(asked.wanted["least"])
    if key.startswith(MEASURE):
        return _measured(asked, key.removeprefix(MEASURE), least)
    groups = {one.id: one.key if asked.wanted["group"] == OWN else str(asked.wanted["group"]) for one in asked.agencies}
    newest = _newest(asked, key, set(groups.values()))
    return {agency_id: _published(newest.get(group), asked.wanted["part"], least)
            for agency_id, group in groups.items()}


def _newest(asked: Asked, indicator: str, groups: set[str]) -> dict[str, PublishedFigure]:
    rows = session.scalars(select(PublishedFigure).where(
        PublishedFigure.indicator == indicator, PublishedFigure.group.in_(groups), PublishedFigure.on <= asked.day)
        .order_by(PublishedFigure.on, PublishedFigure.id))
    return {row.group: row for row in rows}


def _published(row: PublishedFigure | None, part: str, least: Decimal) -> Seen:
    if row is None:
        return Seen(None, {"why": "no_figure"})
    facts = {"value": row.value, "of": row.denominator, "on": row.on.isoformat(), "source": row.source}
    return _compared(Decimal(row.value), row.denominator, part, least, facts)


def _measured(asked: Asked, measure: str, least: Decimal) -> dict[int, Seen]:
    """From what the portal knows today; the year up to the day, for what is counted over days."""
    if asked.wanted["group"] != OWN:
        return cannot("own_only", asked.agencies)
    known = measures.look(measure, asked.agencies, asked.day.replace(month=1, day=1), asked.day)
    return {agency_id: Seen(None, {"why": one.why}) if one.value is None else _compared(
        Decimal(one.value), one.denominator, asked.wanted["part"], least, {
            "value": str(one.value), "of": one.denominator, "on": asked.day.isoformat()})
        for agency_id, one in known.items()}


def _compared(value: Decimal, of: int | None, part: str, least: Decimal, facts: dict[str, Any]) -> Seen:
    if part == "share":
        if not of:
            return Seen(None, {"why": "no_denominator"} | facts)
        return Seen(value * 100 >= least * of, facts)
    return Seen(value >= least, facts)


def decimal(said: Any) -> Decimal:
    """A number as people write it, "94,5" or "1.200"; ValueError for what is none."""
    text = re.sub(r"\s", "", str(said))
    if re.fullmatch(r"\d{1,3}([.]\d{3})+(,\d+)?", text):
        text = text.replace(".", "")
    text = text.replace(",", ".")
    if not re.fullmatch(r"\d{1,15}(\.\d{1,6})?", text):
        raise ValueError(f"no number {said}")
    return Decimal(text)


def _wrong_number(text: str) -> str:
    try:
        decimal(text)
    except ValueError:
        return N_("Write a number, for example 80 or 94,5")
    return ""


def _known() -> Choices:
    counted = [(f"{MEASURE}{key}", one.words) for key, one in measures.MEASURES.items()]
    published = [(key, one.words) for key, one in figures.INDICATORS.items()]
    reported = [(key, say(words)) for key, words in session.execute(
        select(ReportIndicator.key, ReportIndicator.words).order_by(ReportIndicator.key))]
    return tuple(dict([*counted, *published, *reported]).items())


def _groups() -> Choices:
    return ((OWN, N_("Each agency's own figure")), *((str(key), words) for key, words in figures.GROUP_WORDS.items()))


def _parts() -> Choices:
    return (("value", N_("The number itself")), ("share", N_("Its share of 100")))


PROBES = {"figure_reaches": Probe(N_("A figure reaches a value"), _reaches, {
    "figure": Want(N_("Figure"), "choice", choices=_known),
    "group": Want(N_("Whose figure"), "choice", OWN, choices=_groups),
    "part": Want(N_("What is compared"), "choice", "value", choices=_parts),
    "least": Want(N_("At least"), "text", most=20, check=_wrong_number, help=N_("For example 80 or 94,5"))})}
