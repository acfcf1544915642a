"""Events of CrowdsaleFactory and Crowdsale -> rows."""

from collections.abc import Iterable
from typing import Any

from indexer.events import Position
from indexer.events.crowdsale import (
    Claims,
    Contributed,
    ContributionRefunded,
    CrowdsaleFinalized,
    CrowdsaleMade,
    CrowdsaleStopped,
    FundsSet,
    MembershipClaimed,
    Released,
    StopVoted,
    Swept,
    TokensClaimed,
)
from indexer.events.words import contribution_of, raised_of
from indexer.projections.holdings import holds_now
from indexer.projections.money import funds_are, swept_by
from indexer.projections.rows import Rows, Wanted
from indexer.projections.token import token_begins
from indexer.tables.bulk import Row
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.crowdsale import (
    Contribution,
    ContributionPayment,
    Sale,
    SalePayout,
    SaleStep,
    StopVote,
    TokenClaim,
)
from indexer.tables.holdings import contribution_asset
from indexer.tables.renewals import Funds

TERMS_KEPT = (
    *("asset", "starts_at", "ends_at", "goal", "account_min", "account_max", "allow_root"),
    *("tier_id", "tier_periods", "tier_price", "tier_threshold", "cliff_seconds", "vesting_seconds"),
    *("stop_threshold_bps", "founder_allocation", "lockup_seconds", "token_name", "token_symbol"),
)
NOTHING_YET = dict.fromkeys(
    ("raised", "tier_money", "finalized_at", "released", "votes", "electorate", "stopped_at", "unreleased"), 0
)


def made(rows: Rows, event: CrowdsaleMade, at: Position) -> None:
    rows.put(
        Sale,
        address=event.sale,
        community=event.community,
        token=event.token,
        founder=event.founder,
        currency=event.currency,
        membership=event.membership,
        maximum=event.maximum,
        cap=event.terms.steps[-1].up_to,
        made_at=at.at,
        tx_hash=at.tx_hash,
        block_number=at.block_number,
        **{name: getattr(event.terms, name) for name in TERMS_KEPT},
        **NOTHING_YET,
    )
    for number, step in enumerate(event.terms.steps):
        rows.append(SaleStep, contract=event.sale, number=number, up_to=step.up_to, price=step.price)
    if event.token != ZERO_ADDRESS:
        token_begins(rows, event, at)
    _tell_sale(rows, at, event.sale)


def contributed(rows: Rows, event: Contributed, at: Position) -> None:
    raised = raised_of(event.raised)
    _change(rows, at, raised=raised["amount"], tier_money=raised["tier_money"])
    after = _contribution(rows, at, event.account, **contribution_of(event.contribution))
    _hold(rows, at, after)
    rows.append(
        ContributionPayment,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        account=event.account,
        payer=event.payer,
        amount=event.amount,
        bought=event.bought,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def finalized(rows: Rows, event: CrowdsaleFinalized, at: Position) -> None:
    _change(rows, at, finalized_at=event.finalized_at)


def released(rows: Rows, event: Released, at: Position) -> None:
    _change(rows, at, released=event.released)
    _pay_out(rows, at, kind="release", account=event.community, paid_to=event.community, amount=event.amount)


def refunded(rows: Rows, event: ContributionRefunded, at: Position) -> None:
    before = rows.get(Contribution, (at.contract, event.account))
    _hold(rows, at, _contribution(rows, at, event.account, refunded=before["refunded"] + event.amount))
    _pay_out(rows, at, kind="refund", account=event.account, paid_to=event.to, amount=event.amount)


def tokens_claimed(rows: Rows, event: TokensClaimed, at: Position) -> None:
    """The founder claims its allocation without having contributed."""
    _contribution(rows, at, event.account, **_claimed(event.claims))
    rows.append(
        TokenClaim,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        account=event.account,
        amount=event.amount,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def membership_claimed(rows: Rows, event: MembershipClaimed, at: Position) -> None:
    _contribution(rows, at, event.account, **_claimed(event.claims))
    _pay_out(
        rows,
        at,
        kind="membership",
        account=event.account,
        paid_to=event.wallet,
        amount=event.amount,
        token_id=event.token_id,
        periods=event.periods,
    )


def stop_voted(rows: Rows, event: StopVoted, at: Position) -> None:
    _change(rows, at, votes=event.votes, electorate=event.electorate)
    _contribution(rows, at, event.account, voted=True)
    rows.append(
        StopVote,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        account=event.account,
        weight=event.weight,
        votes=event.votes,
        electorate=event.electorate,
        at=at.at,
    )


def stopped(rows: Rows, event: CrowdsaleStopped, at: Position) -> None:
    _change(rows, at, stopped_at=event.stopped_at, unreleased=event.unreleased)


def funds_set(rows: Rows, event: FundsSet, at: Position) -> None:
    funds_are(rows, at, event.account, event.funds)


def swept(rows: Rows, event: Swept, at: Position) -> None:
    swept_by(rows, at, token=event.token, to=event.to, amount=event.amount)


def _change(rows: Rows, at: Position, **values: int) -> None:
    rows.change(Sale, (at.contract,), block_number=at.block_number, **values)
    _tell_sale(rows, at, at.contract)


def _contribution(rows: Rows, at: Position, account: str, **values: Any) -> Row:
    """What is recorded for the account as it is now."""
    before = rows.find(Contribution, (at.contract, account)) or {
        "contract": at.contract,
        "account": account,
        "amount": 0,
        "bought": 0,
        "badge": 0,
        "tier": False,
        "voted": False,
        "claimed_tokens": 0,
        "claimed_periods": 0,
        "paid": 0,
        "refunded": 0,
    }
    after = before | values | {"block_number": at.block_number}
    rows.put(Contribution, **after)
    rows.tell("contribution", community=at.community, contract=at.contract, account=account)
    return after


def _claimed(claims: Claims) -> Row:
    return {"claimed_tokens": claims.tokens, "claimed_periods": claims.periods, "paid": claims.paid}


def _hold(rows: Rows, at: Position, contribution: Row) -> None:
    value = contribution["amount"] - contribution["refunded"]
    holds_now(rows, at, account=contribution["account"], asset=contribution_asset(at.contract), value=value)


def _pay_out(
    rows: Rows,
    at: Position,
    *,
    kind: str,
    account: str,
    paid_to: str,
    amount: int,
    token_id: int = 0,
    periods: int = 0,
) -> None:
    rows.append(
        SalePayout,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        kind=kind,
        account=account,
        paid_to=paid_to,
        amount=amount,
        token_id=token_id,
        periods=periods,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def _tell_sale(rows: Rows, at: Position, sale: str) -> None:
    rows.tell("sale", community=at.community, sale=sale)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, CrowdsaleMade):
        yield Sale, (event.sale,)
    elif isinstance(event, FundsSet):
        yield Funds, (at.contract, event.account)
    elif not isinstance(event, Swept):
        yield Sale, (at.contract,)
        account = getattr(event, "account", None)
        if account is not None:
            yield Contribution, (at.contract, account)


PROJECTIONS = {
    CrowdsaleMade: made,
    Contributed: contributed,
    CrowdsaleFinalized: finalized,
    Released: released,
    ContributionRefunded: refunded,
    TokensClaimed: tokens_claimed,
    MembershipClaimed: membership_claimed,
    StopVoted: stop_voted,
    CrowdsaleStopped: stopped,
    FundsSet: funds_set,
    Swept: swept,
}
