"""what units deal with, and the unit on the public line"""
import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    op.create_table(
        'competence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('sector_id', sa.Integer(), nullable=True),
        sa.Column('procedure_id', sa.Integer(), nullable=True),
        sa.CheckConstraint('(sector_id IS NULL) <> (procedure_id IS NULL)', name=op.f('ck_competence_one')),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_competence_agency_id_agency')),
        sa.ForeignKeyConstraint(['agency_id', 'unit_id'], ['unit.agency_id', 'unit.id'], name='fk_competence_unit'),
        sa.ForeignKeyConstraint(['sector_id'], ['sector.id'], name=op.f('fk_competence_sector_id_sector')),
        sa.ForeignKeyConstraint(['procedure_id'], ['procedure.id'], name=op.f('fk_competence_procedure_id_procedure')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_competence')),
        sa.UniqueConstraint('agency_id', 'sector_id', name='uq_competence_sector'),
        sa.UniqueConstraint('agency_id', 'procedure_id', name='uq_competence_procedure'))
    op.create_index(op.f('ix_competence_unit_id'), 'competence', ['unit_id'], unique=False)
    # in one statement with its key, which SQLite could not add later
    op.execute('ALTER TABLE progress_record ADD COLUMN unit_id INTEGER '
               'CONSTRAINT fk_progress_record_unit_id_unit REFERENCES unit (id)')
