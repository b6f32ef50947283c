"""Who reaches which rows about dossiers, for the second wall in PostgreSQL (portal/kit/row_security.py). Pure.

It knows people and places, not steps and permissions: those are asked for before (permissions.py). It holds where a
query forgot to ask: somebody else's dossier is then not there.
"""
from portal.kit.row_security import AGENCIES, PERSON, UNITS

_OF_A_DOSSIER = "EXISTS (SELECT 1 FROM dossier WHERE dossier.id = {}.dossier_id)"
REACHED_BY = {
    "dossier": f"applicant_id = {PERSON} OR (state <> 'draft' AND (agency_id = ANY({AGENCIES}) "
               f"OR unit_id = ANY({UNITS})))",
    # `paper` is the table of before papers had owners: retired, but what migrated holds the facts of papers
    **{table: _OF_A_DOSSIER.format(table) for table in ("event", "look", "supplement_request", "due_change", "paper")},
    # of other owners than dossiers nothing personal is stored yet
    "stored_file": "owner_kind <> 'dossier' OR EXISTS (SELECT 1 FROM dossier WHERE dossier.id = owner_id)",
    "attachment": "EXISTS (SELECT 1 FROM stored_file WHERE stored_file.id = file_id)",
    "issued_paper": "owner_kind <> 'dossier' OR EXISTS (SELECT 1 FROM dossier WHERE dossier.id = owner_id)",
    "result_entry": "owner_kind <> 'dossier' OR EXISTS (SELECT 1 FROM dossier WHERE dossier.id = owner_id)",
    "paper_sheet": "EXISTS (SELECT 1 FROM issued_paper WHERE issued_paper.id = paper_id)",
    "supplement_item": "EXISTS (SELECT 1 FROM supplement_request WHERE supplement_request.id = request_id)",
}
#: What nobody rewrites: neither the application, nor a mistake of ours (portal/kit/row_security.py).
APPEND_ONLY = ("event", "look", "security_event")
