"""what a database knows about itself

Which files folder is its own, from which migration on a release may run on it, when it was put back from a backup.
"""
import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    op.create_table(
        'deployment',
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('value', sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_deployment')))
