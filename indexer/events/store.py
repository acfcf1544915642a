"""Events of Store. Amounts in base units, times in unix seconds, shares in 1/10 000; a license has its product's id."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """The whole state of a product."""

    creator: str
    payout: str
    price: int
    cap: int
    units: int
    period_seconds: int
    retires_at: int
    version: int
    community_bps: int
    royalty_bps: int
    kind: int
    delisted: bool
    barred: bool
    label: str
    digest: str


@dataclass(frozen=True, slots=True)
class Payment:
    """How a payment was divided, and what its receivers have been credited with ever."""

    amount: int
    badge: int
    badge_share: int
    payee: str
    payee_share: int
    community_share: int
    payee_total: int
    community_total: int


@dataclass(frozen=True, slots=True)
class PolicySet:
    community_bps: int
    members_may_list: bool


@dataclass(frozen=True, slots=True)
class ProductSet:
    product_id: int
    creator: str
    product: Product


@dataclass(frozen=True, slots=True)
class LicenseBought:
    product_id: int
    recipient: str
    payer: str
    membership_id: int
    version: int
    quantity: int
    valid_until: int
    units: int
    payment: Payment


@dataclass(frozen=True, slots=True)
class LicenseSeatReleased:
    product_id: int
    account: str
    units: int


@dataclass(frozen=True, slots=True)
class Tipped:
    payee: str
    payer: str
    product_id: int
    membership_id: int
    subject: str
    payment: Payment


@dataclass(frozen=True, slots=True)
class CreatorPaid:
    account: str
    to: str
    amount: int
    claimed: int
    by: str


@dataclass(frozen=True, slots=True)
class EarningsWithdrawn:
    to: str
    amount: int
    withdrawn_total: int


@dataclass(frozen=True, slots=True)
class Swept:
    token: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class TransferSingle:
    """ERC-1155: of licenses; from nobody when they are bought."""

    operator: str
    from_: str
    to: str
    id: int
    amount: int


@dataclass(frozen=True, slots=True)
class TransferBatch:
    operator: str
    from_: str
    to: str
    ids: tuple[int, ...]
    amounts: tuple[int, ...]
