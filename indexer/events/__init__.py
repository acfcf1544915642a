"""A frozen dataclass per Solidity event, and where one happened.

In: what decoder.py read from a raw log. Out: what projections/ turn into rows.
A field has the name of the Solidity parameter in snake_case (`from` is `from_`); addresses and 32 bytes are `0x…` text.
Start reading at membership.py. Nothing here touches a node or a database.
"""

from typing import Any, NamedTuple

from indexer.events import community, membership


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
    """Where an event happened. `contract` emitted it, which is `community` or a contract of it."""

    block_number: int
    log_index: int
    block_hash: str
    tx_hash: str
    contract: str
    community: str
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
        "ContractURIUpdated",
        "Locked",
    }
)
"""Events that standards demand (ERC-721, ERC-5643, ERC-4906, ERC-7572, ERC-5192); ours beside them say more."""
