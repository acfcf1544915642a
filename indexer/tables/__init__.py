"""Tables of schema `mirror`, written by the indexer only.

In: rows from projections. Out: what the backend reads, e.g. `from indexer.tables.membership import Membership, Tier`.
`metadata` is the MetaData of all of them; `create_mirror(connection)` makes what is missing.
On SQLite they live unqualified in `mirror.db`, which readers attach as schema `mirror`.
Start reading at chain.py (journal, checkpoint, feed), then membership.py.
"""

from sqlalchemy import Connection

from indexer.tables import badges, chain, community, holdings, membership, renewals
from indexer.tables.base import SCHEMA, MirrorTable, metadata

JOURNAL = (chain.Block, chain.Log, chain.Checkpoint, chain.Undo, chain.Change, chain.Shape)
"""Kept for good: what projections are rebuilt from, and what tells how far they are."""

PROJECTED = (
    community.Community,
    community.Home,
    community.Manifest,
    community.DelegatedKey,
    community.CommunityRole,
    community.OwnerChange,
    community.ShareChange,
    community.Split,
    community.Sale,
    community.Collection,
    membership.Tier,
    membership.Membership,
    membership.FormerMember,
    membership.Payment,
    membership.Grant,
    membership.Ending,
    membership.Settlement,
    membership.Earnings,
    membership.Voucher,
    membership.VoucherUse,
    membership.Sweep,
    renewals.Consent,
    renewals.Funds,
    badges.BadgeLedger,
    badges.BadgeClaim,
    badges.BadgeRates,
    holdings.HoldingChange,
)
"""Disposable: rebuilt from the journal when their shape changes."""


def create_mirror(connection: Connection) -> None:
    """Schema and all tables exist; those that did are left alone. `connection` translates `mirror` on SQLite itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    metadata.create_all(connection)


__all__ = ["JOURNAL", "PROJECTED", "SCHEMA", "MirrorTable", "badges", "chain", "community", "create_mirror", "holdings"]
__all__ += ["membership", "metadata", "renewals"]
