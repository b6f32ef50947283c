"""dated rules in dossiers

Open dossiers keep the due date that was promised on their receipts; the rules of the day on which each was received
govern what happens next. Requests that wait unanswered get, where those rules know an end by silence, their fifteen
days from today; a job tells the applicants.
"""
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'

VN = ZoneInfo('Asia/Ho_Chi_Minh')
# the first day of each rule set, as law.rule_sets had them when this was written
RULE_SETS = (('nd-118-2025', datetime(2025, 7, 1, tzinfo=VN)), ('nd-61-2018', datetime(2018, 6, 21, tzinfo=VN)),
             ('qd-09-2015', datetime(1, 1, 2, tzinfo=UTC)))
SILENCE = ('nd-118-2025', timedelta(days=15))
MOMENT = sa.DateTime(timezone=True)
UNANSWERED = sa.text('answer_until IS NOT NULL AND answered_at IS NULL AND replaced_at IS NULL '
                     'AND taken_back_at IS NULL')


def upgrade() -> None:
    op.add_column('service_version', sa.Column('special_times', sa.JSON(), nullable=True))
    _dossiers()
    _events()
    _requests()
    _due_changes()
    _carry_over(datetime.now(UTC))


def _dossiers() -> None:
    with op.batch_alter_table('dossier') as batch_op:
        batch_op.add_column(sa.Column('rule_set', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('calendar_edition', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('index_due_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('missed_due_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('carried_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('asked_again', sa.Boolean(), server_default=sa.false(), nullable=False))


def _events() -> None:
    with op.batch_alter_table('event') as batch_op:
        batch_op.add_column(sa.Column('flagged', sa.Boolean(), server_default=sa.false(), nullable=False))


def _requests() -> None:
    with op.batch_alter_table('supplement_request') as batch_op:
        batch_op.add_column(sa.Column('edition', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('written_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('by_id', sa.Integer(), nullable=True))
        for name in ('answer_until', 'told_at', 'reminded_at', 'replaced_at', 'taken_back_at'):
            batch_op.add_column(sa.Column(name, MOMENT, nullable=True))
        batch_op.drop_constraint(op.f('uq_supplement_request_dossier_id_round'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_supplement_request_dossier_id_round_edition'),
                                          ['dossier_id', 'round', 'edition'])
        batch_op.create_foreign_key(op.f('fk_supplement_request_by_id_person'), 'person', ['by_id'], ['id'])
    op.execute('UPDATE supplement_request SET written_at = asked_at, by_id = (SELECT max(event.by_id) FROM event WHERE '
               "event.dossier_id = supplement_request.dossier_id AND event.step = 'ask' "
               'AND event.at = supplement_request.asked_at)')
    with op.batch_alter_table('supplement_request') as batch_op:
        batch_op.alter_column('written_at', existing_type=MOMENT, nullable=False)
    op.create_index('ix_supplement_request_open', 'supplement_request', ['answer_until'],
                    sqlite_where=UNANSWERED, postgresql_where=UNANSWERED)


def _due_changes() -> None:
    op.create_table(
        'due_change',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('dossier_id', sa.Integer(), nullable=False),
        sa.Column('old_at', MOMENT, nullable=False),
        sa.Column('new_at', MOMENT, nullable=False),
        sa.Column('reason', sa.String(length=12), nullable=False),
        sa.Column('edition', sa.String(length=16), nullable=True),
        sa.Column('old_edition', sa.String(length=16), nullable=True),
        sa.Column('note', sa.Text(), nullable=True),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', MOMENT, nullable=False),
        sa.CheckConstraint("reason IN ('extension', 'supplement', 'calendar')", name=op.f('ck_due_change_reason')),
        sa.CheckConstraint("(reason = 'calendar') = (edition IS NOT NULL)", name=op.f('ck_due_change_edition')),
        sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_due_change_by_id_person')),
        sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], name=op.f('fk_due_change_dossier_id_dossier')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_due_change')))
    op.create_index(op.f('ix_due_change_dossier_id'), 'due_change', ['dossier_id'])


def _carry_over(now: datetime) -> None:
    """Rules by the day of receipt, before it by that of handing in; by the calendar that was in use the date was made."""
    connection = op.get_bind()
    for key, begins in reversed(RULE_SETS):
        connection.execute(sa.text(
            'UPDATE dossier SET rule_set = :key WHERE COALESCE(received_at, submitted_at) >= :begins'
        ).bindparams(sa.bindparam('begins', begins.astimezone(UTC), type_=MOMENT), key=key))
    edition = connection.execute(sa.text('SELECT key FROM calendar_edition ORDER BY id DESC LIMIT 1')).scalar()
    connection.execute(sa.text(
        'UPDATE dossier SET carried_at = :now, calendar_edition = :edition, index_due_at = due_at '
        'WHERE received_at IS NOT NULL').bindparams(sa.bindparam('now', now, type_=MOMENT), edition=edition))
    key, time_to_answer = SILENCE
    until = datetime.combine(now.astimezone(VN).date() + time_to_answer + timedelta(days=1), time(), VN)
    waiting = connection.execute(sa.text(
        'UPDATE supplement_request SET answer_until = :until WHERE answered_at IS NULL AND dossier_id IN '
        "(SELECT id FROM dossier WHERE state IN ('asked', 'waiting') AND rule_set = :key)"
    ).bindparams(sa.bindparam('until', until.astimezone(UTC), type_=MOMENT), key=key)).rowcount
    if waiting:  # a job tells the applicants
        connection.execute(sa.text(
            "INSERT INTO job (name, lane, args, due_at, failures) "
            "VALUES ('dossiers.look_for_silence', 'quick', :args, :now, 0)"
        ).bindparams(sa.bindparam('now', now, type_=MOMENT), sa.bindparam('args', {}, type_=sa.JSON())))
