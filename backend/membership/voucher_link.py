"""Vouchers as links carry them: what an issuer signed (EIP-712, IMembershipBase.Voucher), as JSON in base64url.

`{"voucher": {…fields by Solidity name, numbers as decimal strings…}, "signature": "0x…"}`. The contract judges the
signature; here is what a page must know to show the price, and to say why a voucher does not work.
"""

import base64
import binascii
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.membership.queries import WHOLE, TierView
from backend.membership.vouchers import FIELDS, digest_of
from backend.problems import Malformed

MOST_TRIAL = 90 * 86_400
LONGEST_LINK = 4096
DISCOUNT, PRICE, TRIAL = 0, 1, 2
NO_VOUCHER = ("0x" + "00" * 20, 0, 0, 0, "0x" + "00" * 20, 0, 0, 0)
"""The struct that says nothing."""
_Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
_Digits = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]


class VoucherBroken(Malformed):
    """The link's voucher cannot be read."""

    slug, title = "voucher-broken", "This voucher cannot be read"


class VoucherTerms(BaseModel):
    """The struct, by Solidity's names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: _Address
    tierId: _Digits  # noqa: N815 - the contract's name
    kind: _Digits
    value: _Digits
    recipient: _Address
    uses: _Digits
    deadline: _Digits
    nonce: _Digits


class VoucherLink(BaseModel):
    """A voucher and its issuer's signature."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    voucher: VoucherTerms
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,2048}$")]

    @classmethod
    def of_link(cls, text: str) -> Self:
        """The voucher in a link's parameter. Raises VoucherBroken."""
        try:
            if len(text) > LONGEST_LINK:
                raise ValueError("too long")
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return cls.model_validate_json(raw)
        except (ValueError, binascii.Error) as error:  # also pydantic's ValidationError
            raise VoucherBroken("The link is cut off or was changed. Ask for it once more.") from error

    @property
    def link(self) -> str:
        """As `of_link` reads it."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @property
    def struct(self) -> tuple[Any, ...]:
        """As the contract takes it."""
        terms = self.voucher.model_dump()
        return tuple(terms[name].lower() if kind == "address" else int(terms[name]) for name, kind in FIELDS)

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        for (name, kind), value in zip(FIELDS, self.struct, strict=True):
            if kind != "address" and value >> int(kind.removeprefix("uint")):
                raise ValueError(f"{name} is too large")
        if self.kind > TRIAL or (self.kind == TRIAL and not 0 < self.value <= MOST_TRIAL):
            raise ValueError("there is no such kind of voucher")
        return self

    @property
    def tier_id(self) -> int:
        return int(self.voucher.tierId)

    @property
    def kind(self) -> int:
        return int(self.voucher.kind)

    @property
    def value(self) -> int:
        """By kind: 1/10 000 off, the price of a period in base units, or seconds."""
        return int(self.voucher.value)

    @property
    def recipient(self) -> str | None:
        """Whom it is for; None: anybody."""
        return self.voucher.recipient.lower() if int(self.voucher.recipient, 16) else None

    @property
    def deadline(self) -> int:
        """The last second at which it works."""
        return int(self.voucher.deadline)

    def digest(self, chain_id: int, contract: str) -> str:
        """EIP-712 digest, by which the contract counts its uses."""
        fields = dict(zip((name for name, _ in FIELDS), self.struct, strict=True))
        return "0x" + digest_of(chain_id, contract, fields).hex()

    def price_of(self, tier: TierView, price: int) -> int:
        """What a period costs where it would cost `price` without: never more; a trial costs nothing."""
        if self.kind == TRIAL:
            return 0
        if self.kind == PRICE:
            return min(self.value, price)
        return min(-(-tier.price * (WHOLE - min(self.value, WHOLE)) // WHOLE), price)

    def fault(self, *, account: str | None, used: int, at: int) -> Literal["past", "used-up", "other-wallet"] | None:
        """Why it does not work for this account; None when it seems to."""
        if at > self.deadline:
            return "past"
        if used >= int(self.voucher.uses):
            return "used-up"
        if account is not None and self.recipient not in (None, account):
            return "other-wallet"
        return None
