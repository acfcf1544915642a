"""Prepares the databases of a home: the mirror by the indexer, private tables by migrations, projections by replay."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from backend.config import Settings
from backend.db import Database
from backend.log.kinds import Kinds
from backend.log.replay import build_projections

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
LOCK = 0x6B6F696E  # "koin": the advisory lock of migrations in PostgreSQL


class SetupFailed(Exception):
    """The home cannot start as it is; the message says what to do."""


def migrate(settings: Settings, kinds: Kinds) -> list[str]:
    """Every table exists in today's shape; returns the projections that were rebuilt. Safe to run at any start."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    run_indexer(settings, "migrate")
    database = Database(settings.database, settings.data)
    try:
        with database.writing() as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS app")
            upgrade(connection)
        return build_projections(database, kinds)
    finally:
        database.close()


def upgrade(connection: Connection) -> None:
    """The private tables are of the newest revision. The caller commits."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check(database: Database) -> None:
    """The private tables are of the revision that this program knows. Raises SetupFailed."""
    try:
        found = _revision(database)
    except OperationalError as error:
        if not database.sqlite:
            raise
        raise SetupFailed("The tables are not there yet: run `koinon migrate`.") from error
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise SetupFailed(f"The database is of revision {found}, this program of {wanted}: run `koinon migrate`.")


def _revision(database: Database) -> str | None:
    with database.reading() as session:
        connection = session.connection()
        schema = None if connection.dialect.name == "sqlite" else "app"
        options = {"version_table": "schema_version", "version_table_schema": schema}
        return MigrationContext.configure(connection, opts=options).get_current_revision()


def run_indexer(settings: Settings, *arguments: str, answers: Sequence[int] = (0,)) -> str:
    """One command of the indexer, in a process of its own; its output. Raises SetupFailed with its reason.

    `answers` are the exit codes with which the output is the answer.
    """
    command_line = [sys.executable, "-m", "indexer", arguments[0], *indexer_options(settings), *arguments[1:]]
    done = subprocess.run(command_line, capture_output=True, text=True, check=False)
    if done.returncode not in answers:
        raise SetupFailed(done.stderr.strip() or f"The indexer ended with code {done.returncode}.")
    return done.stdout


def indexer_options(settings: Settings) -> list[str]:
    """The indexer's options that say the same as these settings."""
    return [
        "--database",
        settings.database or f"sqlite:///{settings.data / 'mirror.db'}",  # named, so that no KOINON_DATABASE counts
        "--data",
        str(settings.data),
        "--chain-id",
        str(settings.chain_id),
        "--deployments",
        str(settings.deployments),
        "--rpc",
        settings.rpc,
    ]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
