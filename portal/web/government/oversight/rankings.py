"""Indices at the desk: versions and years, values that come in, how the ranking would be, publishing and correcting."""
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for

from portal.intake import workbook
from portal.intake.workbook import Unreadable
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, lang, ngettext
from portal.kit.text import fold
from portal.oversight import tables
from portal.oversight.figures import GROUP_WORDS
from portal.oversight.publishing import AsBefore, NeedsReason
from portal.oversight.rankings import actions, jobs, queries, results, survey, values
from portal.oversight.rankings.actions import Changed, NothingKnown, Told
from portal.oversight.rankings.definitions import FROM_WORDS, Definition, From
from portal.people import queries as people
from portal.people.models import Agency
from portal.web.government import bp
from portal.web.government.oversight.ranking_forms import PublishIndex, SayValue, TakeSurvey
from portal.web.guard import fresh, me, permission

UNPROCESSABLE, CONFLICT = 422, 409
MOST_BARS, MOST_PROBLEMS = 5, 100
ONE = "/oversight/rankings/<key>/<int(max=2100):year>"
UNREADABLE: Mapping[str, Any] = {
    "empty": _l("The file is empty. Choose it again."), "too_large": _l("The file is larger than 2 MB."),
    "too_many_rows": _l("The table has more than 2,000 lines."),
    "no_rows": _l("The table has no line under its headings."),
    "headers": _l("No line names a column for the agency and one for an indicator. Take the headers of the template."),
    "twice": _l("A heading stands there twice. Take one of the two columns out."),
    "password": _l("The file is protected by a password. Save it without one."),
    "encoding": _l("The text is not in UTF-8. Save it as “CSV UTF-8”, or as .xlsx.")}
BROKEN = _l("The file cannot be read as a table. Save it as .xlsx or .csv, and choose it again.")


@bp.get("/oversight/rankings")
@permission("ranking.manage")
def rankings() -> str:
    """Every index: its versions, what is published, and this year's bench."""
    found: dict[str, list[queries.Version]] = {}
    for one in queries.versions():
        found.setdefault(one.definition.key, []).append(one)
    return render_template("government/oversight/rankings.html", indices=sorted(found.items()), this=clock.today().year,
                           published={key: queries.published_years(key) for key in found}, groups=GROUP_WORDS)


@bp.get(ONE)
@permission("ranking.manage")
def ranking(key: str, year: int) -> str:
    """One index of one year: what is known, how the ranking would be, what can be done."""
    return _page(_definition(key, year), year)


@bp.post(f"{ONE}/measure")
@permission("ranking.manage")
def measure_index(key: str, year: int) -> Any:
    """Have the portal measure what it knows by itself."""
    definition = _definition(key, year)
    with transaction():
        jobs.ask(definition, year)
    flash(_("The portal measures now; in a few minutes the values stand here."), "working")
    return redirect(url_for("government.ranking", key=key, year=year), 303)


@bp.get(f"{ONE}/template.csv")
@permission("ranking.manage")
def survey_template(key: str, year: int) -> Response:
    """The table to fill in: every agency that is ranked, every indicator that a survey may tell."""
    definition = _definition(key, year)
    told = _told(definition)
    head = [_("Agency"), *(definition.names[name].get(lang(), name) for name in told)]
    rows = [[one.name, *("" for _name in told)] for one in _agencies(definition)]
    made = workbook.as_csv([head, *rows], ";" if lang() == "vi" else ",")
    return Response(made, mimetype="text/csv", headers={
        "Content-Disposition": f"attachment; filename={definition.key}-{year}.csv"})


@bp.post(f"{ONE}/survey")
@permission("ranking.manage")
@fresh
def take_survey(key: str, year: int) -> Any:
    """Take in a file: all of it, or nothing and every wrong cell by its name."""
    definition, form = _definition(key, year), TakeSurvey(prefix="survey-")
    if not form.validate_on_submit():
        return _page(definition, year, survey=form), UNPROCESSABLE
    file = form.file.data[0]
    content, name = file.stream.read(survey.MOST_BYTES + 1), Path(file.filename or "").name
    agencies = _agencies(definition)
    try:
        if len(content) > survey.MOST_BYTES:
            raise Unreadable("too_large")
        found = survey.read(content, Path(name).suffix.lower(), definition, _told(definition), _called(agencies))
    except Unreadable as error:
        form.file.errors = [str(UNREADABLE.get(error.reason, BROKEN))]
        return _page(definition, year, survey=form), UNPROCESSABLE
    if found.problems:
        form.file.errors = [ngettext("%(num)s cell is wrong: nothing was taken.",
                                     "%(num)s cells are wrong: nothing was taken.", len(found.problems))]
        return _page(definition, year, survey=form, problems=found.problems), UNPROCESSABLE
    by_key = {one.key: one for one in agencies}
    record = {"file": name[:160], "sha256": hashlib.sha256(content).hexdigest(), "sheet": found.sheet}
    with transaction():
        taken = actions.take(definition, year, [
            Told(by_key[one.agency], one.indicator, one.value, {**record, "cell": one.ref}) for one in found.answers],
            source=form.source.data, by=me())
    flash(ngettext("%(num)s value was taken.", "%(num)s values were taken.", taken), "done")
    for note in found.notes:
        flash(_says(note), "working")
    return redirect(url_for("government.ranking", key=key, year=year), 303)


