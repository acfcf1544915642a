"""What accounts hold and who governs, now or at a past block, from the indexer's tables."""

from sqlalchemy import select
from sqlmodel import Session, col

from backend.gates.decision import Held, Holdings
from indexer.tables.community import Community, OwnerChange
from indexer.tables.holdings import HoldingChange
from indexer.tables.membership import Membership


def holdings_of(session: Session, chain_id: int, community: str, account: str | None) -> Holdings:
    """What the account holds in the community at the newest indexed block."""
    if account is None:
        return Holdings(None)
    row = session.get(Community, (chain_id, community))
    if row is None:
        return Holdings(account)
    statement = select(Membership).where(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == row.membership,
        col(Membership.holder) == account,
    )
    held = [Held(found.tier_id, found.token_id, found.expires_at) for found in session.execute(statement).scalars()]
    return Holdings(account, tuple(held), governs=row.owner == account)


def holdings_at(session: Session, chain_id: int, community: str, account: str, block: int) -> Holdings:
    """As `holdings_of`, at the end of an earlier block of the canonical chain. Token ids are not known there: 0."""
    row = session.get(Community, (chain_id, community))
    if row is None:
        return Holdings(account)
    prefix = f"{row.membership}/tier/"
    statement = (
        select(HoldingChange)
        .where(
            col(HoldingChange.chain_id) == chain_id,
            col(HoldingChange.account) == account,
            col(HoldingChange.asset).startswith(prefix, autoescape=True),
            col(HoldingChange.block_number) <= block,
        )
        .order_by(col(HoldingChange.block_number), col(HoldingChange.log_index))
    )
    newest = {change.asset: change for change in session.execute(statement).scalars()}
    held = [
        Held(int(asset.removeprefix(prefix)), 0, change.expires_at) for asset, change in newest.items() if change.value
    ]
    return Holdings(account, tuple(held), governs=owner_at(session, chain_id, community, block) == account)


def owner_at(session: Session, chain_id: int, community: str, block: int) -> str | None:
    """Who owned the community at the end of this block; None before it was opened."""
    statement = (
        select(col(OwnerChange.owner))
        .where(
            col(OwnerChange.chain_id) == chain_id,
            col(OwnerChange.community) == community,
            col(OwnerChange.block_number) <= block,
        )
        .order_by(col(OwnerChange.block_number).desc(), col(OwnerChange.log_index).desc())
        .limit(1)
    )
    owner: str | None = session.execute(statement).scalar_one_or_none()
    return owner


def is_member(holdings: Holdings, *, at: int) -> bool:
    """Whether any of the memberships, free ones too, has not expired at `at`."""
    return any(held.expires_at > at for held in holdings.memberships)
