"""What a wallet holds, with all that its pages say of it: a fixed number of queries, however many memberships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from backend.chain import CallFailed, ChainUnavailable, NodeRefused
from backend.community.queries import CommunityView, communities_by_address, owned_by
from backend.community.reading import due_of
from backend.currency import Currency, currency_of
from backend.host import Host
from backend.membership.lists import proofs_of
from backend.membership.queries import (
    ConsentView,
    MembershipView,
    TierView,
    consents_of,
    funds_of,
    memberships_of,
    tiers_by_contract,
)
from backend.membership.standing import Renewal, Standing, periods_of, renewal_of, standing_of, unearned_at
from backend.transactions import call_data


@dataclass(frozen=True)
class Held:
    """A membership of the viewer with what it belongs to. `funds` and `refund` are base units."""

    view: CommunityView
    currency: Currency
    tiers: Sequence[TierView]
    tier: TierView
    membership: MembershipView
    standing: Standing
    consent: ConsentView | None
    renewal: Renewal
    funds: int
    refund: int
    allowance: int
    """Of the community's ERC-20 that renewals may take; 0 for native coins."""

    price: int
    """Of a period, if it is renewed now."""
    periods: Sequence[int]
    """How many of them a page offers."""
    anew: bool = False
    """Whether renewing is joining anew a tier with a list, which takes a place on it."""
    proof: Sequence[str] | None = None
    """Of that place; None when the holder has none."""

    @property
    def can_invite(self) -> bool:
        """Whether its own badge works: a membership that was paid at least once."""
        return self.membership.earned_at > 0

    @property
    def renewable(self) -> bool:
        """Whether a renewal makes sense now."""
        placed = self.proof is not None or not self.anew
        return not self.membership.for_life and self.tier.period_seconds > 0 and placed


@dataclass(frozen=True)
class Owned:
    """A community of the viewer, and the income (base units) that waits for it."""

    view: CommunityView
    currency: Currency
    due: int


def held_by(
    host: Host, session: Session, account: str, *, at: int, before: tuple[int, str] | None = None
) -> list[Held]:
    """The wallet's memberships, the newest first, a page at most."""
    return held_of(host, session, memberships_of(session, host.settings.chain_id, account, at=at, before=before), at=at)


def held_of(
    host: Host, session: Session, memberships: Sequence[MembershipView], *, at: int, asked: bool = False
) -> list[Held]:
    """These memberships of one wallet with what belongs to them. `asked`: the node is asked what renewals may take of
    the wallet also where nothing renews by itself; else `allowance` is 0 there."""
    if not memberships:
        return []
    chain_id, account = host.settings.chain_id, memberships[0].holder
    views = communities_by_address(session, chain_id, [each.community for each in memberships], at=at)
    contracts = [each.contract for each in memberships]
    tiers = tiers_by_contract(session, chain_id, contracts, at=at)
    consents = consents_of(session, chain_id, memberships)
    funds = funds_of(session, chain_id, contracts, account)
    held = [
        _held(host, views[each.community], tiers[each.contract], each, consents, funds, at, asked=asked)
        for each in memberships
        if each.community in views
    ]
    lists = {(each.view.address, each.tier.allow_root) for each in held if each.anew}
    proofs = proofs_of(session, chain_id, lists, account)
    return [replace(each, proof=proofs.get((each.view.address, each.tier.allow_root))) for each in held]


def _held(
    host: Host,
    view: CommunityView,
    tiers: Sequence[TierView],
    held: MembershipView,
    consents: Mapping[tuple[str, int], ConsentView],
    funds: Mapping[str, int],
    at: int,
    *,
    asked: bool,
) -> Held:
    tier = next(each for each in tiers if each.id == held.tier_id)
    consent = consents.get((held.contract, held.token_id))
    kept, allowance = funds.get(held.contract, 0), None
    balance = kept
    if view.currency is not None:
        balance, allowance = tokens_of(host, view, held.holder) if consent or asked else (0, 0)
    return Held(
        view=view,
        currency=currency_of(host.chain, view.currency),
        tiers=tiers,
        tier=tier,
        membership=held,
        standing=standing_of(held, at=at),
        consent=consent,
        renewal=renewal_of(held, tier, consent, balance=balance, allowance=allowance, at=at),
        funds=kept,
        refund=unearned_at(held, at),
        allowance=allowance or 0,
        price=tier.price_for(held.expires_at, at=at),
        periods=periods_of(tier, start=max(held.expires_at, at), at=at),
        anew=tier.listed and tier.is_join(held.expires_at, at=at),
    )


def tokens_of(host: Host, view: CommunityView, account: str) -> tuple[int, int]:
    """The wallet's balance of the community's ERC-20, and what renewals may take of it; as if enough when the node is
    away: a page that cannot know warns of nothing."""
    try:
        balance = host.chain.call(view.currency, call_data("ERC20", "balanceOf", account))
        allowance = host.chain.call(view.currency, call_data("ERC20", "allowance", account, view.membership))
    except (CallFailed, ChainUnavailable, NodeRefused):
        return 1 << 255, 1 << 255
    return int.from_bytes(balance[:32]), int.from_bytes(allowance[:32])


def owned_of(host: Host, session: Session, owner: str, *, at: int) -> list[Owned]:
    """The wallet's communities with the income that waits."""
    views = owned_by(session, host.settings.chain_id, owner, at=at)
    return [
        Owned(view, currency_of(host.chain, view.currency), due_of(host, view, view.membership, owner))
        for view in views
    ]