@bp.post(f"{ONE}/word")
@permission("ranking.manage")
@fresh
def say_value(key: str, year: int) -> Any:
    """A person's word for one value, with its reason."""
    definition = _definition(key, year)
    form = _say_form(definition)
    if not form.validate_on_submit():
        return _page(definition, year, word=form), UNPROCESSABLE
    number, good = form.number(definition)
    if not good:
        return _page(definition, year, word=form), UNPROCESSABLE
    agency = next(one for one in _agencies(definition) if one.key == form.agency.data)
    with transaction():
        actions.say(definition, year, agency, form.indicator.data, number, form.reason.data, by=me())
    flash(_("Kept. What was said before stays to be read."), "done")
    return redirect(url_for("government.ranking", key=key, year=year), 303)


@bp.post(f"{ONE}/publish")
@permission("ranking.manage")
@fresh
def publish_index(key: str, year: int) -> Any:
    """Publish what stands here now, or correct what was published."""
    definition, form = _definition(key, year), PublishIndex(prefix="publish-")
    if not form.validate_on_submit():
        return _page(definition, year, publish=form), UNPROCESSABLE
    try:
        with transaction():
            made = actions.publish(definition, year, by=me(), reason=form.reason.data or "",
                                   seen=form.seen.data or None)
    except NeedsReason:
        form.reason.errors = [_("Say what was wrong: an edition is out already")]
        return _page(definition, year, publish=form), UNPROCESSABLE
    except Changed:
        form.reason.errors = [_("The values have changed since this page was opened. Look at them again, as they are "
                                "now")]
        return _page(definition, year, publish=form), CONFLICT
    except (AsBefore, NothingKnown) as error:
        form.reason.errors = [_("Nothing has changed since the last edition") if isinstance(error, AsBefore)
                              else _("Nothing is known yet: there is nothing to publish")]
        return _page(definition, year, publish=form), CONFLICT
    flash(_("Published as edition %(n)s.", n=made.edition), "done")
    return redirect(url_for("government.ranking", key=key, year=year), 303)


def _page(definition: Definition, year: int, problems: Any = (), **posted: Any) -> str:
    groups = actions.worked_out(definition, year) if definition.recomputable and not definition.published_by else []
    editions = queries.editions(definition.key, year)
    told = _told(definition)
    forms = {"survey": TakeSurvey(prefix="survey-"), "word": _say_form(definition) if "word" not in posted else None,
             "publish": PublishIndex(prefix="publish-")} | posted
    forms["publish"].seen.typed = None  # what is shown now, whatever was posted
    forms["publish"].seen.data = actions.as_shown(groups) if groups else ""
    moved = results.changes(editions[-1].content["groups"], groups) if editions and groups else []
    return render_template(
        "government/oversight/ranking.html", index=definition, year=year, groups=groups, group_words=GROUP_WORDS,
        editions=editions, told=told, forms=forms, problems=problems[:MOST_PROBLEMS], moved=moved,
        says=_says, from_words=FROM_WORDS,
        known=_known(definition, groups), most_bars=MOST_BARS, few_members=results.few_members,
        measures=any(one.kind in (From.measure, From.report) for one in definition.sources.values()))


def _known(definition: Definition, groups: list[dict[str, Any]]) -> list[tuple[Mapping[str, str], From, int, int]]:
    """Of each indicator: its name, where it is from, for how many members it is known, of how many."""
    members = [one for group in groups for one in group["members"]]
    return [(leaf.words, definition.sources[leaf.key].kind,
             sum((one["values"].get(leaf.key) or {}).get("value") is not None for one in members), len(members))
            for leaf in definition.leaves]


def _definition(key: str, year: int) -> Definition:
    """The index of a year that this portal works out; 404 for any other, and for years to come."""
    version = queries.of_year(key, year)
    if version is None or version.definition.published_by or year > clock.today().year:
        abort(404)
    return version.definition


def _told(definition: Definition) -> list[str]:
    """The indicators that a survey or a person may tell."""
    return [key for key, source in definition.sources.items() if From.survey.value in values.KINDS[source.kind]]


def _agencies(definition: Definition) -> list[Agency]:
    return [one for one in people.current_agencies() if values.group_of(one) in definition.groups]


def _called(agencies: list[Agency]) -> dict[str, str]:
    """What an agency may be called in a file, folded, and its key."""
    return {fold(word): one.key for one in agencies for word in (
        one.key, one.code, one.name, one.name.removeprefix("Thành phố ").removeprefix("Tỉnh ")) if word}


def _say_form(definition: Definition) -> SayValue:
    form = SayValue(prefix="word-")
    form.agency.choices = [(one.key, one.name) for one in _agencies(definition)]
    form.indicator.choices = [(key, definition.names[key].get(lang(), key)) for key in _told(definition)]
    return form


def _says(problem: tables.Problem) -> str:
    return _(survey.WORDS[problem.reason], **problem.facts)
