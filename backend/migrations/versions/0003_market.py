"""Signed listings and offers that a home keeps."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('signed_listings',
    sa.Column('chain_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('digest', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('seller', indexer.tables.columns.Address(), nullable=False),
    sa.Column('token_id', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('badge', sa.BigInteger(), nullable=False),
    sa.Column('buyer', indexer.tables.columns.Address(), nullable=False),
    sa.Column('currency', indexer.tables.columns.Address(), nullable=False),
    sa.Column('price', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('deadline', sa.BigInteger(), nullable=False),
    sa.Column('transfer_count', sa.BigInteger(), nullable=False),
    sa.Column('counter', indexer.tables.columns.Uint64(), nullable=False),
    sa.Column('message', sa.JSON(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('kept_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'digest'),
    schema='app'
    )
    with op.batch_alter_table('signed_listings', schema='app') as batch_op:
        batch_op.create_index('signed_listings_newest', ['chain_id', 'community', 'kept_at', 'digest'], unique=False)
        batch_op.create_index('signed_listings_price', ['chain_id', 'community', 'price', 'digest'], unique=False)
        batch_op.create_index('signed_listings_seller', ['chain_id', 'seller'], unique=False)
        batch_op.create_index('signed_listings_token', ['chain_id', 'community', 'token_id'], unique=False)

    op.create_table('signed_offers',
    sa.Column('chain_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('digest', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('buyer', indexer.tables.columns.Address(), nullable=False),
    sa.Column('token_id', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('currency', indexer.tables.columns.Address(), nullable=False),
    sa.Column('price', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('deadline', sa.BigInteger(), nullable=False),
    sa.Column('counter', indexer.tables.columns.Uint64(), nullable=False),
    sa.Column('message', sa.JSON(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('kept_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'digest'),
    schema='app'
    )
    with op.batch_alter_table('signed_offers', schema='app') as batch_op:
        batch_op.create_index('signed_offers_buyer', ['chain_id', 'buyer'], unique=False)
        batch_op.create_index('signed_offers_newest', ['chain_id', 'community', 'kept_at', 'digest'], unique=False)
        batch_op.create_index('signed_offers_token', ['chain_id', 'community', 'token_id'], unique=False)
