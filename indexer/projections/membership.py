"""Events of Membership -> rows."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from indexer.events import Position
from indexer.events.membership import (
    EarningsWithdrawn,
    MembershipJoined,
    MembershipMoved,
    MembershipRenewed,
    MembershipSettled,
    State,
    TierSet,
)
from indexer.events.membership import Tier as TierState
from indexer.events.text import label_text
from indexer.projections.holdings import membership_changed
from indexer.projections.rows import Rows, Wanted
from indexer.tables.bulk import Row
from indexer.tables.membership import Earnings, Membership, Payment, Tier

STATE_FIELDS = tuple(field.name for field in fields(State))
TIER_FIELDS = tuple(field.name for field in fields(TierState))
_state_values = attrgetter(*STATE_FIELDS)
_tier_values = attrgetter(*TIER_FIELDS)


def tier_set(rows: Rows, event: TierSet, at: Position) -> None:
    values = dict(zip(TIER_FIELDS, _tier_values(event.tier), strict=True))
    values["label"] = label_text(event.tier.label)
    rows.put(Tier, contract=at.contract, tier_id=event.tier_id, block_number=at.block_number, **values)
    rows.tell("tier", community=at.community, contract=at.contract, tier_id=event.tier_id)


def joined(rows: Rows, event: MembershipJoined, at: Position) -> None:
    first = {"contract": at.contract, "token_id": event.token_id, "holder": event.holder, "joined_at": at.at}
    _save(rows, at, before=None, after=first | _state(event.state))
    _pay(rows, event, at, kind="join")


def renewed(rows: Rows, event: MembershipRenewed, at: Position) -> None:
    _update(rows, at, event.token_id, _state(event.state))
    _pay(rows, event, at, kind="renewal")


def moved(rows: Rows, event: MembershipMoved, at: Position) -> None:
    _update(rows, at, event.token_id, {"holder": event.to} | _state(event.state))


def settled(rows: Rows, event: MembershipSettled, at: Position) -> None:
    _update(rows, at, event.token_id, _state(event.state))
    _earn(rows, at, earned_total=event.earned_total)


def earnings_withdrawn(rows: Rows, event: EarningsWithdrawn, at: Position) -> None:
    _earn(rows, at, withdrawn_total=event.withdrawn_total)


def _state(state: State) -> Row:
    return dict(zip(STATE_FIELDS, _state_values(state), strict=True))


def _update(rows: Rows, at: Position, token_id: int, values: Row) -> None:
    before = rows.get(Membership, (at.contract, token_id))
    _save(rows, at, before=before, after=before | values)


def _save(rows: Rows, at: Position, *, before: Row | None, after: Row) -> None:
    """The membership is `after` now; seats, holdings and the feed follow."""
    rows.put(Membership, **after | {"block_number": at.block_number})
    old_tier = None if before is None else before["tier_id"]
    if old_tier != after["tier_id"]:
        _seat(rows, at, tier_id=after["tier_id"], by=1)
        if old_tier is not None:
            _seat(rows, at, tier_id=old_tier, by=-1)
    membership_changed(rows, at, before=before, after=after)
    holders = list(dict.fromkeys(row["holder"] for row in (after, before) if row is not None))
    rows.tell("membership", community=at.community, contract=at.contract, token_id=after["token_id"], holders=holders)


def _seat(rows: Rows, at: Position, *, tier_id: int, by: int) -> None:
    seats = rows.get(Tier, (at.contract, tier_id))["seats"]
    rows.change(Tier, (at.contract, tier_id), seats=seats + by, block_number=at.block_number)


def _pay(rows: Rows, event: MembershipJoined | MembershipRenewed, at: Position, *, kind: str) -> None:
    rows.append(
        Payment,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token_id=event.token_id,
        kind=kind,
        holder=event.holder,
        payer=event.payer,
        tier_id=event.tier_id,
        amount=event.amount,
        periods=event.periods,
        expires_at=event.state.expires_at,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def _earn(rows: Rows, at: Position, **totals: int) -> None:
    rows.change(Earnings, (at.contract,), **totals)
    rows.tell("earnings", community=at.community, contract=at.contract)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, TierSet):
        yield Tier, (at.contract, event.tier_id)
    elif isinstance(event, EarningsWithdrawn):
        yield Earnings, (at.contract,)
    else:
        yield Membership, (at.contract, event.token_id)
        yield Tier, (at.contract, event.state.tier_id)
        yield Earnings, (at.contract,)


PROJECTIONS = {
    TierSet: tier_set,
    MembershipJoined: joined,
    MembershipRenewed: renewed,
    MembershipMoved: moved,
    MembershipSettled: settled,
    EarningsWithdrawn: earnings_withdrawn,
}
