"""The first shape of the private tables."""

import sqlalchemy as sa
from alembic import op

import indexer.tables.columns

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('delegation_blocks',
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('cid'),
    schema='app'
    )
    with op.batch_alter_table('delegation_blocks', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_delegation_blocks_account'), ['account'], unique=False)

    op.create_table('feed_cursors',
    sa.Column('consumer', sa.String(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('consumer', 'chain_id'),
    schema='app'
    )
    op.create_table('jobs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('run_at', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.BigInteger(), nullable=False),
    sa.Column('lease_owner', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key'),
    schema='app'
    )
    with op.batch_alter_table('jobs', schema='app') as batch_op:
        batch_op.create_index('jobs_due', ['state', 'run_at'], unique=False)

    op.create_table('keks',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('wrapped_by_host', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    schema='app'
    )
    with op.batch_alter_table('keks', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_keks_community'), ['community'], unique=False)

    op.create_table('limit_counts',
    sa.Column('bucket', sa.String(), nullable=False),
    sa.Column('window_start', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('bucket', 'window_start'),
    schema='app'
    )
    with op.batch_alter_table('limit_counts', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_limit_counts_expires_at'), ['expires_at'], unique=False)

    op.create_table('log_blocks',
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('bytes', sa.LargeBinary(), nullable=False),
    sa.Column('copied', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('cid'),
    schema='app'
    )
    with op.batch_alter_table('log_blocks', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_log_blocks_copied'), ['copied'], unique=False)

    op.create_table('log_heads',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('record', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('chain_id', 'community'),
    schema='app'
    )
    op.create_table('log_records',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('act_cid', sa.String(), nullable=False),
    sa.Column('act_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('author', indexer.tables.columns.Address(), nullable=False),
    sa.Column('counter', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('as_of', sa.JSON(), nullable=False),
    sa.Column('as_of_number', sa.BigInteger(), nullable=False),
    sa.Column('void', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'seq'),
    sa.UniqueConstraint('chain_id', 'community', 'act_id'),
    sa.UniqueConstraint('chain_id', 'community', 'counter', 'n'),
    schema='app'
    )
    with op.batch_alter_table('log_records', schema='app') as batch_op:
        batch_op.create_index('log_records_as_of', ['chain_id', 'as_of_number'], unique=False)
        batch_op.create_index('log_records_of_author', ['chain_id', 'community', 'author', 'at'], unique=False)

    op.create_table('log_signed_heads',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('sig', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'epoch', 'seq'),
    schema='app'
    )
    op.create_table('login_sessions',
    sa.Column('id_hash', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('delegation', sa.String(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('last_seen_at', sa.BigInteger(), nullable=False),
    sa.Column('user_agent', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id_hash'),
    schema='app'
    )
    with op.batch_alter_table('login_sessions', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_login_sessions_account'), ['account'], unique=False)
        batch_op.create_index(batch_op.f('ix_app_login_sessions_expires_at'), ['expires_at'], unique=False)

    op.create_table('manifests',
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('head_seq', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('built_at', sa.BigInteger(), nullable=False),
    sa.Column('tx_hash', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('chain_id', 'community', 'sequence'),
    schema='app'
    )
    op.create_table('nonces',
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('value'),
    schema='app'
    )
    with op.batch_alter_table('nonces', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_nonces_expires_at'), ['expires_at'], unique=False)

    op.create_table('projection_shapes',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name'),
    schema='app'
    )
    op.create_table('releases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('account', indexer.tables.columns.Address(), nullable=True),
    sa.Column('gate', sa.String(), nullable=True),
    sa.Column('until', sa.BigInteger(), nullable=False),
    sa.Column('block_number', sa.BigInteger(), nullable=False),
    sa.Column('block_hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    schema='app'
    )
    with op.batch_alter_table('releases', schema='app') as batch_op:
        batch_op.create_index('releases_of_item', ['item', 'at'], unique=False)

    op.create_table('staged_bodies',
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('author', indexer.tables.columns.Address(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('commit', sa.LargeBinary(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('item', sa.String(), nullable=True),
    sa.Column('place', sa.String(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('claimed_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('cid', 'chain_id', 'community'),
    schema='app'
    )
    op.create_table('wraps',
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('chain_id', sa.BigInteger(), nullable=False),
    sa.Column('community', indexer.tables.columns.Address(), nullable=False),
    sa.Column('kek', sa.String(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('item'),
    schema='app'
    )
    with op.batch_alter_table('wraps', schema='app') as batch_op:
        batch_op.create_index(batch_op.f('ix_app_wraps_community'), ['community'], unique=False)

