"""What an operator sees of a running indexer: lines of progress, and Prometheus metrics when a port is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from indexer.errors import FatalError
from indexer.rpc import Rpc
from indexer.run import Indexer

SECONDS_BETWEEN_LINES = 2.0
METRICS = {
    "head": "Newest block of the node",
    "indexed": "Last applied block",
    "lag": "Blocks between the two",
    "reorgs": "Reorgs since the start",
    "logs": "Logs applied since the start",
    "rpc_errors": "Failed requests to nodes since the start",
}


class Progress:
    """Called after each step. `clock()` rises with time, in seconds."""

    def __init__(self, report: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._report = report
        self._clock = clock
        self._said_at = self._started_at = clock()
        self._start_block: int | None = None
        self._caught_up = False
        self.registry = CollectorRegistry()
        self._gauges = {name: Gauge(f"koinon_{name}", text, registry=self.registry) for name, text in METRICS.items()}

    def __call__(self, indexer: Indexer, rpc: Rpc) -> None:
        place = indexer.place
        if place is None:
            return
        lag = max(0, place.head_number - place.number)
        values = (place.head_number, place.number, lag, indexer.counts.reorgs, indexer.counts.logs, rpc.errors)
        for gauge, value in zip(self._gauges.values(), values, strict=True):
            gauge.set(value)
        if self._start_block is None:
            self._start_block = place.number
        self._say(place.number, place.head_number, indexer.counts.logs)

    def _say(self, number: int, head: int, logs: int) -> None:
        now = self._clock()
        if number >= head:
            if not self._caught_up:
                self._report(f"At the head, block {number}; {logs} logs in {now - self._started_at:.1f} s.")
            self._caught_up = True
        elif now - self._said_at >= SECONDS_BETWEEN_LINES:
            self._caught_up = False
            self._said_at = now
            self._report(f"Block {number} of {head}; {logs} logs{self._eta(number, head, now)}.")

    def _eta(self, number: int, head: int, now: float) -> str:
        done = number - (self._start_block or 0)
        left = (head - number) * (now - self._started_at) / done if done > 0 else None
        return "" if left is None else f"; about {left:.0f} s left"


@contextmanager
def served(registry: CollectorRegistry, port: int | None) -> Iterator[int | None]:
    """While the block runs the metrics are served on `port` of 127.0.0.1, if any is given (0: a free one).

    Gives the port. Raises FatalError when it cannot be opened.
    """
    if port is None:
        yield None
        return
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise FatalError(f"The metrics port {port} cannot be opened ({error.strerror}): choose another.") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
