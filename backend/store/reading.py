"""What the store's pages tell: products with their words, the viewer's license, and how a payment would be divided."""

import json
from dataclasses import dataclass

from sqlmodel import Session

from backend.community.queries import CommunityView
from backend.currency import Currency
from backend.dag_cbor import CID
from backend.ipfs.store import BlockSource, StoreError, raw_cid
from backend.store.queries import (
    WHOLE,
    LicenseView,
    ProductView,
    Split,
    badge_bps_of,
    free_seat,
    license_of,
    split_of,
)

MAX_DESCRIPTION_BYTES = 16 * 1024


@dataclass(frozen=True)
class ProductPage:
    """`description` None: its words are not kept here. `split`: of one price paid by the viewer; `expired`: whose seat
    a purchase would take over."""

    product: ProductView
    currency: Currency
    description: str | None
    mine: LicenseView | None
    badge_bps: int
    split: Split
    expired: str | None


def product_page(
    session: Session,
    blocks: BlockSource,
    community: CommunityView,
    product: ProductView,
    *,
    currency: Currency,
    account: str | None,
) -> ProductPage:
    """The product as this account sees it."""
    badge_bps = badge_bps_of(session, community.chain_id, community.membership, account) if account else 0
    own = WHOLE if product.payout == community.address else product.community_bps
    return ProductPage(
        product=product,
        currency=currency,
        description=description_of(blocks, product.digest),
        mine=license_of(session, community.address, product, account) if account else None,
        badge_bps=badge_bps,
        split=split_of(product.price, badge_bps=badge_bps, community_bps=own),
        expired=free_seat(session, product),
    )


def description_of(blocks: BlockSource, digest: str) -> str | None:
    """The words whose hash the chain keeps; None when they are not here, or are no description."""
    try:
        data = blocks.get(cid_of_digest(digest))
        words = json.loads(data)
    except (StoreError, ValueError, RecursionError):
        return None
    text = words.get("description") if isinstance(words, dict) else None
    return text if isinstance(text, str) else None


def cid_of_digest(digest: str) -> CID:
    """The CID of the raw block with this sha2-256."""
    return CID(raw_cid(b"").cid_bytes[:4] + bytes.fromhex(digest[2:]))
