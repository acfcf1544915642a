"""Rows of badges, achievements and the market, as the indexer would write them for the community of `TestHome`."""

from typing import Any

from indexer.tables.badges import Achievement, AchievementToken, BadgeClaim, BadgeLedger, BadgeRates
from indexer.tables.market import Counter, Resale, Spent
from indexer.tables.membership import Membership, Settlement
from indexer.tables.renewals import Funds
from tests.factories.home import BADGES, CHAIN_ID, COMMUNITY, MARKET, MEMBERSHIP, membership_row

ZERO = "0x" + "00" * 20
UNIT = 10**16
BADGE = 2 << 24 | 1
"""Of the first member of tier 2."""


def rates(version: int = 0, **changes: Any) -> BadgeRates:
    fields = {
        "bronze_bps": 500,
        "silver_bps": 1_050,
        "gold_bps": 1_500,
        "silver_from": 5,
        "gold_from": 25,
        "volume_unit": UNIT,
        "block_number": 1,
        "at": 1,
    }
    return BadgeRates(chain_id=CHAIN_ID, contract=MEMBERSHIP, version=version, **{**fields, **changes})


def ledger(owner: str, badge: int = BADGE, **changes: Any) -> BadgeLedger:
    """A used badge that is a token and has earned nothing."""
    fields: dict[str, Any] = {
        "transfer_count": 0,
        "income": 0,
        "claimed": 0,
        "volume": 0,
        "counted": 0,
        "level": 0,
        "version": 0,
        "used": True,
        "minted": True,
        "block_number": 1,
    }
    values = {**fields, **changes}
    return BadgeLedger(chain_id=CHAIN_ID, contract=MEMBERSHIP, badge=badge, owner=owner, **values)


def bound(token_id: int, holder: str, *, expires_at: int, badge: int = BADGE, **money: Any) -> Membership:
    """A membership that was bought with the badge. `money`: unearned, settled_at, earned_at, rate, count_at."""
    row = membership_row(token_id, holder, 2, expires_at, 1)
    row.badge = badge
    for name, value in money.items():
        setattr(row, name, value)
    return row


def settlement(share: int, at: int, *, badge: int = BADGE, block: int = 1, index: int = 0) -> Settlement:
    return Settlement(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=block,
        log_index=index,
        token_id=9,
        badge=badge,
        earned=share * 10,
        badge_share=share,
        at=at,
    )


def claimed(owner: str, amount: int, *, at: int, badge: int = BADGE, block: int = 1) -> BadgeClaim:
    return BadgeClaim(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        badge=badge,
        block_number=block,
        log_index=0,
        owner=owner,
        paid_to=owner,
        amount=amount,
        claimed=amount,
        tx_hash="0x" + "77" * 32,
        at=at,
    )


def achievement(achievement_id: int = 1, **changes: Any) -> Achievement:
    fields: dict[str, Any] = {
        "label": "First light",
        "cap": 0,
        "made": 0,
        "locked": False,
        "issuer": ZERO,
        "allowance": 0,
        "description": "",
        "uri": "",
        "block_number": 1,
    }
    values = {**fields, **changes}
    return Achievement(chain_id=CHAIN_ID, contract=BADGES, achievement_id=achievement_id, **values)


def token(owner: str, serial: int = 1, achievement_id: int = 1) -> AchievementToken:
    return AchievementToken(
        chain_id=CHAIN_ID,
        contract=BADGES,
        token_id=achievement_id << 40 | serial,
        achievement_id=achievement_id,
        owner=owner,
        transfer_count=0,
        made_at=1,
        block_number=1,
    )


def spent(account: str, digest: str, state: str = "cancelled") -> Spent:
    return Spent(chain_id=CHAIN_ID, contract=MARKET, account=account, digest=digest, state=state, at=1)


def counter(account: str, value: int) -> Counter:
    return Counter(chain_id=CHAIN_ID, contract=MARKET, account=account, counter=value, block_number=1)


def funds(account: str, amount: int) -> Funds:
    return Funds(chain_id=CHAIN_ID, contract=MARKET, account=account, amount=amount, block_number=1)


def sale(price: int, *, block: int, token_id: int = BADGE, seller: str, buyer: str) -> Resale:
    return Resale(
        chain_id=CHAIN_ID,
        contract=MARKET,
        block_number=block,
        log_index=0,
        community=COMMUNITY,
        kind="listing",
        collection=BADGES,
        token_id=token_id,
        seller=seller,
        buyer=buyer,
        recipient=buyer,
        currency=ZERO,
        price=price,
        royalty=price // 20,
        fee=0,
        fee_recipient=ZERO,
        digest="0x" + "dd" * 32,
        tx_hash="0x" + "77" * 32,
        at=block,
    )
