"""What can be asked about crowdsales: frozen values from the mirror, with the contract's own sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from backend.crowdsale.arithmetic import Step
from backend.crowdsale.sale import ASSETS, ContributionView, SaleView, Terms
from backend.crowdsale.tables import AllowListEntry, SaleUpdate, SaleWords
from backend.problems import NotFound
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.crowdsale import Contribution, ContributionPayment, Sale, SalePayout, SaleStep
from indexer.tables.renewals import Funds

PAGE = 20


@dataclass(frozen=True)
class PaymentLine:
    """A contribution, a release, a refund or a membership, for lists. `kind` "in" is a contribution."""

    kind: str
    account: str
    payer: str
    amount: int
    bought: int
    at: int
    block_number: int
    log_index: int


@dataclass(frozen=True)
class BackedView:
    """A sale in which an account has a part. `name`: of its token, empty where it sells memberships."""

    address: str
    community: str
    community_name: str
    name: str
    has_token: bool
    currency: str | None
    amount: int
    refunded: int


def sales_of(session: Session, chain_id: int, community: str, *, at: int, before: str | None = None) -> list[SaleView]:
    """PAGE sales of a community, the newest first; `before`: the address of the last one of the page before."""
    statement = select(Sale).where(col(Sale.chain_id) == chain_id, col(Sale.community) == community)
    last = session.get(Sale, (chain_id, before.lower())) if before else None
    if last is not None:
        older = and_(col(Sale.made_at) == last.made_at, col(Sale.address) > last.address)
        statement = statement.where(or_(col(Sale.made_at) < last.made_at, older))
    ordered = statement.order_by(col(Sale.made_at).desc(), col(Sale.address)).limit(PAGE)
    return _sales(session, chain_id, list(session.execute(ordered).scalars()), at)


def open_sales(session: Session, chain_id: int, community: str, *, at: int) -> list[SaleView]:
    """Sales of the community that take contributions now, those that end first, PAGE at most."""
    statement = select(Sale).where(
        col(Sale.chain_id) == chain_id,
        col(Sale.community) == community,
        col(Sale.starts_at) <= at,
        col(Sale.ends_at) > at,
    )
    rows = list(session.execute(statement.order_by(col(Sale.ends_at), col(Sale.address)).limit(PAGE)).scalars())
    return [sale for sale in _sales(session, chain_id, rows, at) if sale.state == "open"]


def ripe_sales(session: Session, chain_id: int, community: str, *, at: int) -> list[SaleView]:
    """Of the PAGE sales of the community that were finalized last: those whose money is worth a release now."""
    statement = select(Sale).where(
        col(Sale.chain_id) == chain_id, col(Sale.community) == community, col(Sale.finalized_at) > 0
    )
    rows = list(session.execute(statement.order_by(col(Sale.finalized_at).desc()).limit(PAGE)).scalars())
    return [sale for sale in _sales(session, chain_id, rows, at) if sale.ripe]


def waiting_periods(
    session: Session, chain_id: int, community: str, account: str, *, at: int
) -> list[ContributionView]:
    """What the account has paid for in sales of the community and not claimed as a member: of PAGE sales at most, and
    without its funds there."""
    table = Contribution
    statement = (
        select(Sale, table)
        .join(table, and_(col(table.chain_id) == chain_id, col(table.contract) == col(Sale.address)))
        .where(
            col(Sale.chain_id) == chain_id,
            col(Sale.community) == community,
            col(Sale.tier_id) > 0,
            col(table.account) == account,
        )
    )
    rows = session.execute(statement.order_by(col(Sale.made_at).desc()).limit(PAGE)).all()
    sales = _sales(session, chain_id, [sale for sale, _ in rows], at)
    parts = [_part(sale, account, row, 0) for sale, (_, row) in zip(sales, rows, strict=True)]
    return [part for part in parts if part.periods > 0 and part.sale.state != "missed"]


def sale_of(session: Session, chain_id: int, community: str, address: str, *, at: int) -> SaleView:
    """One sale, which this community opened. Raises NotFound."""
    row = session.get(Sale, (chain_id, address.lower()))
    if row is None or row.community != community:
        raise NotFound("There is no such crowdsale in this community.")
    return _sales(session, chain_id, [row], at)[0]


def contribution_of(session: Session, sale: SaleView, account: str) -> ContributionView:
    """What is recorded for this account; nothing yet is all zeros."""
    row = session.get(Contribution, (sale.chain_id, sale.address, account.lower()))
    funds = session.get(Funds, (sale.chain_id, sale.address, account.lower()))
    return _part(sale, account.lower(), row, funds.amount if funds else 0)


def _part(sale: SaleView, account: str, row: Contribution | None, funds: int) -> ContributionView:
    return ContributionView(
        sale=sale,
        account=account,
        amount=row.amount if row else 0,
        bought=row.bought if row else 0,
        badge=row.badge if row else 0,
        tier=row.tier if row else False,
        voted=row.voted if row else False,
        claimed_tokens=row.claimed_tokens if row else 0,
        claimed_periods=row.claimed_periods if row else 0,
        paid=row.paid if row else 0,
        refunded=row.refunded if row else 0,
        funds=funds,
    )


def backers_of(session: Session, sale: SaleView) -> int:
    """How many accounts have contributed."""
    statement = select(func.count()).where(
        col(Contribution.chain_id) == sale.chain_id,
        col(Contribution.contract) == sale.address,
        col(Contribution.bought) > 0,
    )
    count: int = session.execute(statement).scalar_one()
    return count


def payments_of(session: Session, sale: SaleView, *, before: tuple[int, int] | None = None) -> list[PaymentLine]:
    """PAGE contributions, the newest first; `before`: block and log of the last one of the page before."""
    table = ContributionPayment
    statement = select(table).where(col(table.chain_id) == sale.chain_id, col(table.contract) == sale.address)
    if before is not None:
        block, log = before
        earlier = and_(col(table.block_number) == block, col(table.log_index) < log)
        statement = statement.where(or_(col(table.block_number) < block, earlier))
    ordered = statement.order_by(col(table.block_number).desc(), col(table.log_index).desc()).limit(PAGE)
    return [
        PaymentLine("in", row.account, row.payer, row.amount, row.bought, row.at, row.block_number, row.log_index)
        for row in session.execute(ordered).scalars()
    ]


def payouts_of(session: Session, sale: SaleView) -> list[PaymentLine]:
    """The newest PAGE payments out of the sale."""
    table = SalePayout
    statement = select(table).where(col(table.chain_id) == sale.chain_id, col(table.contract) == sale.address)
    ordered = statement.order_by(col(table.block_number).desc(), col(table.log_index).desc()).limit(PAGE)
    return [
        PaymentLine(
            row.kind, row.account, row.paid_to, row.amount, row.periods, row.at, row.block_number, row.log_index
        )
        for row in session.execute(ordered).scalars()
    ]


def proof_of(session: Session, sale: SaleView, account: str) -> bytes | None:
    """The account's proof for the sale's allow-list; None when it is not on it, or this home was not told the list."""
    key = (sale.chain_id, sale.community, sale.terms.allow_root, account.lower())
    entry = session.get(AllowListEntry, key)
    return entry.proof if entry else None


def listed(session: Session, chain_id: int, community: str, *, but: str) -> int:
    """How many accounts are kept on the allow-lists of the community, besides this one."""
    statement = select(func.count()).where(
        col(AllowListEntry.chain_id) == chain_id,
        col(AllowListEntry.community) == community,
        col(AllowListEntry.root) != but,
    )
    return int(session.execute(statement).scalar_one())


def knows_list(session: Session, sale: SaleView) -> bool:
    """Whether this home holds the sale's allow-list."""
    statement = select(col(AllowListEntry.account)).where(
        col(AllowListEntry.chain_id) == sale.chain_id,
        col(AllowListEntry.community) == sale.community,
        col(AllowListEntry.root) == sale.terms.allow_root,
    )
    return session.execute(statement.limit(1)).first() is not None


