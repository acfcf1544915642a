"""Raw logs -> events in the order in which they count -> rows."""

from collections.abc import Iterable, Mapping, Sequence

from indexer.decoder import Decoder
from indexer.events import Position, RawLog
from indexer.events.community import CommunityOpened
from indexer.projections import Placed, project
from indexer.projections.rows import Rows
from indexer.registry import Registry


def apply_logs(
    rows: Rows,
    logs: Sequence[RawLog],
    *,
    times: Mapping[int, int],
    decoder: Decoder,
    registry: Registry,
    final_number: int,
) -> None:
    """`rows` holds what these logs change. `logs` are of whole blocks, in order; `times` has the time of each block."""
    project(rows, place(logs, times=times, decoder=decoder, registry=registry), final_number=final_number)


def place(logs: Sequence[RawLog], *, times: Mapping[int, int], decoder: Decoder, registry: Registry) -> list[Placed]:
    """The events of our contracts with their positions. The registry learns which contracts are ours first."""
    for _, opened in opened_in(logs, decoder=decoder, registry=registry):
        registry.add(opened)
    placed: list[Placed] = []
    for log in logs:
        known = registry.contracts.get(log.address)
        event = None if known is None else decoder.decode(known.kind, log)
        if known is not None and event is not None:
            community = event.community if isinstance(event, CommunityOpened) else known.community
            placed.append((_position(log, community, times), event))
    return placed


def opened_in(logs: Iterable[RawLog], *, decoder: Decoder, registry: Registry) -> list[tuple[RawLog, CommunityOpened]]:
    """The communities that the factory opened."""
    found = []
    for log in logs:
        known = registry.contracts.get(log.address)
        if known is not None and known.kind == "CommunityFactory":
            event = decoder.decode(known.kind, log)
            if isinstance(event, CommunityOpened):
                found.append((log, event))
    return found


def _position(log: RawLog, community: str, times: Mapping[int, int]) -> Position:
    return Position(
        log.block_number,
        log.log_index,
        log.block_hash,
        log.tx_hash,
        log.address,
        community,
        times[log.block_number],
    )
