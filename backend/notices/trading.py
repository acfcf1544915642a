"""Finds what owners of badges should hear of: income to claim, a level that rose, and what became of their trades."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, select, update
from sqlmodel import Session, col

from backend.badges.achievements import tokens_by_id
from backend.badges.queries import REFERRALS, badges_by_id, contracts_by_community
from backend.feed import Tip, time_of
from backend.market.queries import counter_of, funds_of
from backend.market.tables import SignedListing, SignedOffer
from backend.notices.collecting import Event, cursor_of, end_of_page, move
from backend.notices.tables import INCOME, LEVEL, LISTING, OFFER, TRADE, Notice
from indexer.tables.badges import BadgeLedger
from indexer.tables.chain import Change
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.holdings import HoldingChange, badge_asset
from indexer.tables.market import Resale, Spent
from indexer.tables.membership import Membership, Tier

LATE_SECONDS = 60
"""How long an offer may take from its time to the table: so far each look goes back, and keys tell nothing twice."""
WORTH_PARTS = 100
"""Income is told of from this part of the cheapest paid period on: claiming less costs more than it brings."""


def of_badges(session: Session, tip: Tip, changes: Sequence[Change]) -> list[Event]:
    """What changes of badges mean to their owners."""
    told = [change for change in changes if change.kind == "badge" and not change.removed]
    return [*_income(session, tip, told), *_levels(session, tip, told)]


def trades(session: Session, tip: Tip, changes: Sequence[Change]) -> list[Event]:
    """What was sold, for who had listed it, or had offered for it. What the seller was told to claim is the buyer's."""
    sold = {(*_sold(each), each.block_number) for each in changes if each.kind == "resale" and not each.removed}
    found = []
    for collection, token_id, block in sold:
        statement = select(Resale).where(
            col(Resale.chain_id) == tip.chain_id,
            col(Resale.collection) == collection,
            col(Resale.token_id) == token_id,
            col(Resale.block_number) == block,
        )
        for row in session.execute(statement).scalars():
            community = session.get(Community, (row.chain_id, row.community))
            if community is None:
                continue
            _forget_income(session, community, row, at=time_of(tip))
            bought = row.kind == "offer"
            params = {
                "token": str(row.token_id),
                "membership": community.membership == collection,
                "bought": bought,
                "price": str(row.price),
                "coin": row.currency == ZERO_ADDRESS,
            }
            path = f"/c/{row.community}/badges/{row.token_id}" if bought else "/account/payments"
            key = f"trade:{collection}:{token_id}:{row.tx_hash}"
            account = row.buyer if bought else row.seller
            found.append(Event(account, TRADE, key, row.community, path, params, block, row.at))
    return found


def offers(session: Session, tip: Tip, market: str) -> list[Event]:
    """New offers on one badge or achievement, for its owner; of native coins only those whose money is there."""
    now = time_of(tip)
    since = cursor_of(session, "notices.offers", tip.chain_id) or now
    new = select(SignedOffer).where(
        col(SignedOffer.chain_id) == tip.chain_id,
        col(SignedOffer.token_id) != 0,
        col(SignedOffer.kept_at) >= since - LATE_SECONDS,
        col(SignedOffer.deadline) >= now,
    )
    rows = session.execute(new.order_by(col(SignedOffer.kept_at))).scalars().all()
    move(session, "notices.offers", tip.chain_id, now)
    owners = _owners(session, tip.chain_id, rows)
    return [
        Event(
            owners[row.community, row.token_id],
            OFFER,
            f"offer:{row.digest}",
            row.community,
            f"/c/{row.community}/badges/{row.token_id}",
            {"token": str(row.token_id), "price": str(row.price), "coin": row.currency == ZERO_ADDRESS},
            at=row.kept_at,
        )
        for row in rows
        if owners.get((row.community, row.token_id), row.buyer) != row.buyer
        and (row.currency != ZERO_ADDRESS or funds_of(session, tip.chain_id, market, row.buyer) >= row.price)
    ]


def ended_listings(session: Session, tip: Tip, market: str) -> list[Event]:
    """Listings whose time is over, and that nobody had bought or cancelled, for who asked the price."""
    now = time_of(tip)
    since = cursor_of(session, "notices.listings", tip.chain_id) or now
    over = (
        col(SignedListing.chain_id) == tip.chain_id,
        col(SignedListing.deadline) >= since,
        col(SignedListing.deadline) < now,  # until then, that second included, somebody can buy
    )
    until = end_of_page(session, col(SignedListing.deadline), *over)
    statement = select(SignedListing).where(*over)
    if until is not None:
        statement = statement.where(col(SignedListing.deadline) <= until)
    rows = session.execute(statement).scalars().all()
    move(session, "notices.listings", tip.chain_id, now if until is None else until)
    owners = _owners(session, tip.chain_id, [row for row in rows if not row.membership])
    holders = _holders(session, tip.chain_id, [row for row in rows if row.membership])
    return [
        Event(
            row.seller,
            LISTING,
            f"listing:{row.digest}",
            row.community,
            f"/c/{row.community}/membership" if row.membership else f"/c/{row.community}/badges/{row.token_id}",
            {
                "token": str(row.token_id),
                "membership": row.membership > 0,
                "price": str(row.price),
                "coin": row.currency == ZERO_ADDRESS,
            },
        )
        for row in rows
        if (holders if row.membership else owners).get((row.community, row.token_id)) == row.seller
        and session.get(Spent, (tip.chain_id, market, row.seller, row.digest)) is None
        and counter_of(session, tip.chain_id, market, row.seller) == row.counter
    ]


