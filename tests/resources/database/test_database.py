"""Transactions, migrations and locks on a real Postgres."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.resources.database import Database, schema
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.resources.database.columns import metadata
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.servers.postgres import rows

HOLDER = """
import sys, time
from ebook_pipeline.resources.database import Database
with Database(sys.argv[1]).lock("book one"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_the_newest_revision_is_the_one_that_alembic_finds(database: Database) -> None:
    directory = ScriptDirectory(str(schema.MIGRATIONS))
    assert [schema.newest()] == directory.get_heads()
    with database.begin() as connection:
        assert schema.is_current(connection)


@pytest.mark.parametrize(
    "older",
    [
        "DROP TABLE alembic_version",
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO alembic_version VALUES ('0001')",
    ],
)
def test_a_database_of_another_revision_is_not_current(database: Database, older: str) -> None:
    with database.begin() as connection:
        connection.execute(text(older))
        assert not schema.is_current(connection)
        connection.rollback()


def test_tables_and_migrations_say_the_same(database: Database) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_at_once_and_again_is_harmless(postgres_server: EmbeddedPostgres) -> None:
    urls = [postgres_server.url("migrated_at_once")] * 3
    databases = [Database(url) for url in urls]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(Database.migrate, databases))
    assert rows(databases[0], "SELECT version_num FROM alembic_version") == [(schema.newest(),)]
    for database in databases:
        database.close()


def test_a_plain_postgresql_url_is_read_as_psycopg2(url: str) -> None:
    plain = Database(url.replace("postgresql+psycopg2", "postgresql"))
    assert rows(plain, "SELECT 1") == [(1,)]
    plain.close()


def test_an_error_rolls_the_transaction_back(database: Database) -> None:
    twice = text("INSERT INTO work DEFAULT VALUES; INSERT INTO book (id, work) VALUES ('a', 999)")
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(twice)
    assert rows(database, "SELECT count(*) FROM work") == [(0,)]


def test_a_connection_cut_in_a_transaction_is_unavailable_and_the_next_one_works(
    database: Database,
) -> None:
    with pytest.raises(Unavailable), database.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert rows(database, "SELECT 1") == [(1,)]


def test_a_connection_cut_while_nobody_uses_it_is_opened_anew(database: Database) -> None:
    with database.begin() as one, database.begin() as other:
        asked = text("SELECT pg_backend_pid()")
        idle = [one.execute(asked).scalar_one(), other.execute(asked).scalar_one()]
    with database._begin_alone() as connection:
        cut = text("SELECT pg_terminate_backend(pid, 10000) FROM unnest(:pids) AS pid")
        assert connection.execute(cut, {"pids": idle}).scalars().all() == [True, True]
    assert [rows(database, "SELECT 1"), rows(database, "SELECT 2")] == [[(1,)], [(2,)]]


def test_nobody_listening_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"postgresql://nobody@/x?host={tmp_path}")
    with pytest.raises(Unavailable), database.begin():
        pass
    with pytest.raises(Unavailable), database.lock("x"):
        pass


def test_a_lock_excludes_and_is_seen(database: Database) -> None:
    order = []

    def second() -> None:
        with database.lock("book one"):
            order.append("second")

    with database.lock("book one"), database.lock("book two"):
        assert database.locked(["book one", "book two", "three"]) == {"book one", "book two"}
        other = threading.Thread(target=second)
        other.start()
        time.sleep(0.2)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    assert database.locked(["book one", "book two"]) == set()


def test_a_stop_ends_the_wait_for_a_lock(database: Database) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with (
        database.lock("book one"),
        pytest.raises(ServiceError, match="stopped while waiting for book one"),
        database.lock("book one", stop=stop),
    ):
        pass


def test_an_error_inside_a_lock_passes_through_and_frees_it(database: Database) -> None:
    with pytest.raises(KeyError), database.lock("book one"):
        raise KeyError
    assert database.locked(["book one"]) == set()


def test_a_lock_of_another_process_is_freed_by_kill_9(database: Database, url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert database.locked(["book one"]) == {"book one"}
        os.kill(holder.pid, signal.SIGKILL)
    with database.lock("book one"):
        assert database.locked(["book one"]) == {"book one"}


@pytest.mark.parametrize("odd", ["emma\0", "\udcff", "\ud83d\ude00", "\U0001f600", "é"])
def test_any_text_may_be_asked_for(database: Database, odd: str) -> None:
    assert (
        rows(database, "SELECT 1 FROM book WHERE id = :odd OR id = ANY(:all)", odd=odd, all=[odd])
        == []
    )
    ((said,),) = rows(database, "SELECT CAST(:odd AS text)", odd=odd)
    assert said == clean_text(odd)
