"""codes that two dossiers have

Until now codes were numbered as agencies' own systems number theirs, and both could give the same one. Of such a code
the public record has steps that are no event of the dossier: they were pushed before it was handed in. Each is written
down for the administrators; nothing of the record is changed.
"""
import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    op.create_table(
        'code_clash',
        sa.Column('code', sa.String(length=40), nullable=False),
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('steps', sa.Integer(), nullable=False),
        sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_code_clash_agency_id_agency')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_code_clash')))
    find()


def find() -> None:
    """Write down the clashes that there are."""
    op.execute(
        'INSERT INTO code_clash (code, agency_id, steps, first_at, last_at) '
        'SELECT dossier.code, progress_record.agency_id, count(*), min(progress_step.at), max(progress_step.at) '
        'FROM dossier JOIN progress_record ON progress_record.code = dossier.code '
        'JOIN progress_step ON progress_step.record_id = progress_record.id '
        'WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.dossier_id = dossier.id AND event.step = progress_step.step '
        'AND event.at = progress_step.at) GROUP BY dossier.code, progress_record.agency_id')
