"""Events of CommunityFactory and Community. Field by field the Solidity event, in Python's spelling."""

from dataclasses import dataclass

from indexer.events.membership import Rates


@dataclass(frozen=True, slots=True)
class CommunityOpened:
    community: str
    founder: str
    membership: str
    badges: str
    store: str
    currency: str
    notice_seconds: int
    royalty_bps: int
    rates: Rates
    operator: str
    operator_bps: int
    operator_cap_bps: int
    parent: str
    parent_bps: int
    name: str
    symbol: str
    home_uri: str
    home_key: str


@dataclass(frozen=True, slots=True)
class ManifestPublished:
    sequence: int
    digest: str
    epoch: int
    publisher: str


@dataclass(frozen=True, slots=True)
class HomeMoved:
    epoch: int
    uri: str
    home_key: str
    base_digest: str
    sequence: int


@dataclass(frozen=True, slots=True)
class KeySet:
    account: str
    key_hash: str
    until: int


@dataclass(frozen=True, slots=True)
class RolesSet:
    account: str
    roles: int


@dataclass(frozen=True, slots=True)
class OwnershipOffered:
    owner: str
    pending_owner: str


@dataclass(frozen=True, slots=True)
class OwnershipTransferred:
    previous_owner: str
    owner: str


@dataclass(frozen=True, slots=True)
class Split:
    """Part of a co-founder in what is earned, 1/10 000."""

    account: str
    bps: int


@dataclass(frozen=True, slots=True)
class SharesSet:
    operator: str
    operator_bps: int
    parent: str
    parent_bps: int
    splits: tuple[Split, ...]
    splits_locked_until: int


@dataclass(frozen=True, slots=True)
class OperatorAnnounced:
    operator: str
    bps: int
    since: int


@dataclass(frozen=True, slots=True)
class SaleOpened:
    sale: str


@dataclass(frozen=True, slots=True)
class Collected:
    source: str
    account: str
    currency: str
    amount: int
    taken: int
    by: str
