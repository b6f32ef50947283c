"""what a row said stands in its step"""
import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    with op.batch_alter_table('progress_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('delay_p50_s', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('delay_p90_s', sa.Integer(), nullable=True))

    with op.batch_alter_table('progress_quarantine', schema=None) as batch_op:
        batch_op.create_index('ix_progress_quarantine_code', ['agency_id', 'code'], unique=False, sqlite_where=sa.text('replayed_at IS NULL'), postgresql_where=sa.text('replayed_at IS NULL'))

    with op.batch_alter_table('progress_step', schema=None) as batch_op:
        batch_op.add_column(sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('received_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('channel', sa.String(length=10), nullable=True))

