"""a step names its procedure, a mapping who made it; repairs of counters are numbered"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    with op.batch_alter_table('progress_step', schema=None) as batch_op:
        batch_op.add_column(sa.Column('procedure_code', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('level', sa.Integer(), nullable=True))

    with op.batch_alter_table('progress_mapping', schema=None) as batch_op:
        batch_op.add_column(sa.Column('by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('mapped_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_progress_mapping_by_id_person'), 'person', ['by_id'], ['id'])

    with op.batch_alter_table('progress_position', schema=None) as batch_op:
        batch_op.add_column(sa.Column('repairs', sa.Integer(), server_default='0', nullable=False))

