"""the traffic of each month that is over"""
import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'


def upgrade() -> None:
    op.create_table(
        'exchange_traffic_month',
        sa.Column('month', sa.Date(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False)
          for name in ('documents', 'statuses', 'delivered', 'failures', 'delay_s')),
        sa.PrimaryKeyConstraint('month', name=op.f('pk_exchange_traffic_month')))
