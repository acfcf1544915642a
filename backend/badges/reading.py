"""From a badge to what its owner and a buyer see alike: verified past income, who is bound, and what it earns next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend.badges.achievements import AchievementView, tokens_by_id
from backend.badges.bound import Bound, Settling, bound_to, settlings_for
from backend.badges.income import Income, income_of
from backend.badges.queries import (
    REFERRALS,
    BadgeView,
    Contracts,
    Key,
    badges_by_id,
    badges_of,
    contracts_by_community,
)
from backend.chain import CallFailed, Chain
from backend.community.queries import CommunityView, communities_by_address
from backend.currency import Currency, currency_of
from backend.membership.queries import TierView, membership_of, tiers_by_contract
from backend.transactions import call_data
from indexer.tables.membership import Membership

TRANSFER = "safeTransferFrom(address,address,uint256)"


@dataclass(frozen=True)
class Record:
    """A badge with all that it has shown so far. The same for everybody who looks."""

    badge: BadgeView
    currency: Currency
    income: Income
    bound: Bound


@dataclass(frozen=True)
class Good:
    """A token of Badges as somebody who may buy it sees it: a referral badge with its record, or an achievement."""

    token_id: int
    owner: str
    transfer_count: int
    changed: int
    record: Record | None
    achievement: AchievementView | None


@dataclass(frozen=True)
class Gains:
    """What an invitation is worth: to the friend, off the first payment at most (1/10 000); to the badge, of each."""

    discount_bps: int
    rate_bps: int


@dataclass(frozen=True)
class Own:
    """A badge of the viewer, with what its owner alone needs."""

    record: Record
    settling: Settling
    gains: Gains


@dataclass(frozen=True)
class OwnHere:
    """The badges that an account owns in one community; `claimable`: income that one claim pays."""

    community: CommunityView
    currency: Currency
    badges: Sequence[Own]

    @property
    def claimable(self) -> int:
        return sum(own.record.badge.accrued for own in self.badges)

    @property
    def claims(self) -> list[int]:
        """Ids of the badges that have something to claim."""
        return [own.record.badge.id for own in self.badges if own.record.badge.accrued]


def records_of(
    session: Session,
    chain: Chain,
    contracts: Sequence[Contracts],
    badges: Sequence[BadgeView],
    *,
    at: int,
    coin: str | None,
) -> Mapping[Key, Record]:
    """The records of badges whose community is paid in `coin` (None: native)."""
    keys = [badge.key for badge in badges]
    incomes = income_of(session, chain.chain_id, contracts, keys, at=at)
    bound = bound_to(session, chain.chain_id, keys, at=at)
    currency = currency_of(chain, coin)
    return {badge.key: Record(badge, currency, incomes[badge.key], bound[badge.key]) for badge in badges}


def record_of(
    session: Session, chain: Chain, community: CommunityView, contracts: Contracts, badge: BadgeView, *, at: int
) -> Record:
    """The record of one badge."""
    return records_of(session, chain, [contracts], [badge], at=at, coin=community.currency)[badge.key]


def goods_of(
    session: Session,
    chain: Chain,
    community: CommunityView,
    contracts: Contracts,
    token_ids: Collection[int],
    *,
    at: int,
) -> Mapping[int, Good]:
    """Those of these tokens that there are. A bounded number of questions, whatever their number."""
    referrals = [each for each in token_ids if each < REFERRALS]
    badges = list(badges_by_id(session, chain.chain_id, contracts, referrals).values()) if referrals else []
    records = records_of(session, chain, [contracts], badges, at=at, coin=community.currency)
    goods = {
        each.id: Good(each.id, each.owner, each.transfer_count, each.changed, records[each.key], None)
        for each in badges
    }
    tokens = tokens_by_id(session, chain.chain_id, contracts.badges, [each for each in token_ids if each >= REFERRALS])
    for token, achievement in tokens:
        owner, count = token.owner, token.transfer_count
        goods[token.id] = Good(token.id, owner, count, achievement.changed, None, achievement)
    return goods


def own_badges(
    session: Session, chain: Chain, account: str, *, at: int, after: tuple[str, int] | None = None
) -> list[OwnHere]:
    """The badges of an account by community; at most OWN_PAGE, from behind `after` on."""
    badges = badges_of(session, chain.chain_id, account, after=after)
    keys = [badge.key for badge in badges]
    communities = list(dict.fromkeys(badge.community for badge in badges))
    views = communities_by_address(session, chain.chain_id, communities, at=at)
    contracts = list(contracts_by_community(session, chain.chain_id, communities).values())
    tiers = tiers_by_contract(session, chain.chain_id, [view.membership for view in views.values()], at=at)
    settlings = settlings_for(session, chain.chain_id, keys, at=at)
    incomes = income_of(session, chain.chain_id, contracts, keys, at=at)
    bound = bound_to(session, chain.chain_id, keys, at=at)
    found = []
    for address in communities:
        view, currency = views[address], currency_of(chain, views[address].currency)
        discount = discount_of(tiers[view.membership])
        owned = [
            Own(
                Record(each, currency, incomes[each.key], bound[each.key]),
                settlings[each.key],
                Gains(discount, each.rate_bps),
            )
            for each in badges
            if each.community == address
        ]
        found.append(OwnHere(view, currency, owned))
    return found


def discount_of(tiers: Sequence[TierView]) -> int:
    """The most that an invitation takes off a first payment, 1/10 000."""
    return max((tier.invitee_discount_bps for tier in tiers if tier.price and tier.state == "open"), default=0)


def cautions_for(
    session: Session, chain: Chain, contracts: Contracts, *, owner: str, token_id: int, recipient: str, at: int
) -> list[str]:
    """Why giving a token to this account might be a mistake: `own`, `cannot-receive`, `bound`. Asks the node."""
    found = []
    if recipient == owner:
        found.append("own")
    held = membership_of(session, chain.chain_id, contracts.membership, recipient, at=at)
    if held is not None and _bound_badge(session, chain.chain_id, contracts, held.token_id) == token_id:
        found.append("bound")
    if not _can_receive(chain, contracts.badges, owner=owner, token_id=token_id, recipient=recipient):
        found.append("cannot-receive")
    return found


def _bound_badge(session: Session, chain_id: int, contracts: Contracts, token_id: int) -> int:
    row = session.get(Membership, (chain_id, contracts.membership, token_id))
    return row.badge if row else 0


def _can_receive(chain: Chain, badges: str, *, owner: str, token_id: int, recipient: str) -> bool:
    """A wallet of a key can; a contract says so by `onERC721Received` (ERC-721)."""
    if not chain.code(recipient):
        return True
    try:
        chain.call(badges, call_data("Badges", TRANSFER, owner, recipient, token_id), sender=owner)
    except CallFailed:
        return False
    return True
