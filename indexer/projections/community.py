"""Events of CommunityFactory and Community -> rows."""

from collections.abc import Iterable
from typing import Any

from indexer.events import Position
from indexer.events.community import (
    Collected,
    CommunityOpened,
    HomeMoved,
    KeySet,
    ManifestPublished,
    OperatorAnnounced,
    OwnershipOffered,
    OwnershipTransferred,
    RolesSet,
    SaleOpened,
    SharesSet,
)
from indexer.projections.badges import rates_begin
from indexer.projections.rows import Rows, Wanted
from indexer.projections.store import store_begins
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import (
    Collection,
    Community,
    CommunityRole,
    DelegatedKey,
    Home,
    Manifest,
    OwnerChange,
    ShareChange,
    Split,
)
from indexer.tables.membership import Earnings


def opened(rows: Rows, event: CommunityOpened, at: Position) -> None:
    rows.put(
        Community,
        address=event.community,
        founder=event.founder,
        owner=event.founder,
        pending_owner=ZERO_ADDRESS,
        membership=event.membership,
        badges=event.badges,
        store=event.store,
        currency=event.currency,
        notice_seconds=event.notice_seconds,
        royalty_bps=event.royalty_bps,
        operator=event.operator,
        operator_bps=event.operator_bps,
        operator_cap_bps=event.operator_cap_bps,
        next_operator=ZERO_ADDRESS,
        next_operator_bps=0,
        next_operator_since=0,
        parent=event.parent,
        parent_bps=event.parent_bps,
        splits_locked_until=0,
        name=event.name,
        symbol=event.symbol,
        home_uri=event.home_uri,
        home_key=event.home_key,
        epoch=1,
        manifest_sequence=0,
        manifest_digest=None,
        opened_block=at.block_number,
        opened_at=at.at,
        block_number=at.block_number,
    )
    _owner_begins(rows, at, community=event.community, owner=event.founder)
    for source in (event.membership, event.store):
        rows.put(Earnings, contract=source, earned_total=0, withdrawn_total=0)
    store_begins(rows, at, contract=event.store)
    rates_begin(rows, at, version=0, rates=event.rates)
    rows.tell("community", community=event.community)
    _begin_epoch(rows, HomeMoved(1, event.home_uri, event.home_key, ZERO_HASH, 0), at)


def _owner_begins(rows: Rows, at: Position, *, community: str, owner: str) -> None:
    rows.append(OwnerChange, community=community, block_number=at.block_number, log_index=at.log_index, owner=owner)


def home_moved(rows: Rows, event: HomeMoved, at: Position) -> None:
    _change(rows, at, epoch=event.epoch, home_uri=event.uri, home_key=event.home_key)
    _begin_epoch(rows, event, at)


def _begin_epoch(rows: Rows, event: HomeMoved, at: Position) -> None:
    rows.put(
        Home,
        community=at.community,
        epoch=event.epoch,
        uri=event.uri,
        home_key=event.home_key,
        base_digest=event.base_digest,
        sequence=event.sequence,
        block_number=at.block_number,
        block_hash=at.block_hash,
        at=at.at,
    )
    rows.tell("home", community=at.community, epoch=event.epoch)


def manifest_published(rows: Rows, event: ManifestPublished, at: Position) -> None:
    _change(rows, at, manifest_sequence=event.sequence, manifest_digest=event.digest)
    rows.put(
        Manifest,
        community=at.community,
        sequence=event.sequence,
        digest=event.digest,
        epoch=event.epoch,
        publisher=event.publisher,
        block_number=at.block_number,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    rows.tell("manifest", community=at.community, sequence=event.sequence)


def key_set(rows: Rows, event: KeySet, at: Position) -> None:
    rows.put(
        DelegatedKey,
        community=at.community,
        account=event.account,
        key_hash=event.key_hash,
        until=event.until,
        block_number=at.block_number,
        log_index=at.log_index,
    )
    rows.tell("key", community=at.community, account=event.account)


def roles_set(rows: Rows, event: RolesSet, at: Position) -> None:
    rows.put(CommunityRole, community=at.community, account=event.account, roles=event.roles)
    rows.tell("community", community=at.community)


def ownership_offered(rows: Rows, event: OwnershipOffered, at: Position) -> None:
    _change(rows, at, pending_owner=event.pending_owner)
    rows.tell("community", community=at.community)


def ownership_transferred(rows: Rows, event: OwnershipTransferred, at: Position) -> None:
    _change(rows, at, owner=event.owner, pending_owner=ZERO_ADDRESS)
    rows.append(
        OwnerChange,
        community=at.community,
        block_number=at.block_number,
        log_index=at.log_index,
        owner=event.owner,
    )
    rows.tell("community", community=at.community)


def shares_set(rows: Rows, event: SharesSet, at: Position) -> None:
    values = {
        "operator": event.operator,
        "operator_bps": event.operator_bps,
        "parent": event.parent,
        "parent_bps": event.parent_bps,
        "splits_locked_until": event.splits_locked_until,
    }
    _change(rows, at, **values)
    place = {"community": at.community, "block_number": at.block_number, "log_index": at.log_index}
    rows.append(ShareChange, **place, at=at.at, **values)
    for split in event.splits:
        rows.append(Split, **place, account=split.account, bps=split.bps)
    rows.tell("community", community=at.community)


def operator_announced(rows: Rows, event: OperatorAnnounced, at: Position) -> None:
    _change(rows, at, next_operator=event.operator, next_operator_bps=event.bps, next_operator_since=event.since)
    rows.tell("community", community=at.community)


def sale_opened(rows: Rows, event: SaleOpened, at: Position) -> None:
    """The factory's event, just before, told all of it."""
    rows.tell("sale", community=at.community, sale=event.sale)


def collected(rows: Rows, event: Collected, at: Position) -> None:
    rows.append(
        Collection,
        community=at.community,
        block_number=at.block_number,
        log_index=at.log_index,
        source=event.source,
        account=event.account,
        currency=event.currency,
        amount=event.amount,
        taken=event.taken,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    rows.tell("earnings", community=at.community, contract=event.source)


def _change(rows: Rows, at: Position, **values: Any) -> None:
    rows.change(Community, (at.community,), block_number=at.block_number, **values)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    yield Community, (at.community,)
    if isinstance(event, KeySet):
        yield DelegatedKey, (at.community, event.account, event.key_hash)
    elif isinstance(event, RolesSet):
        yield CommunityRole, (at.community, event.account)
    elif isinstance(event, CommunityOpened | HomeMoved):
        yield Home, (at.community, getattr(event, "epoch", 1))
    elif isinstance(event, ManifestPublished):
        yield Manifest, (at.community, event.sequence)


PROJECTIONS = {
    CommunityOpened: opened,
    HomeMoved: home_moved,
    ManifestPublished: manifest_published,
    KeySet: key_set,
    RolesSet: roles_set,
    OwnershipOffered: ownership_offered,
    OwnershipTransferred: ownership_transferred,
    SharesSet: shares_set,
    OperatorAnnounced: operator_announced,
    SaleOpened: sale_opened,
    Collected: collected,
}
