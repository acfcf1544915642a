"""What can be asked about tiers and memberships: frozen values from the mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.columns import FOR_LIFE, ZERO_HASH
from indexer.tables.community import Community
from indexer.tables.membership import FormerMember, Membership, Payment, Tier

TierState = Literal["open", "invitation", "paused", "sold-out", "not-yet", "over", "retired"]
WHOLE = 10_000
RENEWAL_GRACE = 7 * 86_400
"""Seconds after expiry in which a renewal is still one; later the rules and the price of a join hold (E4)."""


@dataclass(frozen=True)
class TierView:
    """A tier as somebody who wants to join or renew sees it. Amounts in base units of the community's currency."""

    id: int
    label: str
    price: int
    renewal_price: int
    notice_ends: int
    period_seconds: int
    cap: int
    seats: int
    sale_start: int
    sale_end: int
    soulbound: bool
    invitee_discount_bps: int
    """Off a first payment that is made through a badge, 1/10 000."""
    state: TierState
    """Whether somebody may join now. `invitation`: only with a voucher, or a place on the list."""
    allow_root: str = ZERO_HASH
    """Root of the list of those who may join; 0: everybody."""
    invitation_only: bool = False
    paused: bool = False
    retires_at: int = 0

    def price_through(self, badge: int, *, kept: int = 0) -> int:
        """What a period of a first payment costs: less through a badge, for who did not `keep` one. Rounded up."""
        off = self.invitee_discount_bps if badge and not kept else 0
        return -(-self.price * (WHOLE - off) // WHOLE)

    def price_for(self, expires_at: int, *, at: int) -> int:
        """What a period costs a membership with this expiry now."""
        return self.price if at >= expires_at + RENEWAL_GRACE else self.renewal_price

    @property
    def listed(self) -> bool:
        """Whether joining takes a place on a list."""
        return self.allow_root != ZERO_HASH

    @property
    def left(self) -> int | None:
        """Seats that are left; None when there is no limit."""
        return max(self.cap - self.seats, 0) if self.cap else None


@dataclass(frozen=True)
class MembershipView:
    """A membership that somebody holds. `expires_at` is exclusive."""

    community: str
    contract: str
    token_id: int
    holder: str
    tier_id: int
    expires_at: int
    joined_at: int
    expired: bool

    @property
    def for_life(self) -> bool:
        return self.expires_at == FOR_LIFE


@dataclass(frozen=True)
class PaymentView:
    """A join, a renewal or a change of tier that was paid (or free)."""

    token_id: int
    kind: str
    payer: str
    amount: int
    periods: int
    expires_at: int
    tx_hash: str
    at: int


def tiers_of(session: Session, chain_id: int, contract: str, *, at: int) -> list[TierView]:
    """The tiers of a membership contract by id."""
    statement = select(Tier).where(col(Tier.chain_id) == chain_id, col(Tier.contract) == contract)
    return [_tier(row, at) for row in session.execute(statement.order_by(col(Tier.tier_id))).scalars()]


def tier_of(session: Session, chain_id: int, contract: str, tier_id: int, *, at: int) -> TierView:
    """One tier. Raises NotFound."""
    row = session.get(Tier, (chain_id, contract, tier_id))
    if row is None:
        raise NotFound("There is no such tier.")
    return _tier(row, at)


def membership_of(session: Session, chain_id: int, contract: str, holder: str, *, at: int) -> MembershipView | None:
    """The membership that a wallet holds in one community, expired or not."""
    found = _memberships(session, chain_id, at, col(Membership.holder) == holder, col(Membership.contract) == contract)
    return found[0] if found else None


def membership_by_id(session: Session, chain_id: int, contract: str, token_id: int, *, at: int) -> MembershipView:
    """One membership. Raises NotFound."""
    key = (col(Membership.token_id) == token_id, col(Membership.contract) == contract)
    found = _memberships(session, chain_id, at, *key)
    if not found:
        raise NotFound("There is no such membership.")
    return found[0]


def memberships_of(session: Session, chain_id: int, holder: str, *, at: int) -> list[MembershipView]:
    """Every membership that a wallet holds, the newest first."""
    return _memberships(session, chain_id, at, col(Membership.holder) == holder)


def kept_badge(session: Session, chain_id: int, contract: str, account: str) -> int:
    """The badge that the wallet is bound to again when it joins: from a membership that it burned. 0 = none."""
    row = session.get(FormerMember, (chain_id, contract, account))
    return row.badge if row else 0


def payments_of(session: Session, chain_id: int, contract: str, token_id: int) -> Sequence[PaymentView]:
    """What was paid for a membership, the newest first."""
    statement = (
        select(Payment)
        .where(col(Payment.chain_id) == chain_id, col(Payment.contract) == contract, col(Payment.token_id) == token_id)
        .order_by(col(Payment.block_number).desc(), col(Payment.log_index).desc())
    )
    return [
        PaymentView(row.token_id, row.kind, row.payer, row.amount, row.periods, row.expires_at, row.tx_hash, row.at)
        for row in session.execute(statement).scalars()
    ]


def members_by_tier(session: Session, chain_id: int, contract: str, *, at: int) -> dict[int, int]:
    """How many memberships of each tier have not expired."""
    statement = (
        select(col(Membership.tier_id), func.count())
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == contract,
            col(Membership.expires_at) > at,
        )
        .group_by(col(Membership.tier_id))
    )
    return {key: count for key, count in session.execute(statement)}  # noqa: C416 - rows, not pairs, by type


