"""Events of Badges about achievements -> rows."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from indexer.events import Position
from indexer.events.badges import (
    AchievementClaimed,
    AchievementGranted,
    AchievementSet,
    AchievementVoucherWithdrawn,
    Transfer,
)
from indexer.events.text import label_text
from indexer.projections.holdings import holds_now
from indexer.projections.rows import Rows, Wanted
from indexer.tables.badges import Achievement, AchievementsHeld, AchievementToken, AchievementVoucher
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.holdings import achievement_asset

SERIAL_BITS = 40


def achievement_set(rows: Rows, event: AchievementSet, at: Position) -> None:
    values = asdict(event.achievement) | {"label": label_text(event.achievement.label)}
    key = {"contract": at.contract, "achievement_id": event.achievement_id}
    rows.put(Achievement, **key, block_number=at.block_number, **values)
    _tell(rows, at, event.achievement_id)


def granted(rows: Rows, event: AchievementGranted, at: Position) -> None:
    """The tokens' transfers told who got them."""
    _change(rows, at, event.achievement_id, made=event.made)


def claimed(rows: Rows, event: AchievementClaimed, at: Position) -> None:
    _change(rows, at, event.achievement_id, made=event.made, allowance=event.allowance)
    _spend(rows, event, at, token_id=event.token_id)


def voucher_withdrawn(rows: Rows, event: AchievementVoucherWithdrawn, at: Position) -> None:
    _spend(rows, event, at, token_id=0)
    _tell(rows, at, event.achievement_id)


def achievement_moved(rows: Rows, event: Transfer, at: Position) -> None:
    """A token of an achievement was made, went to somebody else, or was burned."""
    achievement_id, key = event.id >> SERIAL_BITS, (at.contract, event.id)
    before = rows.find(AchievementToken, key)
    if event.to == ZERO_ADDRESS:
        rows.remove(AchievementToken, key)
    else:
        rows.put(
            AchievementToken,
            contract=at.contract,
            token_id=event.id,
            achievement_id=achievement_id,
            owner=event.to,
            transfer_count=0 if before is None else before["transfer_count"] + 1,
            made_at=at.at if before is None else before["made_at"],
            block_number=at.block_number,
        )
    if event.from_ != event.to:
        _hold(rows, at, event.from_, achievement_id, by=-1)
        _hold(rows, at, event.to, achievement_id, by=1)
    holders = [account for account in (event.from_, event.to) if account != ZERO_ADDRESS]
    _tell(rows, at, achievement_id, holders=holders)


def _hold(rows: Rows, at: Position, account: str, achievement_id: int, *, by: int) -> None:
    if account == ZERO_ADDRESS:
        return
    key = (at.contract, account, achievement_id)
    before = rows.find(AchievementsHeld, key)
    tokens = (0 if before is None else before["tokens"]) + by
    rows.put(AchievementsHeld, contract=at.contract, account=account, achievement_id=achievement_id, tokens=tokens)
    holds_now(rows, at, account=account, asset=achievement_asset(at.contract, achievement_id), value=tokens)


def _spend(rows: Rows, event: AchievementClaimed | AchievementVoucherWithdrawn, at: Position, *, token_id: int) -> None:
    rows.put(
        AchievementVoucher,
        contract=at.contract,
        achievement_id=event.achievement_id,
        issuer=event.issuer,
        nonce=event.nonce,
        token_id=token_id,
        at=at.at,
    )


def _change(rows: Rows, at: Position, achievement_id: int, **values: int) -> None:
    rows.change(Achievement, (at.contract, achievement_id), block_number=at.block_number, **values)
    _tell(rows, at, achievement_id)


def _tell(rows: Rows, at: Position, achievement_id: int, **more: object) -> None:
    rows.tell("achievement", community=at.community, contract=at.contract, achievement_id=achievement_id, **more)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    yield Achievement, (at.contract, event.achievement_id)
    if isinstance(event, AchievementClaimed | AchievementVoucherWithdrawn):
        yield AchievementVoucher, (at.contract, event.achievement_id, event.issuer, event.nonce)


def reads_of_move(event: Transfer, at: Position) -> Iterable[Wanted]:
    """The same for `achievement_moved`."""
    yield AchievementToken, (at.contract, event.id)
    for account in (event.from_, event.to):
        if account != ZERO_ADDRESS:
            yield AchievementsHeld, (at.contract, account, event.id >> SERIAL_BITS)


PROJECTIONS = {
    AchievementSet: achievement_set,
    AchievementGranted: granted,
    AchievementClaimed: claimed,
    AchievementVoucherWithdrawn: voucher_withdrawn,
}
