"""What can be asked about communities: frozen values from the mirror and the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from backend.community.tables import Profile
from backend.log.tables import LogHead
from backend.problems import Forbidden, NotFound
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.membership import Earnings, Membership


@dataclass(frozen=True)
class CommunityView:
    """A community as everybody may see it. `currency` None is the chain's native coin."""

    chain_id: int
    address: str
    name: str
    symbol: str
    owner: str
    founder: str
    membership: str
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
    members: int
    log_seq: int


def community_of(session: Session, chain_id: int, address: str, *, at: int) -> CommunityView:
    """The community at this address. Raises NotFound."""
    found = _views(session, chain_id, at, [address.lower()])
    if not found:
        raise NotFound("There is no such community here.")
    return found[0]


def require_owner(community: CommunityView, account: str) -> None:
    """The account owns the community, or Forbidden is raised."""
    if community.owner != account:
        raise Forbidden("Only the owner of the community can do this.", reason="owner-only")


def communities(session: Session, chain_id: int, *, at: int) -> list[CommunityView]:
    """Every community that this chain's factory opened, newest first."""
    return _views(session, chain_id, at, None)


def _views(session: Session, chain_id: int, at: int, addresses: list[str] | None) -> list[CommunityView]:
    members = (
        select(func.count())
        .select_from(Membership)
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == col(Community.membership),
            col(Membership.expires_at) > at,
        )
        .correlate(Community)
        .scalar_subquery()
    )
    statement = (
        select(Community, Profile, col(LogHead.seq), members)
        .outerjoin(Profile, _same_community(Profile))
        .outerjoin(LogHead, _same_community(LogHead))
        .where(col(Community.chain_id) == chain_id)
        .order_by(col(Community.opened_block).desc(), col(Community.address))
    )
    if addresses is not None:
        statement = statement.where(col(Community.address).in_(addresses))
    return [_view(*row) for row in session.execute(statement).all()]


def _same_community(table: type[Profile] | type[LogHead]) -> ColumnElement[bool]:
    return and_(col(table.chain_id) == col(Community.chain_id), col(table.community) == col(Community.address))


def _view(row: Community, profile: Profile | None, log_seq: int | None, members: int) -> CommunityView:
    return CommunityView(
        chain_id=row.chain_id,
        address=row.address,
        name=row.name,
        symbol=row.symbol,
        owner=row.owner,
        founder=row.founder,
        membership=row.membership,
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
        members=members,
        log_seq=log_seq or 0,
    )


def _present(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address


def earned_total(session: Session, view: CommunityView) -> tuple[int, int]:
    """Income of the community: (earned so far, withdrawn of it), base units, as of the newest settlement."""
    row = session.get(Earnings, (view.chain_id, view.membership))
    return (row.earned_total, row.withdrawn_total) if row else (0, 0)
