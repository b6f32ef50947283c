"""Templates of reports: what each version asks, what changed since the one before, and a new version out of a file."""
import json
import re
from typing import Any, NoReturn

from flask import abort, flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.text import storable
from portal.oversight.figures import UNIT_WORDS
from portal.oversight.measures import MEASURES
from portal.oversight.models import ReportTemplate
from portal.oversight.reporting import OWES_WORDS
from portal.oversight.reports import deliveries, templates, versions
from portal.oversight.reports.changes import PART_WORDS, changes
from portal.web.government import bp
from portal.web.government.oversight.period_forms import Uploads, problem
from portal.web.guard import fresh_to_change, me, permission

UNPROCESSABLE = 422
HIGHEST = 2**31 - 1
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@bp.get("/oversight/templates")
@permission("report.watch")
def report_templates() -> Any:
    """The newest version of every template."""
    return render_template("government/oversight/templates.html", templates=deliveries.newest_templates(),
                           owes=OWES_WORDS)


@bp.get(f"/oversight/templates/<key>/<int(max={HIGHEST}):version>")
@permission("report.watch")
def report_template(key: str, version: int) -> Any:
    """What a version asks, its other versions, and what changed since the one before."""
    found = deliveries.template(key, version) or abort(404)
    every = deliveries.versions(key)
    before = next((one for one in every if one.version < version), None)
    read = templates.read(found.definition)
    return render_template(
        "government/oversight/template.html", template=found, read=read, versions=every, before=before,
        changes=changes(before.definition, found.definition) if before else [], part_words=PART_WORDS, written=_written,
        measures=MEASURES, owes=OWES_WORDS, units=UNIT_WORDS)


@bp.route("/oversight/templates/new", methods=["GET", "POST"])
@permission("report.watch")
@fresh_to_change
def new_report_template() -> Any:
    """A new version out of a file: taken whole, or not at all."""
    form = Uploads()
    if form.validate_on_submit() and (made := _add(form)):
        flash(_("Version %(n)s is stored. Periods that are open keep theirs.", n=made[1]), "done")
        return redirect(url_for("government.report_template", key=made[0], version=made[1]), 303)
    return render_template("government/oversight/new_template.html", form=form), UNPROCESSABLE if form.errors else 200


def _add(form: Uploads) -> tuple[str, int] | None:
    """(key, number) of the version; None with what is wrong at its question."""
    if not KEY.fullmatch(form.key.data):
        problem(form, form.key, _("Write the key in letters a to z, digits and low lines, beginning with a letter"))
        return None
    try:
        definition = _definition(form.file.data[0].read())
        with transaction():
            made: ReportTemplate = versions.add(form.key.data, definition, every=form.every.data, owes=form.owes.data,
                                                source=form.source.data, by=me())
            return made.key, made.version
    except ValueError as error:
        problem(form, form.file, _("The file is not taken. The place and what is wrong there: %(error)s", error=error))
    except versions.AddedAtOnce:
        problem(form, form.file, _("Somebody stored a version in this moment. Look at it, then send yours again"))
    return None


def _definition(content: bytes) -> dict[str, Any]:
    """The definition in a file; of one in the shape of those that are shipped, its definition. ValueError says where
    it is no JSON."""
    try:
        said = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise ValueError(_("byte %(n)s: not UTF-8", n=error.start + 1)) from error
    except json.JSONDecodeError as error:
        raise ValueError(_("line %(line)s, column %(column)s: no JSON (%(why)s)", line=error.lineno,
                           column=error.colno, why=error.msg)) from error
    except RecursionError as error:
        raise ValueError(_("no JSON that can be read: nested too deep")) from error
    if not storable(said):
        raise ValueError(_("There is a character in it that no text has, such as half of a letter or a null. "
                           "Take it out."))
    if not isinstance(said, dict):
        raise ValueError("definition: must be an object")
    inner = said.get("definition", said)
    return inner if isinstance(inner, dict) else said


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word}: no number of JSON")


def _written(said: Any) -> str:
    """A part of a definition as it is written."""
    return "—" if said is None else json.dumps(said, ensure_ascii=False, indent=1)
