"""fees by person, case and day, and limits by case

What versions said of their fees until now becomes rates that nobody checked: it came from the record of the national
portal. The digests of terms that were written down before are of another shape and go; the first release's stay known.
"""
import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'

RECORD = 'bản ghi của Cổng Dịch vụ công quốc gia, khoảng 7/2026'


def upgrade() -> None:
    for name in ('cases', 'rates'):
        op.add_column('service_version', sa.Column(name, sa.JSON(), server_default='[]', nullable=False))
    versions = sa.table('service_version', sa.column('id', sa.Integer), sa.column('channels', sa.JSON),
                        sa.column('fee_text', sa.Text), sa.column('fee_amount', sa.Integer),
                        sa.column('rates', sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(versions)).all():
        said = [_rate(channel['way'], channel.get('fee_amount'), channel.get('fee_text'), channel.get('fee_notes'))
                for channel in row.channels]
        if not said and row.fee_text:
            said = [_rate(None, row.fee_amount, row.fee_text, None)]
        if said:
            connection.execute(sa.update(versions).where(versions.c.id == row.id).values(
                rates=[rate for n, rate in enumerate(said) if rate not in said[:n]]))
    for name in ('fee_text', 'fee_amount'):
        op.execute(f'ALTER TABLE service_version DROP COLUMN {name}')
    op.execute("DELETE FROM loaded_fact WHERE kind IN ('terms', 'procedure')")
    op.execute('DELETE FROM catalogue_load')


def _rate(way: str | None, amount: int | None, text: str | None, notes: str | None) -> dict[str, object]:
    kind = 'free' if amount == 0 else 'known' if amount else 'range' if text else 'unknown'
    beside = ' '.join(part for part in (text if kind == 'range' else '', notes) if part)
    said = {'kind': kind, 'amount': amount or None, 'channel': way, 'text': beside, 'source': RECORD,
            'confidence': 'low' if kind == 'free' else 'medium'}
    return {name: value for name, value in said.items() if value}
