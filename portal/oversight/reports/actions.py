"""The verbs of a report: begun, filled in, saved, noted, submitted, returned, approved, opened again. Actions flush,
the edge commits.

Every verb locks the row first, so that of two who act at once the second sees what the first did. Who works at the
agency that reports, or wrote on the report and has changed places since, does not decide on it.
"""
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.forms.application import Gap, Problem
from portal.kit import clock
from portal.kit.db import session
from portal.oversight.models import Report, ReportEvent
from portal.oversight.reporting import EDITABLE, ReportCode, ReportState
from portal.oversight.reports import filling, merging, publishing, queries
from portal.oversight.reports.checking import Finding
from portal.oversight.reports.merging import Clash
from portal.oversight.reports.templates import Template
from portal.people.models import Person

LONGEST_WORDS = 2000
MOST_TYPED = 200_000  # characters of one page that is not right yet


class NotNow(Exception):
    """The report does not stand so that this could be done. `why`: the name of the reason: approved, submitted,
    not_submitted, not_approved, own_agency."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Changed(Exception):
    """The report says something else by now than what was seen by whoever signs or decides."""


class NeedsReason(ValueError):
    """It must be said why."""


class Incomplete(Exception):
    """What keeps a report from being submitted: what is missing, what is wrong, what cross-checks find, and the fields
    that are answered otherwise than the portal knows without a reason."""

    def __init__(self, gaps: Sequence[Gap], problems: Sequence[Problem], findings: Sequence[Finding],
                 unexplained: Sequence[str]) -> None:
        self.gaps, self.problems = list(gaps), list(problems)
        self.findings, self.unexplained = list(findings), list(unexplained)
        super().__init__(", ".join(self.keys))

    @property
    def keys(self) -> list[str]:
        """Of the questions and findings, in this order."""
        return [*(gap.key for gap in self.gaps), *(one.key for one in self.problems),
                *(one.key for one in self.findings), *self.unexplained]


def begin(report: Report, by: Person | None) -> None:
    """Open what is owed and fill in what the portal knows; a report that was begun stays as it is."""
    _lock(report)
    if report.state == ReportState.owed:
        report.state = ReportState.open
        _fill(report, by)


def fill(report: Report, by: Person | None) -> None:
    """Fill in again what the portal knows by now. What somebody answered otherwise stays. Raises NotNow."""
    _lock_to_change(report)
    _fill(report, by)


def _fill(report: Report, by: Person | None) -> None:
    template = queries.template_of(report)
    found = filling.known(report, template)
    changes = _answer(report, template, filling.filled(report.answers, report.known, found))
    report.known = found
    _write(report, ReportCode.filled, by, changes=changes, facts={"known": found})


def _answer(report: Report, template: Template, new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Change answers; returns what changed. A note speaks of the numbers that its warning named: where these are others
    now it stands for nothing any more, and only the history keeps it."""
    before = {one.key: one.facts for one in queries.findings(report, template)} if report.notes and new else {}
    changes = {key: [report.answers.get(key), value] for key, value in new.items()}
    report.answers = {**report.answers, **new}
    if report.notes and new:
        moved = {one.key for one in queries.findings(report, template) if one.facts != before.get(one.key)}
        report.notes = {key: words for key, words in report.notes.items() if key not in moved}
    return changes


def save(report: Report, fields: Mapping[str, Any], bases: Mapping[str, Any], by: Person, *, step: str = "",
         typed: Sequence[tuple[str, str]] = ()) -> tuple[Clash, ...]:
    """Merge `fields`, as they were written on a page that showed `bases`, into the report; returns those that somebody
    else changed meanwhile, whose saved answer stays. `typed`: what is not right yet in this step, kept for whoever
    typed it. Raises NotNow."""
    _lock_to_change(report)
    template = queries.template_of(report)
    known = {key: value for key, value in fields.items() if key in template.questions}
    merged = merging.merge(known, bases, report.answers, template.tables)
    changes = _answer(report, template, merged.answers)
    _keep_typed(report, f"{step}:{by.id}", typed)
    if changes:
        if report.state == ReportState.owed:
            report.state = ReportState.open
        _write(report, ReportCode.saved, by, changes=changes)
    session.flush()
    return merged.clashes


def _keep_typed(report: Report, place: str, typed: Sequence[tuple[str, str]]) -> None:
    fits = sum(len(name) + len(value) for name, value in typed) <= MOST_TYPED
    others = {key: kept for key, kept in (report.typed or {}).items() if key != place}
    report.typed = {**others, **({place: [list(pair) for pair in typed]} if typed and fits else {})} or None


def override(report: Report, reasons: Mapping[str, str], by: Person, bases: Mapping[str, str] | None = None) -> None:
    """Why fields are answered otherwise than the portal knows; an empty reason takes the old one back. `bases`: what
    the page showed. Raises NotNow."""
    _lock_to_change(report)
    _keep_words(report, "reasons", reasons, bases, by, ReportCode.saved)


def note(report: Report, notes: Mapping[str, str], by: Person, bases: Mapping[str, str] | None = None) -> None:
    """What is to be said about warnings, by the key of each finding. `bases`: what the page showed. Raises NotNow."""
    _lock_to_change(report)
    _keep_words(report, "notes", notes, bases, by, ReportCode.noted)


