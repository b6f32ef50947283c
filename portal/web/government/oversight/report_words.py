"""What a report says, for people: each question with its answer, the one of the last period, what the portal knows, and
what was found; and what happened to it."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.forms.application import Application
from portal.forms.types import TYPES, in_words
from portal.kit import i18n
from portal.kit.clock import day_of
from portal.kit.i18n import _, _l, say
from portal.oversight import measures
from portal.oversight.models import Report, ReportEvent
from portal.oversight.periods import called, days_of
from portal.oversight.reporting import ReportCode
from portal.oversight.reports import filling, queries
from portal.oversight.reports.checking import Finding
from portal.oversight.reports.templates import Template


@dataclass(frozen=True)
class Line:
    """One question. `answer`, `before` as they are shown, "" where there is none; `change`: of numbers, with its sign.
    `known`: what the portal knows, in words; `reason`: why something else is answered, `lacks_reason` where nobody says
    it; `comment`: of who returned it."""

    key: str
    label: str
    answer: Any
    before: Any
    change: str
    known: str
    reason: str
    lacks_reason: bool
    comment: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A step, with the questions that apply."""

    key: str
    title: str
    lines: tuple[Line, ...]


class Reading:
    """A report as it is now, read once for a page."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.template: Template = queries.template_of(report)
        self.files = queries.files(report)
        self.application: Application = self.template.application(report.answers, self.files)
        self.before = queries.previous(report)
        self.findings: Sequence[Finding] = queries.findings(report, self.template)
        self.events = queries.events(report.id)
        self.comments = comments_of(self.events)
        self.unexplained = filling.unexplained(self.template, report.answers, report.known, report.reasons)

    @property
    def title(self) -> str:
        """What it is called, with its period."""
        return f"{say(self.report.period.template.title)}, {say(called(self.report.period.period))}"

    @property
    def period_before(self) -> str:
        """What the period is called of which the figures beside it speak."""
        return say(called(self.before.period.period)) if self.before else ""

    def parts(self) -> list[Part]:
        """Everything that the report says, step by step, without its files."""
        steps = [(step, [self.line(q) for key, q in self.application.asked
                         if key == step["key"] and not TYPES[q["kind"]].of_file])
                 for step in self.template.form["steps"]]
        return [Part(step["key"], say(step["title"]), tuple(lines)) for step, lines in steps if lines]

    def line(self, q: Mapping[str, Any]) -> Line:
        """One question."""
        key, answers = q["key"], self.report.answers
        was = self.before.answers.get(key) if self.before else None
        return Line(key, say(q["label"]), _shown(q, answers.get(key)), _shown(q, was), _change(answers.get(key), was),
                    known_words(self.report.known.get(key), q), self.report.reasons.get(key, ""),
                    key in self.unexplained, self.comments.get(key, ""),
                    tuple(said(one) for one in self.findings if key in one.fields))

    def found_in(self, step: Mapping[str, Any]) -> list[Finding]:
        """What was found about the questions of a step; what waits for another step is said there."""
        here = {q["key"] for q in step["fields"]}
        return [one for one in self.findings if here & set(one.fields) and (not one.waits or here >= set(one.fields))]

    def unfinished(self) -> set[str]:
        """The steps in which something is missing, not right, or found wrong."""
        step_of = self.template.step_of
        return {gap.step for gap in self.application.gaps} | {one.step for one in self.application.errors} | {
            step_of[one.fields[0]] for one in self.findings if one.level == "error"} | {
            step_of[key] for key in self.unexplained}


def _shown(q: Mapping[str, Any], kept: Any) -> Any:
    kind = TYPES[q["kind"]]
    value = None if kind.of_file else kind.load(q, kept)
    return kind.shown(q, value) if kind.given(value) else ""


def _change(now: Any, before: Any) -> str:
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in (now, before)) or now == before:
        return ""
    return f"{'+' if now > before else '−'}{i18n.number(abs(now - before))}"


def said(finding: Finding) -> str:
    """What is found, in the reader's language."""
    words = _(finding.says, **{key: _fact(key, value) for key, value in finding.facts.items()})
    return f"{finding.row}: {words}" if finding.row else words


