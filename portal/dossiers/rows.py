"""Who reaches which rows about dossiers, for the second wall in PostgreSQL (portal/kit/row_security.py). Pure.

It knows people and places, not steps and permissions: those are asked for before (permissions.py). It holds where a
query forgot to ask: somebody else's dossier is then not there.
"""
from portal.kit.row_security import AGENCIES, PERSON, UNITS

_OF_A_DOSSIER = "EXISTS (SELECT 1 FROM dossier WHERE dossier.id = {}.dossier_id)"
REACHED_BY = {
    "dossier": f"applicant_id = {PERSON} OR (state <> 'draft' AND (agency_id = ANY({AGENCIES}) "
               f"OR unit_id = ANY({UNITS})))",
    **{table: _OF_A_DOSSIER.format(table)
       for table in ("event", "supplement_request", "due_change", "attachment", "paper")},
    "supplement_item": "EXISTS (SELECT 1 FROM supplement_request WHERE supplement_request.id = request_id)",
}
APPEND_ONLY = ("event",)
