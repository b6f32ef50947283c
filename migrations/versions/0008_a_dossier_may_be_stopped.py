"""a dossier may be stopped"""
from alembic import op

revision = '0008'
down_revision = '0007'

STATES = ('draft', 'submitted', 'checking', 'asked', 'received', 'processing', 'waiting', 'decided', 'returned',
          'not_received', 'withdrawn', 'stopped')


def upgrade() -> None:
    with op.batch_alter_table('dossier') as batch_op:
        batch_op.drop_constraint(op.f('ck_dossier_state'), type_='check')
        batch_op.create_check_constraint(op.f('ck_dossier_state'), 'state IN ' + repr(STATES))
