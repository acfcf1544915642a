"""A home's tables are what its program knows; what a person can mend is said in one line, with a code other than 0."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend import catalog, setup
from backend.config import Settings
from backend.db import AppTable, Database
from tests.fixtures.anvil import Anvil
from tests.fixtures.tools import ROOT


@pytest.fixture
def settings(database_setting: str, data_folder: Path) -> Settings:
    return Settings(data=data_folder, database=database_setting, _env_file=None)


def test_migrations_make_exactly_the_tables_of_the_code(settings: Settings) -> None:
    setup.migrate(settings, catalog.KINDS)
    database = Database(settings.database, settings.data)

    with database.reading() as session:
        connection = session.connection()
        schema = None if connection.dialect.name == "sqlite" else "app"
        known = {table.name for table in AppTable.metadata.sorted_tables}
        options = {
            "version_table": "schema_version",
            "version_table_schema": schema,
            "include_schemas": schema is not None,
            "include_name": lambda name, kind, parents: _ours(name, kind, known),
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = [] if schema is None else compare_metadata(context, AppTable.metadata)
        names = {row[0] for row in connection.exec_driver_sql(_NAMES[connection.dialect.name])}
    database.close()

    assert differences == []
    assert known <= names


def _ours(name: str | None, kind: str, known: set[str]) -> bool:
    return name == "app" if kind == "schema" else kind != "table" or name in known


_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'app'",
}


def test_migrating_again_changes_nothing(settings: Settings) -> None:
    setup.migrate(settings, catalog.KINDS)

    assert setup.migrate(settings, catalog.KINDS) == []


def test_a_schema_of_another_program_is_refused(settings: Settings) -> None:
    setup.migrate(settings, catalog.KINDS)
    database = Database(settings.database, settings.data)
    with database.writing() as session:
        prefix = "" if database.sqlite else "app."
        session.connection().exec_driver_sql(f"UPDATE {prefix}schema_version SET version_num = '9999'")

    with pytest.raises(setup.SetupFailed, match="koinon migrate"):
        setup.check(database)
    database.close()


def koinon(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KOINON_")}
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**clean, **environment},
    )


def assert_one_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert words in done.stderr


def test_a_node_that_is_away_is_named(data_folder: Path) -> None:
    done = koinon("serve", KOINON_DATA=str(data_folder), KOINON_RPC="http://127.0.0.1:9")

    assert_one_line(done, "node")


def test_another_chain_is_named(anvil: Anvil, data_folder: Path) -> None:
    done = koinon("serve", KOINON_DATA=str(data_folder), KOINON_RPC=anvil.url, KOINON_CHAIN_ID="5")

    assert_one_line(done, "31337")


def test_missing_tables_are_named(anvil: Anvil, data_folder: Path) -> None:
    (data_folder / "mirror.db").touch()
    done = koinon("serve", KOINON_DATA=str(data_folder), KOINON_RPC=anvil.url)

    assert_one_line(done, "koinon migrate")


def test_a_wrong_setting_is_named(data_folder: Path) -> None:
    done = koinon("migrate", KOINON_DATA=str(data_folder), KOINON_BASE_URL="koinon.example/path")

    assert_one_line(done, "KOINON_BASE_URL")


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = koinon("migrate", KOINON_DATA=str(file / "data"))

    assert_one_line(done, str(file))
