"""Tables of schema `mirror`, written by the indexer only.

In: rows from projections. Out: what the backend reads, e.g. `from indexer.tables.membership import Membership, Tier`.
`metadata` is the MetaData of all of them; `create_mirror(connection)` makes what is missing.
On SQLite they live unqualified in `mirror.db`, which readers attach as schema `mirror`.
Start reading at chain.py (journal, checkpoint, feed), then membership.py.
"""

from sqlalchemy import Connection

from indexer.tables import (
    badges,
    chain,
    community,
    crowdsale,
    holdings,
    market,
    membership,
    outside,
    renewals,
    store,
    token,
)
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
    community.Collection,
    membership.Tier,
    membership.Membership,
    membership.FormerMember,
    membership.Payment,
    membership.Grant,
    membership.Ending,
    membership.Settlement,
    membership.Earnings,
    membership.MembershipDay,
    membership.EarningDay,
    membership.Voucher,
    membership.VoucherUse,
    membership.Sweep,
    renewals.Consent,
    renewals.Funds,
    badges.BadgeLedger,
    badges.BadgeClaim,
    badges.BadgeRates,
    badges.Achievement,
    badges.AchievementToken,
    badges.AchievementsHeld,
    badges.AchievementVoucher,
    store.StorePolicy,
    store.Product,
    store.License,
    store.Purchase,
    store.Tip,
    store.CreatorLedger,
    store.CreatorPayment,
    market.Listing,
    market.Offer,
    market.Spent,
    market.Counter,
    market.Resale,
    market.Till,
    market.TillPayment,
    crowdsale.Sale,
    crowdsale.SaleStep,
    crowdsale.Contribution,
    crowdsale.ContributionPayment,
    crowdsale.SalePayout,
    crowdsale.TokenClaim,
    crowdsale.StopVote,
    token.Token,
    token.TokenHolder,
    token.IncomeDistribution,
    token.IncomeClaim,
    holdings.HoldingChange,
)
"""Disposable: rebuilt from the journal when their shape changes."""

ASKED = (outside.OutsideBalance,)
"""Disposable: what contracts said when they were asked. Made anew, and asked again, when their shape changes."""


def create_mirror(connection: Connection) -> None:
    """Schema and all tables exist; those that did are left alone. `connection` translates `mirror` on SQLite itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    metadata.create_all(connection)


__all__ = ["ASKED", "JOURNAL", "PROJECTED", "SCHEMA", "MirrorTable", "create_mirror", "metadata"]
__all__ += ["badges", "chain", "community", "crowdsale", "holdings"]
__all__ += ["market", "membership", "outside", "renewals", "store", "token"]
