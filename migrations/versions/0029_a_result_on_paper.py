"""a result on paper

What was granted is closed with a file of its result, or with the word that the applicant has it on paper.
"""
import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'


def upgrade() -> None:
    op.add_column('dossier', sa.Column('result_on_paper', sa.Boolean(), server_default=sa.false(), nullable=False))
