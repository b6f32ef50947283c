"""Drafting the national report: paragraphs beside the figures as they are built, publishing, correcting."""
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import DateParts, Form, Hidden, LongText
from portal.kit.i18n import _, _l, lang
from portal.oversight import published, publishing
from portal.oversight.national import actions, building, queries
from portal.oversight.national.actions import LONGEST_PARAGRAPH, Clash
from portal.oversight.national.content import SECTIONS
from portal.oversight.national.reading import Reading
from portal.oversight.periods import before, days_of, period_of
from portal.oversight.publishing import LONGEST_REASON
from portal.web.government import bp
from portal.web.guard import fresh_to_change, me, permission

UNPROCESSABLE, CONFLICT = 422, 409
ONE = "/oversight/national/<day>"


class Begun(Form):
    """Of which day."""

    on = DateParts(_l("Day of the report"), help=_l("A quarter is reported by its last day, for example 30 9 2026"))


class Paragraphs(Form):
    """What the drafter says, by section, with what the page showed of each."""


for _key in SECTIONS:
    setattr(Paragraphs, f"text_{_key}", LongText(max=LONGEST_PARAGRAPH, rows=5, required=False))
    setattr(Paragraphs, f"base_{_key}", Hidden(max=16))


class Published(Form):
    """`seen`: the digest of what the page showed."""

    seen = Hidden(max=64)
    reason = LongText(_l("What was wrong"), max=LONGEST_REASON, rows=3,
                      help=_l("Everybody reads it beside the corrected report."))


@bp.get("/oversight/national")
@permission("national.draft")
def national_drafts() -> Any:
    """Days that are drafted and published, and others to begin."""
    return _drafts(Begun(formdata=None))


@bp.post("/oversight/national")
@permission("national.draft")
def begin_national() -> Any:
    """Begin the report of a day, or go on with it."""
    form = Begun()
    if not form.validate_on_submit():
        return _drafts(form), UNPROCESSABLE
    try:
        with transaction():
            draft = actions.begin(form.on.data, by=me())
    except building.NotYet:
        form.on.errors = [_("That day is still to come: a report speaks of a day that is over, or of today")]
        return _drafts(form), UNPROCESSABLE
    return redirect(url_for("government.national_draft", day=draft.on.isoformat()), 303)


@bp.get(ONE)
@permission("national.draft")
def national_draft(day: str) -> Any:
    """The report as it is built now, with a paragraph to write in each section."""
    return _draft(_day(day))


@bp.post(ONE)
@permission("national.draft")
def save_national(day: str) -> Any:
    """Keep what was typed; a section that somebody else changed meanwhile is shown with both."""
    on = _day(day)
    form = Paragraphs()
    if not form.validate_on_submit():
        return _draft(on, form), UNPROCESSABLE
    with transaction():
        clashes = actions.save(on, {key: form[f"text_{key}"].data or "" for key in SECTIONS},
                               {key: form[f"base_{key}"].data or "" for key in SECTIONS}, by=me())
    if clashes:
        return _draft(on, clashes=clashes), CONFLICT
    flash(_("Kept."), "done")
    return redirect(url_for("government.national_draft", day=day), 303)


@bp.route(f"{ONE}/publish", methods=["GET", "POST"])
@permission("national.publish")
@fresh_to_change
def publish_national(day: str) -> Any:
    """The whole report as everybody will read it; publishing it, or correcting what is out with a reason."""
    on = _day(day)
    out = queries.edition(on)
    form = Published()
    if out is None:
        del form.reason
    if not form.validate_on_submit():
        return _preview(on, form), UNPROCESSABLE if form.errors else 200
    try:
        with transaction():
            actions.publish(on, by=me(), seen=form.seen.data, reason=form.reason.data if out else "")
    except (actions.Changed, publishing.NeedsReason):
        return _preview(on, form, _("It has changed since this page was opened. Look at it again, as it is "
                                    "now.")), CONFLICT
    except publishing.AsBefore:
        return _preview(on, form, _("The report that is out says the same: there is nothing to correct.")), CONFLICT
    flash(_("Published. The paper and the workbook are being made."), "done")
    return redirect(url_for("progress.national_report", day=day), 303)


def _day(said: str) -> date:
    """The day of a draft that was begun; 404 for another."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        abort(404)
    if queries.draft(day) is None or said != day.isoformat():
        abort(404)
    return day


def _drafts(form: Begun) -> str:
    drafts = queries.drafts()
    return render_template(
        "government/oversight/national_drafts.html", form=form, drafts=drafts,
        published={one.on: one for one in queries.published_days()}, offered=_offered({one.on for one in drafts}))


def _offered(known: set[date]) -> Sequence[date]:
    """The ends of the last two quarters and the days that history speaks of, the newest first."""
    last = before(period_of(clock.today(), "quarter"))
    ends = [days_of(last)[1], days_of(before(last))[1]]
    today = clock.today()
    history = [one for one in published.days() if one < today - timedelta(days=366)][-8:]
    return sorted({*ends, *history} - known, reverse=True)


def _draft(day: date, form: Paragraphs | None = None, clashes: Sequence[Clash] = ()) -> str:
    draft = queries.draft(day) or abort(404)
    paragraphs = draft.paragraphs
    if form is None:
        form = Paragraphs(formdata=None)
        for key in SECTIONS:
            form[f"text_{key}"].data = paragraphs.get(key, "")
            form[f"base_{key}"].data = actions.base(paragraphs.get(key, ""))
        for clash in clashes:
            form[f"text_{clash.section}"].data = clash.mine
    report = Reading(building.build(day, paragraphs), lang())
    for key, words in SECTIONS.items():
        form[f"text_{key}"].label.text = _("Paragraph: %(section)s", section=_(words))
    return render_template("government/oversight/national_draft.html", report=report, form=form, draft=draft,
                           clashes={one.section: one for one in clashes}, out=queries.edition(day))


def _preview(day: date, form: Published, problem: str = "") -> str:
    """With what is built now in `seen`; after a problem the reason that was typed is kept."""
    if problem:
        reason = form["reason"].data if "reason" in form else None
        form = Published(formdata=None)
        form.reason.data = reason
        if queries.edition(day) is None:
            del form.reason
    draft = queries.draft(day) or abort(404)
    content = building.build(day, draft.paragraphs)
    form.seen.data = publishing.digest(content)
    return render_template("government/oversight/publish_national.html", report=Reading(content, lang()), form=form,
                           draft=draft, out=queries.edition(day), problem=problem)
