"""Databases that tests hand on, for making one costs a hundred times as much as emptying it.

To copy and to drop a database is to make and to unlink some 1,500 files. What a test leaves is
rows: they go, those of the template come back, and numbers start where they did. A database whose
tables are no longer the template's is dropped.
"""

import select
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2.extensions  # type: ignore[import-untyped]
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

_CATALOGUES = ("pg_class", "pg_proc", "pg_trigger", "pg_constraint", "pg_type")
_SHAPE = (
    "SELECT ((count(*), count(*) FILTER (WHERE atthasdef)), "
    + ", ".join(f"(SELECT (count(*), max(oid::bigint)) FROM {name})" for name in _CATALOGUES)
    + ")::text FROM pg_attribute"
)
_RESTORE = f"""
CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; DEALLOCATE ALL;
DISCARD SEQUENCES; DISCARD TEMP; SELECT pg_advisory_unlock_all();
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid();
SELECT kept.restore();
{_SHAPE}
"""
"""At once, by a session that stays: a new one would learn anew of each table what it is."""
KEEP_ROWS = """
CREATE SCHEMA kept;
DO $$
DECLARE
  name text; filled boolean; cleared text := ''; refilled text := '';
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    cleared := cleared || format(
      'IF EXISTS (TABLE public.%1$I) THEN DELETE FROM public.%1$I; END IF; ', name);
    EXECUTE format('SELECT EXISTS (TABLE public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
      refilled := refilled || format(
        'INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE TABLE kept.%1$I; ', name);
    END IF;
  END LOOP;
  -- rows go in any order
  EXECUTE format('CREATE FUNCTION kept.rows() RETURNS void LANGUAGE plpgsql AS %L',
    'BEGIN SET LOCAL session_replication_role = replica; ' || cleared || refilled || 'END');
END $$;
CREATE TABLE kept."next numbers" AS
  SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE number record;
BEGIN
  PERFORM kept.rows();
  FOR number IN SELECT kept.* FROM kept."next numbers" kept
                JOIN pg_sequences now ON kept.name = format('%I.%I', schemaname, sequencename)
                WHERE kept.last_value IS DISTINCT FROM now.last_value LOOP
    PERFORM setval(number.name, coalesce(number.last_value, 1), number.last_value IS NOT NULL);
  END LOOP;
END $$;
"""
"""For the template: what `_RESTORE` needs. Each table is named, so that its plans are kept."""

_free: defaultdict[Path, list[str]] = defaultdict(list)
_shapes: dict[Path, str] = {}
_sessions: dict[str, "Session"] = {}
"""Of each URL the session that restores its database; a test's first connection is the same."""
_giving = threading.Lock()


class Session(psycopg2.extensions.connection):  # type: ignore[misc]
    """A connection that who closes it gives back: the server's process knows the tables by then.

    A new one learns them anew, which costs 20 CPU ms of each test.
    """

    in_use = False

    def close(self) -> None:
        """Give it back as it was taken, or end it where the server has."""
        try:
            self.rollback()
            self.autocommit = False
        except psycopg2.Error:
            self.end()
        if not self.closed and self._is_ended():
            self.end()
        self.in_use = False

    def end(self) -> None:
        super().close()

    def _is_ended(self) -> bool:
        """A server's last word waits to be read; to roll nothing back does not read it."""
        waiting = select.poll()
        waiting.register(self.fileno(), select.POLLIN)
        return bool(waiting.poll(0))


def given(url: str) -> Session | None:
    """The session of the database at `url`, where nobody uses it: its caller closes it."""
    with _giving:
        session = _sessions.get(url)
        if session is None or session.in_use or session.closed:
            return None
        session.in_use = True
        return session


@contextmanager
def lent(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The URL of a database that is as `template`, this block's alone."""
    free = _free[server.folder]
    url = free.pop() if free else _copied(server, template)
    yield url
    if _is_restored(url, _shapes[server.folder]):
        free.append(url)
    else:
        _end_session(url)
        name = make_url(url).database
        run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _copied(server: EmbeddedPostgres, template: str) -> str:
    name = f"test_{uuid.uuid4().hex}"
    run(server, f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy')
    url = server.url(name)
    if server.folder not in _shapes:
        _shapes[server.folder] = _answer(url, _SHAPE)
    return url


def _is_restored(url: str, shape: str) -> bool:
    try:
        return _answer(url, _RESTORE) == shape
    except psycopg2.OperationalError:  # a test has ended the session, or its server's all
        _end_session(url)
    except psycopg2.Error:
        return False
    try:
        return _answer(url, _RESTORE) == shape
    except psycopg2.Error:
        return False


def _answer(url: str, statements: str) -> str:
    """What the last of the statements says."""
    session = _sessions.get(url)
    if session is None or session.closed or session.in_use:  # by something that outlived its test
        session = _sessions[url] = _session_of(url)
    with session, session.cursor() as cursor:
        cursor.execute(statements)
        return str(cursor.fetchone())


def _session_of(url: str) -> Session:
    facts = make_url(url)
    session: Session = psycopg2.connect(
        connection_factory=Session,
        application_name="ebook-pipeline",
        host=facts.query["host"],
        dbname=facts.database,
        user=facts.username,
        password=facts.password,
    )
    return session


def _end_session(url: str) -> None:
    session = _sessions.pop(url, None)
    if session is not None:
        session.end()


def run(server: EmbeddedPostgres, *statements: str, database: str = "postgres") -> None:
    """Execute on the server, outside any test's database unless one is named."""
    with _session(server, database) as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def _session(server: EmbeddedPostgres, database: str) -> Iterator[Connection]:
    engine = create_engine(server.url(database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
