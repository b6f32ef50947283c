"""registers of documents: an index for each part"""
import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'

WAITING = ("in_number IS NULL AND state IN ('sent', 'arrived') AND removed_at IS NULL "
           "AND (recall IS NULL OR recall <> 'agreed')")
PARTS = (
    ("exchange_copy", "ix_exchange_copy_agency", ["agency_id", "id"], None),
    ("exchange_copy", "ix_exchange_copy_waiting", ["agency_id", "id"], WAITING),
    ("exchange_copy", "ix_exchange_copy_waiting_unit", ["unit_id", "id"], WAITING),
    ("exchange_copy", "ix_exchange_copy_due", ["agency_id", "due_on", "id"],
     "due_on IS NOT NULL AND answered_at IS NULL"),
    ("exchange_copy", "ix_exchange_copy_answered", ["agency_id", "answered_at", "id"], "answered_at IS NOT NULL"),
    ("exchange_copy", "ix_exchange_copy_recall", ["agency_id", "id"], "recall = 'asked'"),
    ("exchange_copy", "ix_exchange_copy_recalled", ["document_id"], "recall IS NOT NULL"),
    ("exchange_document", "ix_exchange_document_due", ["agency_id", "due_on", "id"],
     "due_on IS NOT NULL AND sent_at IS NOT NULL"),
)


def upgrade() -> None:
    for table, name, columns, where in PARTS:
        said = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=said, postgresql_where=said)
    # those that are new are found by what they are, not by lacking a number: an agency's own software gives none
    op.drop_index("ix_exchange_copy_new", table_name="exchange_copy")
