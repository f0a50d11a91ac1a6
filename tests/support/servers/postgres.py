"""A real Postgres for tests: one server per test process, an empty migrated database per test.

A folder's `conftest.py` offers the fixtures by importing them.
"""

import contextlib
import functools
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, make_url, text

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres, program
from ebook_pipeline.resources.database.schema import MIGRATIONS
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.owning import people
from tests.support.made_once import made_once
from tests.support.paths import PROJECT
from tests.support.servers import compiled_statements, used_databases
from tests.support.servers.used_databases import run

TEMPLATE = "template_ebooks"
VAULT = LocalKeyVault(Path(tempfile.gettempdir()) / f"ebooks-vault-{os.getpid()}")
"""What seals persons' fields in the databases of this process' tests."""
_WITHOUT_TEMPLATE = (
    "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'",
    "DROP DATABASE template0",
)
"""A home's copy costs by its files: a third of them are of no use to it."""
PEOPLE = ("ann", "bob", "eva", "eve", "mallory")


@pytest.fixture(scope="session")
def postgres_server() -> EmbeddedPostgres:
    """The server of this process: each folder that offers it has a fixture of its own."""
    return _started_server()


@functools.cache
def _started_server() -> EmbeddedPostgres:
    made = made_once("postgres-template", _prepare_template) / "postgres"
    folder = Path(tempfile.mkdtemp(prefix="ebooks-pg-")) / "postgres"
    shutil.copytree(made, folder, symlinks=True)
    server = EmbeddedPostgres(folder)
    server.start()
    return server


def end_server() -> None:
    """Stop the server of this process, if it has one."""
    if _started_server.cache_info().currsize:
        server = _started_server()
        server.stop()
        shutil.rmtree(server.folder.parent)
        shutil.rmtree(VAULT.folder, ignore_errors=True)


@contextmanager
def migrated_to(server: EmbeddedPostgres, revision: str) -> Iterator[Database]:
    """A database of its own with the tables of an earlier release; gone afterwards."""
    name = f"before_{uuid.uuid4().hex}"
    run(server, f'CREATE DATABASE "{name}"')
    database = Database(server.url(name), vault=VAULT)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    yield database
    database.close()
    run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def prepared(folder: Path) -> EmbeddedPostgres:
    """A home's server in `folder`, not started, which has all tables of ours and of Dagster's.

    It forgets when the machine crashes, and asks for its password but once, which makes it fast.
    """
    shutil.copytree(made_once("postgres", _prepare), folder, symlinks=True)
    return EmbeddedPostgres(folder)


def _prepare(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    run(server, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    owner = make_url(server.url("postgres"))
    changed = f"ALTER ROLE {owner.username} PASSWORD '{owner.password}'"
    run(server, "SET scram_iterations = 1", changed)
    with contextlib.closing(Database(server.url("ebooks"))) as database:
        database.migrate()
        _introduce(database)
    _make_dagsters_tables(server.url("dagster"))
    run(server, *_WITHOUT_TEMPLATE)
    server.stop()
    for file in folder.glob("data/base/*/*_[fv][sm]*"):
        file.unlink()  # maps of free and of visible pages, which Postgres makes anew
    used = _last_wal_file(folder / "data")
    for file in folder.glob("data/pg_wal/0*"):
        if file.name > used:
            file.unlink()  # 16 MB in each copy that are yet to be written


def _last_wal_file(data: Path) -> str:
    argv = [str(program("pg_controldata")), str(data)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    [name] = re.findall(r"REDO WAL file: +(\w+)", said)
    return str(name)


def _prepare_template(folder: Path) -> None:
    """The same with what tests' own databases are copied from: a home has no use for its files."""
    server = prepared(folder / "postgres")
    server.start()
    run(server, f"CREATE DATABASE {TEMPLATE} TEMPLATE ebooks")
    run(server, "UPDATE membership SET role = 'operator'", database=TEMPLATE)
    run(server, used_databases.KEEP_ROWS, database=TEMPLATE)
    server.stop()


def _introduce(database: Database) -> None:
    """In the name of these people tests may do things; a home makes its own operator."""
    for login in PEOPLE:
        membership = Membership(account=HOUSE, role=Role.EDITOR)
        people.add(database, login, membership, actor=people.SETUP)
    with database.begin() as connection:
        written = "audit, audit_unlinked, audit_link, audit_head, outbox, delivery"
        connection.execute(text(f"TRUNCATE {written} RESTART IDENTITY"))


def _make_dagsters_tables(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PROJECT / "dagster.yaml", folder)
        with (
            mock.patch.dict(os.environ, EBOOK_DAGSTER_DATABASE_URL=url),
            dg.DagsterInstance.from_config(folder) as instance,
        ):
            instance.get_runs_count()
            instance.get_dynamic_partitions("books")
            instance.all_instigator_state()


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A database with all tables, the house and some operators, and no other rows."""
    with empty_database(postgres_server) as database:
        yield database


@contextmanager
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """The same for as long as a test, or a module's tests, want it."""
    with used_databases.lent(postgres_server, TEMPLATE) as url:
        database = Database(url, vault=VAULT)
        event.listen(database.engine, "do_connect", lambda *_: used_databases.given(url))
        compiled_statements.share(database)
        yield database
        database.close()


@contextmanager
def sealed_by(database: Database, vault: LocalKeyVault) -> Iterator[Database]:
    """The same database, whose persons' fields another vault seals: nothing was sealed before."""
    url = database.engine.url.render_as_string(hide_password=False)
    other = Database(url, vault=vault)
    yield other
    other.close()


def rows(database: Database, query: str, **values: object) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with database.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]
