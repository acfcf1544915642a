"""Alembic's environment: the connection comes from `backend.setup`, under its lock."""

from alembic import context

import backend.catalog  # noqa: F401 - importing it registers every table
from backend.db import AppTable

connection = context.config.attributes["connection"]
sqlite = connection.dialect.name == "sqlite"
context.configure(
    connection=connection,
    target_metadata=AppTable.metadata,
    version_table="schema_version",
    version_table_schema=None if sqlite else "app",
    include_schemas=not sqlite,
    render_as_batch=sqlite,
    transaction_per_migration=False,
)
context.run_migrations()
