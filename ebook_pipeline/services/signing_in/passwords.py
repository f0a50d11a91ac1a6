"""Passwords by argon2id (RFC 9106): set, checked, and checked as slowly where nobody has one."""

import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.foundation.errors import Busy, ServiceError
from ebook_pipeline.resources.database import Database, desk_tables
from ebook_pipeline.services.signing_in import principals

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 1024
"""Characters: NIST SP 800-63B asks for length, and for no rules about which characters."""
_TABLE = desk_tables.credential
_MEMORY_KIB, _PASSES, _LANES = 47_104, 1, 1
"""OWASP's first choice; 46 MiB each, so that few at a time fit into a small machine."""
_AT_A_TIME = threading.BoundedSemaphore(2)
_PATIENCE_SECONDS = 5.0


class WeakPassword(ServiceError):
    """A password that is too short, too long, or the person's own name."""


def set_password(connection: Connection, login: str, password: str) -> None:
    """Let `login` sign in by `password` from now on. Raises `WeakPassword`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} characters at least, {LONGEST} at most")
    if password.strip().lower() in {login, login * 2, login * 3}:
        raise WeakPassword("a password is not the login")
    _store(connection, login, password)


def _store(connection: Connection, login: str, password: str) -> None:
    row = {"password": _hash(password), "changed_at": func.now()}
    statement = insert(_TABLE).values(person=login, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=row))


def has_password(database: Database, login: str) -> bool:
    """Whether `login` has ever chosen one."""
    query = select(exists().where(_TABLE.c.person == login))
    with database.begin() as connection:
        return bool(connection.execute(query).scalar_one())


def login_by(database: Database, name: str, password: str) -> str | None:
    """Who signs in by login or confirmed address and password; None where nobody does.

    It takes as long for whom nobody knows. Raises `Busy` where too many sign in at a time.
    """
    with database.begin() as connection:
        login = principals.login_for(connection, name)
        query = select(_TABLE.c.password).where(_TABLE.c.person == (login or ""))
        stored: str | None = connection.execute(query).scalar_one_or_none()
    nobodys = _nobodys()
    if not _fits(stored or nobodys, password) or not (stored and login):
        return None
    if _hasher().check_needs_rehash(stored):
        with database.begin() as connection:
            _store(connection, login, password)
    return login


def _fits(stored: str, password: str) -> bool:
    from argon2.exceptions import VerificationError

    if not _AT_A_TIME.acquire(timeout=_PATIENCE_SECONDS):
        raise Busy("too many people sign in at this moment", _PATIENCE_SECONDS)
    try:
        return _hasher().verify(stored, _as_bytes(password[: LONGEST + 1]))
    except VerificationError:
        return False
    finally:
        _AT_A_TIME.release()


def _hash(password: str) -> str:
    with _AT_A_TIME:
        return _hasher().hash(_as_bytes(password))


def _as_bytes(password: str) -> bytes:
    """The same for the same characters, however a keyboard composes them (SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    """What the passwords of those are compared with whom nobody knows."""
    return _hash("nobody has this password")


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
