"""Transactions that the home sends by keys of its own, and what the keeper tried."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('transactions',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('signer', indexer.tables.columns.Address(), nullable=False),
    sa.Column('nonce', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('to', indexer.tables.columns.Address(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('tx_hash', indexer.tables.columns.Hash32(), nullable=False),
    sa.Column('max_fee', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('block_number', sa.BigInteger(), nullable=True),
    sa.Column('settled', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'signer', 'nonce'),
    sa.UniqueConstraint('chain_id', 'purpose'),
    schema='app'
    )
    with op.batch_alter_table('transactions', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_transactions_settled'), ['settled'], unique=False)

    op.create_table('renewal_tries',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('contract', indexer.tables.columns.Address(), nullable=False),
    sa.Column('token_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('holder', indexer.tables.columns.Address(), nullable=False),
    sa.Column('tier_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('price', indexer.tables.columns.Uint256(), nullable=False),
    sa.Column('tx_hash', indexer.tables.columns.Hash32(), nullable=True),
    sa.Column('tried_at', sa.BigInteger(), nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'contract', 'token_id'),
    schema='app'
    )
    with op.batch_alter_table('renewal_tries', schema='app') as batch_op:
        batch_op.create_index('renewal_tries_of_community', ['chain_id', 'community'], unique=False)
