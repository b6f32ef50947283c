"""from hand to hand

A dossier passes from hand to hand: its events say into whose. What closed accounts hold goes back to the queue of its
unit, so that a colleague can take it up. The queue puts what was answered before what waits for the office, and that
before what waits for the applicant.
"""
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'

OPEN = "state IN ('submitted', 'checking', 'asked', 'received', 'processing', 'waiting', 'decided')"
QUEUE = ['queue_rank', 'queue_at', 'id']
CLOSED = f"{OPEN} AND officer_id IN (SELECT id FROM person WHERE active = :no)"


def upgrade() -> None:
    # each in one statement with its key, which SQLite could not add later
    op.execute('ALTER TABLE event ADD COLUMN to_id INTEGER '
               'CONSTRAINT fk_event_to_id_person REFERENCES person (id)')
    op.execute('ALTER TABLE event ADD COLUMN to_unit_id INTEGER '
               'CONSTRAINT fk_event_to_unit_id_unit REFERENCES unit (id)')
    op.add_column('event', sa.Column('to_name', sa.String(length=200), nullable=True))
    op.add_column('dossier', sa.Column('queue_rank', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('dossier', sa.Column('stranded_at', sa.DateTime(timezone=True), nullable=True))
    free_what_closed_accounts_hold()
    rank()
    op.drop_index('ix_dossier_open', table_name='dossier')
    op.drop_index('ix_dossier_unit_open', table_name='dossier')
    for name, first in (('agency', 'agency_id'), ('unit', 'unit_id'), ('officer', 'officer_id')):
        index(f'ix_dossier_{name}_queue', [first, *QUEUE], OPEN)
    index('ix_dossier_answered', ['agency_id', 'unit_id', 'officer_id'], 'queue_rank = 0')
    index('ix_dossier_stranded', ['agency_id', 'id'], 'stranded_at IS NOT NULL')


def index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, 'dossier', columns, unique=False, sqlite_where=sa.text(where),
                    postgresql_where=sa.text(where))


def free_what_closed_accounts_hold() -> None:
    """The history says that it was put back, and by nobody: the account was closed long before."""
    connection = op.get_bind()
    now = {'now': datetime.now(UTC)}
    at = sa.bindparam('now', type_=sa.DateTime(timezone=True))
    no = sa.bindparam('no', False, type_=sa.Boolean)
    connection.execute(sa.text(
        "INSERT INTO event (dossier_id, step, state, at, due_at, flagged) SELECT id, 'release', "
        "CASE WHEN state = 'checking' THEN 'submitted' ELSE state END, :now, due_at, :no FROM dossier "
        f"WHERE {CLOSED}").bindparams(at, no), now)
    connection.execute(sa.text(
        "UPDATE dossier SET officer_id = NULL, changed_at = :now, version = version + 1, "
        "state = CASE WHEN state = 'checking' THEN 'submitted' ELSE state END "
        f"WHERE {CLOSED}").bindparams(at, no), now)


def rank() -> None:
    op.execute("UPDATE dossier SET queue_rank = 2 WHERE state IN ('asked', 'waiting')")
    # answered, and nothing was done with it since but to change hands
    op.execute("UPDATE dossier SET queue_rank = 0 WHERE state IN ('submitted', 'checking', 'processing') AND EXISTS ("
               "SELECT 1 FROM event WHERE event.dossier_id = dossier.id AND event.step = 'answer' AND NOT EXISTS ("
               "SELECT 1 FROM event AS later WHERE later.dossier_id = dossier.id AND later.id > event.id "
               "AND later.step NOT IN ('claim', 'release', 'recount')))")
