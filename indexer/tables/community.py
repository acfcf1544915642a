"""Communities: owner, home, manifests, keys, roles, shares, what was collected. Address 0 means none."""

from sqlalchemy import SmallInteger, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32, Uint64, Uint256


class Community(MirrorTable, table=True):
    """The state of a community at the checkpoint."""

    __tablename__ = "communities"
    chain_id: int = key()
    address: str = key(Address)
    founder: str = column(Address)
    owner: str = column(Address, index=True)
    pending_owner: str = column(Address)
    membership: str = column(Address, index=True)
    badges: str = column(Address)
    store: str = column(Address)
    currency: str = column(Address)
    notice_seconds: int = column()
    royalty_bps: int = column(SmallInteger)
    """Of a resale of memberships and badges (ERC-2981)."""
    operator: str = column(Address)
    operator_bps: int = column(SmallInteger)
    operator_cap_bps: int = column(SmallInteger)
    next_operator: str = column(Address)
    next_operator_bps: int = column(SmallInteger)
    next_operator_since: int = column()
    """Unix seconds from which the announced operator can take over; 0: none is announced."""
    parent: str = column(Address)
    parent_bps: int = column(SmallInteger)
    splits_locked_until: int = column()
    """Unix seconds until which the co-founders' parts of the newest `ShareChange` cannot be changed."""
    name: str = column(Text)
    symbol: str = column(Text)
    home_uri: str = column(Text)
    home_key: str = column(Address)
    epoch: int = column(Uint64)
    manifest_sequence: int = column(Uint64)
    """Of the manifest that is anchored now; 0 when none is."""
    manifest_digest: str | None = column(Hash32, nullable=True)
    opened_block: int = column()
    opened_at: int = column()
    block_number: int = column()
    """Of the last change."""


class Home(MirrorTable, table=True):
    """An epoch of a community's log: where it is served from this block on."""

    __tablename__ = "homes"
    chain_id: int = key()
    community: str = key(Address)
    epoch: int = key(Uint64)
    uri: str = column(Text)
    home_key: str = column(Address)
    base_digest: str = column(Hash32)
    """sha2-256 of the last record of the epoch before; 0 in epoch 1."""
    sequence: int = column(Uint64)
    """Number of that record; 0 in epoch 1."""
    block_number: int = column()
    block_hash: str = column(Hash32)
    at: int = column()


class Manifest(MirrorTable, table=True):
    """Every manifest that was ever anchored."""

    __tablename__ = "manifests"
    chain_id: int = key()
    community: str = key(Address)
    sequence: int = key(Uint64)
    digest: str = column(Hash32)
    epoch: int = column(Uint64)
    publisher: str = column(Address)
    block_number: int = column()
    tx_hash: str = column(Hash32)
    at: int = column()


class DelegatedKey(MirrorTable, table=True):
    """A signing key that an account allowed (`until` in the future) or revoked (0) on chain; hash 0: all its keys."""

    __tablename__ = "delegated_keys"
    chain_id: int = key()
    community: str = key(Address)
    account: str = key(Address)
    key_hash: str = key(Hash32)
    until: int = column()
    """Unix seconds, exclusive."""
    block_number: int = column()
    log_index: int = column()


class CommunityRole(MirrorTable, table=True):
    """Bit set of an account's roles: 1 treasurer, 2 granter, 4 issuer, 8 publisher, 16 sale; 0 = it had some before."""

    __tablename__ = "community_roles"
    chain_id: int = key()
    community: str = key(Address)
    account: str = key(Address)
    roles: int = column(SmallInteger)


class ShareChange(MirrorTable, table=True):
    """Append-only: who shares in what is earned from this block and log on; the owner gets the rest. Parts: `Split`."""

    __tablename__ = "share_changes"
    chain_id: int = key()
    community: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    operator: str = column(Address)
    operator_bps: int = column(SmallInteger)
    parent: str = column(Address)
    parent_bps: int = column(SmallInteger)
    splits_locked_until: int = column()
    at: int = column()


class Split(MirrorTable, table=True):
    """Append-only: a co-founder's part by the `ShareChange` of this block and log."""

    __tablename__ = "splits"
    chain_id: int = key()
    community: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    account: str = key(Address)
    bps: int = column(SmallInteger)


class OwnerChange(MirrorTable, table=True):
    """Append-only: who owned a community from this block and log on."""

    __tablename__ = "owner_changes"
    chain_id: int = key()
    community: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    owner: str = column(Address)


class Collection(MirrorTable, table=True):
    """Append-only: earned money that was paid out to a recipient of shares."""

    __tablename__ = "collections"
    chain_id: int = key()
    community: str = key(Address)
    block_number: int = key()
    log_index: int = key()
    source: str = column(Address)
    account: str = column(Address)
    currency: str = column(Address)
    amount: int = column(Uint256)
    taken: int = column(Uint256)
    """All that the account has ever been paid from this source."""
    tx_hash: str = column(Hash32)
    at: int = column()
