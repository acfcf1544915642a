"""What can be asked about referral badges: frozen values from the mirror. Amounts are base units, shares 1/10 000."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community, CommunityRole
from indexer.tables.membership import Membership

LEVELS = ("bronze", "silver", "gold")
WHOLE = 10_000
REFERRALS = 1 << 40
"""Token ids below are referral badges."""
OWN_PAGE = 24
GRANTER = 2
"""Role bit of ICommunity."""


Key = tuple[str, int]
"""A badge: the Membership that keeps its ledger, and its id."""


@dataclass(frozen=True)
class Contracts:
    """The contracts of a community that badges touch. `royalty_bps` of each resale goes to the community."""

    community: str
    membership: str
    badges: str
    store: str
    royalty_bps: int
    currency: str = ZERO_ADDRESS
    """What the community is paid in; 0x0…0: the native coin."""


@dataclass(frozen=True)
class Rates:
    """What a badge gets of payments at each level, and the counted members that silver and gold take; each of them
    stands for `unit` of earned volume besides."""

    version: int
    bps: tuple[int, int, int]
    silver_from: int
    gold_from: int
    unit: int

    def members_for(self, level: int) -> int:
        return (0, self.silver_from, self.gold_from)[level]

    def volume_for(self, level: int) -> int:
        return self.members_for(level) * self.unit


@dataclass(frozen=True)
class Progress:
    """How far a badge is on its way to `level`."""

    level: int
    members: int
    members_needed: int
    volume: int
    volume_needed: int


@dataclass(frozen=True)
class BadgeView:
    """A referral badge. `minted`: it is a token; until then it belongs to the holder of its membership."""

    community: str
    contract: str
    id: int
    owner: str
    level: int
    counted: int
    volume: int
    income: int
    claimed: int
    minted: bool
    used: bool
    transfer_count: int
    rates: Rates
    newest_rates: int
    """Version of the rates that badges get which are first used now."""
    changed: int
    """Block of the last change; 0 for one that was never used."""

    @property
    def key(self) -> Key:
        return self.contract, self.id

    @property
    def level_name(self) -> str:
        return LEVELS[self.level]

    @property
    def rate_bps(self) -> int:
        return self.rates.bps[self.level]

    @property
    def accrued(self) -> int:
        """Income that its owner of the day can claim at once."""
        return self.income - self.claimed

    @property
    def progress(self) -> Progress | None:
        """Towards the next level; None at the highest."""
        if self.level == len(LEVELS) - 1:
            return None
        wanted = self.level + 1
        needed = self.rates.members_for(wanted), self.rates.volume_for(wanted)
        return Progress(wanted, self.counted, needed[0], self.volume, needed[1])


@dataclass(frozen=True)
class ClaimView:
    """Income that was paid out."""

    owner: str
    amount: int
    tx_hash: str
    at: int


def contracts_of(session: Session, chain_id: int, community: str) -> Contracts:
    """Raises NotFound."""
    found = contracts_by_community(session, chain_id, [community.lower()])
    if not found:
        raise NotFound("There is no such community here.")
    return found[community.lower()]


def contracts_by_community(session: Session, chain_id: int, communities: Collection[str]) -> Mapping[str, Contracts]:
    """The contracts of those of these communities that there are, by address."""
    statement = select(Community).where(col(Community.chain_id) == chain_id, col(Community.address).in_(communities))
    return {
        row.address: Contracts(row.address, row.membership, row.badges, row.store, row.royalty_bps, row.currency)
        for row in session.execute(statement).scalars()
    }


def badge_of(session: Session, chain_id: int, contracts: Contracts, badge: int) -> BadgeView:
    """One badge. Raises NotFound for a membership that was never paid: it cannot invite."""
    found = badges_by_id(session, chain_id, contracts, [badge])
    if not found:
        raise NotFound("There is no such badge: a membership that was never paid has none.")
    return found[badge]


def badges_by_id(
    session: Session, chain_id: int, contracts: Contracts, badges: Collection[int]
) -> Mapping[int, BadgeView]:
    """Those of these badges that there are, by id."""
    here = col(Community.address) == contracts.community
    used = _used(session, chain_id, here, col(BadgeLedger.badge).in_(badges))
    fresh = _fresh(session, chain_id, here, col(Membership.token_id).in_(badges))
    return {each.id: each for each in [*used, *fresh]}


def badges_of(
    session: Session, chain_id: int, owner: str, *, after: tuple[str, int] | None = None, limit: int = OWN_PAGE
) -> list[BadgeView]:
    """Badges that an account owns, also those that were never used, by community and id; at most `limit`, from behind
    `after` on."""
    used_id, fresh_id = col(BadgeLedger.badge), col(Membership.token_id)
    used = _used(session, chain_id, col(BadgeLedger.owner) == owner, *_behind(after, used_id), limit=limit)
    fresh = _fresh(session, chain_id, col(Membership.holder) == owner, *_behind(after, fresh_id), limit=limit)
    return sorted([*used, *fresh], key=lambda each: (each.community, each.id))[:limit]


def badges_in(session: Session, chain_id: int, contracts: Contracts, owner: str) -> list[BadgeView]:
    """Badges that are tokens of an account in one community, by id; at most OWN_PAGE."""
    here = col(Community.address) == contracts.community
    return _used(
        session, chain_id, here, col(BadgeLedger.owner) == owner, col(BadgeLedger.minted).is_(True), limit=OWN_PAGE
    )


def inviting_badge(session: Session, chain_id: int, community: str, account: str, own: int) -> BadgeView | None:
    """By which an account invites here: the badge of its membership (`own`) if that is still its, else another that it
    owns; None when it has none."""
    contracts = contracts_of(session, chain_id, community)
    badge = badges_by_id(session, chain_id, contracts, [own]).get(own)
    if badge is not None and badge.owner == account:
        return badge
    return next(iter(badges_in(session, chain_id, contracts, account)), None)


def newest_rates(session: Session, chain_id: int, contract: str) -> Rates | None:
    """What badges get that are first used now."""
    versions = _rates(session, chain_id, {contract})
    return versions[contract, max(version for _, version in versions)] if versions else None


def claims_of(session: Session, chain_id: int, badge: BadgeView, *, limit: int = 12) -> Sequence[ClaimView]:
    """What was paid out of a badge, the newest first."""
    statement = (
        select(BadgeClaim)
        .where(
            col(BadgeClaim.chain_id) == chain_id,
            col(BadgeClaim.contract) == badge.contract,
            col(BadgeClaim.badge) == badge.id,
        )
        .order_by(col(BadgeClaim.block_number).desc(), col(BadgeClaim.log_index).desc())
        .limit(limit)
    )
    return [ClaimView(row.owner, row.amount, row.tx_hash, row.at) for row in session.execute(statement).scalars()]


def may_grant(session: Session, chain_id: int, community: str, account: str) -> bool:
    """Whether the account has the role of a granter. The owner may, too, and is not asked for here."""
    row = session.get(CommunityRole, (chain_id, community, account))
    return row is not None and bool(row.roles & GRANTER)


def _behind(after: tuple[str, int] | None, ids: Any) -> Sequence[ColumnElement[bool]]:
    if after is None:
        return ()
    community, badge = after
    return (or_(col(Community.address) > community, and_(col(Community.address) == community, ids > badge)),)


def _used(session: Session, chain_id: int, *where: ColumnElement[bool], limit: int | None = None) -> list[BadgeView]:
    same = and_(col(Community.chain_id) == chain_id, col(Community.membership) == col(BadgeLedger.contract))
    statement = (
        select(BadgeLedger, col(Community.address))
        .join(Community, same)
        .where(col(BadgeLedger.chain_id) == chain_id, *where)
        .order_by(col(Community.address), col(BadgeLedger.badge))
        .limit(limit)
    )
    rows = session.execute(statement).all()
    rates = _rates(session, chain_id, {row.contract for row, _ in rows})
    newest = _newest(rates)
    return [
        BadgeView(
            community=community,
            contract=row.contract,
            id=row.badge,
            owner=row.owner,
            level=row.level,
            counted=row.counted,
            volume=row.volume,
            income=row.income,
            claimed=row.claimed,
            minted=row.minted,
            used=row.used,
            transfer_count=row.transfer_count,
            rates=rates[row.contract, row.version],
            newest_rates=newest[row.contract],
            changed=row.block_number,
        )
        for row, community in rows
    ]


def _fresh(session: Session, chain_id: int, *where: ColumnElement[bool], limit: int | None = None) -> list[BadgeView]:
    """Badges of memberships that were paid, and that nobody has used yet."""
    same = and_(col(Community.chain_id) == chain_id, col(Community.membership) == col(Membership.contract))
    ledger = and_(
        col(BadgeLedger.chain_id) == chain_id,
        col(BadgeLedger.contract) == col(Membership.contract),
        col(BadgeLedger.badge) == col(Membership.token_id),
    )
    statement = (
        select(Membership, col(Community.address))
        .join(Community, same)
        .outerjoin(BadgeLedger, ledger)
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.earned_at) > 0,
            col(BadgeLedger.badge).is_(None),
            *where,
        )
        .order_by(col(Community.address), col(Membership.token_id))
        .limit(limit)
    )
    rows = session.execute(statement).all()
    rates = _rates(session, chain_id, {row.contract for row, _ in rows})
    newest = _newest(rates)
    return [
        BadgeView(
            community=community,
            contract=row.contract,
            id=row.token_id,
            owner=row.holder,
            level=0,
            counted=0,
            volume=0,
            income=0,
            claimed=0,
            minted=False,
            used=False,
            transfer_count=0,
            rates=rates[row.contract, newest[row.contract]],
            newest_rates=newest[row.contract],
            changed=0,
        )
        for row, community in rows
    ]


def _rates(session: Session, chain_id: int, contracts: Collection[str]) -> dict[tuple[str, int], Rates]:
    if not contracts:
        return {}
    statement = select(BadgeRates).where(col(BadgeRates.chain_id) == chain_id, col(BadgeRates.contract).in_(contracts))
    return {
        (row.contract, row.version): Rates(
            row.version,
            (row.bronze_bps, row.silver_bps, row.gold_bps),
            row.silver_from,
            row.gold_from,
            row.volume_unit,
        )
        for row in session.execute(statement).scalars()
    }


def _newest(rates: Mapping[tuple[str, int], Rates]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for contract, version in rates:
        newest[contract] = max(version, newest.get(contract, 0))
    return newest
