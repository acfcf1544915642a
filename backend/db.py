"""One transaction per request, on SQLite (two files) or PostgreSQL (two schemas).

The indexer writes `mirror`, the backend writes `app` and only reads `mirror`. On SQLite the file `mirror.db` is
attached read-only to every connection of `app.db`, so that one statement may join both and no transaction writes both.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import registry
from sqlmodel import Session, SQLModel

BUSY_SECONDS = 5
_AFTERWARDS = "afterwards"
POOL_SIZE = 40  # at least as many as Starlette's thread limiter has threads, else requests wait for each other


class AppTable(SQLModel, registry=registry(metadata=MetaData(schema="app"))):
    """Base of every table that holds what nothing can rebuild: journals and private state, with migrations."""


class ProjectionTable(SQLModel, registry=registry(metadata=MetaData(schema="app"))):
    """Base of every table folded from the community log: no migrations, rebuilt by replay. See `log/replay.py`.

    Each has the columns `chain_id` and `community`, so that one community can be rebuilt alone.
    """


class Database:
    """Opens transactions. `url` is `postgresql://…`, or empty for SQLite files in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.sqlite = not url
        self.engine = _sqlite_engine(folder) if self.sqlite else _postgres_engine(url)
        self._write_engine = self.engine.execution_options(writing=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot: nothing that it changes is kept."""
        session = Session(self.engine, expire_on_commit=False)
        try:
            with session:
                yield session
        finally:
            self._follow(session)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Committed when the block ends, rolled back when it raises. No network or file inside."""
        session = Session(self._write_engine, expire_on_commit=False)
        try:
            with session:
                yield session
                session.commit()
        finally:
            self._follow(session)

    def _follow(self, session: Session) -> None:
        """What was left for `afterwards` is done."""
        writes: list[Callable[[Session], None]] = session.info.pop(_AFTERWARDS, [])
        if writes:
            with self.writing() as later:
                for write in writes:
                    write(later)

    def close(self) -> None:
        self.engine.dispose()


def afterwards(session: Session, write: Callable[[Session], None]) -> None:
    """`write` is done in a writing transaction of its own once this one has ended, however it ends: for what a reader
    only notes by the way, such as that a balance will have to be known."""
    session.info.setdefault(_AFTERWARDS, []).append(write)


def insert_into(session: Session, table: type[SQLModel]) -> Any:
    """An INSERT that can say `on_conflict_do_…`, which both databases spell alike but SQLAlchemy keeps apart."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _sqlite_engine(folder: Path) -> Engine:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"The data folder {folder} cannot be written to.")
    mirror = folder / "mirror.db"
    engine = create_engine(
        f"sqlite:///file:{folder / 'app.db'}?uri=true",
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=POOL_SIZE,
        execution_options={"schema_translate_map": {"app": None}},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute("ATTACH DATABASE ? AS mirror", (f"file:{mirror}?mode=ro",))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        execution_options={"schema_translate_map": {}},
    )


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _reading(request: Request, database: Annotated[Database, Depends(_database)]) -> Iterator[Session]:
    with database.reading() as session:
        request.state.reading = session
        try:
            yield session
        finally:  # else the page that tells the error would read from a session that nobody closes
            request.state.reading = None


@contextmanager
def reading_of(request: Request) -> Iterator[Session]:
    """The snapshot that the route of this request reads, or one of its own: a request never holds two connections."""
    session: Session | None = getattr(request.state, "reading", None)
    if session is not None:
        yield session
        return
    database: Database = request.app.state.database
    with database.reading() as session:
        yield session


def _writing(database: Annotated[Database, Depends(_database)]) -> Iterator[Session]:
    with database.writing() as session:
        yield session


# scope="function": the transaction ends before the response is sent, so that no 200 precedes a failed commit.
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]
Opened = Annotated[Database, Depends(_database)]
