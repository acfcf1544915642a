"""Vouchers: signed by an issuer's wallet, kept here for whoever made them, withdrawn on the chain."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from sqlalchemy import Select, and_, select
from sqlmodel import Session, col

from backend.db import insert_into
from backend.identity.signature import typed_digest
from backend.membership.tables import SignedVoucher
from backend.problems import NotFound
from indexer.tables.membership import Voucher

WITHDRAWN = (1 << 32) - 1
FIELDS = (
    ("issuer", "address"),
    ("tierId", "uint16"),
    ("kind", "uint8"),
    ("value", "uint96"),
    ("recipient", "address"),
    ("uses", "uint32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
"""VoucherLib's type, in its order."""


@dataclass(frozen=True)
class VoucherView:
    """A voucher that is kept here, and how often it was used. `kind`: 0 discount (bps), 1 price, 2 trial (seconds)."""

    digest: str
    issuer: str
    tier_id: int
    kind: int
    value: int
    recipient: str
    uses: int
    deadline: int
    nonce: int
    signature: str
    note: str
    created_at: int
    used: int

    @property
    def withdrawn(self) -> bool:
        return self.used >= WITHDRAWN

    @property
    def fields(self) -> dict[str, Any]:
        """By the Solidity names, in their order."""
        values = (
            *(to_checksum_address(self.issuer), self.tier_id, self.kind, self.value),
            *(to_checksum_address(self.recipient), self.uses, self.deadline, self.nonce),
        )
        return dict(zip((name for name, _ in FIELDS), values, strict=True))

    @property
    def texts(self) -> dict[str, str]:
        """The same, all as text: scripts would round large numbers."""
        return {name: str(value) for name, value in self.fields.items()}

    @property
    def code(self) -> str:
        """What stands in the link: base64url of JSON, numbers as decimal text."""
        text = json.dumps({"voucher": self.texts, "signature": self.signature}, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def digest_of(chain_id: int, contract: str, fields: Mapping[str, Any]) -> bytes:
    """What an issuer signs (EIP-712)."""
    domain = ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address")
    return typed_digest(
        {
            "types": {
                "EIP712Domain": [{"name": name, "type": kind} for name, kind in domain],
                "Voucher": [{"name": name, "type": kind} for name, kind in FIELDS],
            },
            "primaryType": "Voucher",
            "domain": {
                "name": "Koinon Membership",
                "version": "1",
                "chainId": chain_id,
                "verifyingContract": to_checksum_address(contract),
            },
            "message": dict(fields),
        }
    )


def keep_voucher(session: Session, voucher: SignedVoucher) -> None:
    """The voucher is kept; the same one again changes nothing."""
    session.execute(insert_into(session, SignedVoucher).values(**voucher.model_dump()).on_conflict_do_nothing())


def vouchers_of(
    session: Session, chain_id: int, community: str, contract: str, *, issuer: str, before: int | None, limit: int
) -> Sequence[VoucherView]:
    """What this issuer signed here, the newest first, made before a second."""
    statement = _signed(chain_id, community, contract, issuer)
    if before is not None:
        statement = statement.where(col(SignedVoucher.created_at) < before)
    order = (col(SignedVoucher.created_at).desc(), col(SignedVoucher.digest))
    return [_view(row, uses) for row, uses in session.execute(statement.order_by(*order).limit(limit)).all()]


def voucher_of(
    session: Session, chain_id: int, community: str, contract: str, digest: str, *, issuer: str
) -> VoucherView:
    """One voucher, for who signed it. Raises NotFound."""
    statement = _signed(chain_id, community, contract, issuer).where(col(SignedVoucher.digest) == digest)
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such coupon.")
    return _view(*found)


def _signed(chain_id: int, community: str, contract: str, issuer: str) -> Select[SignedVoucher, int]:
    """What this issuer signed here, and how often each was used."""
    used = and_(
        col(Voucher.chain_id) == chain_id,
        col(Voucher.contract) == contract,
        col(Voucher.digest) == col(SignedVoucher.digest),
    )
    return (
        select(SignedVoucher, col(Voucher.used))
        .outerjoin(Voucher, used)
        .where(
            col(SignedVoucher.chain_id) == chain_id,
            col(SignedVoucher.community) == community,
            col(SignedVoucher.issuer) == issuer,
        )
    )


def _view(row: SignedVoucher, used: int | None) -> VoucherView:
    return VoucherView(
        digest=row.digest,
        issuer=row.issuer,
        tier_id=row.tier_id,
        kind=row.kind,
        value=row.value,
        recipient=row.recipient,
        uses=row.uses,
        deadline=row.deadline,
        nonce=row.nonce,
        signature="0x" + row.signature.hex(),
        note=row.note,
        created_at=row.created_at,
        used=used or 0,
    )
