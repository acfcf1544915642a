"""How a membership stands, what a change of it would bring, and whether a keeper can renew it: pure, by the contract's
own rules (ECONOMY E1, E8, E9), so that a page can say before what the chain will do.
"""

from dataclasses import dataclass, replace
from typing import Literal

from backend.membership.queries import (
    EARLY_PARTS,
    MOST_EARLY,
    ConsentView,
    MembershipView,
    TierView,
    earned_of,
)
from indexer.tables.columns import FOR_LIFE, RENEWAL_GRACE

DAY = 86_400
SOON_SECONDS = 7 * DAY
SLACK_SECONDS = 15 * 60
"""How long a viewer may take to sign: until then what is unearned falls, and a promise must still hold."""
MOST_AHEAD = 2 * 365 * DAY
PERIODS = (1, 2, 3, 6, 12, 24)
"""How many periods a page offers, as far as the contract takes them."""

Standing = Literal["life", "valid", "soon", "expired"]
Outlook = Literal["off", "on", "used-up", "past", "price", "retired", "balance", "allowance"]


def standing_of(held: MembershipView, *, at: int) -> Standing:
    """Whether it is valid, ends within a week, or has expired (`expires_at` is exclusive)."""
    if held.for_life:
        return "life"
    if held.expires_at <= at:
        return "expired"
    return "soon" if held.expires_at - at <= SOON_SECONDS else "valid"


def unearned_at(held: MembershipView, at: int) -> int:
    """What a refund would be at this time, base units: what was earned is rounded up."""
    return held.unearned - earned_of(held.unearned, held.settled_at, held.earned_at, at=at)


@dataclass(frozen=True)
class Change:
    """A move to another tier. `due` on top of `credit`, both base units; of a tier for life at most `due` is taken.

    `least_expires_at`: what the holder asks the contract to keep, a little below `expires_at`. `refused` says why the
    contract would not: free, no-time, too-far, closed, same.
    """

    tier: TierView
    periods: int
    credit: int
    due: int
    expires_at: int
    least_expires_at: int
    refused: str | None


def change_of(
    held: MembershipView, current: TierView, tier: TierView, periods: int, *, at: int, listed: bool = False
) -> Change:
    """What moving to `tier` with so many paid periods on top would bring now. `listed`: its holder is on the list."""
    now, late = (_converted(held, tier, periods, at=when) for when in (at, at + SLACK_SECONDS))
    rounding = -(-tier.period_seconds // tier.price) if tier.price else 0  # the time that a base unit buys
    return Change(
        tier=tier,
        periods=now.periods,
        credit=now.credit,
        due=max(now.due, late.due),
        expires_at=now.expires_at,
        least_expires_at=min(now.expires_at, late.expires_at) - rounding,
        refused=_refusal(held, current, now, listed, at=at),
    )


def _converted(held: MembershipView, tier: TierView, periods: int, *, at: int) -> Change:
    credit = unearned_at(held, at)
    if not tier.period_seconds:
        return Change(tier, 1, credit, max(tier.price - credit, 0), FOR_LIFE, FOR_LIFE, None)
    bought = credit * tier.period_seconds // tier.price if tier.price else 0
    expires_at = at + bought + tier.period_seconds * periods
    return Change(tier, periods, credit, tier.price * periods, expires_at, expires_at, None)


def _refusal(held: MembershipView, current: TierView, change: Change, listed: bool, *, at: int) -> str | None:
    tier = change.tier
    if tier.id == held.tier_id:
        return "same"
    if tier.state != "open" and not (listed and tier.by_list):
        return "closed"
    if not tier.price and (change.credit or current.price):
        return "free"
    if not tier.period_seconds:
        return None
    if not change.periods and change.expires_at == at:
        return "no-time"
    return "too-far" if change.expires_at > limit_of(tier, at=at) else None


def limit_of(tier: TierView, *, at: int) -> int:
    """How far ahead time may be paid (E6)."""
    return at + max(tier.period_seconds + DAY, MOST_AHEAD)


def periods_of(tier: TierView, *, start: int, at: int) -> list[int]:
    """How many periods a page offers when they begin at `start`: as many as can be bought now, 1 at least."""
    if not tier.period_seconds or not tier.price:
        return [1]
    most = max((limit_of(tier, at=at) - start) // tier.period_seconds, 1)
    return [count for count in PERIODS if count <= most]


@dataclass(frozen=True)
class Renewal:
    """Whether a keeper can renew: `outlook` says `on`, `off` or the reason why not. `lack` base units of what is
    missing; the window is [opens_at, closes_at).
    """

    outlook: Outlook
    price: int
    lack: int
    opens_at: int
    closes_at: int

    @property
    def failing(self) -> bool:
        return self.outlook not in ("on", "off")


def renewal_of(
    held: MembershipView,
    tier: TierView,
    consent: ConsentView | None,
    *,
    balance: int,
    allowance: int | None,
    at: int,
) -> Renewal:
    """What a keeper would meet. `balance`: prepaid coins, or tokens of the wallet; `allowance` None: native coins."""
    opens_at = held.expires_at - min(MOST_EARLY, tier.period_seconds // EARLY_PARTS)
    price = tier.price_for(held.expires_at, at=max(at, opens_at))
    renewal = Renewal("off", price, 0, opens_at, held.expires_at + RENEWAL_GRACE)
    if consent is None or held.for_life or not tier.period_seconds or consent.tier_id != held.tier_id:
        return renewal
    return _checked(renewal, tier, consent, balance=balance, allowance=allowance, at=at)


def _checked(
    renewal: Renewal, tier: TierView, consent: ConsentView, *, balance: int, allowance: int | None, at: int
) -> Renewal:
    due_at = max(at, renewal.opens_at)
    if not consent.periods_left:
        return replace(renewal, outlook="used-up")
    if due_at > consent.until or at >= renewal.closes_at:
        return replace(renewal, outlook="past")
    if tier.retires_at and due_at >= tier.retires_at:
        return replace(renewal, outlook="retired")
    if renewal.price > consent.max_price:
        return replace(renewal, outlook="price", lack=renewal.price - consent.max_price)
    if balance < renewal.price:
        return replace(renewal, outlook="balance", lack=renewal.price - balance)
    if allowance is not None and allowance < renewal.price:
        return replace(renewal, outlook="allowance", lack=renewal.price - allowance)
    return replace(renewal, outlook="on")