def earned_of(unearned: int, settled_at: int, earned_at: int, *, at: int) -> int:
    """What a settlement at `at` would take of `unearned`: EarningLib's formula, rounded up."""
    if at >= earned_at:
        return unearned
    passed, whole = at - settled_at, earned_at - settled_at
    return min(unearned, -(-unearned * passed // whole)) if passed > 0 else 0


def _memberships(session: Session, chain_id: int, at: int, *where: object) -> list[MembershipView]:
    statement = (
        select(Membership, col(Community.address))
        .join(
            Community, (col(Community.chain_id) == chain_id) & (col(Community.membership) == col(Membership.contract))
        )
        .where(col(Membership.chain_id) == chain_id, *where)  # type: ignore[arg-type]
        .order_by(col(Membership.joined_at).desc(), col(Membership.token_id))
    )
    return [
        MembershipView(
            community=community,
            contract=row.contract,
            token_id=row.token_id,
            holder=row.holder,
            tier_id=row.tier_id,
            expires_at=row.expires_at,
            joined_at=row.joined_at,
            expired=row.expires_at <= at,
        )
        for row, community in session.execute(statement).all()
    ]


def _tier(row: Tier, at: int) -> TierView:
    return TierView(
        id=row.tier_id,
        label=row.label,
        price=row.price,
        renewal_price=row.renewal_price if at < row.notice_ends else row.price,
        notice_ends=row.notice_ends,
        period_seconds=row.period_seconds,
        cap=row.cap,
        seats=row.seats,
        sale_start=row.sale_start,
        sale_end=row.sale_end,
        soulbound=row.soulbound,
        invitee_discount_bps=row.invitee_discount_bps,
        allow_root=row.allow_root,
        invitation_only=row.invitation_only,
        paused=row.paused,
        retires_at=row.retires_at,
        state=_state(row, at),
    )


def _state(row: Tier, at: int) -> TierState:
    if row.retires_at:  # joins end at once, renewals on that day
        return "retired"
    if row.paused:
        return "paused"
    if row.sale_start > at:
        return "not-yet"
    if row.sale_end and row.sale_end <= at:
        return "over"
    if row.cap and row.seats >= row.cap:
        return "sold-out"
    return "invitation" if row.invitation_only or row.allow_root != ZERO_HASH else "open"
