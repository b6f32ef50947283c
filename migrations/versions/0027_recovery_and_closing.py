"""recovery by two, and why an account is closed

Accounts closed until now have no row: only an administrator of the whole portal opens them again.
"""
import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'


def upgrade() -> None:
    op.create_table(
        'recovery_request',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('open_until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('granted', sa.Boolean(), nullable=True),
        sa.CheckConstraint('decided_by_id <> asked_by_id OR granted = false', name=op.f('ck_recovery_request_two')),
        sa.CheckConstraint('(decided_at IS NULL) = (granted IS NULL)', name=op.f('ck_recovery_request_decided')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recovery_request_person_id_person')),
        sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_recovery_request_asked_by_id_person')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'],
                                name=op.f('fk_recovery_request_decided_by_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_request')))
    op.create_index(op.f('ix_recovery_request_person_id'), 'recovery_request', ['person_id'], unique=False)
    op.create_table(
        'account_closing',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=9), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=True),
        sa.Column('nationally', sa.Boolean(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by_id', sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('closed', 'suspended', 'own')", name=op.f('ck_account_closing_kind')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_closing_person_id_person')),
        sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_account_closing_by_id_person')),
        sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name=op.f('fk_account_closing_ended_by_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_account_closing')))
    op.create_index(op.f('ix_account_closing_person_id'), 'account_closing', ['person_id'], unique=False)
