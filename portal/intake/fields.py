"""The fields that a row may have, whatever door it comes through, and the form of each. Pure.

Only these names pass, and only values of their form: a name, an address, a telephone number or free text has no
field here, and what stands in the wrong field becomes ILLFORMED, which the check of a row then rejects.
"""
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.intake import rows
from portal.law import codes

ILLFORMED = "?"


class Form(StrEnum):
    """What a value must look like to pass."""

    code = "code"
    token = "token"  # noqa: S105
    status = "status"
    moment = "moment"
    number = "number"
    truth = "truth"


FORMS: Mapping[str, Form] = {
    "code": Form.code, "procedure": Form.token, "status": Form.status, "at": Form.moment, "sequence": Form.number,
    "agency": Form.token, "submitted_at": Form.moment, "received_at": Form.moment, "due_at": Form.moment,
    "finished_at": Form.moment, "channel": Form.token, "level": Form.number, "reason": Form.token,
    "apology": Form.truth, "new_due_at": Form.moment, "step_due_at": Form.moment, "correction": Form.truth,
}
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,60}", re.ASCII)
_A_MOMENT = re.compile(r"[0-9TtZz:+. -]{8,40}", re.ASCII)


def kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row may go below the door. Unknown fields are gone, null ones too; illformed values are marked."""
    return {name: _passed(FORMS[name], value) for name, value in row.items()
            if name in FORMS and value is not None}


def _passed(form: Form, value: Any) -> Any:
    if isinstance(value, bool):
        return value if form is Form.truth else ILLFORMED
    if isinstance(value, int):
        return value if form in (Form.number, Form.token, Form.status) else ILLFORMED
    if not isinstance(value, str):
        return ILLFORMED
    if form is Form.code:
        return codes.parse(value) or ILLFORMED
    if form is Form.status:
        return rows.status_word(value) or ILLFORMED
    shape = {Form.token: _TOKEN, Form.moment: _A_MOMENT}.get(form)
    return value if shape and shape.fullmatch(value) else ILLFORMED
