"""A frozen dataclass per Solidity event, and where one happened.

In: what decoder.py read from a raw log. Out: what projections/ turn into rows.
A field has the name of the Solidity parameter in snake_case (`from` is `from_`); addresses and 32 bytes are `0x…` text,
arrays are tuples.
Start reading at membership.py. Nothing here touches a node or a database.
"""

from typing import Any, NamedTuple

from indexer.events import badges, community, crowdsale, market, membership, store, token


class Header(NamedTuple):
    """A block as the node returned it. `bloom` is its logs' Bloom filter of 2,048 bits."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    bloom: int


class RawLog(NamedTuple):
    """A log as the node returned it. `topics` are one to four words of 32 bytes, joined."""

    block_number: int
    log_index: int
    block_hash: str
    tx_hash: str
    tx_index: int
    address: str
    topics: bytes
    data: bytes


class Position(NamedTuple):
    """Where an event happened. `contract` emitted it, which is of `community` or, like the market, of all communities.

    `membership` is the community's Membership contract; both are the zero address where an event is about no community.
    """

    block_number: int
    log_index: int
    block_hash: str
    tx_hash: str
    contract: str
    community: str
    membership: str
    at: int
    """Time of the block, unix seconds."""


Event = Any
"""One of the dataclasses below."""

EVENTS: dict[str, tuple[type, ...]] = {
    "CommunityFactory": (community.CommunityOpened,),
    "Community": (
        community.ManifestPublished,
        community.HomeMoved,
        community.KeySet,
        community.RolesSet,
        community.OwnershipOffered,
        community.OwnershipTransferred,
        community.SharesSet,
        community.OperatorAnnounced,
        community.SaleOpened,
        community.Collected,
    ),
    "Membership": (
        membership.TierSet,
        membership.MembershipJoined,
        membership.MembershipRenewed,
        membership.MembershipGranted,
        membership.MembershipTierChanged,
        membership.MembershipCancelled,
        membership.MembershipRevoked,
        membership.MembershipBurned,
        membership.MembershipMoved,
        membership.SeatReleased,
        membership.MembershipSettled,
        membership.BadgeLedgerSet,
        membership.BadgeClaimed,
        membership.RatesSet,
        membership.AutoRenewSet,
        membership.FundsSet,
        membership.VoucherUsed,
        membership.EarningsWithdrawn,
        membership.Swept,
    ),
    "Badges": (
        badges.AchievementSet,
        badges.AchievementGranted,
        badges.AchievementClaimed,
        badges.AchievementVoucherWithdrawn,
        badges.Transfer,
    ),
    "Store": (
        store.PolicySet,
        store.ProductSet,
        store.LicenseBought,
        store.LicenseSeatReleased,
        store.Tipped,
        store.CreatorPaid,
        store.EarningsWithdrawn,
        store.Swept,
        store.TransferSingle,
        store.TransferBatch,
    ),
    "Market": (
        market.TillOpened,
        market.ListingAnnounced,
        market.OfferAnnounced,
        market.ListingBought,
        market.OfferAccepted,
        market.SignatureCancelled,
        market.CounterRaised,
        market.FundsSet,
        market.TillPaidOut,
    ),
    "CrowdsaleFactory": (crowdsale.CrowdsaleMade,),
    "Crowdsale": (
        crowdsale.Contributed,
        crowdsale.FundsSet,
        crowdsale.CrowdsaleFinalized,
        crowdsale.Released,
        crowdsale.ContributionRefunded,
        crowdsale.TokensClaimed,
        crowdsale.MembershipClaimed,
        crowdsale.StopVoted,
        crowdsale.CrowdsaleStopped,
        crowdsale.Swept,
    ),
    "CommunityToken": (
        token.Transfer,
        token.LockupSet,
        token.AttestorSet,
        token.HolderSet,
        token.IncomeDistributed,
        token.IncomeClaimed,
    ),
}
"""The event classes of each contract."""

UNREAD = frozenset(
    {
        "Transfer",
        "Approval",
        "ApprovalForAll",
        "SubscriptionUpdate",
        "MetadataUpdate",
        "BatchMetadataUpdate",
        "Locked",
        "Unlocked",
        "URI",
        "DelegateChanged",
        "DelegateVotesChanged",
    }
)
"""Events that standards demand (ERC-20, 721, 1155, 4906, 5192, 5643, 5805, 7572) and that are not read unless a
contract names them above: others beside them say as much or more."""
