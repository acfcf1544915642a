"""What the indexer knows of the chain itself: the journal (blocks, logs), its place in it, and the feed of changes."""

from sqlalchemy import JSON, Boolean, Float, LargeBinary, Text

from indexer.tables.base import MirrorTable, column, key
from indexer.tables.columns import Address, Hash32


class Block(MirrorTable, table=True):
    """Journal: every block with logs of ours and every block that is not yet final."""

    __tablename__ = "blocks"
    chain_id: int = key()
    number: int = key()
    hash: str = column(Hash32)
    parent_hash: str | None = column(Hash32, nullable=True)
    """Unknown for a final block whose header was not needed."""
    timestamp: int = column()


class Log(MirrorTable, table=True):
    """Journal: every log of the community contracts, as the node returned it."""

    __tablename__ = "logs"
    chain_id: int = key()
    block_number: int = key()
    log_index: int = key()
    block_hash: str = column(Hash32)
    tx_hash: str = column(Hash32)
    tx_index: int = column()
    address: str = column(Address)
    topics: bytes = column(LargeBinary)
    """One to four topics of 32 bytes, joined."""
    data: bytes = column(LargeBinary)


class Checkpoint(MirrorTable, table=True):
    """The last applied block of a chain."""

    __tablename__ = "checkpoints"
    chain_id: int = key()
    number: int = column()
    hash: str = column(Hash32)
    timestamp: int = column()
    final_number: int = column()
    """Highest block that the node tagged `finalized`; -1 before the first answer."""
    head_number: int = column()
    """The node's newest block when it was last asked."""
    confirmed_at: float = column(Float)
    """Wall clock, unix seconds: when a node last said that this block is its head; 0 while catching up."""


class Undo(MirrorTable, table=True):
    """Image of a row before a block that is not yet final changed it. Deleted once the block is final."""

    __tablename__ = "undo_rows"
    chain_id: int = key()
    block_number: int = key()
    table_name: str = key(Text)
    row_key: str = key(Text)
    """JSON list: the row's primary key without chain_id."""
    image: str | None = column(Text, nullable=True)
    """JSON object of all columns; null when the row did not exist."""


class Change(MirrorTable, table=True):
    """Append-only feed of what changed, in order of `seq`, which counts from 1 without gaps per chain.

    `removed`: a reorg took the change of this block, kind and ids back.
    Only kind `block` (a new head; removed: the chain was cut below this block) is dropped once final.
    """

    __tablename__ = "changes"
    chain_id: int = key()
    seq: int = key()
    block_number: int = column(index=True)
    kind: str = column(Text)
    ids: dict[str, object] = column(JSON)
    removed: bool = column(Boolean)


class Shape(MirrorTable, table=True):
    """Which shape a projected table was built with; another one means: rebuild it from the journal."""

    __tablename__ = "shapes"
    table_name: str = key(Text)
    hash: str = column(Text)
