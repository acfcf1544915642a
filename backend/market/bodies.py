"""What the API of the market takes and answers."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from backend.market.messages import uint96
from backend.transactions import AddressText, Uint256Text

MOST_TOKEN = 1 << 72
MOST_MEMBERSHIP = 1 << 40
Kind = Literal["badge", "membership"]
"""`badge`: a token of Badges, also an achievement."""
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,29}$"), AfterValidator(uint96)]
Signature = Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]
TokenId = Annotated[int, Field(ge=1, lt=MOST_TOKEN)]
Seconds = Annotated[int, Field(ge=0, lt=1 << 40)]


class Signed(BaseModel):
    """What stands in a listing and in an offer. Amounts are decimal strings in base units; a `currency` of 0x0…0 is
    the native coin. All that is not named is 0 in what the wallet signs; this home takes no fee."""

    currency: AddressText
    price: Amount
    deadline: Seconds
    min_accrued: Amount = "0"
    counter: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    salt: Uint256Text
    signature: Signature


class Promise(BaseModel):
    """What a seller signs of a membership: its tier, until when it is paid at least, the refundable money that goes
    with it at least, and whether its own badge, which is no token yet, goes with it."""

    tier_id: int = Field(ge=1, lt=1 << 16, examples=[2])
    min_expires_at: Seconds
    min_unearned: Amount = "0"
    with_badge: bool = False


class ListingBody(Signed):
    """IMarket.Listing of a badge or an achievement; with `membership` of a membership. `buyer` None: anybody."""

    seller: AddressText
    token_id: TokenId
    min_proceeds: Amount
    buyer: AddressText | None = None
    transfer_count: int = Field(ge=0, lt=1 << 63)
    membership: Promise | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.membership is not None and self.token_id >= MOST_MEMBERSHIP:
            raise ValueError("a membership's id has 40 bits")
        return self


class OfferBody(Signed):
    """IMarket.Offer. `token_id` 0: any referral badge of at least this level (0 bronze, 1 silver, 2 gold) and rate."""

    buyer: AddressText
    token_id: int = Field(default=0, ge=0, lt=MOST_TOKEN)
    level: int = Field(default=0, ge=0, le=2)
    min_rate_bps: int = Field(default=0, ge=0, le=10_000)


class Kept(BaseModel):
    """The EIP-712 digest names it from now on."""

    digest: str


class TermsAnswer(BaseModel):
    """What the next signature of an account must name, and how the Market divides a price."""

    market: str
    badges: str
    membership: str
    counter: str
    transfer_count: int
    approved: bool
    royalty_bps: int
    funds: str
    """Native coins that the market holds for the account."""
    allowance: str
    """Of the community's ERC-20, to the market; 0 where it is paid in the native coin."""


class MembershipAnswer(BaseModel):
    """A membership that is for sale. Amounts are base units. `least_unearned`: what is left of `unearned` a quarter of
    an hour later, for `min_money` of who buys. `badge`: that it is bound to; `brings_badge`: its own, which is no token
    yet, goes with it; `promised`: the seller cannot keep it."""

    tier_id: int
    tier: str
    expires_at: int
    min_expires_at: int
    unearned: str
    least_unearned: str
    badge: int
    brings_badge: bool
    promised: bool


class ListingAnswer(BaseModel):
    """`membership`: what it is about where it is not about a badge or an achievement."""

    digest: str
    kind: Kind
    seller: str
    token_id: str
    membership: MembershipAnswer | None
    currency: str | None
    price: str
    price_written: str
    proceeds: str
    deadline: int
    accrued: str
    income: str
    """Verified past income of a referral badge; `0` for an achievement."""
    message: dict[str, str | bool]
    signature: str


class OfferAnswer(BaseModel):
    digest: str
    buyer: str
    token_id: str
    level: int
    currency: str | None
    price: str
    price_written: str
    deadline: int
    message: dict[str, str | bool]
    signature: str


class SaleAnswer(BaseModel):
    kind: Kind
    token_id: str
    seller: str
    recipient: str
    currency: str | None
    price: str
    price_written: str
    tx_hash: str
    at: int
    place: str
