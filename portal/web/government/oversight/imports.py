"""Tasks from a spreadsheet: the template, the file, what would be given and what is wrong in which cell, one yes."""
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for

from portal.intake import workbook
from portal.intake.workbook import Unreadable
from portal.kit import clock, throttle
from portal.kit.db import session, transaction
from portal.kit.forms import Attachment, Form
from portal.kit.i18n import LANGUAGES, _, _l, lang, ngettext, say, speaking
from portal.oversight import importing, probes, written_tables
from portal.oversight.import_rows import HEADINGS, MOST_ROWS, MOST_TASKS
from portal.oversight.importing import NotClean
from portal.oversight.models import DirectiveImport
from portal.people import queries as people
from portal.web.government import bp
from portal.web.guard import fresh_to_change, me, permission
from portal.web.unreadable import unreadable_words

UNPROCESSABLE, CONFLICT = 422, 409
HIGHEST = 2**31 - 1
PATH = "/oversight/directives/import"
ONE = f"{PATH}/<int(max={HIGHEST}):import_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES_AN_HOUR = 60
FIRST_ROWS, MOST_PROBLEMS = 50, 200  # on the page; the file has them all
_EXPLAIN, _EXAMPLE, _AGENCIES = _l("How to fill in"), _l("Example"), _l("Agencies")
MEANS = {
    "mark": _l("Your own number of the line, so that another can be a part of it"),
    "number": _l("For example 36a/NQ-CP"), "issuer": _l("For example Chính phủ"),
    "issued_on": _l("A day: 31/12/2026"), "article": _l("For example “khoản 2 mục III”"),
    "words": _l("The task as the decision words it, at most 4,000 letters"),
    "product": _l("What must come of it"),
    "leads": _l("Names or codes, parted by semicolons or one a line; or “Tất cả các bộ, cơ quan ngang bộ”, “Tất cả các "
                "tỉnh, thành phố”, “Tất cả”. Each has the task by itself"),
    "others": _l("In the same way"),
    "deadline": _l("A day (31/12/2026), “hằng tháng”, “hằng quý”, “hằng năm”, “điều kiện: …” or “không thời hạn”"),
    "probe": _l("What the portal looks at each night: its name or words, what it is given in brackets"),
    "parent": _l("The TT of a line above, or the number of a decision that is here; its article after a semicolon"),
    "public": _l("“có” or “không”; left out: yes"), "source": _l("Where the task is written"),
}


class Choose(Form):
    """The file."""

    file = Attachment(_l("File with the tasks"), max_files=1, max_bytes=workbook.MOST_BYTES,
                      kinds=("xlsx", "xls", "ods", "xlsb", "csv", "txt"),
                      help=_l("At most 500 lines and 10,000 tasks of agencies. Days as 31/12/2026. Nothing is given "
                              "before you have seen how the file is understood."))


@bp.route(PATH, methods=["GET", "POST"])
@permission("directive.watch")
def import_directives() -> Any:
    """Choose a file; it is read where no transaction is open."""
    form = Choose()
    if form.validate_on_submit():
        with transaction():
            throttle.hit("directive-import", str(me().id), limit=FILES_AN_HOUR, seconds=3600)
        if (import_id := _kept(form)) is not None:
            return redirect(url_for("government.directive_import", import_id=import_id), 303)
    return render_template("government/oversight/import_directives.html", form=form, headings=HEADINGS, means=MEANS,
                           most_rows=MOST_ROWS, most_tasks=MOST_TASKS), UNPROCESSABLE if form.problems() else 200


def _kept(form: Choose) -> int | None:
    file = form.file.data[0]
    name = file.filename or ""
    content, compared = file.stream.read(workbook.MOST_BYTES + 1), importing.known(clock.today())
    session.rollback()  # what was read is read: no transaction waits while the file is
    try:
        found = importing.read(content, Path(name).suffix.lower(), compared, _beside())
    except Unreadable as error:
        form.file.errors = [unreadable_words(error, {one.key: say(one.words) for one in HEADINGS}, MOST_ROWS)]
        return None
    with transaction():
        return importing.keep(name, found, me()).id


def _beside() -> set[str]:
    """What the sheets of the template are called that hold no tasks."""
    names = set()
    for language in LANGUAGES:
        with speaking(language):
            names |= {str(_EXPLAIN), str(_EXAMPLE), str(_AGENCIES)}
    return names


@bp.get(f"{PATH}/template.xlsx")
@permission("directive.watch")
def import_template() -> Response:
    """An empty table with the right headings, an example, what belongs where, and the agencies of today."""
    headings = [say(one.words) for one in HEADINGS]
    example = ["1", "36a/NQ-CP", "Chính phủ", "14/10/2015", "khoản 2 mục III", "Kết nối phần mềm quản lý văn bản",
               "Văn bản điện tử gửi, nhận liên thông", "Tất cả các bộ, cơ quan ngang bộ; Hà Nội", "Bộ Công an",
               "31/12/2026", "connected", "", "có", "Nghị quyết 36a/NQ-CP"]
    notes = [[_("Column"), _("Required"), _("What belongs there")], *(
        [say(one.words), _("Yes") if one.required else "", str(MEANS[one.key])] for one in HEADINGS), [],
        [_("What the portal looks at each night"), "", ""], *([key, _(one.words), "; ".join(
            f"{name}={_(want.words)}" for name, want in one.wants.items())] for key, one in probes.PROBES.items())]
    agencies = [[_("Code"), _("Agency")], *([one.key, one.name] for one in people.current_agencies())]
    made = written_tables.as_workbook([
        written_tables.Page(_("Tasks"), [headings]), written_tables.Page(str(_EXAMPLE), [headings, example]),
        written_tables.Page(str(_EXPLAIN), notes), written_tables.Page(str(_AGENCIES), agencies)])
    return _file(made, XLSX, _("tasks-template.xlsx"))


