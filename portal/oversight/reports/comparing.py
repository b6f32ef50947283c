"""Reports beside each other: one field across the agencies of a period, and figures that two reports of the same days
tell differently. What agencies said is read: submitted or approved, never what is still being filled in.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.kit.db import session
from portal.kit.text import vi_key
from portal.oversight.models import Report, ReportPeriod
from portal.oversight.reporting import ReportState
from portal.oversight.reports import queries, templates
from portal.oversight.reports.check_parts import NUMBERS
from portal.oversight.reports.templates import Template
from portal.people.models import Agency


@dataclass(frozen=True)
class Field:
    """What can be compared: `key` is that of a question, or "table.column", of which the sum is meant. `flag`: 1 for
    yes, 0 for no."""

    key: str
    words: Mapping[str, str]
    flag: bool = False


@dataclass(frozen=True)
class Said:
    """What one agency said: by field the value, None where it said nothing."""

    report_id: int
    key: str
    name: str
    kind: str
    state: ReportState
    approved_at: datetime | None
    values: Mapping[str, int | None]


@dataclass(frozen=True)
class Pair:
    """A field of this period's report and one of another report of the same days that tell the same."""

    field: Field
    other: ReportPeriod
    other_field: Field
    lines: Sequence["Line"]


@dataclass(frozen=True)
class Line:
    """Of one agency: what each of the two reports says."""

    name: str
    here_id: int
    here: int
    there_id: int
    there: int


def fields_of(template: Template) -> list[Field]:
    """Every number of a report and every yes or no, in the order in which they are asked."""
    return list(_fields(template))


def _fields(template: Template) -> Iterator[Field]:
    for key, one in template.questions.items():
        if one["kind"] in (*NUMBERS, "yes_no"):
            yield Field(key, one["label"], flag=one["kind"] == "yes_no")
        for inner in one.get("fields", ()):
            if inner["kind"] in NUMBERS:
                yield Field(f"{key}.{inner['key']}", {
                    language: f"{words}: {inner['label'].get(language, '')}" for language, words in
                    one["label"].items()})


def said(period: ReportPeriod, fields: Sequence[Field], *, approved: bool = False) -> list[Said]:
    """What the agencies of a period said in these fields, by name; with `approved`, in what was approved alone."""
    states = (ReportState.approved,) if approved else queries.SAID
    rows = session.execute(select(
        Report.id, Agency.key, Agency.name, Agency.kind, Report.state, Report.approved_at, Report.answers).join(
        Agency, Agency.id == Report.agency_id).where(
        Report.period_id == period.id, Report.state.in_([str(one) for one in states]))).all()
    found = [Said(id_, key, name, kind, ReportState(state), at,
                  {one.key: queries.number(answers, one.key) for one in fields})
             for id_, key, name, kind, state, at, answers in rows]
    return sorted(found, key=lambda one: vi_key(one.name))


def pairs(period: ReportPeriod) -> list[Pair]:
    """Where reports of the same days tell the same and differ: figures under one indicator, and what a cross-check of
    either says must agree. Only agencies that differ; nothing where all agree."""
    here = templates.read(period.template.definition)
    own = {one.key: one for one in fields_of(here)}
    found = []
    for other in _others(period):
        there = templates.read(other.template.definition)
        theirs = {one.key: one for one in fields_of(there)}
        for left, right in _ties(here, there, period.template_key, other.template_key):
            if left in own and right in theirs and (lines := _differ(period, own[left], other, theirs[right])):
                found.append(Pair(own[left], other, theirs[right], lines))
    return found


def _others(period: ReportPeriod) -> Sequence[ReportPeriod]:
    return session.scalars(select(ReportPeriod).where(
        ReportPeriod.first_day == period.first_day, ReportPeriod.last_day == period.last_day,
        ReportPeriod.id != period.id).options(joinedload(ReportPeriod.template)).order_by(ReportPeriod.id)).all()


def _ties(here: Template, there: Template, here_key: str, there_key: str) -> list[tuple[str, str]]:
    """(field here, field there), each pair once."""
    by_indicator = {one.indicator: one.field for one in there.figures if one.indicator}
    found = [(one.field, by_indicator[one.indicator]) for one in here.figures if one.indicator in by_indicator]
    found += [(left, right) for left, right in _agreeing(here, there_key)]
    found += [(right, left) for left, right in _agreeing(there, here_key)]
    return list(dict.fromkeys(found))


def _agreeing(template: Template, other_key: str) -> Iterator[tuple[str, str]]:
    for check in template.checks:
        if check.kind == "agrees" and check.given["template"] == other_key and check.given.get("of", "own") == "own":
            for ref in check.refs["field"]:
                yield (f"{ref.field}.{ref.column}" if ref.column else ref.field), check.given["with"]


def _differ(period: ReportPeriod, field: Field, other: ReportPeriod, other_field: Field) -> list[Line]:
    theirs = {one.key: one for one in said(other, [other_field])}
    found = []
    for one in said(period, [field]):
        here, beside = one.values[field.key], theirs.get(one.key)
        there = beside.values[other_field.key] if beside else None
        if beside is not None and here is not None and there is not None and here != there:
            found.append(Line(one.name, one.report_id, here, beside.report_id, there))
    return found
