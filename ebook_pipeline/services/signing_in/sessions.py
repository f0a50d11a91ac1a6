"""Sessions of browsers: opaque, hashed in Postgres, ended by idleness, by age or by the person.

A sign-in always makes a new one, so nobody can leave their own in somebody's browser first
(session fixation, https://owasp.org/www-community/attacks/Session_fixation).
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, desk_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.signing_in import principals
from ebook_pipeline.services.signing_in.tokens import digest, is_token, new_token

_TABLE = desk_tables.session
_SESSION = _TABLE.c
_NOTED = timedelta(minutes=1)
"""A session that is used is written to once a minute, not at each request."""


class SessionLimits(Record):
    """How long a session lasts: unused, and at most."""

    idle: timedelta = timedelta(hours=12)
    most: timedelta = timedelta(days=14)


def begin(
    connection: Connection, login: str, method: str, limits: SessionLimits, *, door: str = "desk"
) -> str:
    """A new session of `login`, who has just proven who they are; its token, told once."""
    token = new_token()
    row = {"digest": digest(token), "person": login, "method": method}
    connection.execute(insert(_TABLE).values(row | {"ends_at": func.now() + limits.most}))
    connection.execute(delete(_TABLE).where(_SESSION.ends_at < func.now()))
    audit(connection, f"{door}:{login}", "session.begin", "", {"method": method})
    return token


def actor_by(database: Database, token: str, limits: SessionLimits) -> Actor | None:
    """Whose session `token` opens; None where it opens none any more."""
    if not is_token(token):
        return None
    mine = (_SESSION.digest == digest(token)) & _lasts(limits)
    with database.begin() as connection:
        row = connection.execute(select(_SESSION.person, _SESSION.seen_at).where(mine)).first()
        if row is None:
            return None
        stale = mine & (_SESSION.seen_at < func.now() - _NOTED)
        connection.execute(update(_TABLE).where(stale).values(seen_at=func.now()))
        return principals.actor_of(connection, row.person, door="desk")


def end(connection: Connection, token: str) -> None:
    """End the session that `token` opens, if it does."""
    connection.execute(delete(_TABLE).where(_SESSION.digest == digest(token)))


class BrowserSession(Record):
    """A browser that is signed in; `id` names it and opens nothing. `current`: the asker's own."""

    id: str
    method: str
    at: datetime
    seen_at: datetime
    current: bool


def list_sessions(
    database: Database, login: str, limits: SessionLimits, token: str = ""
) -> tuple[BrowserSession, ...]:
    """Theirs that still open something, the last used first; `token`: the asker's."""
    with database.begin() as connection:
        return tuple(session for _, session in _listed(connection, login, limits, token))


def end_one(
    database: Database, login: str, name: str, limits: SessionLimits, *, actor: str
) -> None:
    """End the session of this id. Raises `NotFound` where they have none such."""
    with database.begin() as connection:
        listed = _listed(connection, login, limits)
        found = [key for key, session in listed if session.id == name]
        if not found:
            raise NotFound("there is no such session")
        connection.execute(delete(_TABLE).where(_SESSION.digest == found[0]))
        audit(connection, actor, "session.end", "", {"user": login})


def end_others(database: Database, login: str, token: str, *, actor: str) -> int:
    """End every session of theirs but the asker's own; how many those were."""
    others = (_SESSION.person == login) & (_SESSION.digest != digest(token))
    with database.begin() as connection:
        ended = connection.execute(delete(_TABLE).where(others)).rowcount
        audit(connection, actor, "session.end_others", "", {"user": login, "ended": ended})
        return ended


def _listed(
    connection: Connection, login: str, limits: SessionLimits, token: str = ""
) -> Iterator[tuple[str, BrowserSession]]:
    mine = (_SESSION.person == login) & _lasts(limits)
    for row in connection.execute(select(_TABLE).where(mine).order_by(_SESSION.seen_at.desc())):
        name = hashlib.sha256(f"session {row.digest}".encode()).hexdigest()[:16]
        facts = {"id": name, "method": row.method, "at": row.at, "seen_at": row.seen_at}
        yield row.digest, BrowserSession(**facts, current=row.digest == digest(token))


def _lasts(limits: SessionLimits) -> ColumnElement[bool]:
    """Of a session that opens something still."""
    return (_SESSION.ends_at > func.now()) & (_SESSION.seen_at > func.now() - limits.idle)


def end_all(connection: Connection, login: str) -> None:
    """End every session of `login`: the password was changed, or they have left."""
    connection.execute(delete(_TABLE).where(_SESSION.person == login))
