"""The application's role: it reads and writes rows and gets no further, in old homes too."""

import threading
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.database.roles import APPLICATION
from tests.support.servers.postgres import TEMPLATE
from tests.support.servers.used_databases import run

pytestmark = pytest.mark.prove

FORBIDDEN = (
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "CREATE TEMP TABLE said (line text); COPY said FROM PROGRAM 'id'",
    "COPY (SELECT 1) TO '/tmp/written'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "CREATE ROLE other SUPERUSER",
    f"ALTER ROLE {APPLICATION} SUPERUSER",
    "SET ROLE ebooks",
    "SET SESSION AUTHORIZATION ebooks",
    "ALTER SYSTEM SET archive_command = 'id'",
    "CREATE DATABASE other",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ebooks'",
    "SELECT pg_reload_conf()",
    "CREATE TABLE public.own (x int)",
    "CREATE FUNCTION public.own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE book ADD COLUMN own int",
    "DROP TABLE book CASCADE",
    "TRUNCATE audit",
    "CREATE TRIGGER own BEFORE INSERT ON book FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''true'''; END $$",
)


@pytest.fixture
def name(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database as a home of the version before has it: all tables are the superuser's."""
    name = f"test_{uuid.uuid4().hex}"
    run(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY file_copy')
    yield name
    run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_gets_no_further_than_rows(
    postgres_server: EmbeddedPostgres, name: str, statement: str
) -> None:
    # One of a session that is the superuser's is there to be ended.
    other = create_engine(postgres_server.url(name)).connect()
    url = postgres_server.application_url(name)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with other, engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
        connection.exec_driver_sql(statement)
    assert caught.value.orig is not None
    assert caught.value.orig.pgcode in ("42501", "0A000", "58P01")  # type: ignore[attr-defined]
    engine.dispose()


def test_the_application_reads_and_writes_rows_and_takes_locks(
    postgres_server: EmbeddedPostgres, name: str
) -> None:
    url = postgres_server.application_url(name)
    assert make_url(url).username == APPLICATION
    database = Database(url, owner=postgres_server.url(name))
    with database.begin() as connection:
        connection.execute(text("INSERT INTO work DEFAULT VALUES"))
        connection.execute(text("DELETE FROM work"))
    with database.lock("a"):
        assert database.locked(["a", "b"]) == {"a"}
    database.close()


def test_tables_are_made_as_their_owner_and_are_there_for_the_application(
    postgres_server: EmbeddedPostgres,
) -> None:
    name = f"test_{uuid.uuid4().hex}"
    url = postgres_server.application_url(name)
    alone = Database(url)
    with pytest.raises(Denied):
        alone.migrate()
    database = Database(url, owner=postgres_server.url(name))
    database.migrate()
    alone.migrate()  # there is nothing left to do
    with database.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM book")).scalar_one() == 0
    alone.close()
    database.close()
    run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


def test_who_makes_its_own_tables_gets_those_that_are_there(
    postgres_server: EmbeddedPostgres, name: str
) -> None:
    engine = create_engine(postgres_server.application_url(name, makes_tables=True))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE book ADD COLUMN own int")
        connection.exec_driver_sql("CREATE TABLE own (x int)")
        assert connection.execute(text("SELECT count(own) FROM book")).scalar_one() == 0
    engine.dispose()


def test_a_password_that_was_lost_is_made_anew(
    postgres_server: EmbeddedPostgres, name: str
) -> None:
    before = postgres_server.application_url(name)
    file = postgres_server.folder / APPLICATION
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    after = postgres_server.application_url(name)
    assert make_url(after).password != make_url(before).password


def test_many_processes_may_make_the_role_at_once(
    postgres_server: EmbeddedPostgres, name: str
) -> None:
    (postgres_server.folder / APPLICATION).unlink(missing_ok=True)
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(
                EmbeddedPostgres(postgres_server.folder).application_url(name)
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_nobody_else_gets_into_the_database(postgres_server: EmbeddedPostgres, name: str) -> None:
    postgres_server.application_url(name)
    role = f"other_{uuid.uuid4().hex}"
    run(postgres_server, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    url = make_url(postgres_server.url(name)).set(username=role, password="x")
    with pytest.raises(Exception, match="permission denied for database"):
        create_engine(url).connect()
    run(postgres_server, f"DROP ROLE {role}")
