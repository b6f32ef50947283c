"""dossiers of sensitive procedures name the agency alone

Their public lines keep no name of the service, and the counters of an agency by sector and level no longer count them
(the country's do). The codes are those of the release's list as it stood with this migration.
"""
import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'

SENSITIVE = (
    '1.000080', '1.000689', '1.001022', '1.001695', '1.003005', '1.003160', '1.003179', '1.003198', '1.003213',
    '1.003482', '1.003523', '1.003976', '1.004327', '1.004878', '2.000779', '2.001255', '2.001263', '2.002349',
    '2.002363', '3.000527')
CODES = ', '.join(f"'{code}'" for code in SENSITIVE)
MONTH = {'postgresql': "CAST(date_trunc('month', {0} AT TIME ZONE INTERVAL '7 hours') AS date)",
         'sqlite': "date(substr({0}, 1, 19), '+7 hours', 'start of month')"}
# what a record has been counted as until now: the measure, the moment of its month, and of which records
COUNTED = (
    ('submitted', 'submitted_at', 'submitted_at IS NOT NULL'),
    ('received', 'received_at', 'received_at IS NOT NULL'),
    ('done_early', 'finished_at', "status IN (9, 10) AND timing = 'early'"),
    ('done_on_time', 'finished_at', "status IN (9, 10) AND timing = 'on_time'"),
    ('done_late', 'finished_at', "status IN (9, 10) AND timing = 'late'"),
    ('refused', 'finished_at', 'status = 3'),
    ('withdrawn', 'finished_at', 'status = 7'),
    ('dropped', 'finished_at', 'status IN (3, 7) AND received_at IS NOT NULL'))


def upgrade() -> None:
    connection = op.get_bind()
    touched: set[int] = set()
    for side, column in (('sector', 'sector_id'), ('level', 'level')):
        for measure, moment, which in COUNTED:
            month = MONTH[connection.dialect.name].format(moment)
            rows = connection.execute(sa.text(
                f'SELECT agency_id, {column}, {month} AS month, count(*) FROM progress_record '
                f'WHERE procedure_code IN ({CODES}) AND {column} IS NOT NULL AND {moment} IS NOT NULL AND {which} '
                'GROUP BY 1, 2, 3')).all()
            for agency_id, value, of, n in rows:
                connection.execute(sa.text(
                    f'UPDATE progress_side SET {measure} = {measure} - :n WHERE side = :side AND agency_id = :agency_id '
                    'AND value = :value AND month = :month'),
                    {'n': n, 'side': side, 'agency_id': agency_id, 'value': str(value), 'month': of})
                touched.add(agency_id)
    for agency_id in sorted(touched):
        connection.execute(sa.text('UPDATE progress_version SET n = n + 1 WHERE agency_id = :id'), {'id': agency_id})
    op.execute(f"UPDATE progress_record SET service_name = '' WHERE procedure_code IN ({CODES})")
    # the files of open data are made by a job of the room of statistics now, which its schedule puts
    op.execute("DELETE FROM job WHERE name = 'progress.make_open_data' AND done_at IS NULL")