def backed_by(session: Session, chain_id: int, account: str) -> list[BackedView]:
    """Sales that this account has contributed to, what changed last first, PAGE at most."""
    statement = (
        select(Contribution, Sale, Community)
        .join(Sale, and_(col(Sale.chain_id) == chain_id, col(Sale.address) == col(Contribution.contract)))
        .join(Community, and_(col(Community.chain_id) == chain_id, col(Community.address) == col(Sale.community)))
        .where(
            col(Contribution.chain_id) == chain_id,
            col(Contribution.account) == account,
            col(Contribution.amount) > 0,
        )
        .order_by(col(Contribution.block_number).desc(), col(Contribution.contract))
        .limit(PAGE)
    )
    return [
        BackedView(
            address=sale.address,
            community=sale.community,
            community_name=community.name,
            name=sale.token_name,
            has_token=sale.token != ZERO_ADDRESS,
            currency=None if sale.currency == ZERO_ADDRESS else sale.currency,
            amount=row.amount,
            refunded=row.refunded,
        )
        for row, sale, community in session.execute(statement)
    ]


def updates_of(session: Session, sale: SaleView) -> list[str]:
    """Ids of the newest PAGE posts that the owner counts among the news of this sale."""
    statement = select(col(SaleUpdate.post_id)).where(
        col(SaleUpdate.chain_id) == sale.chain_id,
        col(SaleUpdate.community) == sale.community,
        col(SaleUpdate.sale) == sale.address,
    )
    return list(session.execute(statement.order_by(col(SaleUpdate.seq).desc()).limit(PAGE)).scalars())


