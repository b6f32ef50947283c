"""Who reaches which rows of this room in PostgreSQL (portal/kit/row_security.py), and what of it nobody rewrites,
beside what stands below it (portal/exchange/rows.py). Pure.

A file of a report is its agency's and of who watches, one of a plan is everybody's where the agency said so. How far a
report is, and its events, are read by public pages too: those queries ask for no more, and the rows are not guarded.
"""
# ruff: noqa: S608  put together of names that stand here
from portal.exchange import rows as exchange
from portal.kit.row_security import ALSO, also

#: Said of a request for whoever watches reports; and, with the number of an agency behind it, for its own people.
REPORTS = "reports"


def of_agency(agency_id: object) -> str:
    """What is said of a request for whoever reads what this agency reports."""
    return f"{REPORTS}:{agency_id}"


def _theirs(table: str) -> str:
    return f"{also(REPORTS)} OR '{REPORTS}:' || {table}.agency_id = ANY({ALSO})"


def _owned(table: str, more: str = "") -> str:
    return f"EXISTS (SELECT 1 FROM {table} r WHERE r.id = stored_file.owner_id AND ({more}{_theirs('r')}) OFFSET 0)"


REACHED_BY = {
    **exchange.REACHED_BY,
    "stored_file": f"CASE stored_file.owner_kind WHEN 'report' THEN {_owned('oversight_report')} "
                   f"WHEN 'plan' THEN {_owned('oversight_plan', 'r.public OR ')} "
                   f"ELSE {exchange.REACHED_BY['stored_file']} END",
}
APPEND_ONLY = (*exchange.APPEND_ONLY, "oversight_event", "oversight_report_event", "oversight_publication",
               "oversight_publication_file", "oversight_index_value", "oversight_portal_answer")
