"""What can be asked about communities: frozen values from the mirror and the log."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Session, col

from backend import feed
from backend.community.tables import Profile, Topic, Welcome
from backend.log.tables import LogHead
from backend.membership.queries import member_count
from backend.problems import Forbidden, NotFound
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import Collection as Collected
from indexer.tables.community import Community, CommunityRole, ShareChange, Split
from indexer.tables.membership import Tier

PAGE = 12
"""Communities of a page of the list."""
MOST_WORDS = 6
"""Words of a search that are looked at."""
MOST_CURRENCIES = 24
"""Tokens that a founder is offered."""
TOPICS = 24
"""Topics that the list offers: those of most communities."""


HOME_URI = r"https?://[A-Za-z0-9.\[\]:-]{1,200}"
"""Of a home that links may lead to: a host and a port, and nothing that only looks like another one."""


@dataclass(frozen=True)
class CommunityView:
    """A community as everybody may see it. `currency` None is the chain's native coin."""

    chain_id: int
    address: str
    name: str
    symbol: str
    owner: str
    pending_owner: str | None
    founder: str
    membership: str
    badges: str
    store: str
    currency: str | None
    notice_seconds: int
    operator: str | None
    operator_bps: int
    parent: str | None
    parent_bps: int
    home_uri: str
    home_key: str
    epoch: int
    opened_at: int
    manifest_sequence: int
    manifest_digest: str | None
    tagline: str
    about: str
    topics: Sequence[str]
    look: int
    members: int
    log_seq: int
    opened_block: int = 0

    @property
    def home_link(self) -> str:
        """The address of its home, when it is a plain one; anybody may have written it on the chain."""
        return self.home_uri if re.fullmatch(HOME_URI, self.home_uri) else ""


@dataclass(frozen=True)
class RoleView:
    """An account with roles: bits 1 treasurer, 2 granter, 4 issuer, 8 publisher, 16 sale."""

    account: str
    roles: int


@dataclass(frozen=True)
class SplitView:
    """A co-founder's part of what is earned, 1/10 000."""

    account: str
    bps: int


@dataclass(frozen=True)
class OfficeView:
    """Who owns a community and who shares its income. Addresses None: nobody; times in unix seconds, 0: never."""

    store: str
    badges: str
    royalty_bps: int
    operator_cap_bps: int
    next_operator: str | None
    next_operator_bps: int
    next_operator_since: int
    splits: Sequence[SplitView]
    splits_locked_until: int


@dataclass(frozen=True)
class CollectionView:
    """Money that was paid out to somebody who shares in the income; base units of `currency` (None: native)."""

    block_number: int
    log_index: int
    source: str
    account: str
    currency: str | None
    amount: int
    tx_hash: str
    at: int


def community_of(session: Session, chain_id: int, address: str, *, at: int) -> CommunityView:
    """The community at this address. Raises NotFound."""
    found = _views(session, chain_id, at, [col(Community.address) == address.lower()])
    if not found:
        raise NotFound("There is no such community here.")
    return found[0]


def require_owner(community: CommunityView, account: str) -> None:
    """The account owns the community, or Forbidden is raised."""
    if community.owner != account:
        raise Forbidden("Only the owner of the community can do this.", reason="owner-only")


def owned_community(session: Session, chain_id: int, address: str, account: str) -> tuple[CommunityView, int]:
    """The community, which the account owns, and the chain's time. Raises NotFound, Forbidden."""
    at = feed.time_at(session, chain_id)
    view = community_of(session, chain_id, address, at=at)
    require_owner(view, account)
    return view, at


def communities(session: Session, chain_id: int, *, at: int) -> list[CommunityView]:
    """Every community that this chain's factory opened, newest first."""
    return _views(session, chain_id, at, [])


@dataclass(frozen=True)
class Search:
    """What somebody looks for. `home_key` and `only` (None: all): which communities this home serves.

    `before`: (block of opening, address) of the last one seen.
    """

    home_key: str
    only: Collection[str] | None = None
    words: str = ""
    topic: str = ""
    free: bool = False
    before: tuple[int, str] | None = None


