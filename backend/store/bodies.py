"""Bodies of requests about a store, and its answers."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from backend.store.queries import Kind
from backend.transactions import AddressText, TransactionRequest

Money = Annotated[int, Field(ge=0, lt=1 << 96)]
"""Base units: a number, or a decimal string, which no reader rounds."""
ProductId = Annotated[int, Field(ge=1, lt=1 << 63)]
Hash32Text = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
LABEL_BYTES = 32


class _Labelled(BaseModel):
    """`label`: at most 32 bytes of UTF-8. `digest`: sha2-256 of the description, as `descriptions` keeps it."""

    label: Annotated[str, Field(min_length=1, max_length=LABEL_BYTES)]
    digest: Hash32Text

    @field_validator("label")
    @classmethod
    def _fits(cls, label: str) -> str:
        if not label.isprintable() or len(label.encode()) > LABEL_BYTES:
            raise ValueError(f"a label has at most {LABEL_BYTES} bytes of printable UTF-8")
        return label

    @property
    def label_word(self) -> bytes:
        return self.label.encode().ljust(LABEL_BYTES, b"\0")


class ListProductRequest(TransactionRequest, _Labelled):
    """`membership_id`: of the creator; 0 for the owner. `community_bps`: the policy as the creator saw it."""

    kind: Kind
    price: Money
    period_seconds: Annotated[int, Field(ge=0, lt=1 << 40)] = 0
    cap: Annotated[int, Field(ge=0, lt=1 << 48)] = 0
    royalty_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    payout: AddressText | None = None
    community_bps: Annotated[int, Field(ge=0, le=10_000)]
    membership_id: Annotated[int, Field(ge=0, lt=1 << 40)] = 0


class ProductRequest(TransactionRequest):
    product_id: ProductId


class BuyRequest(ProductRequest):
    """`price` and `version` as the buyer saw them; `quantity` of units or periods; `recipient` by default the buyer.
    `expired`: an account whose long expired license gives its seat."""

    price: Money
    version: Annotated[int, Field(ge=1, lt=1 << 32)]
    quantity: Annotated[int, Field(ge=1, lt=1 << 24)] = 1
    recipient: AddressText | None = None
    expired: AddressText | None = None


class TipRequest(TransactionRequest):
    """`product_id` 0: the store's policy divides it; else the product's shares, and `payee` is its payout account."""

    payee: AddressText
    amount: Annotated[int, Field(gt=0, lt=1 << 96)]
    product_id: Annotated[int, Field(ge=0, lt=1 << 63)] = 0


class PriceRequest(ProductRequest):
    price: Money


class VersionRequest(ProductRequest, _Labelled):
    pass


class AccountRequest(ProductRequest):
    """`to`: the new payout account, or the new creator."""

    to: AddressText


class ListedRequest(ProductRequest):
    listed: bool


class RetireRequest(ProductRequest):
    """`at`: unix seconds, at least the community's notice away."""

    at: Annotated[int, Field(gt=0, lt=1 << 40)]


class GiveRequest(AccountRequest):
    units: Annotated[int, Field(ge=1, lt=1 << 48)] = 1


class PolicyRequest(TransactionRequest):
    community_bps: Annotated[int, Field(ge=0, le=10_000)]
    members_may_list: bool


class DescriptionBody(BaseModel):
    """A JSON object with `description` (Markdown), exactly as it is to be hashed."""

    text: Annotated[
        str, Field(min_length=2, max_length=16_384, examples=['{"name":"A course","text":"Eight evenings."}'])
    ]


class DescriptionAnswer(BaseModel):
    """`digest`: sha2-256 of the text's UTF-8."""

    digest: str
    cid: str


class ProductAnswer(BaseModel):
    """A product; amounts are decimal strings in base units, times unix seconds, shares 1/10 000."""

    id: int
    kind: Kind
    label: str
    state: str
    creator: str
    payout: str
    price: str
    price_written: str
    period_seconds: int
    cap: int
    units: int
    version: int
    community_bps: int
    royalty_bps: int
    retires_at: int
    listed_at: int
    cid: str


class OpenedAnswer(BaseModel):
    """A post that asks for the license. `alone`: with nothing else; `readable`: the viewer may read all of it now;
    `files`: how many stand behind its gate."""

    post: str
    title: str
    gate: str
    files: int
    alone: bool
    readable: bool


class LicenseAnswer(BaseModel):
    """`valid_until` exclusive; null for good."""

    community: str
    product: ProductAnswer
    units: int
    valid: bool
    valid_until: int | None
    renewable: bool
