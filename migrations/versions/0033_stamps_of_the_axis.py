"""the newest stamp of a client of the national axis"""
import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'


def upgrade() -> None:
    op.add_column('exchange_participant', sa.Column('stamp_at', sa.DateTime(timezone=True), nullable=True))
