"""What a sale's page tells a viewer: the sale, its tier and currency, the viewer's own part, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend.chain import Chain
from backend.community.queries import CommunityView
from backend.content.queries import PostView, post_of
from backend.crowdsale.picture import SchedulePicture, Stair, schedule_of, stairs_of
from backend.crowdsale.queries import (
    PaymentLine,
    backers_of,
    contribution_of,
    knows_list,
    payments_of,
    payouts_of,
    proof_of,
    sale_of,
    updates_of,
)
from backend.crowdsale.sale import ContributionView, SaleView, Terms
from backend.currency import Currency, currency_of
from backend.membership.queries import MembershipView, TierView, membership_of, tiers_of
from backend.problems import NotFound

TOKEN_DECIMALS = 18


@dataclass(frozen=True)
class SalePage:
    """`unit`: of the token, as a currency is written; `tier`: that is sold or comes with a contribution."""

    sale: SaleView
    currency: Currency
    unit: Currency | None
    tier: TierView | None
    stairs: Sequence[Stair]
    schedule: SchedulePicture | None

    def bought_written(self, amount: int, language: str = "en") -> str:
        """Tokens with their symbol; of a sale of memberships the bare number of periods."""
        return self.unit.written(amount, language) if self.unit else str(amount)


@dataclass(frozen=True)
class OwnPart:
    """What the viewer has in a sale. `allowed` None: anybody may contribute; `held`: its membership here."""

    part: ContributionView
    allowed: bool | None
    held: MembershipView | None


@dataclass(frozen=True)
class SaleHistory:
    """What came in and went out, and the news that the owner wrote."""

    backers: int
    payments: Sequence[PaymentLine]
    payouts: Sequence[PaymentLine]
    updates: Sequence[PostView]
    list_known: bool


def sale_page(chain: Chain, community: CommunityView, sale: SaleView, tiers: Sequence[TierView]) -> SalePage:
    """The sale as everybody sees it. `tiers`: of the community."""
    tokens = not sale.terms.sells_periods
    return SalePage(
        sale=sale,
        currency=currency_of(chain, community.currency),
        unit=Currency(sale.token, sale.terms.token_symbol, TOKEN_DECIMALS) if tokens else None,
        tier=next((tier for tier in tiers if tier.id == sale.terms.tier_id), None),
        stairs=stairs_of(sale),
        schedule=schedule_of(sale) if tokens else None,
    )


def open_page(session: Session, chain: Chain, community: CommunityView, address: str, *, at: int) -> SalePage:
    """The page of a sale of this community. Raises NotFound."""
    sale = sale_of(session, community.chain_id, community.address, address, at=at)
    return sale_page(chain, community, sale, tiers_of(session, community.chain_id, community.membership, at=at))


def planned_page(
    session: Session,
    chain: Chain,
    community: CommunityView,
    terms: Terms,
    *,
    at: int,
    maximum: int,
    said: tuple[str, str] = ("", ""),
) -> SalePage:
    """The page of a sale that is not made yet: as contributors would see it. `said`: its title and purpose."""
    sale = SaleView(
        chain_id=community.chain_id,
        address="",
        community=community.address,
        token=None,
        founder=community.owner,
        currency=community.currency,
        membership=community.membership,
        maximum=maximum,
        terms=terms,
        raised=0,
        tier_money=0,
        finalized_at=0,
        released=0,
        votes=0,
        electorate=0,
        stopped_at=0,
        unreleased=0,
        made_at=at,
        tx_hash="",
        at=at,
        title=said[0],
        purpose=said[1],
    )
    return sale_page(chain, community, sale, tiers_of(session, community.chain_id, community.membership, at=at))


def own_part(session: Session, community: CommunityView, sale: SaleView, account: str, *, at: int) -> OwnPart:
    """What this account has in the sale and may do."""
    allowed = proof_of(session, sale, account) is not None if sale.terms.listed else None
    held = membership_of(session, community.chain_id, community.membership, account, at=at)
    return OwnPart(contribution_of(session, sale, account), allowed, held)


def history_of(session: Session, sale: SaleView) -> SaleHistory:
    """The newest of what happened in the sale."""
    return SaleHistory(
        backers=backers_of(session, sale),
        payments=payments_of(session, sale),
        payouts=payouts_of(session, sale),
        updates=[post for post in (_post(session, sale, each) for each in updates_of(session, sale)) if post],
        list_known=not sale.terms.listed or knows_list(session, sale),
    )


def _post(session: Session, sale: SaleView, post_id: str) -> PostView | None:
    """None for what was hidden or erased since."""
    try:
        return post_of(session, sale.chain_id, sale.community, post_id)
    except NotFound:
        return None
