"""scopes of keys, and notices to roles

A key carries several scopes; each keeps the one that it had. What a key had stays in `api_key.scope` (see RETIRED) for
the processes of before. A notice may go to whoever holds a role at a place: who has read it is kept for each person.
"""
import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    op.create_table(
        'api_key_scope',
        sa.Column('key_id', sa.Integer(), nullable=False),
        sa.Column('scope', sa.String(length=20), nullable=False),
        sa.CheckConstraint("scope IN ('progress', 'exchange')", name=op.f('ck_api_key_scope_scope')),
        sa.ForeignKeyConstraint(['key_id'], ['api_key.id'], name=op.f('fk_api_key_scope_key_id_api_key')),
        sa.PrimaryKeyConstraint('key_id', 'scope', name=op.f('pk_api_key_scope')))
    op.execute('INSERT INTO api_key_scope (key_id, scope) SELECT id, scope FROM api_key ORDER BY id')
    with op.batch_alter_table('api_key') as key:
        key.drop_constraint(op.f('ck_api_key_scope'), type_='check')
        key.alter_column('scope', existing_type=sa.String(length=20), nullable=True)

    op.create_table(
        'message_read',
        sa.Column('message_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_message_read_message_id_message')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_message_read_person_id_person')),
        sa.PrimaryKeyConstraint('message_id', 'person_id', name=op.f('pk_message_read')))
    op.execute('ALTER TABLE message ADD COLUMN role VARCHAR(24)')
    op.execute('ALTER TABLE message ADD COLUMN agency_id INTEGER '
               'CONSTRAINT fk_message_agency_id_agency REFERENCES agency (id)')
    op.execute('ALTER TABLE message ADD COLUMN unit_id INTEGER CONSTRAINT fk_message_unit_id_unit REFERENCES unit (id)')
    op.create_index('ix_message_agency', 'message', ['role', 'agency_id', 'id'], unique=False)
    op.create_index('ix_message_unit', 'message', ['role', 'unit_id', 'id'], unique=False)

    if op.get_bind().dialect.name == 'sqlite':  # its copy of the table kept what 0011 took away elsewhere
        with op.batch_alter_table('person') as person:
            person.drop_constraint(op.f('ck_person_role'), type_='check')
            person.drop_constraint(op.f('ck_person_agency'), type_='check')
