"""How Alembic runs our migrations: on the connection that `Database.migrate` hands it."""

from alembic import context

from ebook_pipeline.resources.database import (
    account_tables,
    columns,
    desk_tables,
    edge_tables,
    event_tables,
    license_tables,
    notice_tables,
    selling_tables,
    tables,
    token_tables,
)

# Each adds its own to the same metadata.
TABLES = (
    account_tables,
    tables,
    edge_tables,
    license_tables,
    event_tables,
    notice_tables,
    selling_tables,
    desk_tables,
    token_tables,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=columns.metadata)
with context.begin_transaction():
    context.run_migrations()
