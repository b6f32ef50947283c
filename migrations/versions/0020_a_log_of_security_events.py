"""a log of security events

Without foreign keys: a log waits for no lock of another table, and outlives what it is about.
"""
import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    op.create_table(
        'security_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('severity', sa.String(length=8), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('about_id', sa.Integer(), nullable=True),
        sa.Column('agency_id', sa.Integer(), nullable=True),
        sa.Column('network', sa.String(length=50), nullable=True),
        sa.Column('reference', sa.String(length=16), nullable=True),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_security_event')))
    for of, column in (('name', 'name'), ('agency', 'agency_id'), ('by', 'by_id'), ('about', 'about_id')):
        op.create_index(f'ix_security_event_{of}', 'security_event', [column, 'id'], unique=False)
