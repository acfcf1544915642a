"""What a home does for the market without being asked: it keeps what was announced on chain."""

from collections.abc import Sequence

from sqlmodel import Session

from backend.feed import time_at
from backend.host import Host
from backend.market.keeping import keep_announced
from indexer.tables.chain import Change

KINDS = ("listing", "offer")


def copy_announced(host: Host, session: Session, changes: Sequence[Change]) -> None:
    """Consumer: listings and offers that were announced are kept. A reorg takes nothing back: the signature stands."""
    at = time_at(session, host.settings.chain_id)
    for change in changes:
        if change.kind in KINDS and not change.removed:
            market, digest = str(change.ids["contract"]), str(change.ids["digest"])
            keep_announced(session, host.settings.chain_id, change.kind, market=market, digest=digest, at=at)
