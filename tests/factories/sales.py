"""Rows of the mirror that tell of crowdsales and their tokens, for tests of pages."""

from typing import Any

from sqlmodel import SQLModel

from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.crowdsale import Contribution, ContributionPayment, Sale, SaleStep
from indexer.tables.token import Token, TokenHolder
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP

COIN = 10**18
DAY = 86_400
SALE, TOKEN = "0x" + "5a" * 20, "0x" + "70" * 20
FOUNDER = "0x" + "f0" * 20
STEPS = ((50 * COIN, COIN // 100), (100 * COIN, COIN // 50))


def sale_rows(*, at: int, address: str = SALE, steps: Any = STEPS, **changes: Any) -> list[SQLModel]:
    """A sale of a utility token that is open at `at`: goal 10 coins, cap 100, from 30 to 365 days."""
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "token": TOKEN,
        "founder": FOUNDER,
        "currency": ZERO_ADDRESS,
        "membership": MEMBERSHIP,
        "maximum": 10_000 * COIN,
        "asset": 1,
        "starts_at": at - DAY,
        "ends_at": at + DAY,
        "goal": 10 * COIN,
        "cap": steps[-1][0],
        "account_min": 0,
        "account_max": 0,
        "allow_root": ZERO_HASH,
        "tier_id": 0,
        "tier_periods": 0,
        "tier_price": 0,
        "tier_threshold": 0,
        "cliff_seconds": 30 * DAY,
        "vesting_seconds": 300 * DAY,
        "stop_threshold_bps": 3_000,
        "founder_allocation": 0,
        "lockup_seconds": 0,
        "token_name": "Bench Token",
        "token_symbol": "BENCH",
        "raised": 0,
        "tier_money": 0,
        "finalized_at": 0,
        "released": 0,
        "votes": 0,
        "electorate": 0,
        "stopped_at": 0,
        "unreleased": 0,
        "made_at": at - 2 * DAY,
        "tx_hash": ZERO_HASH,
        "block_number": 1,
    }
    ladder = [
        SaleStep(chain_id=CHAIN_ID, contract=address, number=number, up_to=up_to, price=price)
        for number, (up_to, price) in enumerate(steps)
    ]
    return [Sale(chain_id=CHAIN_ID, address=address, **{**fields, **changes}), *ladder]


def contribution_row(account: str, amount: int, *, contract: str = SALE, **changes: Any) -> Contribution:
    fields: dict[str, Any] = {
        "bought": amount * 100,
        "badge": 0,
        "tier": False,
        "voted": False,
        "claimed_tokens": 0,
        "claimed_periods": 0,
        "paid": 0,
        "refunded": 0,
        "block_number": 1,
    }
    return Contribution(chain_id=CHAIN_ID, contract=contract, account=account, amount=amount, **{**fields, **changes})


def payment_row(account: str, amount: int, *, number: int = 1) -> ContributionPayment:
    return ContributionPayment(
        chain_id=CHAIN_ID,
        contract=SALE,
        block_number=number,
        log_index=0,
        account=account,
        payer=account,
        amount=amount,
        bought=amount * 100,
        tx_hash=ZERO_HASH,
        at=1,
    )


def token_row(**changes: Any) -> Token:
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "sale": SALE,
        "name": "Bench Token",
        "symbol": "BENCH",
        "restricted": False,
        "maximum": 10_000 * COIN,
        "supply": 0,
        "locked_until": 0,
        "attestor": ZERO_ADDRESS,
        "income_index": 0,
        "distributed": 0,
        "block_number": 1,
    }
    return Token(chain_id=CHAIN_ID, address=TOKEN, **{**fields, **changes})


def holder_row(account: str, balance: int, **changes: Any) -> TokenHolder:
    fields: dict[str, Any] = {"attested_until": 0, "frozen": False, "claimed": 0, "block_number": 1}
    return TokenHolder(chain_id=CHAIN_ID, contract=TOKEN, account=account, balance=balance, **{**fields, **changes})