@bp.get(ONE)
@permission("directive.watch")
def directive_import(import_id: int) -> Any:
    """How the file is understood; after the yes, what was given."""
    return _page(_found(import_id))


@bp.post(ONE)
@permission("directive.watch")
@fresh_to_change
def load_import(import_id: int) -> Any:
    """Give every task of the file, once."""
    _found(import_id)
    try:
        with transaction():
            importing.load(import_id, me())
    except NotClean as error:
        return _page(_found(import_id), changed=[list(one) for one in error.problems]), CONFLICT
    flash(_("All tasks of the file are given."), "done")
    return redirect(url_for("government.directive_import", import_id=import_id), 303)


@bp.get(f"{ONE}/errors.<any(xlsx, csv):form>")
@permission("directive.watch")
def import_errors(import_id: int, form: str) -> Response:
    """The file's lines with what is wrong beside each cell, to mend them."""
    found = _found(import_id)
    if form == "csv":
        table = [[_("Cell"), _("What is wrong")], *([cell, said] for cell, said, _stops in _problems(found.problems))]
        return _file(workbook.as_csv(table, ";" if lang() == "vi" else ","), "text/csv", _("tasks-errors.csv"))
    keys = [one.key for one in HEADINGS]
    headings = [*(say(one.words) for one in HEADINGS), _("What is wrong")]
    by_line: dict[int, list[str]] = {}
    for cell, said, _stops in _problems(found.problems):
        line = int("".join(c for c in cell if c.isdecimal()) or 0)
        by_line.setdefault(line, []).append(f"{_('Cell')} {cell}: {said}" if cell and line else said)
    rows = [[*(row["said"].get(key, "") for key in keys), "\n".join(by_line.get(row["number"], ()))]
            for row in found.rows]
    notes = {(n, len(headings)): said for n, row in enumerate(found.rows, 2)
             if (said := "\n".join(by_line.get(row["number"], ())))}
    made = written_tables.as_workbook([written_tables.Page(_("Tasks"), [headings, *rows], notes)])
    return _file(made, XLSX, _("tasks-errors.xlsx"))


def _page(found: DirectiveImport, changed: list[Any] | None = None) -> str:
    problems = _problems(found.problems if changed is None else changed)
    stopping = [one for one in problems if one[2]]
    names = {one.id: one.name for one in people.current_agencies()} if not found.loaded_at else {}
    return render_template(
        "government/oversight/import.html", found=found, problems=stopping[:MOST_PROBLEMS], stopping=len(stopping),
        known=[one for one in problems if not one[2]][:MOST_PROBLEMS], clean=importing.is_clean(found) and not changed,
        rows=[(row, _in_words(row["given"], names)) for row in found.rows[:FIRST_ROWS]], changed=changed is not None,
        given=importing.given(found)[:MOST_ROWS] if found.loaded_at else [], by=people.person(found.by_id),
        loaded_by=people.person(found.loaded_by_id) if found.loaded_by_id else None,
        tasks=sum(len(row["given"]["leads"]) + len(row["given"]["others"]) for row in found.rows if row["given"]))


def _problems(problems: list[list[Any]]) -> list[tuple[str, str, bool]]:
    """(cell, what is wrong, whether it stops) in the reader's language."""
    return [(cell, _(importing.WORDS[reason], **{name: _(value) if name in ("way", "why") and value else value
                                                 for name, value in facts.items()}), stops)
            for cell, reason, facts, stops in problems]


def _in_words(given: dict[str, Any] | None, names: dict[int, str]) -> dict[str, str] | None:
    """How a line was understood."""
    if given is None:
        return None
    every = {"month": _("Every month"), "quarter": _("Every quarter"), "year": _("Every year")}
    due = {"fixed": lambda: "/".join(reversed(given["due_on"].split("-"))), "recurring": lambda: every[given["every"]],
           "condition": lambda: given["condition"], "none": lambda: _("None")}[given["deadline"]]()
    return {"number": given["number"], "article": given["article"], "words": given["words"], "due": due,
            "leads": _some([names.get(id_, "") for id_ in given["leads"]]),
            "others": _some([names.get(id_, "") for id_ in given["others"]])}


def _some(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    said = ", ".join(names[:most])
    return f"{said}, {ngettext('%(num)s more agency', '%(num)s more agencies', more)}" if more > 0 else said


def _found(import_id: int) -> DirectiveImport:
    return importing.find(import_id) or abort(404)


def _file(content: str | bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
