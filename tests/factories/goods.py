"""Rows of the mirror that tell of a store, for tests of pages."""

from typing import Any

from indexer.tables.columns import FOR_LIFE, ZERO_HASH
from indexer.tables.community import Community
from indexer.tables.store import CreatorLedger, License, Product, Purchase, StorePolicy, Tip
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome

STORE = "0x" + "57" * 20
MONTH = 30 * 86_400
PRICE = 10**16


def open_store(home: TestHome) -> None:
    """The community of the home has a store."""
    with home.host.database.reading() as session:
        row = session.get(Community, (CHAIN_ID, COMMUNITY))
        assert row is not None
        session.expunge(row)
    row.store = STORE
    home.write(row)


def product_row(number: int = 1, **changes: Any) -> Product:
    """A file for good at a hundredth of a coin, of which the community gets 10 %."""
    fields: dict[str, Any] = {
        "creator": "0x" + "c1" * 20,
        "payout": "0x" + "c1" * 20,
        "price": PRICE,
        "cap": 0,
        "units": 0,
        "period_seconds": 0,
        "retires_at": 0,
        "version": 1,
        "community_bps": 1_000,
        "royalty_bps": 0,
        "kind": 2,
        "delisted": False,
        "barred": False,
        "label": f"Product {number}",
        "digest": ZERO_HASH,
        "listed_at": 1,
        "block_number": 1,
    }
    return Product(chain_id=CHAIN_ID, contract=STORE, product_id=number, **{**fields, **changes})


def license_row(account: str, number: int = 1, **changes: Any) -> License:
    fields: dict[str, Any] = {"units": 1, "valid_until": FOR_LIFE, "released": False, "block_number": 1}
    return License(chain_id=CHAIN_ID, contract=STORE, product_id=number, account=account, **{**fields, **changes})


def policy_row(community_bps: int, members_may_list: bool) -> StorePolicy:
    return StorePolicy(
        chain_id=CHAIN_ID,
        contract=STORE,
        community_bps=community_bps,
        members_may_list=members_may_list,
        block_number=1,
    )


def ledger_row(account: str, credited: int, claimed: int = 0) -> CreatorLedger:
    return CreatorLedger(
        chain_id=CHAIN_ID, contract=STORE, account=account, credited=credited, claimed=claimed, block_number=1
    )


def purchase_row(recipient: str, number: int = 1, *, block: int = 1) -> Purchase:
    return Purchase(
        chain_id=CHAIN_ID,
        contract=STORE,
        block_number=block,
        log_index=0,
        product_id=number,
        recipient=recipient,
        payer=recipient,
        membership_id=0,
        version=1,
        quantity=1,
        valid_until=FOR_LIFE,
        amount=PRICE,
        badge=0,
        badge_share=0,
        payee="0x" + "c1" * 20,
        payee_share=PRICE * 9 // 10,
        community_share=PRICE // 10,
        tx_hash=ZERO_HASH,
        at=1,
    )


def tip_row(payee: str, payer: str, amount: int) -> Tip:
    return Tip(
        chain_id=CHAIN_ID,
        contract=STORE,
        block_number=2,
        log_index=0,
        payer=payer,
        product_id=0,
        membership_id=0,
        subject=ZERO_HASH,
        amount=amount,
        badge=0,
        badge_share=0,
        payee=payee,
        payee_share=amount * 9 // 10,
        community_share=amount // 10,
        tx_hash=ZERO_HASH,
        at=2,
    )
