"""One step of a report as a page. Two people may have it open: what each wrote is merged field by field, and where both
wrote something else the page shows both and lets a person choose."""
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from portal.forms.step import StepForm, blame_rules, form_for, right_answers
from portal.forms.types import in_words
from portal.kit.db import transaction
from portal.kit.forms import Attachment, Kept
from portal.kit.i18n import _, say
from portal.kit.text import storable
from portal.oversight.models import Report
from portal.oversight.reporting import EDITABLE, ReportState
from portal.oversight.reports import actions, queries
from portal.oversight.reports.actions import NotNow
from portal.oversight.reports.checking import Finding
from portal.oversight.reports.merging import Clash, same
from portal.web import attaching
from portal.web.government import bp
from portal.web.government.oversight.report_words import Reading, fact_lines, said
from portal.web.government.oversight.reports import CONFLICT, ONE, UNPROCESSABLE, WHY, one, page_of
from portal.web.guard import me, permission

REASON, CHOOSE = "reason-", "choose-"


@bp.route(f"{ONE}/fill/<step>", methods=["GET", "POST"])
@permission("report.write")
def fill_report(report_id: int, step: str) -> Any:
    """One step. What was right is saved even when something else on the page was not."""
    found = one(report_id, "report.write")
    if found.state == ReportState.owed:
        return redirect(url_for("government.report", report_id=report_id), 303)
    if found.state not in EDITABLE:
        return page_of(found, str(WHY[found.state])), CONFLICT
    page = StepPage(found, step)
    if not page.form.is_submitted() or page.form.asks_again:
        return page.shown()
    try:
        return page.saved()
    except NotNow as error:
        return page_of(one(report_id), str(WHY[error.why])), CONFLICT


