"""facts by their content, and editions of the calendar

The days that were in use until now become the first edition, so that what was counted by them can be explained.
"""
import json
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'

KINDS = "kind IN ('holiday', 'in_lieu', 'swapped', 'make_up')"


def upgrade() -> None:
    with op.batch_alter_table('holiday') as batch_op:
        batch_op.drop_constraint(op.f('ck_holiday_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_holiday_kind'), KINDS)
        batch_op.add_column(sa.Column('provisional', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        'calendar_edition',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=16), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('days', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_edition')))
    op.create_index(op.f('ix_calendar_edition_key'), 'calendar_edition', ['key'])
    op.create_table(
        'loaded_fact',
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('key', sa.String(length=120), nullable=False),
        sa.Column('digest', sa.String(length=16), nullable=False),
        sa.Column('edited', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'key', name=op.f('pk_loaded_fact')))
    op.create_table(
        'catalogue_load',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=16), nullable=False),
        sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('report', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_load')))
    _keep_the_days_in_use()


def _keep_the_days_in_use() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text('SELECT day, kind, name FROM holiday ORDER BY day')).all()
    if not rows:
        return
    days = [(str(day), kind, name, False) for day, kind, name in rows]
    lines = sorted(f'{day} {kind} 0' for day, kind, _, _ in days)
    key = sha256('\n'.join(lines).encode()).hexdigest()[:12]
    connection.execute(
        sa.text('INSERT INTO calendar_edition (key, made_at, days) VALUES (:key, :at, :days)')
        .bindparams(sa.bindparam('at', type_=sa.DateTime(timezone=True)), sa.bindparam('days', type_=sa.JSON())),
        {'key': key, 'at': datetime.now(UTC), 'days': json.loads(json.dumps(days))})
