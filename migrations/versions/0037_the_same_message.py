"""a message that says the same as one before"""
from alembic import op

revision = '0037'
down_revision = '0036'


def upgrade() -> None:
    op.create_index('ix_exchange_message_same', 'exchange_message', ['payload_sha256', 'sender_id'])
