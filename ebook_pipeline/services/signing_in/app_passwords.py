"""Passwords of reading apps: one for each app, told once, good for reading and nothing else.

A reading app sends its password with each request and keeps it: it must not be the person's own.
"""

import uuid
from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select, update

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, desk_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.signing_in import principals
from ebook_pipeline.services.signing_in.tokens import digest, is_token, new_token

_TABLE = desk_tables.app_password
_PASSWORD = _TABLE.c
SCOPES = frozenset({"catalog:read", "license:read"})
"""What a reading app may do: browse, and fetch what is on its reader's shelf."""
MOST = 20


class AppPassword(Record):
    """A password as it is listed; `name` is what its person calls the app."""

    id: str
    name: str
    at: datetime
    last_used_at: datetime | None = None


class NewAppPassword(AppPassword):
    """One that was just made, with the text that is told this once."""

    text: str


def add(database: Database, login: str, name: str, *, actor: str) -> NewAppPassword:
    """A new password for an app of `login`; the oldest of too many goes."""
    text, id = new_token(), str(uuid.uuid4())
    row = {"id": id, "digest": digest(text), "person": login, "name": name.strip()}
    with database.begin() as connection:
        connection.execute(insert(_TABLE), row)
        audit(connection, actor, "app_password.add", "", {"id": id, "name": row["name"]})
        for surplus in _listed(connection, login)[MOST:]:
            _end(connection, login, surplus.id)
        [made] = [one for one in _listed(connection, login) if one.id == id]
    return NewAppPassword(**dict(made), text=text)


def list_passwords(database: Database, login: str) -> tuple[AppPassword, ...]:
    """Every password of `login` that opens something, the newest first."""
    with database.begin() as connection:
        return _listed(connection, login)


def end(database: Database, login: str, id: str, *, actor: str) -> None:
    """Let it open nothing any more. Raises `NotFound` where `login` has none such."""
    with database.begin() as connection:
        if not _end(connection, login, id):
            raise NotFound("there is no such password")
        audit(connection, actor, "app_password.end", "", {"id": id})


def actor_by(database: Database, name: str, text: str) -> Actor | None:
    """The person `name`, a login or confirmed address, whose app this is; within `SCOPES`."""
    if not is_token(text):
        return None
    mine = (_PASSWORD.digest == digest(text)) & _PASSWORD.ended_at.is_(None)
    with database.begin() as connection:
        row = connection.execute(select(_PASSWORD.person).where(mine)).first()
        if row is None or principals.login_for(connection, name) != row.person:
            return None
        stale = or_(
            _PASSWORD.last_used_at.is_(None),
            _PASSWORD.last_used_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 1),
        )
        connection.execute(update(_TABLE).where(mine, stale).values(last_used_at=func.now()))
        actor = principals.actor_of(connection, row.person, door="desk")
    return actor.model_copy(update={"scopes": SCOPES}) if actor else None


def _listed(connection: Connection, login: str) -> tuple[AppPassword, ...]:
    columns = [_PASSWORD[name] for name in AppPassword.model_fields]
    mine = (_PASSWORD.person == login) & _PASSWORD.ended_at.is_(None)
    newest = select(*columns).where(mine).order_by(_PASSWORD.at.desc(), _PASSWORD.id)
    rows = connection.execute(newest).mappings()
    return tuple(AppPassword.model_validate(dict(row)) for row in rows)


def _end(connection: Connection, login: str, id: str) -> bool:
    mine = (_PASSWORD.person == login) & (_PASSWORD.id == id) & _PASSWORD.ended_at.is_(None)
    ended = connection.execute(update(_TABLE).where(mine).values(ended_at=func.now()))
    return bool(ended.rowcount)