def _income(session: Session, tip: Tip, changes: Sequence[Change]) -> list[Event]:
    """Badges that have something worth a claim: once for each time that all was claimed."""
    found = []
    for contract, badge in {_badge(change) for change in changes}:
        row = session.get(BadgeLedger, (tip.chain_id, contract, badge))
        community = _community(session, tip.chain_id, contract)
        if row is None or community is None or row.income <= row.claimed:
            continue
        waits = row.income - row.claimed
        if waits * WORTH_PARTS >= _cheapest(session, tip.chain_id, contract):
            key = f"income:{contract}:{badge}:{row.claimed}"
            params = {"badge": badge, "amount": str(waits)}
            found.append(Event(row.owner, INCOME, key, community.address, "/account/badges", params))
    return found


def _levels(session: Session, tip: Tip, changes: Sequence[Change]) -> list[Event]:
    """Badges whose level rose in the block of a change, while their owner had them."""
    found = []
    for contract, badge, block in {(*_badge(change), change.block_number) for change in changes}:
        row = session.get(BadgeLedger, (tip.chain_id, contract, badge))
        community = _community(session, tip.chain_id, contract)
        if row is None or community is None or not row.level:
            continue
        held = (
            select(col(HoldingChange.block_number), col(HoldingChange.value))
            .where(
                col(HoldingChange.chain_id) == tip.chain_id,
                col(HoldingChange.account) == row.owner,
                col(HoldingChange.asset) == badge_asset(contract, badge),
                col(HoldingChange.block_number) <= block,
            )
            .order_by(col(HoldingChange.block_number).desc(), col(HoldingChange.log_index).desc())
            .limit(2)
        )
        newest = session.execute(held).all()
        if len(newest) == 2 and newest[0][0] == block and 0 < newest[1][1] < newest[0][1]:
            level = int(newest[0][1]) - 1
            path = f"/c/{community.address}/badges/{badge}"
            params = {"badge": badge, "level": level}
            key = f"level:{contract}:{badge}:{level}"
            found.append(Event(row.owner, LEVEL, key, community.address, path, params, block))
    return found


def _sold(change: Change) -> tuple[str, int]:
    """Collection and token of a sale."""
    return str(change.ids["collection"]), int(str(change.ids["token_id"]))


def _forget_income(session: Session, community: Community, row: Resale, *, at: int) -> None:
    """The seller need not look any more whether the badge that went has something to claim."""
    ledger = session.get(BadgeLedger, (row.chain_id, community.membership, row.token_id))
    if ledger is None or ledger.owner == row.seller:
        return
    told = col(Notice.key).startswith(f"income:{community.membership}:{row.token_id}:")
    seen = update(Notice).where(col(Notice.account) == row.seller, told, col(Notice.read_at).is_(None))
    session.execute(seen.values(read_at=at))


def _owners(session: Session, chain_id: int, rows: Iterable[SignedOffer | SignedListing]) -> dict[tuple[str, int], str]:
    """Who owns the badges and achievements that these are about, by community and token."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.community, set()).add(int(row.token_id))
    found: dict[tuple[str, int], str] = {}
    for community, contracts in contracts_by_community(session, chain_id, wanted).items():
        badges = badges_by_id(session, chain_id, contracts, [each for each in wanted[community] if each < REFERRALS])
        others = [each for each in wanted[community] if each >= REFERRALS]
        found |= {(community, badge): view.owner for badge, view in badges.items()}
        found |= {
            (community, token.id): token.owner for token, _ in tokens_by_id(session, chain_id, contracts.badges, others)
        }
    return found


def _holders(session: Session, chain_id: int, rows: Sequence[SignedListing]) -> dict[tuple[str, int], str]:
    """Who holds the memberships that these are about, by community and token."""
    statement = (
        select(col(Community.address), col(Membership.token_id), col(Membership.holder))
        .join(
            Membership,
            and_(col(Membership.chain_id) == chain_id, col(Membership.contract) == col(Community.membership)),
        )
        .where(
            col(Community.chain_id) == chain_id,
            col(Community.address).in_({row.community for row in rows}),
            col(Membership.token_id).in_({row.membership for row in rows}),
        )
    )
    return {(community, token_id): holder for community, token_id, holder in session.execute(statement)}


def _cheapest(session: Session, chain_id: int, contract: str) -> int:
    """The price of the cheapest paid period, base units; 0 where nothing is paid."""
    prices = select(col(Tier.price)).where(col(Tier.chain_id) == chain_id, col(Tier.contract) == contract)
    return min((price for price in session.execute(prices).scalars() if price), default=0)


def _badge(change: Change) -> tuple[str, int]:
    return str(change.ids["contract"]), int(str(change.ids["badge"]))


def _community(session: Session, chain_id: int, membership: str) -> Community | None:
    statement = select(Community).where(col(Community.chain_id) == chain_id, col(Community.membership) == membership)
    return session.execute(statement).scalar_one_or_none()
