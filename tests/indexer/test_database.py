"""One writer per chain; snapshots; folders that cannot be written."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from indexer.database import open_engine, reader, writer
from indexer.errors import FatalError, RetryableError
from indexer.schema import prepare
from tests.fakes.chain import CHAIN_ID


def test_sqlite_is_written_ahead_and_synchronised(tmp_path: Path) -> None:
    with writer(open_engine(f"sqlite:///{tmp_path / 'mirror.db'}"), []) as connection, connection.begin():
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert found == ["wal", 2]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FatalError, match=r"cannot be written .* or set KOINON_DATA"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'mirror.db'}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(FatalError, match="Permission denied"):
        open_engine(f"sqlite:///{tmp_path / 'mirror.db'}")


def test_the_lock_is_free_again_when_its_writer_ends(database: str) -> None:
    engine = open_engine(database)

    for _ in range(2):
        with writer(engine, [CHAIN_ID]), pytest.raises(FatalError, match="Another indexer"), writer(engine, [CHAIN_ID]):
            pass


def test_a_snapshot_does_not_move(database: str) -> None:
    engine = open_engine(database)
    count, add = text("SELECT count(*) FROM earnings"), text("INSERT INTO earnings VALUES (1, :contract, '0', '0')")
    with writer(engine, [CHAIN_ID]) as connection:
        prepare(connection)
        with reader(engine) as snapshot:
            before = snapshot.execute(count).scalar()
            with connection.begin():
                connection.execute(add, {"contract": b"1" * 20})
            during = snapshot.execute(count).scalar()
        with reader(engine) as snapshot:
            after = snapshot.execute(count).scalar()

    assert (before, during, after) == (0, 0, 1)


def test_a_database_that_is_away_can_be_tried_again(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://nobody@/none?host={tmp_path}")

    with pytest.raises(RetryableError, match="The database does not answer"), writer(engine, [CHAIN_ID]):
        pass
