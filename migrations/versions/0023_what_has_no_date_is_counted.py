"""what is settled without a due date, and what was stopped, are counted; a step has a deadline of its own

Until now a dossier that was settled without a due date, and one that was stopped, stood in no column of the tables of
figures. The counters of both are filled from the records. Besides: a step's own deadline, the former secret of a
subscriber, and keys by which nothing is kept.
"""
import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'

SENSITIVE = (
    '1.000080', '1.000689', '1.001022', '1.001695', '1.003005', '1.003160', '1.003179', '1.003198', '1.003213',
    '1.003482', '1.003523', '1.003976', '1.004327', '1.004878', '2.000779', '2.001255', '2.001263', '2.002349',
    '2.002363', '3.000527')
OTHERS = f"procedure_code NOT IN ({', '.join(repr(code) for code in SENSITIVE)})"
MONTH = {'postgresql': "CAST(date_trunc('month', finished_at AT TIME ZONE INTERVAL '7 hours') AS date)",
         'sqlite': "date(substr(finished_at, 1, 19), '+7 hours', 'start of month')"}
COUNTED = (('done_untimed', 'status IN (9, 10) AND timing IS NULL'), ('stopped', 'status = 8'))
# side, its column, and which records it counts of an agency; None: none, the country alone
SIDES = (('procedure', 'procedure_code', None), ('sector', 'sector_id', OTHERS), ('level', 'level', OTHERS),
         ('channel', 'channel', '1 = 1'))


def upgrade() -> None:
    for table in ('progress_month', 'progress_side'):
        for measure, _which in COUNTED:
            op.add_column(table, sa.Column(measure, sa.Integer(), server_default='0', nullable=False))
    op.add_column('progress_step', sa.Column('step_due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('progress_subscriber', sa.Column('former_secret', sa.String(64), nullable=True))
    op.add_column('progress_subscriber', sa.Column('former_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('api_key', sa.Column('dry_run', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    connection = op.get_bind()
    month = MONTH[connection.dialect.name]
    touched: set[int] = set()
    for measure, which in COUNTED:
        rows = connection.execute(sa.text(
            f'SELECT agency_id, {month} AS month, count(*) FROM progress_record '
            f'WHERE finished_at IS NOT NULL AND {which} GROUP BY 1, 2')).all()
        for agency_id, of, n in rows:
            _add('progress_month', measure, n, agency_id=agency_id, month=of)
            touched.add(agency_id)
        for side, column, below in SIDES:
            for agency, only in (('0', '1 = 1'), ('agency_id', below)):
                if only is None:
                    continue
                rows = connection.execute(sa.text(
                    f'SELECT {agency} AS agency, {column} AS value, {month} AS month, count(*) FROM progress_record '
                    f'WHERE finished_at IS NOT NULL AND {column} IS NOT NULL AND {which} AND {only} '
                    'GROUP BY 1, 2, 3')).all()
                for agency_id, value, of, n in rows:
                    _add('progress_side', measure, n, side=side, agency_id=agency_id, value=str(value), month=of)
    for agency_id in sorted(touched):
        connection.execute(sa.text('UPDATE progress_version SET n = n + 1 WHERE agency_id = :id'), {'id': agency_id})


def _add(table: str, measure: str, n: int, **key: object) -> None:
    """The counters of what is over stand beside those of its beginning, except where that was in another month."""
    connection = op.get_bind()
    where = ' AND '.join(f'{name} = :{name}' for name in key)
    done = connection.execute(sa.text(f'UPDATE {table} SET {measure} = {measure} + :n WHERE {where}'), {'n': n, **key})
    if not done.rowcount:
        names = ', '.join(key)
        connection.execute(sa.text(f"INSERT INTO {table} ({names}, {measure}) "
                                   f"VALUES ({', '.join(f':{name}' for name in key)}, :n)"), {'n': n, **key})
