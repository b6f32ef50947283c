"""the due date that was missed"""
import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    with op.batch_alter_table('progress_record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('missed_due_at', sa.DateTime(timezone=True), nullable=True))
