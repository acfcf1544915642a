"""What was paid, given and paid back for memberships, and who gets which part of a payment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain as chained
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from backend.community.queries import splits_of
from backend.membership.queries import WHOLE
from indexer.tables.badges import BadgeLedger, BadgeRates
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.crowdsale import Sale
from indexer.tables.holdings import HoldingChange, badge_asset
from indexer.tables.membership import Ending, Grant, Payment, Tier

PAGE = 25
Position = tuple[int, int]
"""Block and log: where an event of the chain stands."""


@dataclass(frozen=True)
class Entry:
    """One event of a membership. `kind`: join, renewal, tier, grant, cancel, revoke or burn; those of trade.py besides.

    `amount` was paid by `other` (or, for the last three, paid back to it), base units of `currency` (None: the chain's
    coin); `tip` of it went to the keeper. `tier` is the label after a payment, `previous` the one before a change.
    `sale` is the crowdsale that it came from, else empty.
    """

    kind: str
    community: str
    name: str
    currency: str | None
    contract: str
    position: Position
    token_id: int
    holder: str
    other: str
    tier: str
    previous: str
    amount: int
    tip: int
    periods: int
    badge: int
    expires_at: int
    tx_hash: str
    at: int
    sale: str = ""
    symbol: str = ""
    """Of tokens, whose base units `amount` then counts."""


@dataclass(frozen=True)
class Share:
    """A part of a payment. `kind`: badge, operator, parent, partner, keeper or community (the owner's rest)."""

    kind: str
    account: str
    badge: int
    bps: int
    amount: int


def history_of(
    session: Session, chain_id: int, wallets: Sequence[str], *, before: Position | None = None
) -> list[Entry]:
    """What these wallets paid, got and were paid back, the newest first, PAGE at most."""
    found = chained(
        _payments(session, chain_id, before, col(Payment.holder).in_(wallets)),
        _payments(session, chain_id, before, col(Payment.payer).in_(wallets)),
        _grants(session, chain_id, before, col(Grant.holder).in_(wallets)),
        _endings(session, chain_id, before, col(Ending.holder).in_(wallets)),
    )
    by_position = {each.position: each for each in found}
    return [by_position[position] for position in sorted(by_position, reverse=True)[:PAGE]]


def history_of_membership(session: Session, chain_id: int, contract: str, token_id: int) -> list[Entry]:
    """The newest events of one membership."""
    found = chained(
        _payments(session, chain_id, None, col(Payment.contract) == contract, col(Payment.token_id) == token_id),
        _grants(session, chain_id, None, col(Grant.contract) == contract, col(Grant.token_id) == token_id),
        _endings(session, chain_id, None, col(Ending.contract) == contract, col(Ending.token_id) == token_id),
    )
    return sorted(found, key=lambda each: each.position, reverse=True)[:PAGE]


def gifts_of(session: Session, chain_id: int, contract: str, account: str) -> list[Entry]:
    """What this account paid for memberships of others in one community, the newest first, PAGE at most."""
    given = (col(Payment.payer) == account, col(Payment.holder) != account, col(Payment.amount) > 0)
    return _payments(session, chain_id, None, col(Payment.contract) == contract, *given)


def entries_in(session: Session, chain_id: int, contract: str, *, block: int, tx_hash: str) -> list[Entry]:
    """What one transaction did to memberships of this contract, in its order."""

    def here(table: Any) -> list[Any]:
        return [col(table.contract) == contract, col(table.block_number) == block, col(table.tx_hash) == tx_hash]

    found = chained(
        _payments(session, chain_id, None, *here(Payment), limit=200),
        _grants(session, chain_id, None, *here(Grant), limit=200),
        _endings(session, chain_id, None, *here(Ending), limit=200),
    )
    return sorted(found, key=lambda each: each.position)


def shares_of(session: Session, chain_id: int, entry: Entry) -> list[Share]:
    """Who gets which part of a payment, to the last base unit: the badge by its level then, all others as agreed now.

    Each part is earned as the paid time passes; what is paid back before is nobody's.
    """
    row = session.get(Community, (chain_id, entry.community))
    if row is None or not entry.amount:
        return []
    net = entry.amount - entry.tip
    rate, owner = _badge_at(session, chain_id, entry)
    badge = net * rate // WHOLE
    rest = net - badge
    offices = [("operator", row.operator, row.operator_bps), ("parent", row.parent, row.parent_bps)]
    offices += [("partner", each.account, each.bps) for each in splits_of(session, chain_id, entry.community)]
    shares = [Share(kind, account, 0, bps, rest * bps // WHOLE) for kind, account, bps in offices]
    own = rest - sum(each.amount for each in shares)
    first = [Share("community", row.owner, 0, 0, own), Share("badge", owner, entry.badge, rate, badge)]
    last = [Share("keeper", entry.other, 0, 0, entry.tip)]
    return [each for each in [*first, *shares, *last] if each.amount and each.account != ZERO_ADDRESS]


def _badge_at(session: Session, chain_id: int, entry: Entry) -> tuple[int, str]:
    """The badge's rate at the payment's block, and who owns it now."""
    ledger = session.get(BadgeLedger, (chain_id, entry.contract, entry.badge)) if entry.badge else None
    if ledger is None:
        return 0, ZERO_ADDRESS
    held = (
        select(col(HoldingChange.value))
        .where(
            col(HoldingChange.chain_id) == chain_id,
            col(HoldingChange.account) == ledger.owner,
            col(HoldingChange.asset) == badge_asset(entry.contract, entry.badge),
            col(HoldingChange.block_number) <= entry.position[0],
            col(HoldingChange.value) > 0,
        )
        .order_by(col(HoldingChange.block_number).desc(), col(HoldingChange.log_index).desc())
        .limit(1)
    )
    level = int(session.execute(held).scalar_one_or_none() or 1) - 1
    rates = session.get(BadgeRates, (chain_id, entry.contract, ledger.version))
    steps = (rates.bronze_bps, rates.silver_bps, rates.gold_bps) if rates else (0, 0, 0)
    return steps[min(level, 2)], ledger.owner


def _payments(session: Session, chain_id: int, before: Position | None, *where: Any, limit: int = PAGE) -> list[Entry]:
    labels = select(Payment, Community, col(Tier.label)).join(
        Tier,
        and_(
            col(Tier.chain_id) == chain_id,
            col(Tier.contract) == col(Payment.contract),
            col(Tier.tier_id) == col(Payment.tier_id),
        ),
    )
    rows = session.execute(_page(labels, Payment, chain_id, before, where, limit)).all()
    previous = _labels(session, chain_id, [(each.contract, each.previous_tier_id) for each, _, _ in rows])
    sales = _sales_among(session, chain_id, {each.payer for each, _, _ in rows})
    return [
        _entry(
            row,
            community,
            kind=row.kind,
            other=row.payer,
            tier=label,
            previous=previous.get((row.contract, row.previous_tier_id), "") if row.kind == "tier" else "",
            amount=row.amount,
            tip=row.tip,
            periods=row.periods,
            badge=row.badge,
            expires_at=row.expires_at,
            sale=row.payer if row.payer in sales else "",
        )
        for row, community, label in rows
    ]


def _sales_among(session: Session, chain_id: int, payers: Collection[str]) -> set[str]:
    """Crowdsales pay with what was contributed for memberships."""
    if not payers:
        return set()
    statement = select(col(Sale.address)).where(col(Sale.chain_id) == chain_id, col(Sale.address).in_(payers))
    return set(session.execute(statement).scalars())


def _labels(session: Session, chain_id: int, tiers: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    contracts = {contract for contract, tier_id in tiers if tier_id}
    if not contracts:
        return {}
    statement = select(col(Tier.contract), col(Tier.tier_id), col(Tier.label)).where(
        col(Tier.chain_id) == chain_id, col(Tier.contract).in_(contracts)
    )
    return {(contract, tier_id): label for contract, tier_id, label in session.execute(statement)}


def _grants(session: Session, chain_id: int, before: Position | None, *where: Any, limit: int = PAGE) -> list[Entry]:
    statement = _page(select(Grant, Community), Grant, chain_id, before, where, limit)
    return [
        _entry(row, community, kind="grant", other=row.granter, expires_at=row.expires_at)
        for row, community in session.execute(statement).all()
    ]


def _endings(session: Session, chain_id: int, before: Position | None, *where: Any, limit: int = PAGE) -> list[Entry]:
    statement = _page(select(Ending, Community), Ending, chain_id, before, where, limit)
    return [
        _entry(row, community, kind=row.kind, other=row.paid_to, amount=row.refund, expires_at=row.at)
        for row, community in session.execute(statement).all()
    ]


def _page(statement: Any, table: Any, chain_id: int, before: Position | None, where: Any, limit: int) -> Any:
    block, log = col(table.block_number), col(table.log_index)
    statement = statement.join(
        Community, and_(col(Community.chain_id) == chain_id, col(Community.membership) == col(table.contract))
    ).where(col(table.chain_id) == chain_id, *where)
    if before is not None:
        statement = statement.where(block <= before[0], or_(block < before[0], log < before[1]))
    return statement.order_by(block.desc(), log.desc()).limit(limit)


def _entry(row: Any, community: Community, *, kind: str, other: str, expires_at: int, **fields: Any) -> Entry:
    rest: dict[str, Any] = {"tier": "", "previous": "", "amount": 0, "tip": 0, "periods": 0, "badge": 0} | fields
    return Entry(
        kind=kind,
        community=community.address,
        name=community.name,
        currency=None if community.currency == ZERO_ADDRESS else community.currency,
        contract=row.contract,
        position=(row.block_number, row.log_index),
        token_id=row.token_id,
        holder=row.holder,
        other=other,
        expires_at=expires_at,
        tx_hash=row.tx_hash,
        at=row.at,
        **rest,
    )
