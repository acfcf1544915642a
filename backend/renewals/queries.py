"""What is due by consent, and how each member's auto-renewal stands."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlmodel import Session, col

from backend.membership.queries import EARLY_PARTS, MOST_EARLY
from backend.renewals.tables import RenewalTry
from indexer.tables.columns import DAY, RENEWAL_GRACE, ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.membership import Membership, MembershipDay, Tier, is_unsettled
from indexer.tables.renewals import Consent, Funds

STATUSES = (
    *("due", "unknown", "for-life", "no-consent", "consent-used-up", "consent-past", "too-early", "too-late"),
    *("tier-retired", "price-above-consent", "balance-too-low", "allowance-too-low"),
)
"""Codes of IMembershipBase.RenewalStatus, in its order."""
KEEPERS = ("gas-too-dear", "keeper-without-gas", "node-away", "refused", "too-far-ahead")
"""Reasons that lie with the keeper or the chain, not with the member."""
REASONS = (*STATUSES[1:], *KEEPERS)
PAGE = 50
SOON = 30 * DAY


@dataclass(frozen=True)
class Due:
    """A membership in its window, with a consent of its holder."""

    community: str
    home_key: str
    contract: str
    token_id: int
    holder: str
    tier_id: int
    expires_at: int


@dataclass(frozen=True)
class Standing:
    """How the auto-renewal of a membership stands. Amounts in base units of the community's currency.

    `reason` None: nothing is wrong. `short`: what the prepaid balance lacks (native coins only).
    """

    community: str
    community_name: str
    currency: str | None
    contract: str
    token_id: int
    holder: str
    tier_label: str
    expires_at: int
    opens_at: int
    price: int
    max_price: int
    periods_left: int
    until: int
    prepaid: int | None
    reason: str | None
    tried_at: int | None
    next_at: int | None
    tx_hash: str | None

    @property
    def closes_at(self) -> int:
        return self.expires_at + RENEWAL_GRACE

    @property
    def short(self) -> int:
        return 0 if self.prepaid is None else max(self.price - self.prepaid, 0)

    @property
    def renewed(self) -> bool:
        """Whether the keeper's last transaction has done its work."""
        return self.tx_hash is not None and self.reason is None


@dataclass(frozen=True)
class Counts:
    """Of a community: members who agreed and can still be renewed, those of them whose time is over within SOON, by
    days (UTC), and those whose renewal fails now."""

    agreed: int
    soon: int
    failing: int


def due_memberships(session: Session, chain_id: int, home_key: str, *, at: int, limit: int) -> list[Due]:
    """What the keeper of this home may look at now: those never tried first, none before its time to be tried again."""
    unseen = or_(
        col(RenewalTry.next_at).is_(None),
        col(RenewalTry.expires_at) != col(Membership.expires_at),
        col(RenewalTry.next_at) <= at,
    )
    statement = (
        _agreed(chain_id)
        .where(
            col(Community.home_key) == home_key, _opens() <= at, col(Consent.expires_at) > at - RENEWAL_GRACE, unseen
        )
        .order_by(func.coalesce(col(RenewalTry.next_at), 0), col(Membership.expires_at), col(Membership.token_id))
        .limit(limit)
    )
    return [
        Due(
            community=community.address,
            home_key=community.home_key,
            contract=membership.contract,
            token_id=membership.token_id,
            holder=membership.holder,
            tier_id=membership.tier_id,
            expires_at=membership.expires_at,
        )
        for membership, _, _, community, _, _ in session.execute(statement).all()
    ]


def standings_of(session: Session, chain_id: int, holder: str, *, at: int) -> list[Standing]:
    """Every membership that this wallet lets keepers renew, the next to be renewed first."""
    statement = _agreed(chain_id).where(col(Membership.holder) == holder).order_by(col(Membership.expires_at))
    return [_standing(row, at) for row in session.execute(statement.limit(PAGE)).all()]


def standings_in(
    session: Session, chain_id: int, contract: str, *, at: int, after: tuple[int, int] | None = None
) -> list[Standing]:
    """The consents of a membership contract that can still be used, by expiry; `after` (expiry, token id) is where the
    page before ended."""
    order = (col(Consent.expires_at), col(Consent.token_id))
    statement = _agreed(chain_id).where(col(Consent.contract) == contract, col(Consent.expires_at) > at - RENEWAL_GRACE)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    return [_standing(row, at) for row in session.execute(statement.order_by(*order).limit(PAGE)).all()]


def counts_in(session: Session, chain_id: int, contract: str, *, at: int) -> Counts:
    """The counts of this membership contract, by the sums of its days."""
    first, today, last = ((at + seconds) // DAY for seconds in (-RENEWAL_GRACE, 0, SOON))
    day = MembershipDay
    agreed = select(
        func.coalesce(func.sum(col(day.agreed)), 0),
        func.coalesce(func.sum(case((col(day.day).between(today, last), col(day.agreed)), else_=0)), 0),
    ).where(col(day.chain_id) == chain_id, col(day.contract) == contract, col(day.day) >= first)
    failing = (
        select(func.count())
        .select_from(RenewalTry)
        .join(Membership, _tried(chain_id))
        .join(Consent, _consent(chain_id))
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == contract,
            col(RenewalTry.contract) == contract,
            col(RenewalTry.expires_at) == col(Membership.expires_at),
            col(RenewalTry.reason) != "sent",
            col(Membership.expires_at) + RENEWAL_GRACE > at,
        )
    )
    many, soon = session.execute(agreed).one()
    return Counts(int(many), int(soon), session.execute(failing).scalar_one())


