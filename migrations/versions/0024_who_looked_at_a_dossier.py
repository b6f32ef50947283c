"""who looked at a dossier

Without foreign keys, as the log of security events: no page waits for another row's lock to be written down.
"""
import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    op.create_table(
        'look',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('dossier_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('what', sa.String(length=8), nullable=False),
        sa.Column('thing_id', sa.Integer(), nullable=True),
        sa.Column('by_name', sa.String(length=200), nullable=False),
        sa.Column('role', sa.String(length=24), nullable=True),
        sa.Column('agency_id', sa.Integer(), nullable=True),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('reason', sa.String(length=12), nullable=True),
        sa.Column('note', sa.String(length=300), nullable=True),
        sa.CheckConstraint("what IN ('dossier', 'file', 'paper', 'step', 'reason')", name=op.f('ck_look_what')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_look')))
    op.create_index('ix_look_dossier', 'look', ['dossier_id', 'person_id'], unique=False)
    op.create_index('ix_look_person', 'look', ['person_id', 'at'], unique=False)
