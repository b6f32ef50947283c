"""The score of every agency, for whoever watches: ranks, what the national portal answered, publishing."""
from typing import Any

from flask import flash, redirect, render_template, url_for

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import Attachment, Form, Hidden, LongText, TextField
from portal.kit.i18n import _, _l, say
from portal.oversight import publishing
from portal.oversight.periods import before, called, days_of, every_of
from portal.oversight.publishing import AsBefore, NeedsReason
from portal.oversight.score import actions, answers, comparing, frozen, jobs
from portal.oversight.score.actions import Changed, NotMeasured, NotOver
from portal.web.government import bp
from portal.web.government.oversight.score import period_asked, periods_to_choose, words
from portal.web.guard import fresh_to_change, me, permission

UNPROCESSABLE = 422
MOST_PROBLEMS = 50


class Answers(Form):
    """A file with what the national portal answered."""

    source = TextField(_l("Where it comes from"), max=200, help=_l("For example: captured on 27 September 2026"))
    file = Attachment(_l("File with the answers"), max_files=1, max_bytes=answers.MOST_BYTES, kinds=("csv", "json"),
                      help=_l("A table or a list of rows, or answers as they were captured."))


class Publish(Form):
    """`seen`: when that was measured which the page shows."""

    seen = Hidden(max=40)
    reason = LongText(_l("What was wrong in the last edition"), max=2000, rows=2, required=False,
                      help=_l("Needed where the period was published before."))


@bp.get("/oversight/score/agencies")
@permission("score.watch")
def score_board() -> Any:
    """Every agency, the best first."""
    return _board(Publish())


@bp.post("/oversight/score/agencies/measure")
@permission("score.watch")
def measure_scores() -> Any:
    """Have a period measured now."""
    period = period_asked()
    with transaction():
        jobs.ask_for(period)
    flash(_("The period is being measured anew. Look again in a moment."), "working")
    return redirect(url_for("government.score_board", period=period), 303)


@bp.post("/oversight/score/agencies/publish")
@permission("national.publish")
@fresh_to_change
def publish_score() -> Any:
    """Publish the score of a period that is over, for everybody."""
    form, period = Publish(), period_asked()
    if not form.validate_on_submit():
        return _board(form), UNPROCESSABLE
    try:
        with transaction():
            made = actions.publish(period, by=me(), reason=form.reason.data or "",
                                   seen=form.seen.data or None)
    except (NotOver, NotMeasured, Changed, NeedsReason, AsBefore) as error:
        form.reason.errors = [_WHY_NOT[type(error)]]
        return _board(form), UNPROCESSABLE
    flash(_("Published: edition %(n)s.", n=made.edition), "done")
    return redirect(url_for("government.score_board", period=period), 303)


_WHY_NOT: dict[type[Exception], Any] = {
    NotOver: _l("The period still runs: publish it when it is over"),
    NotMeasured: _l("This period was not measured since it ended: have it measured first"),
    Changed: _l("The period was measured anew since this page was opened. Look at it again, as it is now."),
    NeedsReason: _l("This period is published already: say what was wrong"),
    AsBefore: _l("Nothing has changed since the last edition")}


def _board(form: Publish) -> str:
    period = period_asked()
    sheets, at = frozen.measured(period)
    form.seen.typed, form.seen.data = None, at.isoformat() if at else ""  # what is shown now, whatever was posted
    of = {agency.id: sheet for agency, sheet in sheets}
    earlier = {agency.id: sheet for agency, sheet in frozen.measured(before(period))[0]}
    rows = [(one, of[one.agency.id], comparing.change(of[one.agency.id], earlier[one.agency.id]))
            for one in comparing.standings(sheets, frozen.FEWEST)]
    choices = periods_to_choose(clock.today())
    return render_template(
        "government/oversight/score_board.html", rows=rows, period=period, at=at, form=form, fewest=frozen.FEWEST,
        over=days_of(period)[1] < clock.today(),
        editions=publishing.editions(frozen.KIND, frozen.key_of(every_of(period)), days_of(period)[1]),
        periods=[(say(called(one)), url_for("government.score_board", period=one), one == period)
                 for one in (choices if period in choices else [period, *choices])], **words())


@bp.route("/oversight/score/answers", methods=["GET", "POST"])
@permission("score.watch")
@fresh_to_change
def score_answers() -> Any:
    """Take in what the national portal answered."""
    form, taken = Answers(), None
    if form.validate_on_submit():
        data = form.file.data[0].stream.read(answers.MOST_BYTES + 1)
        with transaction():
            taken = actions.take_answers(data, form.source.data, by=me())
        if not taken.problems:
            flash(_("%(new)s answers taken in; %(known)s were here already.", new=taken.new, known=taken.known), "done")
            return redirect(url_for("government.score_answers"), 303)
        form.file.errors = [_("Nothing was taken in: see what is wrong below")]
    problems = taken.problems if taken else ()
    page = render_template(
        "government/oversight/score_answers.html", form=form, columns=answers.COLUMNS, endpoints=answers.ENDPOINTS,
        problems=[(one.line, _(one.says, **one.facts)) for one in problems[:MOST_PROBLEMS]],
        more=max(0, len(problems) - MOST_PROBLEMS))
    return page, UNPROCESSABLE if form.errors else 200