def _fact(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return say(value)
    if isinstance(value, tuple):
        return " + ".join(i18n.number(one) for one in value)
    if isinstance(value, Decimal):
        return i18n.number(float(value))
    if isinstance(value, int):
        return i18n.number(value)
    return _period(value) if key == "period" else str(value)


def _period(period: str) -> str:
    try:
        days_of(period)
    except ValueError:
        return period
    return say(called(period))


def known_words(known: Mapping[str, Any] | None, q: Mapping[str, Any]) -> str:
    """What the portal knows of a question, since when and from what; or why it cannot tell."""
    if known is None:
        return ""
    if known["value"] is None:
        return _("The portal cannot tell: %(why)s", why=_(measures.WHY_WORDS.get(known.get("why", ""), "—")))
    measure = measures.MEASURES.get(known["measure"])
    return _("The portal counts %(value)s (%(what)s, %(day)s)", value=in_words(q, known["value"]),
             what=_(measure.words) if measure else known["measure"],
             day=i18n.short_day(day_of(datetime.fromisoformat(known["at"]))))


#: What a measure counted its number from (oversight.measures), by the names of its facts.
FACT_WORDS: Mapping[str, i18n.Later] = {
    "received": _l("Dossiers received"), "early": _l("Finished before their day"),
    "on_time": _l("Finished on their day"), "late": _l("Finished late"), "untimed": _l("Finished, without a due date"),
    "dropped": _l("Ended without a result"), "online": _l("Received online"), "counter": _l("Received at a counter"),
    "post": _l("Received by post"), "otherwise": _l("Received, the way not told"), "open_in_time": _l("Open, in time"),
    "open_late": _l("Open, late"), "open_untimed": _l("Open, without a due date"),
    "paused": _l("Waiting for a supplement"),
    **{f"level_{n}": _l("Services at level %(n)s", n=n) for n in range(5)}, "fresh": _l("News is fresh"),
    "complete": _l("News is complete enough"), "few_rejects": _l("Few rejects"), "last": _l("Last arrival"),
    "told": _l("Procedures told"), "offered": _l("Procedures offered online"), "since": _l("Connected since"),
    "issued": _l("Plan issued on")}


def fact_lines(known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a figure was counted from, as it was kept: by name."""
    return [(str(FACT_WORDS.get(key, key)), _plain(value)) for key, value in (known.get("facts") or {}).items()]


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: _("yes"), False: _("no"), None: "—"}[value]
    if isinstance(value, int):
        return i18n.number(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return i18n.short_day(date.fromisoformat(str(value)) if len(str(value)) == len("2026-12-31") else day_of(moment))


def comments_of(events: Iterable[ReportEvent]) -> Mapping[str, str]:
    """What who returned it last said, by field."""
    returned = [one for one in events if one.code == ReportCode.returned]
    found: Mapping[str, str] = returned[-1].facts.get("comments", {}) if returned else {}
    return found


def changes_of(event: ReportEvent, template: Template) -> list[tuple[str, str, str]]:
    """(label, before, after) of what an event changed, in words."""
    found = []
    for key, (before, after) in event.changes.items():
        q = template.questions.get(key)
        if q is not None:
            found.append((say(q["label"]), in_words(q, before), in_words(q, after)))
    for kind in ("reasons", "notes"):
        changed = event.facts.get(kind, {})
        for key, pair in changed.items() if event.code in (ReportCode.saved, ReportCode.noted) else ():
            q = template.questions.get(key)
            label = _("Reason for “%(label)s”", label=say(q["label"])) if q else _("Note")
            found.append((label, pair[0] or "", pair[1]))
    return found
