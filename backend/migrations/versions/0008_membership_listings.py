"""Memberships for sale."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    schema = None if op.get_bind().dialect.name == 'sqlite' else 'app'  # ALTER TABLE knows no translated schemas
    column = sa.Column('membership', sa.BigInteger(), nullable=False, server_default='0')
    op.add_column('signed_listings', column, schema=schema)
