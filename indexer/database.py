"""Opens the database that the mirror lives in, for one writer per chain.

SQLite: `mirror.db` in WAL with synchronous=FULL, a lock file beside it. PostgreSQL: schema `mirror`, an advisory lock
held by the very connection that writes, so that a lost lock cannot be written past.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from indexer.errors import FatalError, RetryableError
from indexer.tables.base import SCHEMA

BUSY_SECONDS = 5
ANALYSED_ROWS = 400  # of each index: some milliseconds, whatever its size
LOCK_WAIT = "1s"  # the server may need a moment to see that a killed writer is gone
LOCK_SPACE = 0x6B6F696E  # "koin": the first half of our advisory locks in PostgreSQL


def open_engine(url: str) -> Engine:
    """An engine for the mirror at `url` (`sqlite:///…` or `postgresql://…`).

    Raises FatalError when SQLite's folder cannot be made or written.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            connect_args={"options": f"-csearch_path={SCHEMA}"},  # bulk statements name tables without a schema
        )
    if not parsed.database or parsed.get_backend_name() != "sqlite":
        raise FatalError(f"The database URL {url!r} is neither postgresql://… nor sqlite:///<file>.")
    _check_folder(Path(parsed.database).resolve().parent)
    return _sqlite_engine(parsed.database)


def _check_folder(folder: Path) -> None:
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"\0" * 65536)
        probe.unlink()
    except OSError as error:
        raise FatalError(
            f"The data folder {folder} cannot be written ({error.strerror}): free space or fix its owner, "
            "or set KOINON_DATA to another folder."
        ) from error


def _sqlite_engine(path: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        poolclass=NullPool,
        execution_options={"schema_translate_map": {SCHEMA: None}},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def writer(engine: Engine, chain_ids: Iterable[int]) -> Iterator[Connection]:
    """The one connection that may write these chains' rows.

    Raises FatalError when another process has one of them, RetryableError when the database is away.
    """
    with ExitStack() as stack:
        if engine.dialect.name == "sqlite":
            for chain_id in chain_ids:
                stack.callback(os.close, _lock_file(engine, chain_id))
            yield stack.enter_context(_connected(engine))
        else:
            connection = stack.enter_context(_connected(engine))
            for chain_id in chain_ids:
                _advisory_lock(connection, chain_id)
            yield connection


@contextmanager
def reader(engine: Engine) -> Iterator[Connection]:
    """A connection within one snapshot."""
    options: dict[str, Any] = {"reading": True}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _connected(engine) as connection, connection.execution_options(**options).begin():
        yield connection


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise RetryableError(f"The database does not answer: {reason(error)}.") from error
    try:
        yield connection
    finally:
        connection.close()


def _lock_file(engine: Engine, chain_id: int) -> int:
    path = Path(f"{engine.url.database}.{chain_id}.lock")
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise _second_writer(chain_id, path) from error
    return lock


def _advisory_lock(connection: Connection, chain_id: int) -> None:
    lock = text("SELECT pg_advisory_lock(:space, :chain)")
    try:
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
            connection.execute(lock, {"space": LOCK_SPACE, "chain": chain_id % 2**31})
    except OperationalError as error:
        held = _second_writer(chain_id, connection.engine.url.render_as_string())
        away = RetryableError(f"The database failed: {reason(error)}.")
        raise (held if isinstance(error.orig, LockNotAvailable) else away) from error


def _second_writer(chain_id: int, where: object) -> FatalError:
    return FatalError(f"Another indexer of chain {chain_id} writes to this database ({where}): stop it first.")


def analyze(connection: Connection) -> None:
    """The database knows how many rows share a key, and so which index to use: SQLite guesses ten until it is told.
    PostgreSQL finds out by itself.
    """
    if connection.dialect.name == "sqlite":
        with connection.begin():
            connection.exec_driver_sql(f"PRAGMA analysis_limit={ANALYSED_ROWS}")
            connection.exec_driver_sql("ANALYZE")


def reason(error: DBAPIError) -> str:
    """The driver's words on one line."""
    return " ".join(str(error.orig).split())
