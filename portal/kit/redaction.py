"""What logs and kept errors must not tell: where people are reached and what they are numbered by.

Errors of libraries and other machines quote what they were given: a mail server names the recipient that it refuses, a
driver the row that it could not write. So every line is read over before it is written, wherever it comes from.
"""
import io
import logging
import re
import traceback

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Telephones as they are stored and typed, and the twelve digits of identity numbers; not the digits within a code.
_NUMBER = re.compile(r"(?<!reference )(?<![\w.+/-])(?:\+84[ .]?\d{2,3}|0\d{2,3})(?:[ .]?\d{3}){2}\d?(?![\w-])"
                     r"|(?<![\w.-])\d{12}(?![\w-])")


def redacted(text: str) -> str:
    """The text with <address> and <number> in their places. What is no person's stays: codes, ids, versions, hosts."""
    if "@" in text:
        text = _EMAIL.sub("<address>", text)
    return _NUMBER.sub("<number>", text)


class Record(logging.LogRecord):
    """A line of any log, ours or a library's, with its traceback."""

    def getMessage(self) -> str:
        return redacted(super().getMessage())


def _record(*args: object, **more: object) -> logging.LogRecord:
    made = Record(*args, **more)  # type: ignore[arg-type]
    if isinstance(made.exc_info, tuple) and made.exc_info[0] is not None:
        told = io.StringIO()
        traceback.print_exception(*made.exc_info, file=told)
        made.exc_text = redacted(told.getvalue().rstrip("\n"))  # which formatters take instead of making their own
    return made


def init() -> None:
    """Every line from here on, of every logger of this process."""
    logging.setLogRecordFactory(_record)
