"""The fields of a progress record as OpenAPI and the page say them. What may pass is said in intake/fields.py."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.intake import rows
from portal.kit.i18n import Later, _l
from portal.law import codes


@dataclass(frozen=True)
class Field:
    """`schema`: JSON Schema of a right value; `says`: for readers."""

    name: str
    schema: Mapping[str, Any]
    says: Later
    required: bool = False


_MOMENT = {"type": "string", "format": "date-time", "examples": ["2026-11-20T08:30:00+07:00"]}
FIELDS: tuple[Field, ...] = (
    Field("code", {"type": "string", "maxLength": codes.LONGEST, "examples": ["H17-261120-0001"]},
          _l("The dossier's code: H56.14-240823-0001, G09.20-20260609-0092637 or 000.00.01.G03-210915-0001"), True),
    Field("procedure", {"type": "string", "maxLength": rows.LONGEST_TOKEN, "examples": ["1.001193"]},
          _l("The procedure's code: 1.000948, 1.000948.H38 or 2.001218.000.00.00.H38. Without it, that of the dossier; "
             "the record waits until one names it")),
    Field("status", {"type": "integer", "minimum": 1, "maximum": 10, "examples": [2]},
          _l("The national status, 1 to 10; see the table of statuses"), True),
    Field("at", _MOMENT, _l("When the dossier got this status, by the clock of the sender"), True),
    Field("sequence", {"type": "integer", "minimum": 0, "maximum": rows.LARGEST_SEQUENCE, "default": 0},
          _l("Which came later, when two have the same moment")),
    Field("agency", {"type": "string", "maxLength": rows.LONGEST_TOKEN, "examples": ["H17"]},
          _l("The agency: H56.22.17 or 000.17.22.H56; without it, the key's own. Another agency's rows are rejected")),
    Field("submitted_at", _MOMENT, _l("When it was handed in")),
    Field("received_at", _MOMENT, _l("When it was accepted: the clock runs from here")),
    Field("due_at", _MOMENT, _l("When the result is due; midnight is the end of that day. Without it the date is “not "
                                "told”, and the dossier counts as finished without timing")),
    Field("finished_at", _MOMENT, _l("When it was decided")),
    Field("channel", {"type": "string", "enum": sorted(rows.CHANNELS)}, _l("How it was handed in")),
    Field("level", {"type": "integer", "minimum": 1, "maximum": 4}, _l("The level of the online service")),
    Field("reason", {"type": "string", "enum": sorted(rows.REASONS)},
          _l("Why it waits, or why the date moved. A code: free text is not taken")),
    Field("apology", {"type": "boolean"}, _l("Whether the agency apologised for being late")),
    Field("new_due_at", _MOMENT, _l("The new date, where the old one was not kept; both stay visible")),
    Field("step_due_at", _MOMENT, _l("By when this step itself was to be done; it moves no date of the dossier")),
    Field("correction", {"type": "boolean", "default": False},
          _l("Takes back a final status that was sent by mistake; the correction stays visible")),
)
