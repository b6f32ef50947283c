"""on which days each system of the exchange was here"""
import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'


def upgrade() -> None:
    op.create_table(
        'exchange_seen_day',
        sa.Column('participant_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['participant_id'], ['exchange_participant.id'],
                                name=op.f('fk_exchange_seen_day_participant_id_exchange_participant')),
        sa.PrimaryKeyConstraint('participant_id', 'day', name=op.f('pk_exchange_seen_day')))
    op.create_index('ix_exchange_seen_day', 'exchange_seen_day', ['day'])
