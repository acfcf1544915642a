"""What accounts hold and who governs, now or at a past block, from the indexer's tables.

Only what a rule asks for is read, for many accounts in as many statements as for one. Everything but the ids of
memberships stands in the history of holdings, so that now and then are answered by the same queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from backend.gates.decision import FOREVER, Balance, Held, Holdings
from backend.gates.lists import listed
from backend.gates.rule import (
    Asset,
    BadgeLevel,
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsToken,
    MemberSince,
    OnList,
    Rule,
    leaves_of,
)
from backend.gates.watching import asset_key
from indexer.tables.chain import Block
from indexer.tables.community import Community, OwnerChange
from indexer.tables.holdings import (
    HoldingChange,
    achievement_asset,
    contribution_asset,
    license_asset,
    token_asset,
)
from indexer.tables.membership import Membership
from indexer.tables.outside import OutsideBalance
from indexer.tables.token import Token


@dataclass(frozen=True)
class Needs:
    """What a rule asks of holdings, besides memberships."""

    since: bool = False
    badge: bool = False
    achievements: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    sales: frozenset[str] = frozenset()
    assets: frozenset[Asset] = frozenset()
    roots: frozenset[str] = frozenset()


def needs_of(rule: Rule | None) -> Needs:
    leaves = [] if rule is None else list(leaves_of(rule))
    return Needs(
        since=any(isinstance(leaf, MemberSince) for leaf in leaves),
        badge=any(isinstance(leaf, BadgeLevel) for leaf in leaves),
        achievements=frozenset(leaf.achievement for leaf in leaves if isinstance(leaf, HasAchievement)),
        products=frozenset(leaf.product for leaf in leaves if isinstance(leaf, HasLicense)),
        sales=frozenset(leaf.sale for leaf in leaves if isinstance(leaf, Contributed)),
        assets=frozenset(leaf.asset for leaf in leaves if isinstance(leaf, HoldsToken)),
        roots=frozenset(leaf.root for leaf in leaves if isinstance(leaf, OnList)),
    )


def holdings_of(
    session: Session, chain_id: int, community: str, account: str | None, rule: Rule | None = None
) -> Holdings:
    """What the account holds in the community at the newest indexed block, as far as the rule asks."""
    if account is None:
        return Holdings(None)
    return holdings_of_many(session, chain_id, community, [account], rule)[account]


def holdings_of_many(
    session: Session, chain_id: int, community: str, accounts: Sequence[str], rule: Rule | None
) -> dict[str, Holdings]:
    """The same for each of these accounts."""
    row = session.get(Community, (chain_id, community))
    if row is None:
        return {account: Holdings(account) for account in accounts}
    statement = select(Membership).where(
        col(Membership.chain_id) == chain_id,
        col(Membership.contract) == row.membership,
        col(Membership.holder).in_(accounts),
    )
    memberships: dict[str, list[Held]] = {account: [] for account in accounts}
    for found in session.execute(statement).scalars():
        memberships[found.holder].append(Held(found.tier_id, found.token_id, found.expires_at))
    reading = _Reading(session, chain_id, row, accounts, None)
    return reading.holdings(needs_of(rule), memberships, owner=row.owner)


def holdings_at(
    session: Session, chain_id: int, community: str, account: str, block: int, rule: Rule | None = None
) -> Holdings:
    """As `holdings_of`, at the end of an earlier block of the canonical chain. Token ids are not known there: 0.

    Balances of outside tokens are known there only from the block on at which this home first asked for them.
    """
    row = session.get(Community, (chain_id, community))
    if row is None:
        return Holdings(account)
    reading = _Reading(session, chain_id, row, [account], block)
    tiers = f"{row.membership}/tier/"
    held = [
        Held(int(change.asset.removeprefix(tiers)), 0, change.expires_at)
        for change in reading.newest([], [tiers])
        if change.value
    ]
    owner = owner_at(session, chain_id, community, block)
    return reading.holdings(needs_of(rule), {account: held}, owner=owner)[account]


@dataclass(frozen=True)
class _Change:
    account: str
    asset: str
    value: int
    expires_at: int


@dataclass
class _Found:
    """What was read of one account."""

    since: int | None = None
    badge: int | None = None
    achievements: dict[int, int] = field(default_factory=dict)
    licenses: dict[int, int] = field(default_factory=dict)
    contributed: dict[str, int] = field(default_factory=dict)
    balances: dict[Asset, Balance] = field(default_factory=dict)
    lists: dict[str, bool] = field(default_factory=dict)


class _Reading:
    """Reads holdings of accounts of one community, at a block or (None) at the newest."""

    def __init__(
        self, session: Session, chain_id: int, community: Community, accounts: Sequence[str], block: int | None
    ) -> None:
        self._session, self._chain_id, self._community = session, chain_id, community
        self._accounts, self._block = list(accounts), block

    def holdings(self, needs: Needs, memberships: dict[str, list[Held]], *, owner: str | None) -> dict[str, Holdings]:
        found = {account: _Found() for account in self._accounts}
        self._read_assets(needs, found)
        self._read_outside(needs, found)
        if needs.since:
            self._read_since(found)
        if needs.roots:
            here = (self._chain_id, self._community.address)
            for root, on_it in listed(self._session, *here, needs.roots, self._accounts).items():
                for account in self._accounts:
                    found[account].lists[root] = account in on_it
        return {
            account: Holdings(account, tuple(memberships[account]), governs=owner == account, **vars(found[account]))
            for account in self._accounts
        }

    def _read_assets(self, needs: Needs, found: dict[str, _Found]) -> None:
        """What the history of holdings tells; who is not in it has none."""
        community = self._community
        badges = f"{community.membership}/badge/"
        own = self._own_tokens(needs.assets)
        names: dict[str, tuple[str, Any]] = {
            **{achievement_asset(community.badges, each): ("achievements", each) for each in needs.achievements},
            **{license_asset(community.store, each): ("licenses", each) for each in needs.products},
            **{contribution_asset(each): ("contributed", each) for each in needs.sales},
            **{token_asset(each.contract): ("balances", each) for each in own},
        }
        for each in found.values():
            each.badge = 0 if needs.badge else None
            for part, name in names.values():
                getattr(each, part)[name] = Balance(0) if part == "balances" else 0
        for change in self.newest(list(names), [badges] if needs.badge else []):
            mine = found[change.account]
            if change.asset not in names:
                mine.badge = max(mine.badge or 0, change.value)
                continue
            part, name = names[change.asset]
            if part == "licenses":
                mine.licenses[name] = change.expires_at if change.value else 0
            else:
                getattr(mine, part)[name] = Balance(change.value) if part == "balances" else change.value

    def _own_tokens(self, assets: Iterable[Asset]) -> list[Asset]:
        """Those that crowdsales here sold: every transfer of theirs is indexed from the first on."""
        coins = {asset.contract: asset for asset in assets if asset.standard == "erc20"}
        if not coins:
            return []
        statement = select(col(Token.address)).where(
            col(Token.chain_id) == self._chain_id, col(Token.address).in_(sorted(coins))
        )
        return [coins[address] for address in self._session.execute(statement).scalars()]

    def _read_outside(self, needs: Needs, found: dict[str, _Found]) -> None:
        known = {asset for each in found.values() for asset in each.balances}
        assets = {asset_key(asset): asset for asset in needs.assets - known}
        if not assets:
            return
        table = OutsideBalance
        where = [col(table.account).in_(self._accounts), col(table.asset).in_(sorted(assets))]
        columns = [col(table.account), col(table.asset), col(table.value), col(table.asked_at)]
        for account, key, value, asked_at in self._newest_rows(table, columns, where):
            if value is not None:
                found[account].balances[assets[key]] = Balance(value, int(asked_at))

    def _read_since(self, found: dict[str, _Found]) -> None:
        """The time of the block in which each account began to hold a membership that it has not given up since."""
        changes = select(
            col(HoldingChange.account), col(HoldingChange.asset), col(HoldingChange.value), col(Block.timestamp)
        ).join(
            Block,
            and_(
                col(Block.chain_id) == col(HoldingChange.chain_id),
                col(Block.number) == col(HoldingChange.block_number),
            ),
        )
        prefix = f"{self._community.membership}/tier/"
        where = [col(HoldingChange.account).in_(self._accounts), _begins(col(HoldingChange.asset), prefix)]
        ordered = changes.where(*self._here(HoldingChange), *where).order_by(
            col(HoldingChange.block_number), col(HoldingChange.log_index), col(HoldingChange.value).desc()
        )
        holding: dict[str, set[str]] = {account: set() for account in self._accounts}
        for each in found.values():
            each.since = FOREVER
        for account, asset, value, at in self._session.execute(ordered):
            tiers = holding[account]
            if value and not tiers:
                found[account].since = at
            (tiers.add if value else tiers.discard)(asset)
            if not tiers:
                found[account].since = FOREVER

    def newest(self, assets: Sequence[str], prefixes: Sequence[str]) -> list[_Change]:
        """The newest change of each account in each of these assets, and in all whose names begin so."""
        if not assets and not prefixes:
            return []
        table = HoldingChange
        named = [col(table.asset).in_(sorted(assets))] if assets else []
        chosen = or_(*named, *(_begins(col(table.asset), prefix) for prefix in prefixes))
        columns = [col(table.account), col(table.asset), col(table.value), col(table.expires_at)]
        where = [col(table.account).in_(self._accounts), chosen]
        return [_Change(*row) for row in self._newest_rows(table, columns, where)]

    def _newest_rows(
        self,
        table: type[HoldingChange] | type[OutsideBalance],
        columns: Sequence[Any],
        where: Sequence[ColumnElement[bool]],
    ) -> Iterable[Any]:
        place = func.row_number().over(
            partition_by=[col(table.account), col(table.asset)],
            order_by=[col(table.block_number).desc(), col(table.log_index).desc()],
        )
        numbered = select(*columns, place.label("place")).where(*self._here(table), *where).subquery()
        newest = select(*[numbered.c[column.name] for column in columns]).where(numbered.c.place == 1)
        return self._session.execute(newest).all()

    def _here(self, table: type[HoldingChange] | type[OutsideBalance]) -> list[ColumnElement[bool]]:
        upto = [] if self._block is None else [col(table.block_number) <= self._block]
        return [col(table.chain_id) == self._chain_id, *upto]


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.startswith(prefix, autoescape=True)
    return found


def owner_at(session: Session, chain_id: int, community: str, block: int) -> str | None:
    """Who owned the community at the end of this block; None before it was opened."""
    statement = (
        select(col(OwnerChange.owner))
        .where(
            col(OwnerChange.chain_id) == chain_id,
            col(OwnerChange.community) == community,
            col(OwnerChange.block_number) <= block,
        )
        .order_by(col(OwnerChange.block_number).desc(), col(OwnerChange.log_index).desc())
        .limit(1)
    )
    owner: str | None = session.execute(statement).scalar_one_or_none()
    return owner


def is_member(holdings: Holdings, *, at: int) -> bool:
    """Whether any of the memberships, free ones too, has not expired at `at`."""
    return any(held.expires_at > at for held in holdings.memberships)
