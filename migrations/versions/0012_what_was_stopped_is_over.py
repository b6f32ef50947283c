"""what was stopped is over

National status 8 is final (Decree 118/2025/NĐ-CP art. 19(5), 21). Records that stand at it have ended, with the step
that stopped them; they are open no longer, and those that were accepted count as dropped. Counters move with them.
A dossier that went on after a stop, by the rules of before, keeps what it says until its steps are merged anew.
"""
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'

STOPPED = 8
NATION = 0
NO_DUE = date(9999, 12, 31)
VN = timezone(timedelta(hours=7))
AT_ONCE = 1000
moment = sa.DateTime(timezone=True)
record = sa.table(
    'progress_record', sa.column('id', sa.Integer), sa.column('agency_id', sa.Integer), sa.column('status', sa.Integer),
    sa.column('received_at', moment), sa.column('due_at', moment), sa.column('missed_due_at', moment),
    sa.column('stopped_at', moment), sa.column('finished_at', moment), sa.column('changed_at', moment),
    sa.column('sector_id', sa.Integer), sa.column('procedure_code', sa.String), sa.column('level', sa.Integer),
    sa.column('channel', sa.String))
step = sa.table('progress_step', sa.column('record_id', sa.Integer), sa.column('position', sa.Integer),
                sa.column('status', sa.Integer), sa.column('at', moment))


def upgrade() -> None:
    connection = op.get_bind()
    still_open: Counter[tuple[int, date, bool]] = Counter()
    dropped: Counter[tuple[str, int, str, date]] = Counter()
    last = 0
    while rows := connection.execute(
            sa.select(record).where(record.c.status == STOPPED, record.c.finished_at.is_(None), record.c.id > last)
            .order_by(record.c.id).limit(AT_ONCE)).all():
        last = rows[-1].id
        ends = _ends(connection, rows)
        for row in rows:
            connection.execute(sa.update(record).where(record.c.id == row.id).values(
                finished_at=ends[row.id], stopped_at=None))
            if row.received_at is not None:
                due_at = row.missed_due_at or row.due_at
                still_open[row.agency_id, _day(due_at) if due_at else NO_DUE, row.stopped_at is not None] += 1
                for side, agency_id, value in _sides(row):
                    dropped[side, agency_id, value, _day(ends[row.id]).replace(day=1)] += 1
    _count(connection, still_open, dropped)


def _ends(connection: sa.Connection, rows: list[sa.Row]) -> dict[int, datetime]:
    """When each was stopped: with the first of the steps by which it stands at 8."""
    ends = {row.id: row.stopped_at or row.changed_at for row in rows}
    over = set[int]()
    for told in connection.execute(sa.select(step).where(step.c.record_id.in_([row.id for row in rows]))
                                   .order_by(step.c.record_id, step.c.position.desc())):
        if told.status != STOPPED:
            over.add(told.record_id)
        elif told.record_id not in over:
            ends[told.record_id] = told.at
    return ends


def _sides(row: sa.Row) -> list[tuple[str, int, str]]:
    """Where it counts: side, agency, value; '' the agency's own months."""
    found = [('', row.agency_id, ''), ('procedure', NATION, row.procedure_code)]
    for side, value in (('sector', row.sector_id), ('level', row.level), ('channel', row.channel)):
        if value is not None:
            found += [(side, NATION, str(value)), (side, row.agency_id, str(value))]
    return found


def _count(connection: sa.Connection, still_open: Counter, dropped: Counter) -> None:
    for (agency_id, due_on, paused), n in sorted(still_open.items()):
        connection.execute(
            sa.text('UPDATE progress_open SET n = n - :n WHERE agency_id = :agency_id AND due_on = :due_on '
                    'AND paused = :paused').bindparams(sa.bindparam('due_on', type_=sa.Date)),
            {'n': n, 'agency_id': agency_id, 'due_on': due_on, 'paused': paused})
    connection.execute(sa.text('DELETE FROM progress_open WHERE n = 0'))
    for (side, agency_id, value, month), n in sorted(dropped.items()):
        table, key = ('progress_side', 'side, agency_id, value, month') if side else (
            'progress_month', 'agency_id, month')
        names = [name.strip() for name in key.split(',')]
        connection.execute(
            sa.text(f"INSERT INTO {table} ({key}, dropped) VALUES ({', '.join(f':{name}' for name in names)}, :n) "
                    f'ON CONFLICT ({key}) DO UPDATE SET dropped = {table}.dropped + excluded.dropped')
            .bindparams(sa.bindparam('month', type_=sa.Date)),
            {name: told for name, told in (('side', side), ('agency_id', agency_id), ('value', value),
                                           ('month', month)) if name in names} | {'n': n})
    if still_open or dropped:  # whoever kept what counters said knows by these that they moved
        connection.execute(sa.text('UPDATE progress_version SET n = n + 1'))
        connection.execute(sa.text('UPDATE progress_position SET n = n + 1'))


def _day(at: datetime) -> date:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(VN).date()
