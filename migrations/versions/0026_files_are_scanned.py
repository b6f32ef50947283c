"""files are scanned

Since when a stored file need not be looked through for viruses, and what was found in one. What the portal made itself
is clear; what people handed in is not, and is looked through once a scanner is there.
"""
import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'

UNSCANNED = "cleared_at IS NULL AND state <> 'refused'"


def upgrade() -> None:
    op.add_column('stored_file', sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('stored_file', sa.Column('threat', sa.String(length=120), nullable=True))
    op.execute("UPDATE stored_file SET cleared_at = at WHERE NOT EXISTS "
               "(SELECT 1 FROM attachment WHERE attachment.file_id = stored_file.id)")
    op.create_index('ix_stored_file_unscanned', 'stored_file', ['id'], unique=False,
                    sqlite_where=sa.text(UNSCANNED), postgresql_where=sa.text(UNSCANNED))
