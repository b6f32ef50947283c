"""versions of counters, and room for changes

A record is written anew at every step. With an index on the moment of its end, and pages filled to the brim, each
step had to be entered into every index: into ten million records a batch took three times as long. What is there
already stays as full as it is until it changes.
"""
import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'

CHANGING = ('progress_record', 'progress_month', 'progress_open', 'progress_side')


def upgrade() -> None:
    op.create_table(
        'progress_version',
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_progress_version_agency_id_agency')),
        sa.PrimaryKeyConstraint('agency_id', name=op.f('pk_progress_version')),
        postgresql_with={'fillfactor': 70})
    op.execute('INSERT INTO progress_version (agency_id, n) SELECT DISTINCT agency_id, 1 FROM progress_month')
    op.drop_index('ix_progress_record_finished', table_name='progress_record')
    if op.get_bind().dialect.name == 'postgresql':
        for table in CHANGING:
            op.execute(f'ALTER TABLE {table} SET (fillfactor = 70)')
