"""Keeps an indexer going: opens what it needs, waits when a node or the database is away, and goes on."""

import sqlite3
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from indexer.config import Settings
from indexer.database import open_engine, writer
from indexer.decoder import Decoder
from indexer.deployments import load_abi, load_deployment
from indexer.errors import FatalError, RetryableError
from indexer.events import EVENTS
from indexer.rebuild import rebuild
from indexer.rpc import Rpc
from indexer.run import Indexer
from indexer.schema import indexed_chains, prepare
from indexer.source import Source

LOCAL_POLL_SECONDS, REMOTE_POLL_SECONDS = 0.1, 1.0
LONGEST_WAIT_SECONDS = 5.0
ONCE_ATTEMPTS = 5  # failures in a row after which `--once` gives up
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, sqlite3.OperationalError)

Report = Callable[[str], None]
Watch = Callable[[Indexer, Rpc], None]


def open_decoder() -> Decoder:
    return Decoder({name: load_abi(name) for name in EVENTS})


def open_source(settings: Settings, decoder: Decoder, *, stop: threading.Event) -> Source:
    """A source whose node answers, is of the right chain and has the factory. Raises FatalError when not."""
    rpc = Rpc(settings.endpoints, settings.chain_id, pause=stop.wait)
    deployment = load_deployment(settings.deployments, settings.chain_id)
    source = Source(rpc, topics=decoder.topics)
    try:
        source.check_contract(deployment.factory.address)
    except RetryableError as error:
        raise FatalError(f"{error} Start the node or fix KOINON_RPC.") from error
    return source


def prepare_tables(engine: Engine, settings: Settings) -> None:
    """All tables exist in this program's shape; projected ones of another shape are rebuilt from the journal."""
    try:
        with writer(engine, []) as connection:
            sound = prepare(connection)
    except RetryableError as error:
        raise FatalError(f"{error} Start it or fix KOINON_DATABASE.") from error
    if not sound:
        rebuild_all(engine, settings)


def rebuild_all(engine: Engine, settings: Settings) -> int:
    """The projected tables of all chains are as their journals say. Returns the number of logs applied."""
    with writer(engine, []) as connection:
        chain_ids = indexed_chains(connection)
    deployments = [load_deployment(settings.deployments, chain_id) for chain_id in chain_ids]
    with writer(engine, chain_ids) as connection:
        return rebuild(connection, deployments, decoder=open_decoder())


def follow(
    settings: Settings,
    *,
    once: bool,
    stop: threading.Event,
    clock: Callable[[], float],
    report: Report,
    watch: Watch | None = None,
) -> None:
    """The tables follow the chain until `stop` is set, or with `once` until they reach the node's head.

    Raises FatalError when it makes no sense to go on, RetryableError when `once` did not get there.
    """
    decoder = open_decoder()
    engine = open_engine(settings.database_url)
    source = open_source(settings, decoder, stop=stop)
    prepare_tables(engine, settings)
    deployment = load_deployment(settings.deployments, settings.chain_id)
    waiting = _Waiting(stop, report, once=once)
    while not stop.is_set():
        try:
            with writer(engine, [settings.chain_id]) as connection:
                indexer = Indexer(connection, source, deployment=deployment, decoder=decoder, clock=clock)
                _steps(indexer, source, waiting, stop=stop, once=once, watch=watch)
                return
        except DATABASE_AWAY as error:
            waiting.wait(f"The database failed: {_one_line(error)}.")
        except RetryableError as error:
            if waiting.given_up:
                raise
            waiting.wait(str(error))


class _Waiting:
    """Waits longer after each failure in a row, and says each reason once."""

    def __init__(self, stop: threading.Event, report: Report, *, once: bool) -> None:
        self._stop = stop
        self._report = report
        self._once = once
        self._failures = 0
        self._said = ""

    @property
    def given_up(self) -> bool:
        return self._once and self._failures >= ONCE_ATTEMPTS

    def went_well(self) -> None:
        if self._said:
            self._report("It works again.")
        self._failures, self._said = 0, ""

    def wait(self, reason: str) -> None:
        """Raises RetryableError when `--once` has failed too often."""
        self._failures += 1
        if self.given_up:
            raise RetryableError(reason)
        if reason != self._said:
            self._report(f"{reason} Waiting.")
            self._said = reason
        self._stop.wait(min(LONGEST_WAIT_SECONDS, 0.1 * 2.0 ** min(self._failures, 10)))


def _steps(
    indexer: Indexer, source: Source, waiting: _Waiting, *, stop: threading.Event, once: bool, watch: Watch | None
) -> None:
    while not stop.is_set():
        try:
            done = indexer.step()
        except RetryableError as error:
            waiting.wait(str(error))
            continue
        waiting.went_well()
        if watch is not None:
            watch(indexer, source.rpc)
        if done and once:
            return
        if done:
            stop.wait(LOCAL_POLL_SECONDS if source.rpc.local else REMOTE_POLL_SECONDS)


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
