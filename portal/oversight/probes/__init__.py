"""Conditions that the portal measures by itself, with the facts that it saw.

A probe that cannot look says so (`passed` is None) and changes nothing; one that fails for an agency fails for no
other. A new one: a function that looks at all agencies at once, in the file of its kind, and its line in PROBES there.
"""
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.kit.text import N_
from portal.oversight import measures
from portal.oversight.probes import connection, figures, forms, pages, reports
from portal.oversight.probes.seen import Asked, Probe, Seen, Want, cannot

__all__ = ["FACT_WORDS", "PROBES", "WHY_WORDS", "Asked", "Probe", "Seen", "Want", "WrongWant", "complete", "gather",
           "is_slow", "judge", "look", "said"]
log = logging.getLogger(__name__)

PROBES: Mapping[str, Probe] = {
    **connection.PROBES, **reports.PROBES, **figures.PROBES, **forms.PROBES, **pages.PROBES}
WHY_WORDS: Mapping[str, str] = {
    **measures.WHY_WORDS,
    "no_such_agency": N_("The agency did not exist on that day."),
    "no_services": N_("The catalogue knows no service of this agency."),
    "unknown": N_("This release knows no such probe."), "failed": N_("The probe failed and is tried again."),
    "no_period": N_("No period is named."), "not_opened": N_("This period of the report has not been opened."),
    "owes_none": N_("The agency owes no report for this period."),
    "no_figure": N_("No such figure is known up to this day."),
    "no_denominator": N_("The figure has no denominator, so there is no share."),
    "own_only": N_("What the portal counts is counted for each agency by itself."),
    "no_address": N_("No address is given for this agency."),
    "not_allowed": N_("The address is none that may be called.")}
FACT_WORDS: Mapping[str, str] = {
    "since": N_("Connected since"), "fresh": N_("Fresh"), "complete": N_("Complete enough"),
    "few_rejects": N_("Few rejects"), "last": N_("Last arrival"), "told": N_("Procedures told"),
    "offered": N_("Offered"), "reached": N_("Reach it"), "plan": N_("Plan"), "issued": N_("Plan issued on"),
    "period": N_("Period"), "report": N_("State of the report"), "submitted": N_("Submitted"), "value": N_("Value"),
    "of": N_("Of"), "on": N_("On"), "source": N_("Source"), "works": N_("Can be submitted"),
    "broken": N_("Cannot be submitted"), "address": N_("Address"), "status": N_("Status"),
    "words": N_("The words stand there"), "error": N_("Not reached")}


class WrongWant(ValueError):
    """What is given with a probe is not right. `name`: of the want; `words`: what is wrong (a msgid)."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}")
        self.name, self.words = name, words


_NEEDED = N_("Say this too: the portal cannot look without it")
_OUTSIDE = N_("Write a whole number that is possible here")
_NONE_SUCH = N_("Choose one of the list")


def complete(probe: str, given: Mapping[str, Any], *, recurring: bool = False) -> dict[str, Any]:
    """What is given with a probe, with what stands where nothing is. `recurring`: the task comes again, so that a
    period need not be named. Raises WrongWant; ValueError for a probe that is none."""
    if probe not in PROBES:
        raise ValueError(f"no probe {probe}")
    wants = PROBES[probe].wants
    if unknown := set(given) - set(wants):
        raise ValueError(f"the probe {probe} wants no {', '.join(sorted(unknown))}")
    found = {name: _wanted(name, want, given.get(name)) for name, want in wants.items()}
    if probe == "report_delivered" and not found["period"] and not recurring:
        raise WrongWant("period", _NEEDED)
    return found


def _wanted(name: str, want: Want, given: Any) -> Any:
    if given is None or given == "":
        if want.default is None:
            raise WrongWant(name, _NEEDED)
        return want.default
    if want.kind == "number":
        if not str(given).isdecimal() or not (want.least or 0) <= int(given) <= (want.most or int(given)):
            raise WrongWant(name, _OUTSIDE)
        return int(given)
    text = str(given).strip()
    if want.choices is not None and text not in dict(want.choices()):
        raise WrongWant(name, _NONE_SUCH)
    if want.check is not None and (wrong := want.check(text)):
        raise WrongWant(name, wrong)
    return text


def said(probe: str | None, wanted: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(words, value or its words) of what was given with a probe, in its order; msgids, and numbers as they are."""
    found = []
    for name, want in PROBES[probe].wants.items() if probe and probe in PROBES else ():
        value = wanted.get(name, want.default)
        if value not in (None, ""):
            found.append((want.words, dict(want.choices()).get(value, value) if want.choices else value))
    return found


def is_slow(probe: str) -> bool:
    """Whether it is asked by `gather` and `judge`, and not by `look`."""
    return probe in PROBES and PROBES[probe].gather is not None


def look(probe: str, asked: Asked) -> dict[int, Seen]:
    """What a probe that reads the portal's own data sees at each agency, by its id: of all at once; where that fails,
    of each by itself, so that one fails for no other. What the database says is no answer: the job fails, and is tried
    again."""
    act = PROBES[probe].look if probe in PROBES else None
    if act is None:
        return cannot("unknown", asked.agencies)
    try:
        return dict(act(_filled(probe, asked)))
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.error("probe %s failed: %s", probe, type(error).__name__, exc_info=error)
        if len(asked.agencies) == 1:
            return cannot("failed", asked.agencies)
        return {agency_id: seen for one in asked.agencies
                for agency_id, seen in look(probe, replace(asked, agencies=[one])).items()}


def gather(probe: str, asked: Asked) -> Any:
    """What `judge` is given of a probe that is slow or goes outside."""
    found = PROBES[probe].gather
    assert found is not None
    return found(_filled(probe, asked))


def judge(probe: str, gathered: Any) -> dict[int, Seen]:
    """What such a probe sees, by agency; {} where it failed. No transaction may be open."""
    found = PROBES[probe].judge
    assert found is not None
    try:
        return found(gathered)
    except Exception as error:
        log.error("probe %s failed: %s", probe, type(error).__name__, exc_info=error)
        return {}


def _filled(probe: str, asked: Asked) -> Asked:
    defaults = {name: want.default for name, want in PROBES[probe].wants.items()}
    return replace(asked, wanted=defaults | {**asked.wanted})
