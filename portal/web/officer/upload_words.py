"""What the pages of an upload say: what belongs in each column, what is wrong with a file or a row, what to do."""
from collections.abc import Mapping
from typing import Any

from portal.intake import sheets, uploads
from portal.intake.uploads import Problem
from portal.intake.workbook import Unreadable
from portal.kit.i18n import _l, say
from portal.web import unreadable

_MOMENT = _l("A date, with the hour where it is known: 20/11/2026 or 20/11/2026 08:30")
_DUE = _l("A date, with the hour where it is known; a date alone, 00:00 and 24:00 mean the end of that day, 17:00")
_TRUTH = _l("Yes or no, in Vietnamese or English")
FORM_WORDS: Mapping[str, Any] = {
    "code": _l("For example H17-261120-0001, H56.14-240823-0001 or 000.00.01.G03-210915-0001"),
    "procedure": _l("The national code, for example 1.001193"),
    "status": _l("The national status, as its number from 1 to 10 or in its words"),
    "at": _l("When the dossier got this status: 20/11/2026 08:30. Without it, the date that belongs to the status"),
    "sequence": _l("Which came later, where two rows of a dossier have the same moment: 0, 1, 2…"),
    "agency": _l("A unit of the agency; leave it out for the agency itself"),
    "submitted_at": _MOMENT, "received_at": _MOMENT, "finished_at": _MOMENT, "due_at": _DUE, "new_due_at": _DUE,
    "channel": _l("Online, counter or post, in Vietnamese or English"),
    "level": _l("A number from 1 to 4"),
    "reason": _l("Why it waits or why the date moved: one of the codes below, or its words; no free text"),
    "apology": _TRUTH, "correction": _TRUTH, "step_due_at": _DUE,
    "procedure_name": _l("The name of the procedure, where the table has no code; the name as in the catalogue"),
    "returned_at": _MOMENT,
}
CHANNEL_WORDS = {"online": _l("Online"), "counter": _l("Counter"), "post": _l("Post")}
REASON_CODES: Mapping[str, Any] = {
    "missing_papers": _l("Papers are missing"), "payment": _l("A payment is due"),
    "other_agency": _l("Another agency must answer"), "legal": _l("A legal reason"),
    "applicant": _l("At the applicant's wish"), "other": _l("Another reason"),
}
RESULT_WORDS = {"rejected": _l("Not taken"), "quarantined": _l("Kept aside"),
                uploads.LEFT_OUT: _l("Taken without this column")}
# what to do about a row; those that depend on the column are in problem_words
_PROBLEMS: Mapping[str, Any] = {
    "missing": _l("Fill this column in."),
    "code": _l("Not a dossier code. Write it like H17-261120-0001, with a day that exists."),
    "time": _l("Not a date. Write 20/11/2026 or 20/11/2026 08:30, with a day that exists."),
    "future": _l("The date lies too far in the future. Check the day and the year."),
    "order": _l("The dates contradict each other: handed in, accepted, finished and due come in this order. Only a "
                "finished dossier has a day of finishing."),
    "agency_foreign": _l("The dossier belongs to another agency. Leave the row out."),
    "issued_here": _l("The code is one of this portal's own, which alone tells of its dossiers. Leave the row out."),
    "agency_unknown": _l("This agency code is not known. The row waits until the administrator has mapped it."),
    "procedure_unknown": _l("This procedure is not known. The row waits until the administrator has mapped it."),
    "dossier_unknown": _l("This dossier is not published yet. Write its procedure, else the row waits until a row "
                          "that names it arrives."),
    "status_unknown": _l("This status is not a national one. The row waits until the administrator has mapped it."),
    "channel": _l("Write online, counter or post."),
    "level": _l("Write a number from 1 to 4."),
    "too_long": _l("The value is too long."),
}
_OF_A_KIND: Mapping[sheets.Form, Any] = {
    sheets.Form.procedure: _l("Neither the code nor the name of one procedure in the catalogue. Write the code, like "
                              "1.001193."),
    sheets.Form.status: _l("Not a national status. Write its number from 1 to 10 or its words."),
    sheets.Form.number: _l("Write a whole number."),
    sheets.Form.level: _l("Write a number from 1 to 4."),
    sheets.Form.truth: _l("Write yes or no."),
    sheets.Form.word: _l("Write one of the codes; free text is not taken."),
}
_FORM_OF = {column.name: column.form for column in sheets.COLUMNS}


def problem_words(problem: Problem) -> str:
    """What to do about a row that is not taken."""
    if problem.reason == "type":
        return str(_OF_A_KIND.get(_FORM_OF[problem.field], _PROBLEMS["missing"]))
    return str(_PROBLEMS[problem.reason])


def unreadable_words(error: Unreadable) -> str:
    """Why a file cannot be read, and what to do."""
    headers = {column.name: say(column.header) for column in (*sheets.COLUMNS, *sheets.INSTEAD)}
    return unreadable.unreadable_words(error, headers, sheets.MOST_ROWS)
