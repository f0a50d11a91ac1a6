"""How Alembic runs our migrations: on the connection that `Database.migrate` hands it."""

from alembic import context

from ebook_pipeline.resources.database.license_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
