"""Makes the tables, and knows which of them have another shape than this program writes."""

import hashlib

from sqlalchemy import Connection, Table, delete, insert, select, text

from indexer.database import LOCK_SPACE
from indexer.errors import FatalError
from indexer.projections import REVISION
from indexer.tables import ASKED, JOURNAL, PROJECTED, create_mirror
from indexer.tables.base import MirrorTable
from indexer.tables.chain import Checkpoint, Shape

SHAPES: Table = Shape.__table__  # type: ignore[attr-defined]
CHECKPOINTS: Table = Checkpoint.__table__  # type: ignore[attr-defined]


def prepare(connection: Connection) -> bool:
    """All tables exist. Returns whether they have this program's shape; if not, `rebuild` must make them anew.

    Raises FatalError when a journal table has another shape: it cannot be made from anything.
    """
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:space)"), {"space": LOCK_SPACE})
        create_mirror(connection)
        known = {row.table_name: row.hash for row in connection.execute(select(SHAPES))}
        if not known:
            record_shapes(connection)
            return True
        wanted = _shapes()
        for model in JOURNAL:
            if known.get(str(model.__tablename__)) != wanted[str(model.__tablename__)]:
                raise FatalError(
                    f"Table {model.__tablename__} was made by another version of koinon: index into a new database."
                )
        known |= _renew_asked(connection, known, wanted)
        return known == wanted


def _renew_asked(connection: Connection, known: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """Tables that are filled by asking are of today's shape, empty where it was another. Returns the new shapes."""
    renewed = {}
    for model in ASKED:
        name, table = str(model.__tablename__), model.__table__  # type: ignore[attr-defined]
        if known.get(name) != wanted[name]:
            table.drop(connection)
            table.create(connection)
            connection.execute(delete(SHAPES).where(SHAPES.c.table_name == name))
            connection.execute(insert(SHAPES).values(table_name=name, hash=wanted[name]))
            renewed[name] = wanted[name]
    return renewed


def indexed_chains(connection: Connection) -> list[int]:
    """The chains that have rows here."""
    with connection.begin():
        return list(connection.execute(select(CHECKPOINTS.c.chain_id)).scalars())


def record_shapes(connection: Connection) -> None:
    """The tables are known to have this program's shapes."""
    connection.execute(delete(SHAPES))
    shapes = [{"table_name": name, "hash": hash_} for name, hash_ in _shapes().items()]
    connection.execute(insert(SHAPES), shapes)


def _shapes() -> dict[str, str]:
    journal = {str(model.__tablename__): _shape(model, "") for model in JOURNAL}
    asked = {str(model.__tablename__): _shape(model, "") for model in ASKED}
    return journal | asked | {str(model.__tablename__): _shape(model, str(REVISION)) for model in PROJECTED}


def _shape(model: type[MirrorTable], revision: str) -> str:
    """Of all that decides which rows fit; in our own words, so that no new version of a library changes it."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    columns = [
        f"{column.name} {type(column.type).__name__} {column.nullable} {column.primary_key}" for column in table.columns
    ]
    indexes = sorted(f"{index.name} {[column.name for column in index.columns]}" for index in table.indexes)
    return hashlib.sha256("\n".join([table.name, *columns, *indexes, revision]).encode()).hexdigest()
