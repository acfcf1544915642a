"""A function per event that turns it into rows.

In: events with their positions, in order. Out: changes in `Rows`, which writes them in bulk with their undo rows.
`project` is the only entry point. Start reading at membership.py; holdings.py keeps the history of who held what.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from indexer.events import Event, Position
from indexer.projections import (
    achievements,
    badges,
    community,
    crowdsale,
    market,
    membership,
    renewals,
    store,
    token,
)
from indexer.projections.rows import Rows, Wanted

Placed = tuple[Position, Event]

REVISION = 2
"""Raise it when a projection writes other rows into the same columns: tables are then rebuilt from the journal."""

_MODULES: tuple[Any, ...] = (
    *(community, membership, badges, achievements, renewals),
    *(store, market, crowdsale, token),
)
_PROJECTIONS: dict[type, Callable[[Rows, Any, Position], None]] = {}
_READS: dict[type, Callable[[Any, Position], Iterable[Wanted]]] = {}
for _module in _MODULES:
    _PROJECTIONS |= _module.PROJECTIONS
    _READS |= dict.fromkeys(_module.PROJECTIONS, _module.reads)


def project(rows: Rows, placed: Sequence[Placed], *, final_number: int) -> None:
    """The rows of these events are changed in `rows`, whose `flush` then writes them.

    `placed` is in the order in which blocks and logs count. Blocks above `final_number` get undo rows.
    """
    rows.prefetch(wanted for at, event in placed for wanted in _READS[type(event)](event, at))
    block_number = -1
    for at, event in placed:
        if at.block_number != block_number:
            block_number = at.block_number
            rows.start_block(block_number, final=block_number <= final_number)
        _PROJECTIONS[type(event)](rows, event, at)
