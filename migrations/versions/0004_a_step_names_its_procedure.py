"""a step names its procedure"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    with op.batch_alter_table('progress_step', schema=None) as batch_op:
        batch_op.add_column(sa.Column('procedure_code', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('level', sa.Integer(), nullable=True))

