"""A real Postgres for tests: one server per test process, an empty migrated database per test.

A folder's `conftest.py` offers the fixtures by importing them.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

TEMPLATE = "template_ebooks"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A server that forgets on a crash, which makes it fast."""
    folder = Path(tempfile.mkdtemp(prefix="ebooks-pg-"))
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    run(server, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    template = Database(server.url(TEMPLATE))
    template.migrate()
    template.close()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A database with all tables and no rows."""
    name = f"test_{uuid.uuid4().hex}"
    run(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY file_copy')
    database = Database(postgres_server.url(name))
    yield database
    database.close()
    run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


def run(server: EmbeddedPostgres, *statements: str) -> None:
    """Execute on the server, outside any test's database."""
    engine = create_engine(server.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(database: Database, query: str, **values: object) -> list[tuple[object, ...]]:
    """What the database holds."""
    with database.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]
