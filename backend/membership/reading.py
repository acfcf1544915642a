"""What a community offers a viewer: its tiers, what they open, who invited, what the viewer already holds; and what a
membership is worth to who would buy it from its holder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastapi import Request, Response
from sqlmodel import Session

from backend.badges.queries import BadgeView, Contracts, badges_by_id
from backend.chain import Chain
from backend.community.queries import CommunityView
from backend.content.queries import posts_by_gate
from backend.currency import Currency, currency_of
from backend.gates.access import gates_of
from backend.gates.decision import tiers_opening
from backend.gates.rule import HoldsTier, is_chosen
from backend.gates.wallets import member_wallets
from backend.membership.places import places_on_lists
from backend.membership.queries import (
    BadgeStanding,
    MembershipView,
    TierView,
    badge_standing,
    free_seats,
    kept_badge,
    membership_of,
    memberships_by_id,
    tiers_of,
)
from backend.membership.standing import SLACK_SECONDS, unearned_at

INVITED_SECONDS = 30 * 86_400
"""How long a browser remembers who invited it: from the teaser it reads to the day it joins."""
_MOST_BADGE = (1 << 40) - 1


@dataclass(frozen=True)
class Offer:
    """`opens`: posts that a tier opens, by tier id; `gates`: ids of the tiers whose membership alone passes a gate,
    by its name; `of_tiers`: the gates that ask for nothing but one of these tiers.

    `invitation`: the badge that a link named, when it can invite this viewer; `kept`: the badge that the viewer's
    wallet is bound to from a membership that it burned (0 = none). `proofs`: of the viewer's place on a tier's list, by
    tier id; `seats`: a membership whose seat in a tier that is sold out can be released, by tier id; `others`: the
    viewer's linked wallets that are members when it is none.
    """

    tiers: Sequence[TierView]
    opens: Mapping[int, int]
    gates: Mapping[str, Sequence[int]]
    of_tiers: Mapping[str, Sequence[int]]
    currency: Currency
    mine: MembershipView | None
    invitation: BadgeStanding | None = None
    kept: int = 0
    proofs: Mapping[int, Sequence[str]] = field(default_factory=dict)
    seats: Mapping[int, int] = field(default_factory=dict)
    others: Sequence[str] = ()

    def may_change(self, tier: TierView) -> bool:
        """Whether this viewer can change to it now."""
        return tier.state == "open" or (tier.by_list and tier.id in self.proofs)

    def may_join(self, tier: TierView) -> bool:
        """Whether this viewer can join it now without a voucher, perhaps on a seat that the join itself frees."""
        seated = tier.id in self.seats and not tier.invitation_only
        return self.may_change(tier) or (seated and (not tier.listed or tier.id in self.proofs))

    def labels(self, gate: str) -> list[str]:
        """What a tag says of the gate: its tiers where it asks for one of these alone or nobody chose its name; else
        the name. Empty where no tier opens it."""
        by_tier = gate in self.of_tiers or not is_chosen(gate)
        return [tier.label for tier in self.passing(gate)] if by_tier else [gate.replace("-", " ")]

    def passing(self, gate: str | None) -> list[TierView]:
        """The tiers whose membership alone passes the gate."""
        ids = self.gates.get(gate, ()) if gate else ()
        return [tier for tier in self.tiers if tier.id in ids]

    @property
    def mine_is_free(self) -> bool:
        """Whether the viewer's tier costs nothing: a paid one does not become free."""
        return any(tier.id == self.mine.tier_id and not tier.price for tier in self.tiers) if self.mine else False

    @property
    def badge(self) -> int:
        """What a join of this viewer names; 0 = none."""
        return self.invitation.badge if self.invitation else 0

    @property
    def savings(self) -> Sequence[tuple[TierView, int]]:
        """What the invitation takes off a period of a first payment, base units, by tier that can be joined."""
        saved = [(tier, tier.price - self.price_of(tier)) for tier in self.tiers if self.may_join(tier)]
        return [(tier, amount) for tier, amount in saved if amount]

    def price_of(self, tier: TierView) -> int:
        """What a period of a first payment costs this viewer."""
        return tier.price_through(self.badge, kept=self.kept)