def _keep_words(report: Report, column: str, said: Mapping[str, str], bases: Mapping[str, str] | None, by: Person,
                code: ReportCode) -> None:
    """Words of two who wrote at once are kept one under the other."""
    before: Mapping[str, str] = getattr(report, column)
    tidy = {key: words.strip()[:LONGEST_WORDS] for key, words in said.items()}
    merged = merging.merge(tidy, before if bases is None else bases, before)
    new = {**merged.answers, **{one.field: f"{one.theirs}\n{one.mine}".strip() for one in merged.clashes}}
    if new:
        setattr(report, column, {key: words for key, words in {**before, **new}.items() if words})
        _write(report, code, by, facts={column: {key: [before.get(key), words] for key, words in new.items()}})


def seen(report: Report) -> str:
    """What a page keeps of what the report says, to know whether it still says so: answers, reasons and files."""
    says = [report.answers, report.reasons, sorted((one.key, one.id) for one in queries.files(report))]
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()[:32]


def _as_seen(report: Report, was: str | None) -> None:
    if was is not None and was != seen(report):
        raise Changed


def submit(report: Report, by: Person, was: str | None = None) -> None:
    """Hand the report in. `was`: `seen` of what the page showed to who signs it. Raises NotNow, Changed; Incomplete
    with all that keeps it from that."""
    _lock_to_change(report)
    _as_seen(report, was)
    template = queries.template_of(report)
    if problem := missing(report, template):
        raise problem
    application = template.application(report.answers)
    report.answers, report.typed = application.answers_to_send, None
    report.state, report.submitted_at = ReportState.submitted, clock.now()
    _write(report, ReportCode.submitted, by, facts=_frozen(report, queries.findings(report, template)))


def missing(report: Report, template: Template) -> Incomplete | None:
    """What keeps it from being submitted now; None where nothing does."""
    application = template.application(report.answers, queries.files(report))
    gaps = application.gaps  # while something is missing, nobody need read that a sum waits for it
    found = Incomplete(
        gaps, application.errors, [one for one in queries.findings(report, template)
                                   if one.stops and not (one.waits and gaps)],
        filling.unexplained(template, report.answers, report.known, report.reasons))
    return found if found.keys else None


def send_back(report: Report, by: Person, reason: str, comments: Mapping[str, str] | None = None,
              was: str | None = None) -> None:
    """What was submitted does not hold, and why: as a whole, or by field. `was`: as in `submit`. Raises NotNow,
    Changed, NeedsReason."""
    _lock(report)
    _decides(report, by, ReportState.submitted)
    _as_seen(report, was)
    said = {key: words.strip()[:LONGEST_WORDS] for key, words in (comments or {}).items() if words.strip()}
    if not said and not reason.strip():
        raise NeedsReason
    report.state = ReportState.returned
    _write(report, ReportCode.returned, by, reason=reason, facts={"comments": said})


def approve(report: Report, by: Person, was: str | None = None) -> None:
    """What was submitted holds: its figures are published. `was`: as in `submit`: meanwhile another may have returned
    the report, and the agency handed in something else. Raises NotNow, Changed."""
    _lock(report)
    _decides(report, by, ReportState.submitted)
    _as_seen(report, was)
    edition = queries.times_approved(report.id) + 1
    report.state, report.approved_at = ReportState.approved, clock.now()
    figures = publishing.publish(report, queries.template_of(report), edition)
    _write(report, ReportCode.approved, by, facts={
        **_frozen(report, queries.findings(report)), "edition": edition, "figures": figures})


def reopen(report: Report, by: Person, reason: str) -> None:
    """Who watches opens an approved report again, to be corrected; what was published stays. Raises NotNow,
    NeedsReason."""
    _lock(report)
    _decides(report, by, ReportState.approved)
    if not reason.strip():
        raise NeedsReason
    report.state = ReportState.returned
    _write(report, ReportCode.reopened, by, reason=reason)


def _decides(report: Report, by: Person, wanted: ReportState) -> None:
    wrote = select(ReportEvent.id).where(
        ReportEvent.report_id == report.id, ReportEvent.by_id == by.id,
        ReportEvent.code.in_((str(ReportCode.saved), str(ReportCode.submitted))))
    if any(held.agency_id == report.agency_id for held in by.roles) or session.scalar(wrote.limit(1)):
        raise NotNow("own_agency")
    if report.state != wanted:
        raise NotNow(f"not_{wanted}")


def _lock(report: Report) -> None:
    session.flush()
    session.refresh(report, with_for_update={"of": Report})


def _lock_to_change(report: Report) -> None:
    _lock(report)
    if report.state not in EDITABLE:
        raise NotNow(report.state)


def _frozen(report: Report, findings: Collection[Finding]) -> dict[str, Any]:
    """What an act rests on, as it was then."""
    return {"answers": report.answers, "known": report.known, "reasons": report.reasons, "notes": report.notes,
            "warnings": [one.key for one in findings]}


def _write(report: Report, code: ReportCode, by: Person | None, *, reason: str = "",
           changes: Mapping[str, Any] | None = None, facts: Mapping[str, Any] | None = None) -> None:
    now = clock.now()
    report.changed_at = now
    session.add(ReportEvent(report_id=report.id, code=code, at=now, by_id=by.id if by else None,
                            by_name=by.name if by else None, reason=reason.strip()[:LONGEST_WORDS] or None,
                            changes=dict(changes or {}), facts=dict(facts or {})))
    session.flush()
