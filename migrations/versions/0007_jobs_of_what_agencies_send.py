"""jobs of what agencies send have the name of their room

What agencies send became a room of its own; jobs that wait, or were given up, keep their work under the new names.
"""
from alembic import op

revision = '0007'
down_revision = '0006'

MOVED = ('take_upload', 'take_mapped', 'sweep_files')


def upgrade() -> None:
    for name in MOVED:
        op.execute(f"UPDATE job SET name = 'intake.{name}' WHERE name = 'progress.{name}' AND done_at IS NULL")
