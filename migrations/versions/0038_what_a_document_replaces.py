"""what a document replaces is found by an index"""
import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'

REPLACED = sa.text("replaced_by_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_exchange_document_replaced", "exchange_document", ["replaced_by_id"],
                    sqlite_where=REPLACED, postgresql_where=REPLACED)