def _sales(session: Session, chain_id: int, rows: Sequence[Sale], at: int) -> list[SaleView]:
    """The rows with all that belongs to them, in their order."""
    addresses = [row.address for row in rows]
    steps, founders = _steps(session, chain_id, addresses), _founders_parts(session, chain_id, addresses)
    words = _words(session, chain_id, addresses)
    return [
        _sale(row, steps[row.address], founders.get(row.address), words.get((row.community, row.address)), at)
        for row in rows
    ]


def _words(session: Session, chain_id: int, addresses: Sequence[str]) -> Mapping[tuple[str, str], SaleWords]:
    """What owners say about these sales, by community and sale: each speaks only of its own."""
    statement = select(SaleWords).where(col(SaleWords.chain_id) == chain_id, col(SaleWords.sale).in_(addresses))
    return {(row.community, row.sale): row for row in session.execute(statement).scalars()}


def _steps(session: Session, chain_id: int, addresses: Sequence[str]) -> Mapping[str, list[Step]]:
    found: dict[str, list[Step]] = {address: [] for address in addresses}
    statement = select(SaleStep).where(col(SaleStep.chain_id) == chain_id, col(SaleStep.contract).in_(addresses))
    for row in session.execute(statement.order_by(col(SaleStep.number))).scalars():
        found[row.contract].append(Step(row.up_to, row.price))
    return found


def _founders_parts(session: Session, chain_id: int, addresses: Sequence[str]) -> Mapping[str, Contribution]:
    """What the founders have contributed to their own sales: it has no vote."""
    statement = (
        select(Contribution)
        .join(Sale, and_(col(Sale.chain_id) == chain_id, col(Sale.address) == col(Contribution.contract)))
        .where(
            col(Contribution.chain_id) == chain_id,
            col(Contribution.contract).in_(addresses),
            col(Contribution.account) == col(Sale.founder),
        )
    )
    return {row.contract: row for row in session.execute(statement).scalars()}


def _terms(row: Sale, steps: Sequence[Step]) -> Terms:
    """The terms that a row of the mirror holds."""
    return Terms(
        asset=ASSETS[row.asset],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        goal=row.goal,
        account_min=row.account_min,
        account_max=row.account_max,
        allow_root=row.allow_root,
        steps=tuple(steps),
        tier_id=row.tier_id,
        tier_periods=row.tier_periods,
        tier_price=row.tier_price,
        tier_threshold=row.tier_threshold,
        cliff_seconds=row.cliff_seconds,
        vesting_seconds=row.vesting_seconds,
        stop_threshold_bps=row.stop_threshold_bps,
        founder_allocation=row.founder_allocation,
        lockup_seconds=row.lockup_seconds,
        token_name=row.token_name,
        token_symbol=row.token_symbol,
    )


def _sale(
    row: Sale, steps: Sequence[Step], founders: Contribution | None, words: SaleWords | None, at: int
) -> SaleView:
    terms = _terms(row, steps)
    own = founders.amount - (terms.tier_money if founders.tier else 0) if founders else 0
    return SaleView(
        chain_id=row.chain_id,
        address=row.address,
        community=row.community,
        token=None if row.token == ZERO_ADDRESS else row.token,
        founder=row.founder,
        currency=None if row.currency == ZERO_ADDRESS else row.currency,
        membership=row.membership,
        maximum=row.maximum,
        terms=terms,
        raised=row.raised,
        tier_money=row.tier_money,
        finalized_at=row.finalized_at,
        released=row.released,
        votes=row.votes,
        electorate=0 if terms.sells_periods else row.raised - row.tier_money - own,
        stopped_at=row.stopped_at,
        unreleased=row.unreleased,
        made_at=row.made_at,
        tx_hash=row.tx_hash,
        at=at,
        title=words.title if words else "",
        purpose=words.purpose if words else "",
    )
