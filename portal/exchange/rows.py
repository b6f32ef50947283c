"""Who reaches which rows about documents between agencies, for the second wall in PostgreSQL
(portal/kit/row_security.py). Pure.

A document is reached by who sent it, by each of its receivers, and on the desk with the dossier that it is about. What
became of it at one receiver, and what was made of it there, is reached by that receiver and the sender, not by the
other receivers. What an applicant may know of an opinion is told by one query (opinions.told), not by these rows.
"""
# ruff: noqa: S608  put together of names that stand here
from portal.dossiers import rows as dossiers
from portal.kit.row_security import AGENCIES, PERSON, UNITS, also

#: Said of a request for whoever runs or watches the exchange: what passes through it, all of it.
TRAFFIC = "traffic"
_TRAFFIC = also(TRAFFIC)


def _at(table: str, *units: str) -> str:
    """A row lies at an agency of theirs, or (by one of these columns) at a unit of theirs. What belongs to no other
    unit belongs to the central one, as for registers."""
    return " OR ".join([f"{table}.agency_id = ANY({AGENCIES})", *(f"{table}.{unit} = ANY({UNITS})" for unit in units),
                        f"EXISTS (SELECT 1 FROM unit WHERE unit.id = ANY({UNITS}) AND unit.kind = 'central' "
                        f"AND unit.agency_id = {table}.agency_id)"])


def _there(what: str) -> str:
    """That such a row is there, asked for each row by an index: OFFSET keeps the planner from reading all that are
    reached into memory first, for the sake of a page of fifty."""
    return f"EXISTS (SELECT 1 FROM {what} OFFSET 0)"


def _copy(table: str) -> str:
    return f"{_at(table, 'unit_id', 'in_unit_id', 'assigned_unit_id')} OR {table}.assignee_id = {PERSON}"


def _document(table: str) -> str:
    return _at(table, "unit_id", "out_unit_id")


def _desk(table: str) -> str:
    return _there(f"dossier WHERE dossier.id = {table}.dossier_id "
                  f"AND (dossier.agency_id = ANY({AGENCIES}) OR dossier.unit_id = ANY({UNITS}))")


#: Where copies lie, without their guard: a document's looks there, and theirs at the document.
LOOKED_THROUGH = {
    "exchange_copy_place": "SELECT document_id, agency_id, unit_id, in_unit_id, assigned_unit_id, assignee_id "
                           "FROM exchange_copy"}
_OF_PARTICIPANT = f"exchange_participant p WHERE p.id IN ({{}}) AND ({_at('p', 'unit_id')})"
_OWN = {
    "exchange_document": " OR ".join((
        _TRAFFIC, _document("exchange_document"), _desk("exchange_document"),
        _there(f"exchange_copy_place c WHERE c.document_id = exchange_document.id AND ({_copy('c')})"))),
    "exchange_copy": " OR ".join((
        _TRAFFIC, _copy("exchange_copy"),
        _there(f"exchange_document d WHERE d.id = exchange_copy.document_id AND ({_document('d')})"),
        _there("exchange_opinion o WHERE o.copy_id = exchange_copy.id"))),
    "exchange_event": (
        f"{_TRAFFIC} OR CASE WHEN copy_id IS NULL "
        f"THEN {_there('exchange_document d WHERE d.id = exchange_event.document_id')} "
        f"ELSE {_there('exchange_copy c WHERE c.id = exchange_event.copy_id')} END"),
    "exchange_opinion": _desk("exchange_opinion"),
    "exchange_delivery": f"{_TRAFFIC} OR {_there(_OF_PARTICIPANT.format('sender_id, receiver_id'))}",
    "exchange_message": " OR ".join((
        _TRAFFIC, _there(_OF_PARTICIPANT.format("sender_id")),
        _there("exchange_delivery d WHERE d.message_id = exchange_message.id"),
        _there("exchange_document d WHERE d.key = exchange_message.document_key "
               "AND d.message_id = exchange_message.id"))),
}
_BY_OWNER = " ".join(
    f"WHEN '{kind}' THEN {_there(f'{table} o WHERE o.id = owner_id')}"
    for kind, table in (("dossier", "dossier"), ("document", "exchange_document"), ("message", "exchange_message")))
REACHED_BY = {
    **dossiers.REACHED_BY, **_OWN,
    # of other owners than these the rooms above say who reaches their files (portal/oversight/rows.py)
    "stored_file": f"CASE owner_kind {_BY_OWNER} ELSE true END",
}
APPEND_ONLY = (*dossiers.APPEND_ONLY, "exchange_event")
