"""a counter holds every measure

The counters of before stay until no process that moves them runs any more; see RETIRED. What such a process counts
after this is counted by the next recount.
"""
import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

MEASURES = ('submitted', 'received', 'done_early', 'done_on_time', 'done_late', 'refused', 'withdrawn', 'dropped')


def counted() -> list[sa.Column]:
    return [sa.Column(name, sa.Integer(), server_default='0', nullable=False) for name in MEASURES]


def fill(table: str, old: str, key: str) -> None:
    summed = ', '.join(f"SUM(CASE WHEN measure = '{name}' THEN n ELSE 0 END)" for name in MEASURES)
    op.execute(f"INSERT INTO {table} ({key}, {', '.join(MEASURES)}) SELECT {key}, {summed} FROM {old} GROUP BY {key}")


def upgrade() -> None:
    op.create_table(
        'progress_month',
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        *counted(),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_progress_month_agency_id_agency')),
        sa.PrimaryKeyConstraint('agency_id', 'month', name=op.f('pk_progress_month')))
    op.create_index('ix_progress_month_month', 'progress_month', ['month'], unique=False)
    op.create_table(
        'progress_side',
        sa.Column('side', sa.String(length=10), nullable=False),
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('value', sa.String(length=60), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        *counted(),
        sa.PrimaryKeyConstraint('side', 'agency_id', 'value', 'month', name=op.f('pk_progress_side')))
    fill('progress_month', 'progress_count', 'agency_id, month')
    fill('progress_side', 'progress_tally', 'side, agency_id, value, month')
    op.create_index('ix_progress_record_here', 'progress_record', ['agency_id', 'submitted_at'], unique=False,
                    sqlite_where=sa.text("source = 'portal'"), postgresql_where=sa.text("source = 'portal'"))
