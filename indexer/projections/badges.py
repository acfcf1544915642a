"""Events of Membership about what badges earn -> rows."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from indexer.events import Position
from indexer.events.membership import BadgeClaimed, BadgeLedgerSet, Rates, RatesSet
from indexer.events.words import ledger_of
from indexer.projections.rows import Rows, Wanted
from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates


def badge_ledger_set(rows: Rows, event: BadgeLedgerSet, at: Position) -> None:
    ledger_changed(rows, at, event.badge, event.ledger)


def ledger_changed(rows: Rows, at: Position, badge: int, ledger: int) -> None:
    """The badge's ledger is this word now; what was claimed stays."""
    before = rows.find(BadgeLedger, (at.contract, badge))
    rows.put(
        BadgeLedger,
        contract=at.contract,
        badge=badge,
        claimed=0 if before is None else before["claimed"],
        block_number=at.block_number,
        **ledger_of(ledger),
    )
    _tell(rows, at, badge)


def badge_claimed(rows: Rows, event: BadgeClaimed, at: Position) -> None:
    rows.change(BadgeLedger, (at.contract, event.badge), claimed=event.claimed, block_number=at.block_number)
    rows.append(
        BadgeClaim,
        contract=at.contract,
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
    _tell(rows, at, event.badge)


def rates_set(rows: Rows, event: RatesSet, at: Position) -> None:
    rates_begin(rows, at, contract=at.contract, version=event.version, rates=event.rates)
    rows.tell("rates", community=at.community, contract=at.contract, version=event.version)


def rates_begin(rows: Rows, at: Position, *, contract: str, version: int, rates: Rates) -> None:
    """Badges that are first used from here on have these rates."""
    values = asdict(rates)
    rows.append(BadgeRates, contract=contract, version=version, block_number=at.block_number, at=at.at, **values)


def _tell(rows: Rows, at: Position, badge: int) -> None:
    rows.tell("badge", community=at.community, contract=at.contract, badge=badge)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, BadgeLedgerSet | BadgeClaimed):
        yield BadgeLedger, (at.contract, event.badge)


PROJECTIONS = {BadgeLedgerSet: badge_ledger_set, BadgeClaimed: badge_claimed, RatesSet: rates_set}
