"""How Alembic runs our migrations: on the connection that `Database.migrate` hands it."""

from alembic import context

from ebook_pipeline.resources.database.all_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
