"""what was typed and is no answer yet"""
import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'


def upgrade() -> None:
    op.add_column('dossier', sa.Column('typed', sa.JSON(none_as_null=True), nullable=True))
