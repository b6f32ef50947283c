"""The fields of a progress record, once: what the door lets in, what OpenAPI and the page say.

Only these names pass, and only values of their form: a name, an address, a telephone number or free text has no
field here, and what stands in the wrong field becomes ILLFORMED, which the room's own check then rejects.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.intake import rows
from portal.kit.i18n import Later, _l
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


@dataclass(frozen=True)
class Field:
    """`schema`: JSON Schema of a right value; `says`: for readers."""

    name: str
    form: Form
    schema: Mapping[str, Any]
    says: Later
    required: bool = False


_MOMENT = {"type": "string", "format": "date-time", "examples": ["2026-11-20T08:30:00+07:00"]}
FIELDS: tuple[Field, ...] = (
    Field("code", Form.code, {"type": "string", "maxLength": codes.LONGEST, "examples": ["H17-261120-0001"]},
          _l("The dossier's code: H56.14-240823-0001, G09.20-20260609-0092637 or 000.00.01.G03-210915-0001"), True),
    Field("procedure", Form.token, {"type": "string", "maxLength": rows.LONGEST_TOKEN, "examples": ["1.001193"]},
          _l("The procedure's code: 1.000948, 1.000948.H38 or 2.001218.000.00.00.H38. Without it, that of the dossier; "
             "the record waits until one names it")),
    Field("status", Form.status, {"type": "integer", "minimum": 1, "maximum": 10, "examples": [2]},
          _l("The national status, 1 to 10; see the table of statuses"), True),
    Field("at", Form.moment, _MOMENT, _l("When the dossier got this status, by the clock of the sender"), True),
    Field("sequence", Form.number, {"type": "integer", "minimum": 0, "maximum": rows.LARGEST_SEQUENCE, "default": 0},
          _l("Which came later, when two have the same moment")),
    Field("agency", Form.token, {"type": "string", "maxLength": rows.LONGEST_TOKEN, "examples": ["H17"]},
          _l("The agency: H56.22.17 or 000.17.22.H56; without it, the key's own. Another agency's rows are rejected")),
    Field("submitted_at", Form.moment, _MOMENT, _l("When it was handed in")),
    Field("received_at", Form.moment, _MOMENT, _l("When it was accepted: the clock runs from here")),
    Field("due_at", Form.moment, _MOMENT, _l("When the result is due")),
    Field("finished_at", Form.moment, _MOMENT, _l("When it was decided")),
    Field("channel", Form.token, {"type": "string", "enum": sorted(rows.CHANNELS)}, _l("How it was handed in")),
    Field("level", Form.number, {"type": "integer", "minimum": 1, "maximum": 4}, _l("The level of the online service")),
    Field("reason", Form.token, {"type": "string", "enum": sorted(rows.REASONS)},
          _l("Why it waits, or why the date moved. A code: free text is not taken")),
    Field("apology", Form.truth, {"type": "boolean"}, _l("Whether the agency apologised for being late")),
    Field("new_due_at", Form.moment, _MOMENT, _l("The new date, where the old one was not kept; both stay visible")),
    Field("correction", Form.truth, {"type": "boolean", "default": False},
          _l("Takes back a final status that was sent by mistake; the correction stays visible")),
)
_BY_NAME = {field.name: field for field in FIELDS}
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,60}", re.ASCII)
_A_MOMENT = re.compile(r"[0-9TtZz:+. -]{8,40}", re.ASCII)


def kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row may go below the door. Unknown fields are gone, null ones too; illformed values are marked."""
    return {name: _passed(_BY_NAME[name].form, value) for name, value in row.items()
            if name in _BY_NAME and value is not None}


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
