"""States of store, market and crowdsale as their contracts emit them; a test says only what it cares about."""

from typing import Any

from indexer.events.badges import Achievement
from indexer.events.crowdsale import CrowdsaleMade, Step, Terms
from indexer.events.market import Listing, Offer
from indexer.events.store import Payment, Product
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from tests.factories.events import log_of
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import LABEL, MONTH, PRICE, SALES, FakeCommunity, account

SELLER, BUYER, CREATOR, PAGE = account(41), account(42), account(43), account(44)
SALE, TOKEN = account(51), account(52)
UTILITY, RESTRICTED = 1, 2


def achievement(**changes: Any) -> Achievement:
    fields: dict[str, Any] = {
        "label": LABEL,
        "cap": 0,
        "made": 0,
        "locked": False,
        "issuer": account(60),
        "allowance": 10,
        "description": "For those who stayed ★",
        "uri": "https://example.org",
    }
    return Achievement(**fields | changes)


def product(**changes: Any) -> Product:
    """Licenses for good, unless `period_seconds` is given."""
    fields: dict[str, Any] = {
        "creator": CREATOR,
        "payout": CREATOR,
        "price": PRICE,
        "cap": 0,
        "units": 0,
        "period_seconds": 0,
        "retires_at": 0,
        "version": 1,
        "community_bps": 1_000,
        "royalty_bps": 0,
        "kind": 1,
        "delisted": False,
        "barred": False,
        "label": LABEL,
        "digest": ZERO_HASH,
    }
    return Product(**fields | changes)


def payment(**changes: Any) -> Payment:
    """A tenth to the community, the rest to the creator, the first of its kind."""
    fields: dict[str, Any] = {
        "amount": 100,
        "badge": 0,
        "badge_share": 0,
        "payee": CREATOR,
        "payee_share": 90,
        "community_share": 10,
        "payee_total": 90,
        "community_total": 10,
    }
    return Payment(**fields | changes)


def listing(community: FakeCommunity, **changes: Any) -> Listing:
    """Of a badge."""
    fields: dict[str, Any] = {
        "seller": SELLER,
        "collection": community.badges,
        "membership": community.membership,
        "token_id": 1,
        "currency": ZERO_ADDRESS,
        "price": 1_000,
        "min_proceeds": 900,
        "fee_recipient": PAGE,
        "fee_bps": 100,
        "buyer": ZERO_ADDRESS,
        "starts_at": 0,
        "deadline": 2**40 - 1,
        "transfer_count": 2**64 - 1,
        "min_accrued": 5,
        "tier_id": 0,
        "min_expires_at": 0,
        "min_unearned": 0,
        "with_badge": False,
        "counter": 2**64 - 1,
        "salt": 2**256 - 1,
    }
    return Listing(**fields | changes)


def offer(community: FakeCommunity, **changes: Any) -> Offer:
    """For any badge."""
    fields: dict[str, Any] = {
        "buyer": BUYER,
        "collection": community.badges,
        "membership": community.membership,
        "token_id": 0,
        "level": 2,
        "min_rate_bps": 2**16 - 1,
        "min_accrued": 5,
        "currency": ZERO_ADDRESS,
        "price": 1_000,
        "fee_recipient": PAGE,
        "fee_bps": 100,
        "deadline": 2**40 - 1,
        "counter": 0,
        "salt": 7,
    }
    return Offer(**fields | changes)


def terms(**changes: Any) -> Terms:
    """Of a sale of a utility token in two steps."""
    fields: dict[str, Any] = {
        "salt": ZERO_HASH,
        "asset": UTILITY,
        "starts_at": 1,
        "ends_at": 2**40 - 1,
        "goal": 100,
        "account_min": 1,
        "account_max": 2**96 - 1,
        "allow_root": ZERO_HASH,
        "steps": (Step(600, 5), Step(1_000, 2**128 - 1)),
        "tier_id": 1,
        "tier_periods": 12,
        "tier_price": PRICE,
        "tier_threshold": 12 * PRICE,
        "cliff_seconds": MONTH,
        "vesting_seconds": 12 * MONTH,
        "stop_threshold_bps": 5_000,
        "founder_allocation": 2**104 - 1,
        "lockup_seconds": 0,
        "token_name": "Circle ★",
        "token_symbol": "CIR",
    }
    return Terms(**fields | changes)


def sale_made(community: FakeCommunity, *, sale: str = SALE, token: str = TOKEN, **changes: Any) -> FakeLog:
    """The factory's log of a sale of the community."""
    made = CrowdsaleMade(
        community=community.address,
        sale=sale,
        token=token,
        founder=community.founder,
        currency=ZERO_ADDRESS,
        membership=community.membership,
        maximum=2**104 - 1,
        terms=terms(**changes),
    )
    return log_of(SALES, made)
