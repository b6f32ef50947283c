"""by when documents are worked on, who was told, and answers that nobody could match"""
import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'

WORKED_ON = sa.text("work_due_on IS NOT NULL AND answered_at IS NULL AND state != 'done'")
UNKNOWN_ANSWER = sa.text("kind = 'document' AND verdict = 'accepted' AND reason = 'no_document'")


def upgrade() -> None:
    op.add_column('exchange_copy', sa.Column('work_due_on', sa.Date(), nullable=True))
    op.add_column('exchange_copy', sa.Column('due_told', sa.String(length=4), nullable=True))
    op.create_index('ix_exchange_copy_work', 'exchange_copy', ['work_due_on', 'id'],
                    sqlite_where=WORKED_ON, postgresql_where=WORKED_ON)
    op.create_index('ix_exchange_message_answer', 'exchange_message', ['id'],
                    sqlite_where=UNKNOWN_ANSWER, postgresql_where=UNKNOWN_ANSWER)
