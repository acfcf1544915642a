"""Makes all projected tables anew from the journal, without a node."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, text

from indexer.apply import apply_logs
from indexer.checkpoint import UNDO, load_place
from indexer.decoder import Decoder
from indexer.deployments import Deployment
from indexer.journal import block_ranges, stored_logs, stored_times
from indexer.projections.rows import Rows
from indexer.registry import root_registry
from indexer.schema import record_shapes
from indexer.tables import PROJECTED, SCHEMA, metadata

LOGS_PER_RANGE = 20_000
SHADOW = "mirror_shadow"
TABLES = [metadata.tables[f"{SCHEMA}.{model.__tablename__}"] for model in PROJECTED]


def rebuild(connection: Connection, deployments: Sequence[Deployment], *, decoder: Decoder) -> int:
    """The projected tables of all these chains hold what the journal says. Returns the number of logs applied.

    All in one transaction: readers see the old rows until the new ones are whole, and a crash changes nothing. In
    PostgreSQL the new tables are filled in a schema of their own, which locks out readers only for the swap. The feed
    of changes stays as it is.
    """
    with connection.begin():
        _open_shadow(connection)
        applied = sum(_replay(connection, deployment, decoder) for deployment in deployments)
        _swap(connection)
        record_shapes(connection)
    return applied


def _open_shadow(connection: Connection) -> None:
    """Empty projected tables stand where bulk statements look first."""
    if connection.dialect.name == "sqlite":
        metadata.drop_all(connection, tables=TABLES)
        metadata.create_all(connection, tables=TABLES)
        return
    connection.execute(text(f"CREATE SCHEMA {SHADOW}"))
    connection.execute(text(f"SET LOCAL search_path TO {SHADOW}, {SCHEMA}"))
    metadata.create_all(connection.execution_options(schema_translate_map={SCHEMA: SHADOW}), tables=TABLES)
    connection.execution_options(schema_translate_map={SCHEMA: SCHEMA})


def _swap(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{table.name}"))
            connection.execute(text(f"ALTER TABLE {SHADOW}.{table.name} SET SCHEMA {SCHEMA}"))
        connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        connection.execute(text(f"DROP SCHEMA {SHADOW}"))


def _replay(connection: Connection, deployment: Deployment, decoder: Decoder) -> int:
    chain_id = deployment.chain_id
    connection.execute(delete(UNDO).where(UNDO.c.chain_id == chain_id))
    place = load_place(connection, chain_id)
    final_number = -1 if place is None else place.final_number
    registry = root_registry(deployment)
    applied = 0
    for first, last in list(block_ranges(connection, chain_id, logs_per_range=LOGS_PER_RANGE)):
        logs = stored_logs(connection, chain_id, first=first, last=last)
        times = stored_times(connection, chain_id, first=first, last=last)
        rows = Rows(connection, chain_id)
        apply_logs(rows, logs, times=times, decoder=decoder, registry=registry, final_number=final_number)
        rows.flush()
        applied += len(logs)
    return applied
