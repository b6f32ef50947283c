"""What the portal knows by itself, filled into a report with its source, moment and facts.

A measure that cannot be told fills in nothing and says why. Where somebody answered something else, that answer stays,
and asks for a reason.
"""
from collections.abc import Mapping
from typing import Any

from portal.kit import clock
from portal.oversight import measures
from portal.oversight.measures import Known
from portal.oversight.models import Report
from portal.oversight.reports.merging import same
from portal.oversight.reports.templates import Template

SOURCE = "Cổng dịch vụ công"


def known(report: Report, template: Template) -> dict[str, dict[str, Any]]:
    """By field what the portal knows now of the agency and the days of the period: {"value" (None: nothing, and "why"),
    "measure", "source", "at", "facts"}."""
    first, last = report.period.first_day, report.period.last_day
    looked: dict[str, Known] = {}
    found = {}
    for key, prefill in template.prefill.items():
        if prefill.measure not in looked:
            looked[prefill.measure] = measures.look(prefill.measure, [report.agency], first, last)[report.agency_id]
        seen = looked[prefill.measure]
        found[key] = {"value": _value(seen, prefill.part, template.questions[key]["kind"]),
                      "measure": prefill.measure, "source": SOURCE, "at": clock.now().isoformat(),
                      "facts": dict(seen.facts)} | ({"why": seen.why} if seen.why else {})
    return found


def _value(seen: Known, part: str, kind: str) -> int | bool | None:
    value = seen.value if part == "value" else seen.denominator
    return bool(value) if kind == "yes_no" and value is not None else value


def filled(answers: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that change when what is known `before` is known as `now`: those that nobody gave, and those that
    were as the portal said."""
    return {key: one["value"] for key, one in now.items() if one["value"] is not None
            and not same(answers.get(key), one["value"])
            and (same(answers.get(key), None) or same(answers.get(key), before.get(key, {}).get("value")))}


def differing(template: Template, answers: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """The fields that are answered otherwise than the portal knows, in the form's order."""
    values = template.values(answers)
    return [key for key in template.questions if known.get(key, {}).get("value") is not None
            and key in values and not same(values[key], known[key]["value"])]


def unexplained(template: Template, answers: Mapping[str, Any], known: Mapping[str, Any],
                reasons: Mapping[str, str]) -> list[str]:
    """Of these the fields for which nobody said why."""
    return [key for key in differing(template, answers, known) if not reasons.get(key, "").strip()]
