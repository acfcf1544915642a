"""Raw logs -> events in the order in which they count -> rows."""

from collections.abc import Iterable, Mapping, Sequence

from indexer.decoder import Decoder
from indexer.events import Position, RawLog
from indexer.events.community import CommunityOpened
from indexer.events.crowdsale import CrowdsaleMade
from indexer.projections import Placed, project
from indexer.projections.rows import Rows
from indexer.registry import PARENTS, Known, Registry


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
    learn(logs, decoder=decoder, registry=registry)
    placed: list[Placed] = []
    for log in logs:
        known = registry.contracts.get(log.address)
        event = None if known is None else decoder.decode(known.kind, log)
        if known is None or event is None:
            continue
        subject = registry.subject_of(known, event)
        if subject is not None:
            placed.append((_position(log, subject, times), event))
    return placed


def learn(logs: Iterable[RawLog], *, decoder: Decoder, registry: Registry) -> list[str]:
    """The registry knows the contracts that these logs, in order, tell of. Returns those that are new to it."""
    new = []
    for log in logs:
        known = registry.contracts.get(log.address)
        if known is not None and known.kind in PARENTS:
            event = decoder.decode(known.kind, log)
            if isinstance(event, CommunityOpened | CrowdsaleMade):
                new += registry.add(event)
    return new


def read_among(logs: Iterable[RawLog], *, decoder: Decoder, registry: Registry) -> list[RawLog]:
    """The logs whose events are read: a first topic that one kind of contract is asked for may be another's too."""
    return [log for log in logs if decoder.reads(registry.contracts[log.address].kind, log.topics)]


def _position(log: RawLog, subject: Known, times: Mapping[int, int]) -> Position:
    return Position(
        log.block_number,
        log.log_index,
        log.block_hash,
        log.tx_hash,
        log.address,
        subject.community,
        subject.membership,
        times[log.block_number],
    )