def offer_of(
    session: Session, chain: Chain, community: CommunityView, account: str | None, *, at: int, badge: int = 0
) -> Offer:
    """The tiers of a community for this account at this time; `badge`: who invited it, see `invited_by`.

    Raises ChainUnavailable for a currency never seen.
    """
    chain_id = community.chain_id
    rules = gates_of(session, chain_id, community.address)
    tiers = tiers_of(session, chain_id, community.membership, at=at)
    gates = {gate: tiers_opening(rule, [tier.id for tier in tiers]) for gate, rule in rules.items()}
    opens: dict[int, int] = {}
    for gate, count in posts_by_gate(session, chain_id, community.address).items():
        for tier_id in gates.get(gate, ()) if gate else ():
            opens[tier_id] = opens.get(tier_id, 0) + count
    held = membership_of(session, chain_id, community.membership, account, at=at) if account else None
    full = [tier.id for tier in tiers if tier.state == "sold-out"]
    return Offer(
        tiers=tiers,
        opens=opens,
        gates=gates,
        of_tiers={gate: sorted(rule.tiers) for gate, rule in rules.items() if isinstance(rule, HoldsTier)},
        currency=currency_of(chain, community.currency),
        mine=held,
        invitation=None if held else _invitation(session, community, badge, account),
        kept=kept_badge(session, chain_id, community.membership, account) if account and not held else 0,
        proofs=places_on_lists(session, community, tiers, account),
        seats=free_seats(session, chain_id, community.membership, full, at=at),
        others=member_wallets(session, chain_id, community.address, account) if account and not held else (),
    )


@dataclass(frozen=True)
class MembershipGood:
    """A membership as somebody who may buy it sees it, base units. `unearned`: refundable money that goes with it now;
    `least`: how much of it there is still when a buyer has signed.

    `badge`: the badge that it invites with, which goes along unless it is a token; None when it was never paid.
    """

    membership: MembershipView
    tier: TierView
    unearned: int
    least: int
    badge: BadgeView | None

    @property
    def brings_badge(self) -> bool:
        """Whether the badge goes with it as things are: no token yet, so that it is whoever's the membership is."""
        return self.badge is not None and not self.badge.minted

    @property
    def sellable(self) -> bool:
        """Whether it can change hands: expired and soulbound ones cannot."""
        return not (self.membership.expired or self.tier.soulbound)


def membership_goods(
    session: Session, chain_id: int, contracts: Contracts, token_ids: Collection[int], *, at: int
) -> Mapping[int, MembershipGood]:
    """Those of these memberships that there are, by id. A bounded number of questions, whatever their number."""
    held = memberships_by_id(session, chain_id, contracts.membership, token_ids, at=at)
    if not held:
        return {}
    tiers = {tier.id: tier for tier in tiers_of(session, chain_id, contracts.membership, at=at)}
    badges = badges_by_id(session, chain_id, contracts, list(held))
    return {
        token_id: MembershipGood(
            membership=each,
            tier=tiers[each.tier_id],
            unearned=unearned_at(each, at),
            least=unearned_at(each, at + SLACK_SECONDS),
            badge=badges.get(token_id),
        )
        for token_id, each in held.items()
    }


def _invitation(session: Session, community: CommunityView, badge: int, account: str | None) -> BadgeStanding | None:
    standing = badge_standing(session, community.chain_id, community.membership, badge) if badge else None
    return None if standing is None or standing.owner == account else standing


def invitation_link(base_url: str, community: str, badge: int) -> str:
    """Where whoever joins is bound to the badge."""
    return f"{base_url}/c/{community}?badge={badge}"


def invited_by(request: Request, community: str) -> int:
    """The badge that the link (`?badge=`) or, from an earlier visit, this browser names; 0 = none."""
    named = request.query_params.get("badge") or request.cookies.get(_cookie(community), "")
    badge = int(named) if named.isdecimal() and named.isascii() and len(named) <= 13 else 0
    return badge if badge <= _MOST_BADGE else 0


def remembering(request: Request, community: str, response: Response) -> Response:
    """The response, by which the browser remembers the invitation of this link. `?badge=0` forgets it."""
    if "badge" in request.query_params:
        secure = request.app.state.settings.secure
        badge = invited_by(request, community)
        response.set_cookie(
            _cookie(community),
            str(badge),
            max_age=INVITED_SECONDS if badge else 0,
            secure=secure,
            httponly=True,
            samesite="lax",
        )
    return response


def _cookie(community: str) -> str:
    return f"koinon_invited_{community.lower()[2:]}"


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
