"""What accounts hold after something changed -> the append-only history of holdings."""

from indexer.events import Position
from indexer.projections.rows import Rows
from indexer.tables.bulk import Row
from indexer.tables.columns import FOR_LIFE
from indexer.tables.holdings import HoldingChange, tier_asset


def membership_changed(rows: Rows, at: Position, *, before: Row | None, after: Row | None) -> None:
    """The history tells who lost and who got the membership's tier here, and until when it lasts."""
    held, holds = _held(before), _held(after)
    if held is not None and (holds is None or held[:2] != holds[:2]):
        holds_now(rows, at, account=held[0], asset=tier_asset(at.contract, held[1]), value=0)
    if holds is not None and held != holds:
        holds_now(rows, at, account=holds[0], asset=tier_asset(at.contract, holds[1]), value=1, expires_at=holds[2])


def _held(membership: Row | None) -> tuple[str, int, int] | None:
    if membership is None:
        return None
    return membership["holder"], membership["tier_id"], membership["expires_at"]


def holds_now(rows: Rows, at: Position, *, account: str, asset: str, value: int, expires_at: int = FOR_LIFE) -> None:
    """The history tells what the account holds of the asset here. At most once for both in one log."""
    rows.append(
        HoldingChange,
        account=account,
        asset=asset,
        block_number=at.block_number,
        log_index=at.log_index,
        value=value,
        expires_at=expires_at if value else 0,
    )
