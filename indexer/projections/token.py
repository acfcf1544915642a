"""Events of CommunityToken -> rows."""

from collections.abc import Iterable
from typing import Any

from indexer.events import Position
from indexer.events.crowdsale import CrowdsaleMade
from indexer.events.token import AttestorSet, HolderSet, IncomeClaimed, IncomeDistributed, LockupSet, Transfer
from indexer.projections.holdings import holds_now
from indexer.projections.rows import Rows, Wanted
from indexer.tables.bulk import Row
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.holdings import token_asset
from indexer.tables.token import IncomeClaim, IncomeDistribution, Token, TokenHolder

RESTRICTED = 2
"""The asset of a sale whose token only attested accounts hold."""


def token_begins(rows: Rows, event: CrowdsaleMade, at: Position) -> None:
    """The sale's token exists, and nobody holds any of it."""
    rows.put(
        Token,
        address=event.token,
        community=event.community,
        sale=event.sale,
        name=event.terms.token_name,
        symbol=event.terms.token_symbol,
        restricted=event.terms.asset == RESTRICTED,
        maximum=event.maximum,
        supply=0,
        locked_until=0,
        attestor=ZERO_ADDRESS,
        income_index=0,
        distributed=0,
        block_number=at.block_number,
    )


def transferred(rows: Rows, event: Transfer, at: Position) -> None:
    if event.from_ == ZERO_ADDRESS:
        supply = rows.get(Token, (at.contract,))["supply"]
        _change(rows, at, supply=supply + event.amount)
    if event.from_ != event.to and event.amount:
        _move(rows, at, event.from_, -event.amount)
        _move(rows, at, event.to, event.amount)


def lockup_set(rows: Rows, event: LockupSet, at: Position) -> None:
    _change(rows, at, locked_until=event.locked_until)


def attestor_set(rows: Rows, event: AttestorSet, at: Position) -> None:
    _change(rows, at, attestor=event.attestor)


def holder_set(rows: Rows, event: HolderSet, at: Position) -> None:
    _holder(rows, at, event.account, attested_until=event.holder.attested_until, frozen=event.holder.frozen)


def income_distributed(rows: Rows, event: IncomeDistributed, at: Position) -> None:
    _change(rows, at, income_index=event.index, distributed=event.distributed)
    rows.append(
        IncomeDistribution,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        payer=event.from_,
        amount=event.amount,
        supply=event.supply,
        income_index=event.index,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def income_claimed(rows: Rows, event: IncomeClaimed, at: Position) -> None:
    _holder(rows, at, event.account, claimed=event.claimed)
    rows.append(
        IncomeClaim,
        contract=at.contract,
        account=event.account,
        block_number=at.block_number,
        log_index=at.log_index,
        paid_to=event.to,
        amount=event.amount,
        claimed=event.claimed,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def _move(rows: Rows, at: Position, account: str, by: int) -> None:
    if account == ZERO_ADDRESS:
        return
    before = rows.find(TokenHolder, (at.contract, account))
    balance = (0 if before is None else before["balance"]) + by
    _holder(rows, at, account, balance=balance)
    holds_now(rows, at, account=account, asset=token_asset(at.contract), value=balance)


def _holder(rows: Rows, at: Position, account: str, **values: int | bool) -> Row:
    first = {
        "contract": at.contract,
        "account": account,
        "balance": 0,
        "attested_until": 0,
        "frozen": False,
        "claimed": 0,
    }
    before = rows.find(TokenHolder, (at.contract, account)) or first
    after = before | values | {"block_number": at.block_number}
    rows.put(TokenHolder, **after)
    rows.tell("holder", community=at.community, contract=at.contract, account=account)
    return after


def _change(rows: Rows, at: Position, **values: Any) -> None:
    rows.change(Token, (at.contract,), block_number=at.block_number, **values)
    rows.tell("token", community=at.community, contract=at.contract)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, Transfer):
        accounts = (event.from_, event.to)
        yield from ((TokenHolder, (at.contract, account)) for account in accounts if account != ZERO_ADDRESS)
        if event.from_ == ZERO_ADDRESS:
            yield Token, (at.contract,)
    elif isinstance(event, HolderSet | IncomeClaimed):
        yield TokenHolder, (at.contract, event.account)
    else:
        yield Token, (at.contract,)


PROJECTIONS = {
    Transfer: transferred,
    LockupSet: lockup_set,
    AttestorSet: attestor_set,
    HolderSet: holder_set,
    IncomeDistributed: income_distributed,
    IncomeClaimed: income_claimed,
}
