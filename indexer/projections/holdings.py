"""What accounts hold after a membership changed -> the append-only history of holdings."""

from indexer.events import Position
from indexer.projections.rows import Rows
from indexer.tables.bulk import Row
from indexer.tables.holdings import HoldingChange, tier_asset


def membership_changed(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    """The history tells who lost and who got the membership's tier here, and until when it lasts."""
    held, holds = _held(before), _held(after)
    if held is not None and (holds is None or held[:2] != holds[:2]):
        _append(rows, at, account=held[0], tier_id=held[1], value=0, expires_at=0)
    if holds is not None and held != holds:
        _append(rows, at, account=holds[0], tier_id=holds[1], value=1, expires_at=holds[2])


def _held(membership: Row | None) -> tuple[str, int, int] | None:
    if membership is None:
        return None
    return membership["holder"], membership["tier_id"], membership["expires_at"]


def _append(rows: Rows, at: Position, *, account: str, tier_id: int, value: int, expires_at: int) -> None:
    rows.append(
        HoldingChange,
        account=account,
        asset=tier_asset(at.contract, tier_id),
        block_number=at.block_number,
        log_index=at.log_index,
        value=value,
        expires_at=expires_at,
    )
