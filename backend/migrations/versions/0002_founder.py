"""Allow-lists of tiers, signed vouchers, acts that wait for their time."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('allow_list_entries',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('root', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('proof', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'root', 'account'),
    schema='app'
    )
    op.create_table('signed_vouchers',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('digest', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('issuer', indexer.tables.columns.Address(), nullable=False),
    sa.Column('tier_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('value', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('recipient', indexer.tables.columns.Address(), nullable=False),
    sa.Column('uses', sa.BigInteger(), nullable=False),
    sa.Column('deadline', sa.BigInteger(), nullable=False),
    sa.Column('nonce', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'digest'),
    schema='app'
    )
    op.create_table('scheduled_posts',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('act_id', sa.String(), nullable=False),
    sa.Column('author', indexer.tables.columns.Address(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('gate', sa.String(), nullable=True),
    sa.Column('act', sa.LargeBinary(), nullable=False),
    sa.Column('publish_at', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('fault', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'act_id'),
    schema='app'
    )
