"""What gates need to know of outside tokens, and the lists of accounts that rules name by their roots."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('watches',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('asset', sa.String(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('ages', sa.Boolean(), nullable=False),
    sa.Column('needed_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'asset', 'account'),
    schema='app'
    )
    with op.batch_alter_table('watches', schema='app') as batch_op:
        batch_op.create_index('watches_by_need', ['chain_id', 'needed_at'], unique=False)

    op.create_table('listed_accounts',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('root', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'root', 'account'),
    schema='app'
    )
