"""second factors

Apps that tell codes, passkeys, recovery codes; halves of sessions. Sessions of the staff from before have shown no second
factor: they open nothing and their owners sign in again. First passwords that wait to be changed end in a day.
"""
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'

KINDS = "kind IN ('app', 'passkey')"


def upgrade() -> None:
    with op.batch_alter_table('sign_in') as sign_in:
        for name in ('half_until', 'proven_at'):
            sign_in.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name, length in (('challenge', 100), ('network', 50), ('device', 80)):
            sign_in.add_column(sa.Column(name, sa.String(length=length), nullable=True))
    op.add_column('person', sa.Column('first_password_until', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'second_factor',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=8), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('secret', sa.String(length=1500), nullable=False),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.Column('credential_digest', sa.String(length=64), nullable=True),
        sa.Column('credential', sa.String(length=1500), nullable=True),
        sa.Column('sign_count', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f('ck_second_factor_kind')),
        sa.CheckConstraint("(kind = 'passkey') = (credential IS NOT NULL)", name=op.f('ck_second_factor_credential')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_second_factor_person_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_second_factor')),
        sa.UniqueConstraint('credential_digest', name=op.f('uq_second_factor_credential_digest')))
    op.create_index(op.f('ix_second_factor_person_id'), 'second_factor', ['person_id'], unique=False)
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('hint', sa.String(length=8), nullable=False),
        sa.Column('code_hash', sa.String(length=200), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recovery_code_person_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
        sa.UniqueConstraint('person_id', 'hint', name=op.f('uq_recovery_code_person_id_hint')))
    op.execute(sa.table('person', sa.column('must_change_password'), sa.column('first_password_until')).update().where(
        sa.column('must_change_password', sa.Boolean)).values(
        first_password_until=sa.bindparam('tomorrow', datetime.now(UTC) + timedelta(days=1), sa.DateTime(timezone=True))))
