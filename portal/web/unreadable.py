"""Why a spreadsheet that somebody handed in cannot be read, and what to do: for every door that takes one."""
from collections.abc import Mapping

from portal.intake import workbook
from portal.intake.workbook import Unreadable
from portal.kit.forms import size_words
from portal.kit.i18n import _, number


def unreadable_words(error: Unreadable, headers: Mapping[str, str], most_rows: int) -> str:
    """`headers`: what the columns are called, by their keys."""
    names = ", ".join(f"“{headers[key]}”" for key in headers if key in error.fields)
    words = {
        "empty": _("The file is empty. Choose it again."),
        "too_large": _("The file is larger than %(limit)s. Split it.", limit=size_words(workbook.MOST_BYTES)),
        "old": _("This is an old Excel file that cannot be read, or one with a password. Take the password off and "
                 "save it as .xlsx."),
        "password": _("The file is locked with a password. Take the password off and save it again."),
        "font": _("The text is typed in an old font, %(fonts)s, and not in Unicode. Convert it to Unicode first, for "
                  "example with UniKey's tool.", fonts=" / ".join(error.fields)),
        "month_first": _("Line %(n)s, column %(names)s: is the month written first, as in 11/20/2026? Write dates as "
                         "20/11/2026, or format the column as a date, and choose the file again.", n=error.line,
                         names=names),
        "mismatch": _("The file is not what its name says. Save it again as .xlsx or CSV."),
        "encoding": _("The file is not in UTF-8. In Excel choose “CSV UTF-8” when saving."),
        "bomb": _("Unpacked, the file is far too large. Copy only the columns of the template into a new file."),
        "active": _("The file holds a macro or a declaration that is not taken. Copy the table into a new .xlsx file."),
        "headers": _("These columns are missing: %(names)s. Download the template and compare the headers.",
                     names=names),
        "twice": _("These columns are there twice: %(names)s. Keep one of each.", names=names),
        "no_rows": _("There is no row under the headers."),
        "too_many_rows": _("There are more than %(n)s rows. Split the file.", n=number(most_rows)),
    }
    if error.reason == "broken":
        return _("The file cannot be read at line %(n)s: a quotation mark is not closed or stands in the wrong "
                 "place.", n=error.line) if error.line else \
            _("The file is damaged. Open it, save it again and choose it once more.")
    return words[error.reason]