def discover(session: Session, chain_id: int, search: Search, *, at: int) -> list[CommunityView]:
    """The served communities that match, the newest first, PAGE at most."""
    where = [col(Community.home_key) == search.home_key]
    if search.only is not None:
        where.append(col(Community.address).in_(search.only))
    where += [_says(word) for word in search.words.split()[:MOST_WORDS]]
    if search.topic:
        topic = (col(Topic.chain_id) == chain_id, col(Topic.community) == col(Community.address))
        where.append(exists().where(*topic, col(Topic.topic) == search.topic))
    if search.free:
        where.append(_free_to_join(chain_id, at))
    if search.before is not None:
        block, address = search.before
        opened = col(Community.opened_block)
        where.append(or_(opened < block, and_(opened == block, col(Community.address) > address)))
    return _views(session, chain_id, at, where, limit=PAGE)


def topics_of(session: Session, chain_id: int, home_key: str) -> list[tuple[str, int]]:
    """The topics of most communities of this home, and of how many."""
    count = func.count()
    statement = (
        select(col(Topic.topic), count)
        .join(Community, _same_community(Topic))
        .where(col(Community.chain_id) == chain_id, col(Community.home_key) == home_key)
        .group_by(col(Topic.topic))
        .order_by(count.desc(), col(Topic.topic))
        .limit(TOPICS)
    )
    return [(topic, number) for topic, number in session.execute(statement)]


def owned_by(session: Session, chain_id: int, owner: str, *, at: int) -> list[CommunityView]:
    """The communities of an account, the newest first, PAGE at most."""
    return _views(session, chain_id, at, [col(Community.owner) == owner], limit=PAGE)


def communities_by_address(
    session: Session, chain_id: int, addresses: Collection[str], *, at: int
) -> dict[str, CommunityView]:
    """These communities by their addresses."""
    found = _views(session, chain_id, at, [col(Community.address).in_(addresses)])
    return {view.address: view for view in found}


def welcome_of(session: Session, chain_id: int, community: str) -> str | None:
    """Id of the post that the owner marked as the place to say hello."""
    row = session.get(Welcome, (chain_id, community))
    return row.post_id if row else None


def _says(word: str) -> ColumnElement[bool]:
    """Name or profile contain the word. SQLite folds no letters beyond ASCII: names are tried as people write them."""
    spellings = dict.fromkeys([word, word.lower(), word.upper(), word.capitalize()])
    named = [col(Community.name).contains(each, autoescape=True) for each in spellings]
    return or_(*named, col(Profile.words).contains(word.casefold(), autoescape=True))


def _free_to_join(chain_id: int, at: int) -> ColumnElement[bool]:
    return exists().where(
        col(Tier.chain_id) == chain_id,
        col(Tier.contract) == col(Community.membership),
        col(Tier.price) == 0,
        col(Tier.paused).is_(False),
        col(Tier.invitation_only).is_(False),
        col(Tier.allow_root) == ZERO_HASH,
        col(Tier.retires_at) == 0,
        col(Tier.sale_start) <= at,
        or_(col(Tier.sale_end) == 0, col(Tier.sale_end) > at),
        or_(col(Tier.cap) == 0, col(Tier.seats) < col(Tier.cap)),
    )


def _views(
    session: Session, chain_id: int, at: int, where: Sequence[ColumnElement[bool]], *, limit: int | None = None
) -> list[CommunityView]:
    order = (col(Community.opened_block).desc(), col(Community.address))
    found = (  # first: members are counted for these alone
        select(col(Community.address))
        .outerjoin(Profile, _same_community(Profile))
        .where(col(Community.chain_id) == chain_id, *where)
        .order_by(*order)
        .limit(limit)
    )
    members = member_count(chain_id, col(Community.membership), at=at)
    statement = (
        select(Community, Profile, col(LogHead.seq), members)
        .outerjoin(Profile, _same_community(Profile))
        .outerjoin(LogHead, _same_community(LogHead))
        .where(col(Community.chain_id) == chain_id, col(Community.address).in_(found))
        .order_by(*order)
    )
    return [_view(*row) for row in session.execute(statement).all()]


def _same_community(table: type[Profile | LogHead | Topic]) -> ColumnElement[bool]:
    return and_(col(table.chain_id) == col(Community.chain_id), col(table.community) == col(Community.address))


