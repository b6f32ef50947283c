"""files and papers have an owner

Stored objects get a table of their own with owner, state, digest and size. A paper is one row with its frozen facts and
a sheet for each size; until now each size was a row (table `paper`, see RETIRED, which keeps its rows). Books of papers
go on after as many numbers as were given. Receipts and the like that still wait to be drawn are issued anew from the
dossier: until now their facts were read only when they were drawn.
"""
import json

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'

ISSUED_BY = {'dossiers.issue_receipt': 'dossier_id', 'dossiers.issue_refusal': 'dossier_id',
             'dossiers.issue_supplement': 'request_id'}


def upgrade() -> None:
    make_tables()
    move_attachments()
    move_papers()
    fill_books()
    convert_jobs()


def make_tables() -> None:
    op.create_table(
        'stored_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('owner_kind', sa.String(length=20), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=8), nullable=False),
        sa.Column('blob', sa.String(length=120), nullable=False),
        sa.Column('media_type', sa.String(length=100), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('size > 0', name=op.f('ck_stored_file_size')),
        sa.CheckConstraint("state IN ('waiting', 'clean', 'refused')", name=op.f('ck_stored_file_state')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
        sa.UniqueConstraint('blob', name=op.f('uq_stored_file_blob')))
    op.create_index('ix_stored_file_owner', 'stored_file', ['owner_kind', 'owner_id'], unique=False)
    op.create_index(op.f('ix_stored_file_sha256'), 'stored_file', ['sha256'], unique=False)
    op.create_table(
        'issued_paper',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('owner_kind', sa.String(length=20), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=False),
        sa.Column('occasion', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(length=40), nullable=True),
        sa.Column('code', sa.String(length=24), nullable=False),
        sa.Column('dossier_code', sa.String(length=40), nullable=False),
        sa.Column('agency_name', sa.String(length=200), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_issued_paper')),
        sa.UniqueConstraint('code', name=op.f('uq_issued_paper_code')),
        sa.UniqueConstraint('owner_kind', 'owner_id', 'kind', 'occasion',
                            name=op.f('uq_issued_paper_owner_kind_owner_id_kind_occasion')))
    op.create_table(
        'paper_sheet',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('paper_id', sa.Integer(), nullable=False),
        sa.Column('size_name', sa.String(length=2), nullable=False),
        sa.Column('file_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['paper_id'], ['issued_paper.id'], name=op.f('fk_paper_sheet_paper_id_issued_paper')),
        sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_paper_sheet_file_id_stored_file')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_sheet')),
        sa.UniqueConstraint('file_id', name=op.f('uq_paper_sheet_file_id')),
        sa.UniqueConstraint('paper_id', 'size_name', name=op.f('uq_paper_sheet_paper_id_size_name')))
    op.create_table(
        'paper_book',
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('n', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_paper_book_unit_id_unit')),
        sa.PrimaryKeyConstraint('unit_id', 'kind', 'year', name=op.f('pk_paper_book')))


def move_attachments() -> None:
    op.execute("INSERT INTO stored_file (owner_kind, owner_id, state, blob, media_type, size, sha256, at) "
               "SELECT 'dossier', dossier_id, 'clean', blob, media_type, size, sha256, at FROM attachment ORDER BY id")
    # what stood in each row stays for the processes of before (see RETIRED)
    with op.batch_alter_table('attachment') as attachment:
        attachment.drop_index('ix_attachment_dossier')
        attachment.drop_constraint(op.f('uq_attachment_blob'), type_='unique')
        attachment.add_column(sa.Column('file_id', sa.Integer(), nullable=True))
        for name, kind in (('dossier_id', sa.Integer()), ('media_type', sa.String(length=100)), ('size', sa.Integer()),
                           ('sha256', sa.String(length=64)), ('blob', sa.String(length=120))):
            attachment.alter_column(name, existing_type=kind, nullable=True)
    op.execute("UPDATE attachment SET file_id = (SELECT id FROM stored_file WHERE stored_file.blob = attachment.blob)")
    with op.batch_alter_table('attachment') as attachment:
        attachment.alter_column('file_id', existing_type=sa.Integer(), nullable=False)
        attachment.create_unique_constraint(op.f('uq_attachment_file_id'), ['file_id'])
        attachment.create_foreign_key(op.f('fk_attachment_file_id_stored_file'), 'stored_file', ['file_id'], ['id'])


def move_papers() -> None:
    op.execute("INSERT INTO stored_file (owner_kind, owner_id, state, blob, media_type, size, sha256, at) "
               "SELECT 'dossier', dossier_id, 'clean', blob, 'application/pdf', size, sha256, issued_at FROM paper "
               "ORDER BY id")
    op.execute("INSERT INTO issued_paper (kind, owner_kind, owner_id, occasion, number, code, dossier_code, "
               "agency_name, facts, issued_at) SELECT kind, 'dossier', dossier_id, occasion, number, code, "
               "dossier_code, agency_name, facts, issued_at FROM paper WHERE id IN (SELECT min(id) FROM paper "
               "GROUP BY kind, dossier_id, occasion) ORDER BY id")
    op.execute("INSERT INTO paper_sheet (id, paper_id, size_name, file_id) SELECT paper.id, issued_paper.id, "
               "paper.size_name, stored_file.id FROM paper JOIN issued_paper ON issued_paper.kind = paper.kind "
               "AND issued_paper.owner_id = paper.dossier_id AND issued_paper.occasion = paper.occasion "
               "JOIN stored_file ON stored_file.blob = paper.blob ORDER BY paper.id")
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("SELECT setval('paper_sheet_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM paper_sheet), false)")


def fill_books() -> None:
    """Numbers of before were those of the dossiers' day. The books go on after as many as were given in a year."""
    year = {'postgresql': "extract(year FROM issued_paper.issued_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::int",
            'sqlite': "CAST(strftime('%Y', issued_paper.issued_at, '+7 hours') AS INTEGER)"}[op.get_bind().dialect.name]
    op.execute(f"INSERT INTO paper_book (unit_id, kind, year, n) SELECT dossier.unit_id, issued_paper.kind, {year}, "
               "count(*) FROM issued_paper JOIN dossier ON dossier.id = issued_paper.owner_id "
               f"WHERE dossier.unit_id IS NOT NULL GROUP BY dossier.unit_id, issued_paper.kind, {year}")


def convert_jobs() -> None:
    """Jobs that would have read a paper's facts and drawn it become one for each dossier that issues what it lacks."""
    connection = op.get_bind()
    job = sa.table('job', sa.column('id', sa.Integer), sa.column('name', sa.String), sa.column('args', sa.JSON),
                   sa.column('lane', sa.String))
    request = sa.table('supplement_request', sa.column('id', sa.Integer), sa.column('dossier_id', sa.Integer))
    for job_id, name, args in connection.execute(sa.select(job.c.id, job.c.name, job.c.args).where(
            job.c.name.in_(ISSUED_BY))).all():
        of = (json.loads(args) if isinstance(args, str) else args)[ISSUED_BY[name]]
        if name == 'dossiers.issue_supplement':
            of = connection.scalar(sa.select(request.c.dossier_id).where(request.c.id == of))
        connection.execute(job.update().where(job.c.id == job_id).values(
            name='dossiers.issue_missing', args={'dossier_id': of}, lane='quick'))
