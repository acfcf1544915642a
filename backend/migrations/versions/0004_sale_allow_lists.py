"""Allow-lists of crowdsales."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('sale_allow_lists',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('root', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('proof', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'root', 'account'),
    schema='app'
    )
