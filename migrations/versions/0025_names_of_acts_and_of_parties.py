"""names of acts and of parties; papers that no longer count; results that can be verified; faults of stored objects

What happened keeps who did it under the name of that day. Of what happened before, only the names of today are known.
"""
import json
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'

ACTS = ('event', 'supplement_request', 'due_change')
AT_ONCE = 500
AUTHORISED = (('relationship', 'authorised'), ('for_whom', 'other'), ('applies_as', 'organisation'))


def upgrade() -> None:
    for table in ACTS:
        op.add_column(table, sa.Column('by_name', sa.String(length=200), nullable=True))
        op.execute(f"UPDATE {table} SET by_name = (SELECT name FROM person WHERE person.id = {table}.by_id) "
                   "WHERE by_id IS NOT NULL")
    for name, length in (('applicant_name', 200), ('representative_name', 200), ('names_key', 420)):
        op.add_column('dossier', sa.Column(name, sa.String(length=length), nullable=True))
    name_parties()
    op.add_column('issued_paper', sa.Column('void_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('issued_paper', sa.Column('void_as', sa.String(length=10), nullable=True))
    void_papers()
    op.add_column('stored_file', sa.Column('fault', sa.String(length=8), nullable=True))
    op.add_column('stored_file', sa.Column('fault_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'result_entry',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('owner_kind', sa.String(length=20), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=False),
        sa.Column('file_id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=24), nullable=False),
        sa.Column('dossier_code', sa.String(length=40), nullable=False),
        sa.Column('agency_name', sa.String(length=200), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_result_entry_file_id_stored_file')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_result_entry')),
        sa.UniqueConstraint('code', name=op.f('uq_result_entry_code')),
        sa.UniqueConstraint('file_id', name=op.f('uq_result_entry_file_id')))
    op.create_index('ix_result_entry_owner', 'result_entry', ['owner_kind', 'owner_id'], unique=False)


def name_parties() -> None:
    """Who handed a dossier in is who its answers say, else the account, as that is called today."""
    connection = op.get_bind()
    dossier = sa.table('dossier', *(sa.column(name) for name in (
        'id', 'applicant_id', 'holder_name', 'applicant_name', 'representative_name', 'names_key', 'code')),
        sa.column('answers', sa.JSON))
    person = sa.table('person', sa.column('id'), sa.column('name'))
    last = 0
    while rows := connection.execute(
            sa.select(dossier.c.id, dossier.c.answers, dossier.c.holder_name, person.c.name)
            .join(person, person.c.id == dossier.c.applicant_id)
            .where(dossier.c.code.is_not(None), dossier.c.id > last).order_by(dossier.c.id).limit(AT_ONCE)).all():
        for row in rows:
            answers = json.loads(row.answers) if isinstance(row.answers, str) else row.answers or {}
            applicant = _text(answers, 'applicant_name') or row.name
            connection.execute(dossier.update().where(dossier.c.id == row.id).values(
                applicant_name=applicant, representative_name=_representative(answers, applicant, row.holder_name),
                names_key=' '.join(dict.fromkeys((_key(row.holder_name or ''), _key(applicant))))))
        last = rows[-1].id


def void_papers() -> None:
    """A request's papers are numbered as its wordings are: from 1, in their order."""
    op.execute(
        "UPDATE issued_paper SET void_at = (SELECT coalesce(n.replaced_at, n.taken_back_at) FROM ("
        "SELECT dossier_id, replaced_at, taken_back_at, row_number() OVER (PARTITION BY dossier_id ORDER BY id) AS n "
        "FROM supplement_request) AS n WHERE n.dossier_id = issued_paper.owner_id AND n.n = issued_paper.occasion), "
        "void_as = (SELECT CASE WHEN n.replaced_at IS NOT NULL THEN 'replaced' WHEN n.taken_back_at IS NOT NULL "
        "THEN 'taken_back' END FROM (SELECT dossier_id, replaced_at, taken_back_at, "
        "row_number() OVER (PARTITION BY dossier_id ORDER BY id) AS n FROM supplement_request) AS n "
        "WHERE n.dossier_id = issued_paper.owner_id AND n.n = issued_paper.occasion) "
        "WHERE kind = 'supplement' AND owner_kind = 'dossier'")


def _representative(answers: dict[str, Any], applicant: str, holder: str | None) -> str | None:
    for key in ('representative', 'guardian_name'):
        if name := _text(answers, key):
            return name
    acts = any(answers.get(key) == value for key, value in AUTHORISED)
    return applicant if acts and _key(holder or '') != _key(applicant) else None


def _text(answers: dict[str, Any], key: str) -> str:
    value = answers.get(key)
    return value[:200] if isinstance(value, str) else ''


def _key(name: str) -> str:
    bare = ''.join(ch for ch in unicodedata.normalize('NFD', name.lower()) if not unicodedata.combining(ch))
    return ''.join(ch for ch in bare.translate(str.maketrans('đðƀ', 'ddb')) if ch.isalnum())[:200]