class StepPage:
    """A step of a report while it is shown and saved."""

    def __init__(self, report: Report, step: str) -> None:
        self.report = report
        self.template = queries.template_of(report)
        steps = self.template.application(report.answers).steps
        self.place = next((n for n, one in enumerate(steps) if one["key"] == step), None)
        if self.place is None:
            abort(404)
        self.steps, self.step = steps, steps[self.place]
        self.keys = [q["key"] for q in self.step["fields"]]
        self.posted = request.method == "POST"
        self.bases = _object("bases") if self.posted else self._saved()
        self.form: StepForm = form_for(self.step)(data=report.answers)
        if not self.posted:
            self._show_typed()
        self._show_files()

    def _saved(self) -> dict[str, Any]:
        """What the inputs of the page begin with: by it is known what somebody changed."""
        return {key: self.report.answers.get(key) for key in self.keys} | {
            f"{REASON}{key}": self.report.reasons.get(key, "") for key in self._known()}

    def _known(self) -> list[str]:
        return [key for key in self.keys if self.report.known.get(key, {}).get("value") is not None]

    def _show_typed(self) -> None:
        """What this person typed here and is not right yet, and why."""
        left = (self.report.typed or {}).get(f"{self.step['key']}:{me().id}", [])
        for key in dict.fromkeys(name.partition("-")[0] for name, _value in left):
            if key in self.form:
                self.form[key].process(MultiDict((name, value) for name, value in left), data=None)
                self.form[key].validate(self.form)

    def _show_files(self) -> None:
        for attachment in queries.files(self.report):
            if attachment.key in self.form and isinstance(self.form[attachment.key], Attachment):
                self.form[attachment.key].kept.append(Kept(
                    str(attachment.id), attachment.name, attachment.size, self._file_url()(attachment.id)))

    def _file_url(self) -> Callable[[int], str]:
        return lambda attachment_id: url_for("government.report_file", report_id=self.report.id,
                                             attachment_id=attachment_id)

    def saved(self) -> Any:
        """Save what was posted, then go where the button says."""
        self.form.validate()
        fields, bases = self._chosen(right_answers(self.step, self.form))
        with transaction():  # first: whatever becomes of the files, what was written is kept
            clashes = actions.save(self.report, fields, bases, me(), step=self.step["key"], typed=self._typed())
            actions.override(self.report, self._reasons(), me(), {
                key: str(self.bases.get(f"{REASON}{key}") or "") for key in self._known()})
        self._save_files()
        self._show_saved(clashes)
        blame_rules(self.template.application(self.report.answers), self.step, self.form)
        reading = Reading(self.report)
        if request.form.get("go") in ("back", "later") and not clashes:
            return self._leave()
        if clashes or self.form.errors:
            return self.shown(clashes, reading), CONFLICT if clashes else UNPROCESSABLE
        if set(self._told(reading)) - set(request.form.get("told", "").split()):
            flash(_("Saved. See what was found on this page."), "waiting")
            return redirect(url_for("government.fill_report", report_id=self.report.id, step=self.step["key"]), 303)
        return self._onward(reading)

    def _chosen(self, right: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is to be merged, and into what: of two that clashed the one that was chosen."""
        bases, shown = dict(self.bases), _object("theirs")
        for key in shown:
            match request.form.get(f"{CHOOSE}{key}"):
                case "theirs":
                    right.pop(key, None)
                case "mine":
                    bases[key] = shown[key]
        return right, bases

    def _reasons(self) -> dict[str, str]:
        return {key: request.form[f"{REASON}{key}"] for key in self._known() if f"{REASON}{key}" in request.form}

    def _typed(self) -> list[tuple[str, str]]:
        """What was posted to the questions that are not right. What was empty and stayed so is not blamed later."""
        wrong = {field.short_name for field in self.form.questions() if field.errors and not isinstance(
            field, Attachment) and not (field.blank() and not field.process_errors and same(
                self.bases.get(field.short_name), None))}
        return [(name, value) for name, value in request.form.items(multi=True) if name.partition("-")[0] in wrong]

    def _save_files(self) -> None:
        fields = {q["key"]: self.form[q["key"]] for q in self.step["fields"]
                  if isinstance(self.form[q["key"]], Attachment)}
        given = {key: attaching.proven(field) for key, field in fields.items()}
        if not any(given.values()) and not any(field.dropped for field in fields.values()):
            return
        with transaction():
            if queries.report(self.report.id) is None or self.report.state not in EDITABLE:
                raise NotNow(self.report.state)
            for q in self.step["fields"]:
                if q["key"] in fields:
                    attaching.keep(queries.owner(self.report), q, fields[q["key"]], given[q["key"]], self._file_url())

    def _show_saved(self, clashes: Sequence[Clash]) -> None:
        """The inputs that were right show what is saved now; of a clash what was written here, to be chosen from."""
        mine, old = {one.field: one.mine for one in clashes}, self.bases
        self.bases = self._saved()
        fresh = form_for(self.step)(formdata=None, data={**self.report.answers, **mine})
        for key in self.keys:
            field = self.form[key]
            if key in mine:
                self.bases[key] = old.get(key)
            elif isinstance(field, Attachment) or (field.errors and not self._left_alone(key, old)):
                continue
            self.form._fields[key] = fresh[key]  # what was posted to it is dealt with

    def _left_alone(self, key: str, bases: Mapping[str, Any]) -> bool:
        """It was empty and stayed so here, while somebody else answered it."""
        return same(bases.get(key), None) and self.form[key].blank() and not same(self.report.answers.get(key), None)

    def _told(self, reading: Reading) -> list[str]:
        """By what a page knows that it has said this already."""
        found = [f"{one.key}{said(one)}" for one in reading.found_in(self.step)]
        found += [f"reason {key}" for key in reading.unexplained if key in self.keys]
        return [hashlib.sha256(one.encode()).hexdigest()[:12] for one in found]

    def _leave(self) -> Any:
        if request.form["go"] == "back" and self.place:
            return redirect(url_for("government.fill_report", report_id=self.report.id,
                                    step=self.steps[self.place - 1]["key"]), 303)
        return redirect(url_for("government.report", report_id=self.report.id), 303)

    def _onward(self, reading: Reading) -> Any:
        """The next of the steps as they are now; after the last, the page where all is checked."""
        keys = [one["key"] for one in reading.application.steps]
        after = keys.index(self.step["key"]) + 1 if self.step["key"] in keys else len(keys)
        if request.form.get("then") == "check" or after >= len(keys):
            return redirect(url_for("government.check_report", report_id=self.report.id), 303)
        return redirect(url_for("government.fill_report", report_id=self.report.id, step=keys[after]), 303)

    def shown(self, clashes: Sequence[Clash] = (), reading: Reading | None = None) -> Any:
        """The page."""
        reading = reading or Reading(self.report)
        lines = {q["key"]: reading.line(q) for q in self.step["fields"]}
        return render_template(
            "government/oversight/reports/fill.html", report=self.report, reading=reading, step=self.step,
            form=self.form, place=(self.place or 0) + 1, total=len(self.steps) + 1, back=bool(self.place), lines=lines,
            found=[(one, said(one), self._first_here(one)) for one in reading.found_in(self.step)],
            bases=_json(self.bases), theirs=_json({one.field: one.theirs for one in clashes}),
            clashes=[self._in_words(one) for one in clashes], told=" ".join(self._told(reading)),
            reasons=self._reasons() if self.posted else {}, reason_name=REASON, choose_name=CHOOSE,
            fact_lines=fact_lines)

    def _first_here(self, finding: Finding) -> str:
        key = next(key for key in finding.fields if key in self.keys)
        return str(self.form[key].first_id)

    def _in_words(self, clash: Clash) -> dict[str, Any]:
        """A clash for a person, with whose word the saved answer is."""
        q = self.template.questions[clash.field]
        whose = next((one for one in reversed(queries.events(self.report.id)) if clash.field in one.changes), None)
        return {"key": clash.field, "label": say(q["label"]), "theirs": in_words(q, clash.theirs) or _("nothing"),
                "mine": in_words(q, clash.mine) or _("nothing"), "by": whose.by_name if whose else "",
                "at": whose.at if whose else None}


def _object(name: str) -> dict[str, Any]:
    """An object that the page carried along; nothing where it was not ours: then every difference is asked about."""
    try:
        found = json.loads(request.form.get(name, ""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and storable(found) else {}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