def _view(row: Community, profile: Profile | None, log_seq: int | None, members: int) -> CommunityView:
    return CommunityView(
        chain_id=row.chain_id,
        address=row.address,
        name=row.name,
        symbol=row.symbol,
        owner=row.owner,
        pending_owner=_present(row.pending_owner),
        founder=row.founder,
        membership=row.membership,
        badges=row.badges,
        store=row.store,
        currency=_present(row.currency),
        notice_seconds=row.notice_seconds,
        operator=_present(row.operator),
        operator_bps=row.operator_bps,
        parent=_present(row.parent),
        parent_bps=row.parent_bps,
        home_uri=row.home_uri,
        home_key=row.home_key,
        epoch=row.epoch,
        opened_at=row.opened_at,
        manifest_sequence=row.manifest_sequence,
        manifest_digest=row.manifest_digest,
        tagline=profile.tagline if profile else "",
        about=profile.about if profile else "",
        topics=tuple(profile.topics) if profile else (),
        look=profile.look if profile else 0,
        members=members,
        log_seq=log_seq or 0,
        opened_block=row.opened_block,
    )


def look_of(session: Session, chain_id: int, community: str) -> int:
    """Which of its pictures a community has; 0 for what has chosen none, or is no community."""
    row = session.get(Profile, (chain_id, community))
    return row.look if row else 0


def _present(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address


def currencies_used(session: Session, chain_id: int, home_key: str, *, at: int) -> list[str]:
    """The tokens in which communities that name this home key are paid, MOST_CURRENCIES at most: those of most members
    first."""
    paid = (
        select(col(Community.currency), member_count(chain_id, col(Community.membership), at=at).label("members"))
        .where(
            col(Community.chain_id) == chain_id,
            col(Community.home_key) == home_key,
            col(Community.currency) != ZERO_ADDRESS,
        )
        .subquery()
    )
    statement = (
        select(paid.c.currency)
        .group_by(paid.c.currency)
        .order_by(func.sum(paid.c.members).desc(), paid.c.currency)
        .limit(MOST_CURRENCIES)
    )
    return list(session.execute(statement).scalars())


def roles_of(session: Session, chain_id: int, community: str) -> list[RoleView]:
    """Everybody with a role, sales too."""
    statement = select(CommunityRole).where(
        col(CommunityRole.chain_id) == chain_id,
        col(CommunityRole.community) == community,
        col(CommunityRole.roles) != 0,
    )
    rows = session.execute(statement.order_by(col(CommunityRole.account))).scalars()
    return [RoleView(row.account, row.roles) for row in rows]


def office_of(session: Session, view: CommunityView) -> OfficeView:
    """Shares, splits and what was offered or announced."""
    row = session.get_one(Community, (view.chain_id, view.address))
    return OfficeView(
        store=row.store,
        badges=row.badges,
        royalty_bps=row.royalty_bps,
        operator_cap_bps=row.operator_cap_bps,
        next_operator=_present(row.next_operator),
        next_operator_bps=row.next_operator_bps,
        next_operator_since=row.next_operator_since,
        splits=splits_of(session, view.chain_id, view.address),
        splits_locked_until=row.splits_locked_until,
    )


def splits_of(session: Session, chain_id: int, community: str) -> list[SplitView]:
    """The parts of the newest change of shares."""
    newest = (
        select(col(ShareChange.block_number), col(ShareChange.log_index))
        .where(col(ShareChange.chain_id) == chain_id, col(ShareChange.community) == community)
        .order_by(col(ShareChange.block_number).desc(), col(ShareChange.log_index).desc())
        .limit(1)
    )
    place = session.execute(newest).first()
    if place is None:
        return []
    statement = select(Split).where(
        col(Split.chain_id) == chain_id,
        col(Split.community) == community,
        col(Split.block_number) == place[0],
        col(Split.log_index) == place[1],
    )
    return [
        SplitView(row.account, row.bps) for row in session.execute(statement.order_by(col(Split.bps).desc())).scalars()
    ]


def collections_of(
    session: Session, chain_id: int, community: str, *, before: tuple[int, int] | None = None, limit: int = 20
) -> list[CollectionView]:
    """What was paid out, the newest first, below a block and log."""
    statement = select(Collected).where(col(Collected.chain_id) == chain_id, col(Collected.community) == community)
    if before is not None:
        statement = statement.where(
            or_(
                col(Collected.block_number) < before[0],
                and_(col(Collected.block_number) == before[0], col(Collected.log_index) < before[1]),
            )
        )
    order = (col(Collected.block_number).desc(), col(Collected.log_index).desc())
    return [
        CollectionView(
            row.block_number,
            row.log_index,
            row.source,
            row.account,
            _present(row.currency),
            row.amount,
            row.tx_hash,
            row.at,
        )
        for row in session.execute(statement.order_by(*order).limit(limit)).scalars()
    ]
