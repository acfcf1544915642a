"""The tables of a home, as the indexer and `koinon migrate` leave them, with nothing in them."""

from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from backend import catalog
from backend.db import AppTable, Database
from backend.log.replay import build_projections
from indexer.tables import create_mirror


def make_tables(database_setting: str, folder: Path) -> None:
    """All tables of a home are in its empty database, with nothing in them."""
    mirror = mirror_engine(database_setting, folder)
    with mirror.begin() as connection:
        create_mirror(connection)
    mirror.dispose()
    database = Database(database_setting, folder)
    with database.writing() as session:
        if database_setting:
            session.execute(text("CREATE SCHEMA app"))
        AppTable.metadata.create_all(session.connection())
    build_projections(database, catalog.KINDS)
    database.close()


def mirror_engine(database_setting: str, folder: Path) -> Engine:
    """As the indexer writes: `database_setting` is KOINON_DATABASE, the folder where SQLite's files lie."""
    url = database_setting.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{folder / 'mirror.db'}"
    return create_engine(url, execution_options={} if database_setting else {"schema_translate_map": {"mirror": None}})
