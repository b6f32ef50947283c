"""Publishing progress from a spreadsheet: choose a file, see how it is understood, send it, watch it being taken."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for

from portal.catalogue import queries as catalogue
from portal.intake import sheets, uploads, workbook
from portal.intake.uploads import Outcome, Upload
from portal.intake.workbook import Unreadable
from portal.kit import clock, throttle
from portal.kit.db import transaction
from portal.kit.forms import Attachment, Form
from portal.kit.i18n import _, _l, lang, ngettext, say, short_day
from portal.law.statuses import CODES, Status
from portal.people import queries as people
from portal.people import security_log
from portal.people.models import Agency
from portal.people.permissions import places
from portal.web.guard import me, permission, require
from portal.web.officer import bp
from portal.web.officer.upload_words import (
    CHANNEL_WORDS,
    FORM_WORDS,
    REASON_CODES,
    RESULT_WORDS,
    problem_words,
    unreadable_words,
)
from portal.web.words import STATUS_WORDS

FIRST_ROWS = 20
# columns that were not kept by their names, the others by their places: a cookie carries them to the next page, and
# nothing else does
MOST_NAMES = 20
MOST_PROBLEMS = 100  # on the page; the file has them all
UPLOADS_AN_HOUR = 60
PATH = "/progress-upload"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {sheets.Form.moment: "dd/mm/yyyy hh:mm", sheets.Form.due: "dd/mm/yyyy hh:mm", sheets.Form.number: "0"}


class Choose(Form):
    """The file."""

    file = Attachment(_l("File with the progress"), max_files=1, max_bytes=workbook.MOST_BYTES,
                      kinds=("xlsx", "xls", "ods", "xlsb", "csv", "txt"),  # the last is Excel's Unicode text
                      help=_l("At most 5,000 rows. Dates as dd/mm/yyyy or dd/mm/yyyy hh:mm. The export of a one-stop "
                              "system is understood as it is."))


@dataclass(frozen=True)
class Preview:
    """A row as it was understood: its line in the file and its cells in words, in the order of the headers."""

    line: int
    cells: list[str]


def of_my_agency(view: Callable[..., Any]) -> Callable[..., Any]:
    """Swap `upload_id` for the upload, when it is the officer's agency's; 404 otherwise."""

    @wraps(view)
    def inner(upload_id: str) -> Any:
        upload = uploads.find(upload_id)
        require("upload.send", upload)
        return view(upload=upload)

    return inner


def my_agency() -> Agency:
    """The agency for which the officer may send; 403 for one who works in a unit of it only."""
    whole = next((place for place in places(me(), "upload.send") if place and place.unit_id is None), None)
    return (people.agency(whole.agency_id) if whole else None) or abort(403)


@bp.route(PATH, methods=["GET", "POST"])
@permission("upload.send")
def progress_upload() -> Any:
    """Choose a file. What is not published is dropped while it is read, before anything is kept."""
    form, agency = Choose(), my_agency()
    if form.validate_on_submit():
        with transaction():
            throttle.hit("progress-upload", str(me().id), limit=UPLOADS_AN_HOUR, seconds=3600)
        if upload_id := _kept(form):
            return redirect(url_for("officer.upload_check", upload_id=upload_id), 303)
    page = render_template("officer/upload.html", form=form, agency=agency, columns=(*sheets.COLUMNS, *sheets.INSTEAD),
                           forms=FORM_WORDS, statuses=STATUS_WORDS, reasons=REASON_CODES)
    return page, 422 if form.problems() else 200


def _kept(form: Choose) -> str | None:
    file = form.file.data[0]
    try:
        sheet = sheets.read(file.stream.read(workbook.MOST_BYTES + 1), Path(file.filename or "").suffix.lower(),
                            catalogue.procedure_named(my_agency().key))
    except Unreadable as error:
        form.file.errors = [unreadable_words(error)]
        return None
    agency_id = my_agency().id
    with transaction():
        tried = uploads.rehearse(my_agency(), sheet.rows)
    upload_id = uploads.keep(agency_id, sheet, tried)
    if sheet.not_kept:
        names = ", ".join(f"“{name}”" for _place, name in sheet.not_kept[:MOST_NAMES])
        if len(sheet.not_kept) > MOST_NAMES:
            names += ", " + ", ".join(str(place) for place, _name in sheet.not_kept[MOST_NAMES:])
        flash(ngettext("%(num)s column is not published and was not kept: %(names)s",
                       "%(num)s columns are not published and were not kept: %(names)s",
                       len(sheet.not_kept), names=names), "working")
    if sheet.left_out:
        flash(ngettext("%(num)s line tells of no dossier (a total, a signature) and was passed over.",
                       "%(num)s lines tell of no dossier (totals, signatures) and were passed over.",
                       sheet.left_out), "working")
    return upload_id


@bp.get(f"{PATH}/template.<any(xlsx, csv):form>")
@permission("upload.send")
def upload_template(form: str) -> Response:
    """An empty table with the right headers, to fill in."""
    headers = [say(column.header) for column in sheets.COLUMNS]
    if form == "csv":
        return _file(workbook.as_csv([headers], ";" if lang() == "vi" else ","), "text/csv", _("progress-template.csv"))
    notes = [(_("Column"), _("Required"), _("What belongs there")), *(
        (say(column.header), _("Yes") if column.required else "", str(FORM_WORDS[column.name]))
        for column in sheets.COLUMNS)]
    formats = [FORMATS.get(column.form, "@") for column in sheets.COLUMNS]
    made = workbook.as_workbook(_("Progress"), headers, formats, notes, _("How to fill in"))
    return _file(made, XLSX, _("progress-template.xlsx"))


@bp.get(f"{PATH}/<upload_id>")
@permission("upload.send")
@of_my_agency
def upload_check(upload: Upload) -> Any:
    """How the file is understood, before anything is published."""
    if uploads.so_far(upload).done:
        return redirect(url_for("officer.upload_progress", upload_id=upload.id), 303)
    first = [Preview(line, [_in_words(name, row.get(name)) for name in upload.headers])
            for line, row in list(zip(upload.lines, upload.rows, strict=True))[:FIRST_ROWS]]
    return _page("upload_check", upload, uploads.expected(upload), rows=first)


@bp.post(f"{PATH}/<upload_id>")
@permission("upload.send")
@of_my_agency
def upload_send(upload: Upload) -> Any:
    """Have it taken; the page that follows shows how far it is."""
    with transaction():
        uploads.send(upload)
    return redirect(url_for("officer.upload_progress", upload_id=upload.id), 303)


@bp.get(f"{PATH}/<upload_id>/progress")
@permission("upload.send")
@of_my_agency
def upload_progress(upload: Upload) -> Any:
    """How far it is; at the end, what became of each row."""
    return _page("upload_progress", upload, uploads.so_far(upload))


@bp.get(f"{PATH}/<upload_id>/errors.csv")
@permission("upload.send")
@of_my_agency
def upload_errors(upload: Upload) -> Response:
    """Every row that is not taken, with its line, column and reason, to mend the file by."""
    security_log.record("export.taken", by=me(), agency_id=upload.agency_id, file="progress-errors.csv")
    outcome = uploads.so_far(upload)
    table: list[list[Any]] = [[_("Line"), _("Dossier code"), _("Column"), _("Result"), _("What to do")]]
    table += [[problem.line, problem.code or "", _column_name(upload, problem.field),
               str(RESULT_WORDS[problem.result]), problem_words(problem)]
              for problem in (outcome if outcome.done else uploads.expected(upload)).problems]
    return _file(workbook.as_csv(table), "text/csv", _("progress-errors.csv"))


def _page(template: str, upload: Upload, outcome: Outcome, **facts: Any) -> str:
    problems = [(problem, _column_name(upload, problem.field), problem_words(problem))
                for problem in outcome.problems[:MOST_PROBLEMS]]
    return render_template(f"officer/{template}.html", upload=upload, outcome=outcome, problems=problems,
                           results=RESULT_WORDS, agency=people.agency(upload.agency_id), **facts)


def _column_name(upload: Upload, field: str) -> str:
    """What the file calls a field; where it has no such column, what we call it."""
    return upload.headers.get(field) or next((say(c.header) for c in sheets.COLUMNS if c.name == field), field)


def _in_words(name: str, value: Any) -> str:
    """A cell as it was understood."""
    if value is None:
        return ""
    if value == sheets.ILLFORMED:
        return _("not understood")
    if name == "status" and str(value).isdecimal() and int(value) in CODES:
        return str(STATUS_WORDS[Status(int(value))])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "at" or name.endswith("_at"):
        moment = datetime.fromisoformat(value).astimezone(clock.VN)
        return f"{short_day(moment)} {moment:%H:%M}"
    if name == "channel":
        return str(CHANNEL_WORDS.get(value, value))
    return str(REASON_CODES.get(value, value)) if name == "reason" else str(value)


def _file(content: str | bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
