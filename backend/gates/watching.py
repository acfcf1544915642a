"""Tells the indexer which balances of outside tokens the gates need to know (the table `watches`)."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, or_, select
from sqlmodel import Session, col

from backend.db import insert_into
from backend.gates.decision import FOREVER, Holdings
from backend.gates.rule import Asset, HoldsToken, Rule, leaves_of
from backend.gates.tables import Watch
from indexer.tables.outside import outside_asset

AGAIN_SECONDS = 5
"""Between two notes that the same balance is needed."""
UNTOLD_SECONDS = 3_600
"""After half of it an ERC-20 balance is asked for again where a rule has no `max_age`: some move without a Transfer, as
wrapped native coins do when they are made and ended. Until then the answer stands."""
MOST_WATCHED = 500
"""Contracts that a home's indexer follows on one chain; what more there is stays unknown, and its gates closed."""


def asset_key(asset: Asset) -> str:
    """As the indexer calls it."""
    return outside_asset(asset.standard, asset.contract, asset.id)


def needed(rule: Rule | None, holdings: Holdings, *, at: int) -> dict[Asset, bool]:
    """Assets whose balance is not known, or will be too old soon; True where the contract must be asked each time."""
    assets: dict[Asset, bool] = {}
    if rule is None or holdings.account is None or holdings.governs:
        return assets
    for leaf in leaves_of(rule):
        if isinstance(leaf, HoldsToken):
            balance = holdings.balances.get(leaf.asset)
            asked_at = 0 if balance is None else balance.asked_at
            age = leaf.max_age or (UNTOLD_SECONDS if leaf.asset.standard == "erc20" else None)
            if balance is None or (asked_at < FOREVER and age and asked_at + age // 2 <= at):
                assets[leaf.asset] = assets.get(leaf.asset, False) or leaf.max_age is not None or balance is not None
    return assets


def told(session: Session, chain_id: int, community: str, account: str, assets: Iterable[Asset], *, at: int) -> bool:
    """Whether the indexer was told of all of them just now."""
    keys = {asset_key(asset) for asset in assets}
    statement = select(col(Watch.asset)).where(
        col(Watch.chain_id) == chain_id,
        col(Watch.community) == community,
        col(Watch.account) == account,
        col(Watch.asset).in_(sorted(keys)),
        col(Watch.needed_at) > at - AGAIN_SECONDS,
    )
    return keys <= set(session.execute(statement).scalars())


def watch(session: Session, *, chain_id: int, community: str, account: str, assets: dict[Asset, bool], at: int) -> None:
    """The indexer will know these balances of the account, and follow them from then on, as far as it can follow."""
    followed = _followed(session, chain_id, community, {asset.contract for asset in assets})
    for asset, ages in sorted(assets.items(), key=lambda each: asset_key(each[0])):
        if asset.contract not in followed:
            continue
        row = {"chain_id": chain_id, "community": community, "asset": asset_key(asset), "account": account}
        insert = insert_into(session, Watch).values(**row, ages=ages, needed_at=at)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=list(row),
                set_={"needed_at": at, "ages": or_(col(Watch.ages), insert.excluded.ages)},
            )
        )


def contracts_of(rules: Iterable[Rule]) -> set[str]:
    """Contracts of outside tokens that the rules name."""
    return {leaf.asset.contract for rule in rules for leaf in leaves_of(rule) if isinstance(leaf, HoldsToken)}


def forget_others(session: Session, chain_id: int, community: str, contracts: set[str]) -> None:
    """The community needs no other contracts than these any more."""
    own = (col(Watch.chain_id) == chain_id, col(Watch.community) == community)
    gone = [asset for asset in _assets(session, *own) if _contract(asset) not in contracts]
    session.execute(delete(Watch).where(*own, col(Watch.asset).in_(gone)))


def _followed(session: Session, chain_id: int, community: str, contracts: set[str]) -> set[str]:
    """Those that are watched already, or for which there is room. All are counted only for one new to its community."""
    here = col(Watch.chain_id) == chain_id
    known = {_contract(asset) for asset in _assets(session, here, col(Watch.community) == community)}
    if contracts <= known:
        return contracts
    watched = {_contract(asset) for asset in _assets(session, here)}
    room = max(MOST_WATCHED - len(watched), 0)
    return contracts & watched | set(sorted(contracts - watched)[:room])


def _assets(session: Session, *where: ColumnElement[bool]) -> list[str]:
    return list(session.execute(select(col(Watch.asset)).where(*where).distinct()).scalars())


def _contract(asset: str) -> str:
    return asset.split("/")[1]
