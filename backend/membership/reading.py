"""What a community offers a viewer: its tiers, what they open, and what the viewer already holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from backend.chain import Chain
from backend.community.queries import CommunityView
from backend.content.queries import posts_by_gate
from backend.currency import Currency, currency_of
from backend.gates.access import gates_of
from backend.membership.queries import MembershipView, TierView, membership_of, tiers_of


@dataclass(frozen=True)
class Offer:
    """`opens`: posts that a tier opens, by tier id; `gates`: ids of the tiers that pass a gate, by its name."""

    tiers: Sequence[TierView]
    opens: Mapping[int, int]
    gates: Mapping[str, Sequence[int]]
    currency: Currency
    mine: MembershipView | None

    def labels(self, gate: str) -> list[str]:
        """The labels of the tiers that pass the gate."""
        return [tier.label for tier in self.passing(gate)]

    def passing(self, gate: str | None) -> list[TierView]:
        """The tiers that pass the gate."""
        ids = self.gates.get(gate, ()) if gate else ()
        return [tier for tier in self.tiers if tier.id in ids]


def offer_of(session: Session, chain: Chain, community: CommunityView, account: str | None, *, at: int) -> Offer:
    """The tiers of a community for this account at this time. Raises ChainUnavailable for a currency never seen."""
    chain_id = community.chain_id
    rules = gates_of(session, chain_id, community.address)
    gates = {gate: sorted(rule.tiers) for gate, rule in rules.items()}
    opens: dict[int, int] = {}
    for gate, count in posts_by_gate(session, chain_id, community.address).items():
        for tier_id in gates.get(gate, ()) if gate else ():
            opens[tier_id] = opens.get(tier_id, 0) + count
    held = membership_of(session, chain_id, community.membership, account, at=at) if account else None
    return Offer(
        tiers=tiers_of(session, chain_id, community.membership, at=at),
        opens=opens,
        gates=gates,
        currency=currency_of(chain, community.currency),
        mine=held,
    )


def offer_as(offer: Offer, community: CommunityView, who: str, *, at: int) -> Offer:
    """The offer as an `outsider`, an `expired` member or a member of `tier-<id>` would see it."""
    wanted = None if who in ("outsider", "expired") else int(who.removeprefix("tier-"))
    fitting = [tier for tier in offer.tiers if wanted in (None, tier.id)]
    if who == "outsider" or not fitting:
        return replace(offer, mine=None)
    tier = fitting[0]
    expires_at = at - 1 if who == "expired" else at + (tier.period_seconds or 365 * 86_400)
    held = MembershipView(
        community=community.address,
        contract=community.membership,
        token_id=0,
        holder="",
        tier_id=tier.id,
        expires_at=expires_at,
        joined_at=at,
        expired=who == "expired",
    )
    return replace(offer, mine=held)