def place_of(after: str | None) -> tuple[int, int] | None:
    """Expiry and token id where a page ended, out of what `next_place` made of it."""
    if after is None:
        return None
    expires_at, token_id = map(int, after.split("-"))
    return expires_at, token_id


def next_place(found: list[Standing]) -> str | None:
    """Where the next page begins; None when this is the last."""
    return f"{found[-1].expires_at}-{found[-1].token_id}" if len(found) == PAGE else None


def settleable(session: Session, chain_id: int, home_key: str, *, at: int, since: int) -> list[tuple[str, str]]:
    """Communities of this home in which there is something to settle, with their membership contracts."""
    here = (col(Membership.chain_id) == chain_id, col(Membership.contract) == col(Community.membership))
    waiting = [
        select(col(Membership.token_id)).where(*here, each).exists() for each in (_all_earned(at), _long_ago(at, since))
    ]
    statement = select(col(Community.address), col(Community.membership)).where(
        col(Community.chain_id) == chain_id, col(Community.home_key) == home_key, or_(*waiting)
    )
    return [(community, contract) for community, contract in session.execute(statement).all()]


def to_settle(session: Session, chain_id: int, contract: str, *, at: int, since: int, limit: int) -> list[int]:
    """Memberships whose money is all earned, then those that nobody has settled after `since`, the longest first."""
    found: list[int] = []
    for waits, since_when in (
        (_all_earned(at), col(Membership.earned_at)),
        (_long_ago(at, since), col(Membership.settled_at)),
    ):
        statement = select(col(Membership.token_id)).where(
            col(Membership.chain_id) == chain_id, col(Membership.contract) == contract, waits
        )
        ordered = statement.order_by(since_when, col(Membership.token_id)).limit(limit - len(found))
        found += session.execute(ordered).scalars()
    return found


def _all_earned(at: int) -> ColumnElement[bool]:
    return and_(is_unsettled(col(Membership.unearned)), col(Membership.earned_at) <= at)


def _long_ago(at: int, since: int) -> ColumnElement[bool]:
    """Only a part is earned, and nobody has settled that lately."""
    unsettled = is_unsettled(col(Membership.unearned))
    return and_(unsettled, col(Membership.settled_at) <= since, col(Membership.earned_at) > at)


def _agreed(chain_id: int) -> Select[Any, Any, Any, Any, Any, Any]:
    """Memberships for a time with a consent of their holder and tier, and all that belongs to them."""
    community = and_(col(Community.chain_id) == chain_id, col(Community.membership) == col(Membership.contract))
    funds = and_(
        col(Funds.chain_id) == chain_id,
        col(Funds.contract) == col(Membership.contract),
        col(Funds.account) == col(Membership.holder),
    )
    return (
        select(Membership, Consent, Tier, Community, RenewalTry, col(Funds.amount))
        .join(Consent, _consent(chain_id))
        .join(Tier, _tier(chain_id))
        .join(Community, community)
        .outerjoin(RenewalTry, _tried(chain_id))
        .outerjoin(Funds, funds)
        .where(col(Membership.chain_id) == chain_id)
    )


def _consent(chain_id: int) -> ColumnElement[bool]:
    return and_(
        col(Consent.chain_id) == chain_id,
        col(Consent.contract) == col(Membership.contract),
        col(Consent.token_id) == col(Membership.token_id),
        col(Consent.expires_at).is_not(None),
    )


def _tier(chain_id: int) -> ColumnElement[bool]:
    return and_(
        col(Tier.chain_id) == chain_id,
        col(Tier.contract) == col(Membership.contract),
        col(Tier.tier_id) == col(Membership.tier_id),
    )


def _tried(chain_id: int) -> ColumnElement[bool]:
    return and_(
        col(RenewalTry.chain_id) == chain_id,
        col(RenewalTry.contract) == col(Membership.contract),
        col(RenewalTry.token_id) == col(Membership.token_id),
    )


def _opens() -> ColumnElement[int]:
    """The first second in which a keeper may renew, as SQL."""
    early = case(
        (col(Tier.period_seconds) > MOST_EARLY * EARLY_PARTS, MOST_EARLY),
        else_=func.floor(col(Tier.period_seconds) / EARLY_PARTS),
    )
    return col(Membership.expires_at) - early


def _standing(row: Any, at: int) -> Standing:
    membership, consent, tier, community, tried, prepaid = row
    native = community.currency == ZERO_ADDRESS
    current = tried is not None and tried.expires_at == membership.expires_at
    return Standing(
        community=community.address,
        community_name=community.name,
        currency=None if native else community.currency,
        contract=membership.contract,
        token_id=membership.token_id,
        holder=membership.holder,
        tier_label=tier.label,
        expires_at=membership.expires_at,
        opens_at=membership.expires_at - min(MOST_EARLY, tier.period_seconds // EARLY_PARTS),
        price=tier.renewal_price if at < tier.notice_ends else tier.price,
        max_price=consent.max_price,
        periods_left=consent.periods_left,
        until=consent.until,
        prepaid=(prepaid or 0) if native else None,
        reason=_reason(tried.reason) if current else _ended(consent, membership.expires_at, at),
        tried_at=tried.tried_at if tried else None,
        next_at=tried.next_at if current else None,
        tx_hash=tried.tx_hash if tried else None,
    )


def _reason(code: str) -> str | None:
    return None if code == "sent" else code


def _ended(consent: Consent, expires_at: int, at: int) -> str | None:
    """Why nobody will even try, as far as it can be seen without asking the chain."""
    if consent.periods_left == 0:
        return "consent-used-up"
    if consent.until < at:
        return "consent-past"
    return "too-late" if expires_at + RENEWAL_GRACE <= at else None
