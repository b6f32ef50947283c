"""How a report stands, and what can happen to it. Pure."""
from collections.abc import Mapping
from enum import StrEnum

from portal.kit.text import N_

OWES = ("all", "central", "provinces")
NAMED = "named"  # those that somebody chose for one period
OWES_WORDS: Mapping[str, str] = {
    "all": N_("All agencies"), "central": N_("All ministries and central bodies"),
    "provinces": N_("All provinces and cities"), NAMED: N_("Those that were named")}


class ReportState(StrEnum):
    """`owed`: nobody has begun it; `open`: being filled in; `returned`: with comments, to be mended."""

    owed = "owed"
    open = "open"
    submitted = "submitted"
    returned = "returned"
    approved = "approved"


class ReportCode(StrEnum):
    """What can happen. `saved`: fields changed; `filled`: the portal filled in what it knows."""

    opened = "opened"
    filled = "filled"
    saved = "saved"
    noted = "noted"
    submitted = "submitted"
    returned = "returned"
    approved = "approved"
    reopened = "reopened"
    reminded = "reminded"


#: the states in which an agency may change what stands in its report
EDITABLE = frozenset({ReportState.owed, ReportState.open, ReportState.returned})
REPORT_WORDS: Mapping[ReportState, str] = {
    ReportState.owed: N_("Not begun"), ReportState.open: N_("Being filled in"),
    ReportState.submitted: N_("Submitted"), ReportState.returned: N_("Returned with comments"),
    ReportState.approved: N_("Approved")}
REPORT_LOOKS: Mapping[ReportState, str] = {
    ReportState.owed: "waiting", ReportState.open: "working", ReportState.submitted: "working",
    ReportState.returned: "late", ReportState.approved: "done"}
REPORT_CODE_WORDS: Mapping[ReportCode, str] = {
    ReportCode.opened: N_("Period opened"), ReportCode.filled: N_("Filled in by the portal"),
    ReportCode.saved: N_("Saved"), ReportCode.noted: N_("Note to a warning"), ReportCode.submitted: N_("Submitted"),
    ReportCode.returned: N_("Returned with comments"), ReportCode.approved: N_("Approved"),
    ReportCode.reopened: N_("Opened again"), ReportCode.reminded: N_("Reminded")}
