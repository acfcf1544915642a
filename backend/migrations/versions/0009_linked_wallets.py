"""Wallets that count for an account, and what a nonce is for. Nonces live ten minutes: they are given out anew."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('linked_wallets',
    sa.Column('wallet', indexer.tables.columns.Address(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('linked_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('wallet'),
    schema='app'
    )
    with op.batch_alter_table('linked_wallets', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_linked_wallets_account'), ['account'], unique=False)

    op.drop_table('nonces', schema='app')
    op.create_table('nonces',
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('links_to', sa.String(), nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('value'),
    schema='app'
    )
    with op.batch_alter_table('nonces', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_nonces_expires_at'), ['expires_at'], unique=False)
