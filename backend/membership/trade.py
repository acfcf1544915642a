"""What an account paid and got beside memberships: contributions to crowdsales, refunds, tokens, and what it traded.

Entries like those of history.py, in the same order; their kinds: contribution, refund, tokens, purchase, resale.
"""

from collections.abc import Sequence
from itertools import chain as chained
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from backend.membership.history import PAGE, Entry, Position, history_of
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.crowdsale import ContributionPayment, Sale, SalePayout, TokenClaim
from indexer.tables.market import Resale


def payments_of(
    session: Session, chain_id: int, accounts: Sequence[str], *, before: Position | None = None
) -> list[Entry]:
    """All that these accounts paid, got and were paid back, the newest first, PAGE at most."""
    paid, resale = ContributionPayment, Resale
    refunds = (col(SalePayout.account).in_(accounts), col(SalePayout.kind) == "refund")
    found = chained(
        history_of(session, chain_id, accounts, before=before),
        _of_sales(session, chain_id, before, paid, "contribution", col(paid.account).in_(accounts)),
        _of_sales(session, chain_id, before, paid, "contribution", col(paid.payer).in_(accounts)),
        _of_sales(session, chain_id, before, SalePayout, "refund", *refunds),
        _of_sales(session, chain_id, before, TokenClaim, "tokens", col(TokenClaim.account).in_(accounts)),
        _resales(session, chain_id, before, "purchase", col(resale.buyer).in_(accounts)),
        _resales(session, chain_id, before, "resale", col(resale.seller).in_(accounts)),
    )
    by_place = {(each.position, each.kind): each for each in found}
    return [by_place[place] for place in sorted(by_place, reverse=True)[:PAGE]]


def _of_sales(
    session: Session, chain_id: int, before: Position | None, table: Any, kind: str, *where: Any
) -> list[Entry]:
    statement = (
        select(table, Sale, Community)
        .join(Sale, and_(col(Sale.chain_id) == chain_id, col(Sale.address) == col(table.contract)))
        .join(Community, and_(col(Community.chain_id) == chain_id, col(Community.address) == col(Sale.community)))
        .where(col(table.chain_id) == chain_id, *where)
    )
    return [
        _entry(
            row,
            community,
            kind=kind,
            holder=row.account,
            other=getattr(row, "payer", getattr(row, "paid_to", row.account)),
            amount=row.amount,
            currency=sale.currency,
            tier=sale.token_name,
            sale=sale.address,
            symbol=sale.token_symbol if kind == "tokens" else "",
        )
        for row, sale, community in session.execute(_newest(statement, table, before)).all()
    ]


def _resales(session: Session, chain_id: int, before: Position | None, kind: str, where: Any) -> list[Entry]:
    """What the badge cost its buyer; what its seller got of it."""
    statement = (
        select(Resale, Community)
        .join(Community, and_(col(Community.chain_id) == chain_id, col(Community.address) == col(Resale.community)))
        .where(col(Resale.chain_id) == chain_id, where)
    )
    return [
        _entry(
            row,
            community,
            kind=kind,
            holder=row.buyer if kind == "purchase" else row.seller,
            other=row.seller if kind == "purchase" else row.buyer,
            amount=row.price if kind == "purchase" else row.price - row.royalty - row.fee,
            currency=row.currency,
            token_id=int(row.token_id) if row.collection == community.membership else 0,
            badge=int(row.token_id) if row.collection == community.badges else 0,
        )
        for row, community in session.execute(_newest(statement, Resale, before)).all()
    ]


def _newest(statement: Any, table: Any, before: Position | None) -> Any:
    block, log = col(table.block_number), col(table.log_index)
    if before is not None:
        statement = statement.where(block <= before[0], or_(block < before[0], log < before[1]))
    return statement.order_by(block.desc(), log.desc()).limit(PAGE)


def _entry(row: Any, community: Community, *, kind: str, amount: int, currency: str, **fields: Any) -> Entry:
    rest: dict[str, Any] = {"tier": "", "sale": "", "symbol": "", "token_id": 0, "badge": 0} | fields
    return Entry(
        kind=kind,
        community=community.address,
        name=community.name,
        currency=None if currency == ZERO_ADDRESS else currency,
        contract=row.contract,
        position=(row.block_number, row.log_index),
        previous="",
        amount=amount,
        tip=0,
        periods=0,
        expires_at=0,
        tx_hash=row.tx_hash,
        at=row.at,
        **rest,
    )
