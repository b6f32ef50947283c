"""units and roles

Every agency gets a central unit, and the dossiers that were handed in belong to it. Officers become case officers of
their agency as a whole, administrators portal administrators. What a person was stays in `person.role` and
`person.agency_id` (see RETIRED) for the processes of before; nothing asks for it any more.
"""
import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'

ROLES = ('counter_officer', 'case_officer', 'head_of_unit', 'clerk', 'fee_collector', 'result_officer', 'drafter',
         'leader', 'read_only', 'agency_administrator', 'overseer', 'portal_administrator')


def upgrade() -> None:
    make_units()
    make_memberships()
    move_people()
    # in one statement with its key, which SQLite could not add later
    op.execute('ALTER TABLE dossier ADD COLUMN unit_id INTEGER CONSTRAINT fk_dossier_unit_id_unit REFERENCES unit (id)')
    op.execute("UPDATE dossier SET unit_id = (SELECT unit.id FROM unit WHERE unit.agency_id = dossier.agency_id "
               "AND unit.kind = 'central') WHERE state <> 'draft'")
    states = "('submitted', 'checking', 'asked', 'received', 'processing', 'waiting', 'decided')"
    opened = sa.text(f'state IN {states}')
    op.create_index('ix_dossier_unit_open', 'dossier', ['unit_id', 'queue_at', 'id'], unique=False,
                    sqlite_where=opened, postgresql_where=opened)
    op.create_index('ix_dossier_unit', 'dossier', ['unit_id', 'state', 'officer_id'], unique=False)


def make_units() -> None:
    op.create_table(
        'unit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('agency_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('code', sa.String(length=10), nullable=True),
        sa.Column('parent_id', sa.Integer(), nullable=True),
        sa.Column('valid_from', sa.Date(), nullable=True),
        sa.Column('valid_to', sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('central', 'department', 'commune', 'counter')", name=op.f('ck_unit_kind')),
        sa.CheckConstraint("(kind = 'counter') = (parent_id IS NOT NULL)", name=op.f('ck_unit_parent')),
        sa.CheckConstraint("kind <> 'commune' OR code IS NOT NULL", name=op.f('ck_unit_code')),
        sa.CheckConstraint('valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to',
                           name=op.f('ck_unit_order')),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_unit_agency_id_agency')),
        sa.ForeignKeyConstraint(['parent_id'], ['unit.id'], name=op.f('fk_unit_parent_id_unit')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unit')),
        sa.UniqueConstraint('agency_id', 'id', name='uq_unit_agency_id'))
    central, today = sa.text("kind = 'central'"), sa.text('valid_to IS NULL')
    op.create_index('uq_unit_central', 'unit', ['agency_id'], unique=True, sqlite_where=central,
                    postgresql_where=central)
    op.create_index('uq_unit_code', 'unit', ['code'], unique=True, sqlite_where=today, postgresql_where=today)
    op.execute("INSERT INTO unit (agency_id, kind, name, valid_from, valid_to) "
               "SELECT id, 'central', name, valid_from, valid_to FROM agency ORDER BY id")


def make_memberships() -> None:
    named = ', '.join(f"'{role}'" for role in ROLES)
    op.create_table(
        'membership',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.String(length=24), nullable=False),
        sa.Column('agency_id', sa.Integer(), nullable=True),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('begins_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('given_by_id', sa.Integer(), nullable=True),
        sa.Column('ended_by_id', sa.Integer(), nullable=True),
        sa.CheckConstraint(f'role IN ({named})', name=op.f('ck_membership_role')),
        sa.CheckConstraint("(role IN ('overseer', 'portal_administrator')) = (agency_id IS NULL)",
                           name=op.f('ck_membership_national')),
        sa.CheckConstraint('unit_id IS NULL OR agency_id IS NOT NULL', name=op.f('ck_membership_unit')),
        sa.CheckConstraint('ends_at IS NULL OR begins_at <= ends_at', name=op.f('ck_membership_order')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_person_id_person')),
        sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_membership_agency_id_agency')),
        sa.ForeignKeyConstraint(['agency_id', 'unit_id'], ['unit.agency_id', 'unit.id'], name='fk_membership_unit'),
        sa.ForeignKeyConstraint(['given_by_id'], ['person.id'], name=op.f('fk_membership_given_by_id_person')),
        sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name=op.f('fk_membership_ended_by_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')))
    op.create_index(op.f('ix_membership_person_id'), 'membership', ['person_id'], unique=False)
    op.create_index('ix_membership_place', 'membership', ['agency_id', 'unit_id', 'role'], unique=False)
    op.execute("INSERT INTO membership (person_id, role, agency_id, begins_at) "
               "SELECT id, CASE role WHEN 'officer' THEN 'case_officer' ELSE 'portal_administrator' END, agency_id, "
               "created_at FROM person WHERE role <> 'citizen' ORDER BY id")


def move_people() -> None:
    kept = [sa.CheckConstraint('email IS NOT NULL OR phone IS NOT NULL', name=op.f('ck_person_contact'))]
    with op.batch_alter_table('person', table_args=kept) as person:
        if op.get_bind().dialect.name == 'postgresql':  # SQLite's copy of the table takes only what is named here
            person.drop_constraint(op.f('ck_person_agency'), type_='check')
            person.drop_constraint(op.f('ck_person_role'), type_='check')
        person.drop_constraint(op.f('fk_person_agency_id_agency'), type_='foreignkey')
        person.drop_index('ix_person_agency_id')
        person.alter_column('role', existing_type=sa.String(length=20), nullable=True)
        person.add_column(sa.Column('staff', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))
    op.execute("UPDATE person SET staff = true WHERE role <> 'citizen'")
