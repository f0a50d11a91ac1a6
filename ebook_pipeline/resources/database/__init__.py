"""Postgres as services and the executor see it: transactions, migrations and named locks."""

import contextlib
import hashlib
import select
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy import exc as sql

from ebook_pipeline.foundation.errors import (
    Denied,
    NotFound,
    PipelineError,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import schema, traced
from ebook_pipeline.resources.database.clean import clean_parameters
from ebook_pipeline.resources.database.house_keys import PERSONAL, house_secret
from ebook_pipeline.resources.database.open_connections import watch_closed
from ebook_pipeline.resources.database.personal import PersonalCipher, attach
from ebook_pipeline.resources.database.sealed_rows import seal_rows

if TYPE_CHECKING:
    from ebook_pipeline.resources.key_vault import KeyVault

_LOST = (sql.OperationalError, sql.InterfaceError, sql.TimeoutError)
_MOST_CONNECTIONS = 15
"""So many at most, each kept once it was needed: to open one costs more than most statements."""
_NO_RIGHT = "42501"
"""SQLSTATE insufficient_privilege"""
_CONNECT: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "ebook-pipeline",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class Database:
    """One Postgres database by URL, safe to share between threads.

    ``postgresql://`` is read as ``postgresql+psycopg2://``. Lost connections and deadlocks are
    `Unavailable`, so that the executor tries again; what the role may not do is `Denied`; text that
    Postgres can't hold, which nothing there is then called by, is `NotFound`. `owner`
    is the URL of a role that may change tables, where that is another. Persons' fields are sealed
    under a key that `vault` has wrapped; without a vault they can't be written.
    """

    def __init__(self, url: str, owner: str | None = None, vault: "KeyVault | None" = None) -> None:
        parsed = _with_driver(url)
        self.engine: Engine = create_engine(
            parsed,
            pool_size=_MOST_CONNECTIONS,
            max_overflow=0,
            hide_parameters=True,
            connect_args=_CONNECT,
        )
        watch_closed(self.engine)
        event.listen(self.engine, "before_cursor_execute", clean_parameters, retval=True)
        traced.trace(self.engine)
        self._locks: Engine = _without_pool(parsed).execution_options(isolation_level="AUTOCOMMIT")
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._owner = self.engine
        if owner is not None:
            self._owner = _without_pool(_with_driver(owner))
        self._vault = vault
        self.personal = PersonalCipher(self._personal_secret)
        if vault is not None:
            attach(self.engine, self.personal)

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back on any error."""
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def ask(self) -> Iterator[Connection]:
        """A connection for statements that stand alone: each costs one round trip, not two."""
        with _translated(), self._single.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def begin_as_owner(self) -> Iterator[Connection]:
        """As `begin`, as the role that may change tables."""
        with _translated(), self._owner.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables up to this release; processes that come together wait for the first.

        With a vault the rows too: what an earlier release wrote of persons is sealed.
        """
        with self.begin() as connection:
            is_current = schema.is_current(connection)
        if not is_current:
            with self.begin_as_owner() as connection:
                statement = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(statement, {"key": _key("migrations")})
                schema.upgrade(connection)
        if self._vault is not None:
            seal_rows(self.begin)

    @contextlib.contextmanager
    def lock(self, name: str, *, stop: threading.Event | None = None) -> Iterator[None]:
        """Hold the lock `name` among all processes; the server frees it when the holder dies.

        It takes a connection of its own, not one of the pool, and is not re-entrant. Setting
        `stop` ends the wait with a `ServiceError`.
        """
        with contextlib.ExitStack() as stack:
            with _translated():
                connection = stack.enter_context(self._locks.connect())
                _wait_for(connection, name, stop or threading.Event())
            stack.callback(_let_go, connection, name)
            yield

    def locked(self, names: Iterable[str]) -> set[str]:
        """Which of the locks `names` are held now, by whomever."""
        query = text(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with self.begin() as connection:
            held = set(connection.execute(query).scalars())
        return {name for name in names if _key(name) in held}

    def _personal_secret(self) -> Secret:
        """By a connection of its own: whoever asks may hold the last of the pool."""
        if self._vault is None:
            raise ServiceError("personal fields are sealed: this connection has no key vault")
        return house_secret(self._begin_alone, self._vault, PERSONAL)

    @contextlib.contextmanager
    def _begin_alone(self) -> Iterator[Connection]:
        with _translated(), self._locks.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def listen(self, *channels: str) -> Iterator["Listener"]:
        """A connection of its own that hears what is notified on these channels from now on."""
        with _translated(), self._locks.connect() as connection:
            for channel in channels:
                connection.exec_driver_sql(f'LISTEN "{channel}"')
            assert connection.dialect.dbapi is not None
            driver = connection.connection.driver_connection
            yield Listener(driver, connection.dialect.dbapi.Error)

    def close(self) -> None:
        """Close the pooled connections; the next use opens new ones."""
        self.engine.dispose()


class Listener:
    """Hears what others notify, https://www.postgresql.org/docs/current/sql-notify.html"""

    def __init__(self, connection: Any, lost: type[BaseException]) -> None:
        self._connection, self._lost = connection, lost

    def wait(self, seconds: float, wake: int | None = None) -> list[tuple[str, str]]:
        """Channel and payload of what was notified, at the latest after `seconds`.

        At once where the file `wake` has something to read. Raises `Unavailable` where the
        connection is lost.
        """
        files = [self._connection] + ([] if wake is None else [wake])
        select.select(files, [], [], seconds)
        try:
            self._connection.poll()
        except self._lost as error:
            raise Unavailable("the database: the connection was lost") from error
        heard = [(note.channel, note.payload) for note in self._connection.notifies]
        self._connection.notifies.clear()
        return heard


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Postgres' own sentence, without SQL and parameters."""
    try:
        yield
    except _LOST as error:
        cause = getattr(error, "orig", None) or error
        kind = ServiceError if _is_too_much(cause) else Unavailable
        raise kind(f"the database: {str(cause).strip()}") from error
    except sql.DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("the database: the connection was lost") from error
        if getattr(error.orig, "pgcode", "") == _NO_RIGHT:
            raise Denied(f"the database: {str(error.orig).strip()}") from error
        raise
    except sql.StatementError as error:
        if isinstance(error.orig, PipelineError):  # the vault's, while a parameter was sealed
            raise error.orig from error
        raise
    except ValueError as error:
        if isinstance(error, UnicodeEncodeError) or "NUL (0x00)" in str(error):
            raise NotFound("nothing that is kept here has such a name") from error
        raise


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg2")
    return parsed


def _without_pool(url: URL) -> Engine:
    """For connections that are rare or long: each is opened when it is asked for."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=_CONNECT)


def _is_too_much(error: object) -> bool:
    """Whether Postgres can't hold a value, such as an index row of 3 kB: a retry won't help.

    SQLSTATE class 54, https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    return str(getattr(error, "pgcode", "")).startswith("54")


def _wait_for(connection: Connection, name: str, stop: threading.Event) -> None:
    query = text("SELECT pg_try_advisory_lock(:key)")
    pause = 0.02
    while not connection.execute(query, {"key": _key(name)}).scalar_one():
        if stop.wait(pause):
            raise ServiceError(f"stopped while waiting for {name}")
        pause = min(pause * 1.5, 0.5)


def _let_go(connection: Connection, name: str) -> None:
    """Free the lock at once; a lost connection has freed it already."""
    with contextlib.suppress(*_LOST):
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key(name)})


def _key(name: str) -> int:
    """The lock's number: 64 bits of the name's SHA-256, signed as Postgres wants it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
