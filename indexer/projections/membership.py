"""Events of Membership about tiers, memberships and their money -> rows."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from indexer.events import Position
from indexer.events.membership import (
    EarningsWithdrawn,
    MembershipBurned,
    MembershipCancelled,
    MembershipGranted,
    MembershipJoined,
    MembershipMoved,
    MembershipRenewed,
    MembershipRevoked,
    MembershipSettled,
    MembershipTierChanged,
    SeatReleased,
    Swept,
    TierSet,
    VoucherUsed,
)
from indexer.events.membership import Tier as TierState
from indexer.events.text import label_text
from indexer.events.words import money_of, terms_of
from indexer.projections import days
from indexer.projections.badges import ledger_changed, membership_moved
from indexer.projections.holdings import membership_changed
from indexer.projections.money import swept_by
from indexer.projections.renewals import consent_ended, consent_followed
from indexer.projections.rows import Rows, Wanted
from indexer.tables.badges import BadgeLedger
from indexer.tables.bulk import Row
from indexer.tables.membership import (
    Earnings,
    Ending,
    FormerMember,
    Grant,
    Membership,
    Payment,
    Settlement,
    Tier,
    Voucher,
    VoucherUse,
)
from indexer.tables.renewals import Consent

TIER_FIELDS = tuple(field.name for field in fields(TierState))
_tier_values = attrgetter(*TIER_FIELDS)


def tier_set(rows: Rows, event: TierSet, at: Position) -> None:
    values = dict(zip(TIER_FIELDS, _tier_values(event.tier), strict=True))
    values["label"] = label_text(event.tier.label)
    rows.put(Tier, contract=at.contract, tier_id=event.tier_id, block_number=at.block_number, **values)
    rows.tell("tier", community=at.community, contract=at.contract, tier_id=event.tier_id)


def joined(rows: Rows, event: MembershipJoined, at: Position) -> None:
    rows.remove(FormerMember, (at.contract, event.holder))
    first = {"contract": at.contract, "token_id": event.token_id, "holder": event.holder, "joined_at": at.at}
    after = first | terms_of(event.terms) | money_of(event.money)
    _save(rows, at, before=None, after=after)
    _pay(rows, event, at, after, kind="join", payer=event.payer, previous_tier_id=0)


def renewed(rows: Rows, event: MembershipRenewed, at: Position) -> None:
    after = _update(rows, at, event.token_id, terms_of(event.terms) | money_of(event.money))
    tier_id = after["tier_id"]
    _pay(rows, event, at, after, kind="renewal", payer=event.payer, previous_tier_id=tier_id, tip=event.tip)


def tier_changed(rows: Rows, event: MembershipTierChanged, at: Position) -> None:
    after = _update(rows, at, event.token_id, terms_of(event.terms) | money_of(event.money))
    _pay(rows, event, at, after, kind="tier", payer=event.holder, previous_tier_id=event.previous_tier_id)


def granted(rows: Rows, event: MembershipGranted, at: Position) -> None:
    after = _update(rows, at, event.token_id, terms_of(event.terms) | money_of(event.money))
    rows.append(
        Grant,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token_id=event.token_id,
        holder=event.holder,
        granter=event.by,
        expires_at=after["expires_at"],
        tx_hash=at.tx_hash,
        at=at.at,
    )


def cancelled(rows: Rows, event: MembershipCancelled, at: Position) -> None:
    after = _update(rows, at, event.token_id, terms_of(event.terms) | money_of(event.money))
    _end(rows, event, at, after, kind="cancel", ended_by=event.holder, paid_to=event.to)


def revoked(rows: Rows, event: MembershipRevoked, at: Position) -> None:
    after = _update(rows, at, event.token_id, terms_of(event.terms) | money_of(event.money))
    _end(rows, event, at, after, kind="revoke", ended_by=event.by, paid_to=event.holder)


def burned(rows: Rows, event: MembershipBurned, at: Position) -> None:
    before = rows.get(Membership, (at.contract, event.token_id))
    rows.remove(Membership, (at.contract, event.token_id))
    if event.badge or event.counted:
        rows.put(
            FormerMember,
            contract=at.contract,
            account=event.holder,
            badge=event.badge,
            counted=event.counted,
            left_at=at.at,
        )
    _follow(rows, at, before=before, after=None)
    _end(rows, event, at, before, kind="burn", ended_by=event.holder, paid_to=event.to)


def moved(rows: Rows, event: MembershipMoved, at: Position) -> None:
    """Consent ends, and what the new wallet kept of an earlier membership; the badge follows while it is no token."""
    consent_ended(rows, at, event.token_id)
    rows.remove(FormerMember, (at.contract, event.to))
    membership_moved(rows, at, event.token_id, event.to)
    _update(rows, at, event.token_id, {"holder": event.to} | terms_of(event.terms) | money_of(event.money))


def seat_released(rows: Rows, event: SeatReleased, at: Position) -> None:
    _update(rows, at, event.token_id, money_of(event.money))


def settled(rows: Rows, event: MembershipSettled, at: Position) -> None:
    after = _update(rows, at, event.token_id, money_of(event.money))
    if event.badge:
        days.add(rows, at, after["tier_id"], badge_shares=event.badge_share)
        ledger_changed(rows, at, event.badge, event.ledger)
    rows.append(
        Settlement,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token_id=event.token_id,
        badge=event.badge,
        earned=event.earned,
        badge_share=event.badge_share,
        at=at.at,
    )
    _earn(rows, at, earned_total=event.earned_total)


def earnings_withdrawn(rows: Rows, event: EarningsWithdrawn, at: Position) -> None:
    _earn(rows, at, withdrawn_total=event.withdrawn_total)


def voucher_used(rows: Rows, event: VoucherUsed, at: Position) -> None:
    rows.put(
        Voucher,
        contract=at.contract,
        digest=event.digest,
        issuer=event.issuer,
        used=event.used,
        block_number=at.block_number,
    )
    if event.token_id:  # else it was withdrawn
        rows.append(
            VoucherUse,
            contract=at.contract,
            digest=event.digest,
            block_number=at.block_number,
            log_index=at.log_index,
            token_id=event.token_id,
            at=at.at,
        )
    rows.tell("voucher", community=at.community, contract=at.contract, digest=event.digest)


def swept(rows: Rows, event: Swept, at: Position) -> None:
    swept_by(rows, at, token=event.token, to=event.to, amount=event.amount)


def _update(rows: Rows, at: Position, token_id: int, values: Row) -> Row:
    """The membership as it is now, with these values."""
    before = rows.get(Membership, (at.contract, token_id))
    after = before | values
    _save(rows, at, before=before, after=after)
    return after


def _save(rows: Rows, at: Position, *, before: Row | None, after: Row) -> None:
    """The membership is `after` now; all else follows."""
    rows.put(Membership, **after | {"block_number": at.block_number})
    _follow(rows, at, before=before, after=after)


def _follow(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    """Seats, holdings and the feed are as the membership is now; `after` None: it is no more."""
    left, taken = _seat_of(before), _seat_of(after)
    if left != taken:
        _move_seats(rows, at, left, by=-1)
        _move_seats(rows, at, taken, by=1)
    membership_changed(rows, at, before=before, after=after)
    days.membership_counted(rows, at, before=before, after=after)
    known = [row for row in (after, before) if row is not None]
    consent_followed(rows, at, known[0]["token_id"], after)
    holders = list(dict.fromkeys(row["holder"] for row in known))
    rows.tell(
        "membership", community=at.community, contract=at.contract, token_id=known[0]["token_id"], holders=holders
    )


def _seat_of(membership: Row | None) -> int | None:
    """The tier whose seat it takes."""
    return None if membership is None or membership["released"] else membership["tier_id"]


def _move_seats(rows: Rows, at: Position, tier_id: int | None, *, by: int) -> None:
    if tier_id is not None:
        seats = rows.get(Tier, (at.contract, tier_id))["seats"]
        rows.change(Tier, (at.contract, tier_id), seats=seats + by, block_number=at.block_number)


def _pay(
    rows: Rows,
    event: MembershipJoined | MembershipRenewed | MembershipTierChanged,
    at: Position,
    after: Row,
    *,
    kind: str,
    payer: str,
    previous_tier_id: int,
    tip: int = 0,
) -> None:
    days.add(rows, at, after["tier_id"], joined=int(kind == "join"), paid=event.amount, tips=tip)
    rows.append(
        Payment,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token_id=event.token_id,
        kind=kind,
        holder=event.holder,
        payer=payer,
        tier_id=after["tier_id"],
        previous_tier_id=previous_tier_id,
        badge=after["badge"],
        amount=event.amount,
        tip=tip,
        periods=event.periods,
        expires_at=after["expires_at"],
        tx_hash=at.tx_hash,
        at=at.at,
    )


def _end(
    rows: Rows,
    event: MembershipCancelled | MembershipRevoked | MembershipBurned,
    at: Position,
    membership: Row,
    *,
    kind: str,
    ended_by: str,
    paid_to: str,
) -> None:
    days.add(rows, at, membership["tier_id"], refunded=event.refund)
    rows.append(
        Ending,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token_id=event.token_id,
        kind=kind,
        tier_id=membership["tier_id"],
        holder=event.holder,
        ended_by=ended_by,
        paid_to=paid_to,
        refund=event.refund,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def _earn(rows: Rows, at: Position, **totals: int) -> None:
    rows.change(Earnings, (at.contract,), **totals)
    rows.tell("earnings", community=at.community, contract=at.contract)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    contract = at.contract
    if isinstance(event, TierSet):
        yield Tier, (contract, event.tier_id)
    elif isinstance(event, VoucherUsed):
        yield Voucher, (contract, event.digest)
    elif isinstance(event, EarningsWithdrawn):
        yield Earnings, (contract,)
    elif not isinstance(event, Swept):
        yield Membership, (contract, event.token_id)
        yield Consent, (contract, event.token_id)
        yield from _reads_of_membership(event, contract)


def _reads_of_membership(event: Any, contract: str) -> Iterable[Wanted]:
    if isinstance(event, MembershipSettled):
        yield Earnings, (contract,)
        if event.badge:
            yield BadgeLedger, (contract, event.badge)
    elif isinstance(event, MembershipJoined):
        yield Tier, (contract, event.tier_id)
        yield FormerMember, (contract, event.holder)
    elif isinstance(event, MembershipTierChanged):
        yield Tier, (contract, event.tier_id)
        yield Tier, (contract, event.previous_tier_id)
    elif isinstance(event, MembershipMoved):
        yield FormerMember, (contract, event.to)
        yield BadgeLedger, (contract, event.token_id)


PROJECTIONS = {
    TierSet: tier_set,
    MembershipJoined: joined,
    MembershipRenewed: renewed,
    MembershipTierChanged: tier_changed,
    MembershipGranted: granted,
    MembershipCancelled: cancelled,
    MembershipRevoked: revoked,
    MembershipBurned: burned,
    MembershipMoved: moved,
    SeatReleased: seat_released,
    MembershipSettled: settled,
    EarningsWithdrawn: earnings_withdrawn,
    VoucherUsed: voucher_used,
    Swept: swept,
}
