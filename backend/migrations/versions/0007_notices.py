"""Notices, and what accounts want to hear of."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_table('notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('params', sa.JSON(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('block_number', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.BigInteger(), nullable=True),
    sa.Column('mail', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('account', 'key'),
    schema='app'
    )
    with op.batch_alter_table('notices', schema='app') as batch_op:
        batch_op.create_index('notices_of_account', ['account', 'id'], unique=False)
        batch_op.create_index('notices_by_mail', ['mail', 'block_number'], unique=False)

    op.create_table('notice_choices',
    sa.Column('account', indexer.tables.columns.Address(), nullable=False),
    sa.Column('off', sa.JSON(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('confirmed_at', sa.BigInteger(), nullable=True),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('account'),
    schema='app'
    )
    with op.batch_alter_table('notice_choices', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_notice_choices_token'), ['token'], unique=False)
