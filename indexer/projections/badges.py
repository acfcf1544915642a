"""Events of Membership about what badges earn, and of Badges about referral badges as tokens -> rows.

In both the ledgers are those of the Membership: a badge is known by its address and its id.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from indexer.events import Position
from indexer.events.badges import Transfer
from indexer.events.membership import BadgeClaimed, BadgeLedgerSet, Rates, RatesSet
from indexer.events.words import ledger_of
from indexer.projections.achievements import achievement_moved, reads_of_move
from indexer.projections.holdings import holds_now
from indexer.projections.rows import Rows, Wanted
from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates
from indexer.tables.bulk import Row
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.holdings import badge_asset
from indexer.tables.membership import Membership

REFERRALS = 1 << 40
"""Token ids below are referral badges."""


def badge_ledger_set(rows: Rows, event: BadgeLedgerSet, at: Position) -> None:
    ledger_changed(rows, at, event.badge, event.ledger)


def ledger_changed(rows: Rows, at: Position, badge: int, ledger: int) -> None:
    """The badge's ledger is this word now. One that is used for the first time belongs to its membership's holder."""
    before = rows.find(BadgeLedger, (at.membership, badge))
    kept = before or {
        "contract": at.membership,
        "badge": badge,
        "owner": rows.get(Membership, (at.membership, badge))["holder"],
        "transfer_count": 0,
        "claimed": 0,
    }
    _save(rows, at, before=before, after=kept | ledger_of(ledger))


def badge_claimed(rows: Rows, event: BadgeClaimed, at: Position) -> None:
    before = rows.get(BadgeLedger, (at.membership, event.badge))
    _save(rows, at, before=before, after=before | {"claimed": event.claimed})
    rows.append(
        BadgeClaim,
        contract=at.membership,
        badge=event.badge,
        block_number=at.block_number,
        log_index=at.log_index,
        owner=event.owner,
        paid_to=event.to,
        amount=event.amount,
        claimed=event.claimed,
        tx_hash=at.tx_hash,
        at=at.at,
    )


def membership_moved(rows: Rows, at: Position, token_id: int, to: str) -> None:
    """A badge that is no token yet goes with its membership."""
    before = rows.find(BadgeLedger, (at.membership, token_id))
    if before is not None and not before["minted"]:
        _save(rows, at, before=before, after=before | {"owner": to})


def transferred(rows: Rows, event: Transfer, at: Position) -> None:
    if event.id >= REFERRALS:
        achievement_moved(rows, event, at)
        return
    before = rows.get(BadgeLedger, (at.membership, event.id))
    moved = event.from_ != ZERO_ADDRESS
    after = before | {"owner": event.to, "transfer_count": before["transfer_count"] + moved}
    _save(rows, at, before=before, after=after)


def rates_set(rows: Rows, event: RatesSet, at: Position) -> None:
    rates_begin(rows, at, version=event.version, rates=event.rates)
    rows.tell("rates", community=at.community, contract=at.membership, version=event.version)


def rates_begin(rows: Rows, at: Position, *, version: int, rates: Rates) -> None:
    """Badges that are first used from here on have these rates."""
    values = asdict(rates)
    rows.append(BadgeRates, contract=at.membership, version=version, block_number=at.block_number, at=at.at, **values)


def _save(rows: Rows, at: Position, *, before: Row | None, after: Row) -> None:
    """The badge is `after` now; holdings and the feed follow."""
    rows.put(BadgeLedger, **after | {"block_number": at.block_number})
    held = None if before is None else (before["owner"], before["level"])
    owner, level = after["owner"], after["level"]
    asset = badge_asset(at.membership, after["badge"])
    if held is not None and held[0] != owner:
        holds_now(rows, at, account=held[0], asset=asset, value=0)
    if held != (owner, level):
        holds_now(rows, at, account=owner, asset=asset, value=1 + level)
    rows.tell("badge", community=at.community, contract=at.membership, badge=after["badge"])


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, BadgeLedgerSet | BadgeClaimed):
        yield BadgeLedger, (at.membership, event.badge)
    elif isinstance(event, Transfer):
        if event.id < REFERRALS:
            yield BadgeLedger, (at.membership, event.id)
        else:
            yield from reads_of_move(event, at)


PROJECTIONS = {
    BadgeLedgerSet: badge_ledger_set,
    BadgeClaimed: badge_claimed,
    RatesSet: rates_set,
    Transfer: transferred,
}
