"""What a community offers a viewer: its tiers, what they open, and what the viewer already holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend.chain import Chain
from backend.community.queries import CommunityView
from backend.content.queries import posts_by_gate
from backend.currency import Currency, currency_of
from backend.gates.access import gates_of
from backend.gates.decision import tiers_opening
from backend.gates.rule import HoldsTier
from backend.membership.queries import MembershipView, TierView, membership_of, tiers_of


@dataclass(frozen=True)
class Offer:
    """`opens`: posts that a tier opens, by tier id; `gates`: ids of the tiers whose membership alone passes a gate,
    by its name; `of_tiers`: the gates that ask for nothing but one of these tiers."""

    tiers: Sequence[TierView]
    opens: Mapping[int, int]
    gates: Mapping[str, Sequence[int]]
    of_tiers: Mapping[str, Sequence[int]]
    currency: Currency
    mine: MembershipView | None

    def labels(self, gate: str) -> list[str]:
        """What a tag says of the gate: its tiers where it asks for one of these alone, else its name."""
        return [tier.label for tier in self.passing(gate)] if gate in self.of_tiers else [gate.replace("-", " ")]

    def passing(self, gate: str | None) -> list[TierView]:
        """The tiers whose membership alone passes the gate."""
        ids = self.gates.get(gate, ()) if gate else ()
        return [tier for tier in self.tiers if tier.id in ids]


def offer_of(session: Session, chain: Chain, community: CommunityView, account: str | None, *, at: int) -> Offer:
    """The tiers of a community for this account at this time. Raises ChainUnavailable for a currency never seen."""
    chain_id = community.chain_id
    rules = gates_of(session, chain_id, community.address)
    tiers = tiers_of(session, chain_id, community.membership, at=at)
    gates = {gate: tiers_opening(rule, [tier.id for tier in tiers]) for gate, rule in rules.items()}
    opens: dict[int, int] = {}
    for gate, count in posts_by_gate(session, chain_id, community.address).items():
        for tier_id in gates.get(gate, ()) if gate else ():
            opens[tier_id] = opens.get(tier_id, 0) + count
    held = membership_of(session, chain_id, community.membership, account, at=at) if account else None
    return Offer(
        tiers=tiers,
        opens=opens,
        gates=gates,
        of_tiers={gate: sorted(rule.tiers) for gate, rule in rules.items() if isinstance(rule, HoldsTier)},
        currency=currency_of(chain, community.currency),
        mine=held,
    )
