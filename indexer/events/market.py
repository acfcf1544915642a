"""Events of Market, one for all communities. Amounts in base units, times in unix seconds, shares in 1/10 000."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """A holder's signed ask, field by field as it was signed."""

    seller: str
    collection: str
    membership: str
    token_id: int
    currency: str
    price: int
    min_proceeds: int
    fee_recipient: str
    fee_bps: int
    buyer: str
    starts_at: int
    deadline: int
    transfer_count: int
    min_accrued: int
    tier_id: int
    min_expires_at: int
    min_unearned: int
    with_badge: bool
    counter: int
    salt: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A buyer's signed bid, field by field as it was signed."""

    buyer: str
    collection: str
    membership: str
    token_id: int
    level: int
    min_rate_bps: int
    min_accrued: int
    currency: str
    price: int
    fee_recipient: str
    fee_bps: int
    deadline: int
    counter: int
    salt: int


@dataclass(frozen=True, slots=True)
class TillOpened:
    collection: str
    membership: str
    fee_recipient: str
    royalty_bps: int


@dataclass(frozen=True, slots=True)
class ListingAnnounced:
    digest: str
    listing: Listing
    signature: bytes


@dataclass(frozen=True, slots=True)
class OfferAnnounced:
    digest: str
    offer: Offer
    signature: bytes


@dataclass(frozen=True, slots=True)
class ListingBought:
    collection: str
    token_id: int
    seller: str
    buyer: str
    recipient: str
    currency: str
    price: int
    royalty: int
    fee: int
    fee_recipient: str
    digest: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    collection: str
    token_id: int
    seller: str
    buyer: str
    currency: str
    price: int
    royalty: int
    fee: int
    fee_recipient: str
    digest: str


@dataclass(frozen=True, slots=True)
class SignatureCancelled:
    account: str
    digest: str


@dataclass(frozen=True, slots=True)
class CounterRaised:
    account: str
    counter: int


@dataclass(frozen=True, slots=True)
class FundsSet:
    account: str
    funds: int


@dataclass(frozen=True, slots=True)
class TillPaidOut:
    collection: str
    membership: str
    fee_recipient: str
    royalties: int
    fees: int
