"""lanes of jobs, keys, attempts, and who decided about dead letters

What the code before this puts gets the slow lane. Registration codes that wait are moved by hand, since somebody
waits for them.
"""
import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'

OPEN = 'done_at IS NULL AND parked_at IS NULL'
WAITING = f'{OPEN} AND leased_until IS NULL AND unique_key IS NOT NULL'
LANES = {'quick': ('notices.send_code', 'notices.password_changed'),
         'outside': ('notices.deliver', 'progress.tell_subscriber')}


def upgrade() -> None:
    op.drop_index('ix_job_waiting', table_name='job')
    with op.batch_alter_table('job') as table:
        table.add_column(sa.Column('lane', sa.String(length=10), server_default='slow', nullable=False))
        table.add_column(sa.Column('unique_key', sa.String(length=120), nullable=True))
        table.add_column(sa.Column('attempt', sa.Integer(), server_default='0', nullable=False))
    jobs = sa.table('job', sa.column('lane'), sa.column('name'))
    for lane, names in LANES.items():
        op.execute(jobs.update().where(jobs.c.name.in_(names)).values(lane=lane))
    _index('ix_job_next', ['lane', 'due_at', 'id'], OPEN)
    _index('uq_job_waiting', ['name', 'unique_key'], WAITING, unique=True)
    for name, column in (('ix_job_unique_key', 'unique_key'), ('ix_job_dead', 'parked_at'), ('ix_job_done', 'done_at')):
        _index(name, [column], f'{column} IS NOT NULL')
    op.add_column('message', sa.Column('undeliverable_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('worker_beat', sa.Column('lane', sa.String(length=10), nullable=True))
    op.create_table(
        'job_decision',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('job_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('error', sa.Text(), nullable=True),
        sa.Column('decision', sa.String(length=10), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_job_decision')))
    op.create_index(op.f('ix_job_decision_at'), 'job_decision', ['at'])


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, 'job', columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
