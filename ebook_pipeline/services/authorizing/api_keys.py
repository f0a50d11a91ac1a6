"""API keys for partners: told once, kept as a digest, found by what they begin with."""

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, or_, select, update

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.resources.database.token_tables import api_key as table
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.authorizing.programs import Program, ProgramRights, check_rights
from ebook_pipeline.services.signing_in.tokens import digest, new_token

KIND = "key"
PREFIX = "ebk_"
"""What every key begins with, so that scanners find one that leaked."""
_KEY = table.c
_PERSON = account_tables.person.c
_COLUMNS = [column for column in table.c if column.name != "digest"]
_FORM = re.compile(r"ebk_(k[0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_ID_BYTES = 8
_NOTED = timedelta(minutes=1)
"""A key that is used is written to once a minute, not at each request."""


class ApiKey(Program):
    """A key as it is listed: without what opens anything."""

    last_used_at: datetime | None = None
    ends_at: datetime | None = None


class NewApiKey(Record):
    """A key and its text, which is told this once."""

    key: ApiKey
    text: str


def add(
    database: Database, wanted: ProgramRights, *, maker: Actor, ends_at: datetime | None = None
) -> NewApiKey:
    """Make a key. ServiceError, `NotFound` and `Denied` as `check_rights` says."""
    identifier = f"k{secrets.token_hex(_ID_BYTES)}"
    text = f"{PREFIX}{identifier}_{new_token()}"
    row = {
        "id": identifier,
        "digest": digest(text),
        **wanted.model_dump(mode="json"),
        "name": wanted.name.strip(),
        "person": maker.login,
        "ends_at": ends_at,
    }
    with database.begin() as connection:
        check_rights(connection, wanted, maker, KIND)
        connection.execute(insert(table).values(row))
        said = {name: row[name] for name in ("id", "name", "account", "role", "scopes")}
        audit(connection, maker.name, "key.add", "", said)
        made = known(connection, identifier)
    return NewApiKey(key=made, text=text)


def end(database: Database, key: str, *, actor: str) -> ApiKey:
    """End a key, by its id or its whole text. Raises `NotFound` where there is none."""
    found = _FORM.fullmatch(key)
    identifier = found[1] if found else key
    mine = (_KEY.id == identifier) & _KEY.ended_at.is_(None)
    with database.begin() as connection:
        connection.execute(update(table).where(mine).values(ended_at=func.now()))
        gone = known(connection, identifier)
        audit(connection, actor, "key.end", "", {"id": identifier, "name": gone.name})
    return gone


def list_keys(database: Database, accounts: Collection[str] | None = None) -> tuple[ApiKey, ...]:
    """Every key, or those of some accounts, the newest first."""
    query = select(*_COLUMNS)
    if accounts is not None:
        query = query.where(_KEY.account.in_(accounts))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_KEY.at.desc(), _KEY.id)).mappings()
        return tuple(ApiKey.model_validate(dict(row)) for row in rows)


def known(connection: Connection, key: str) -> ApiKey:
    """The key with this id, one that has ended too. Raises `NotFound` where there is none."""
    row = connection.execute(select(*_COLUMNS).where(_KEY.id == key)).mappings().first()
    if row is None:
        raise NotFound(f"no key is called {key[:20]!r} (`ebooks keys list`)")
    return ApiKey.model_validate(dict(row))


def actor_by(database: Database, text: str) -> Actor | None:
    """What the key opens; None where it opens nothing, or nothing any more."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    here = _PERSON.left_at.is_(None) & (_PERSON.login == _KEY.person)
    lives = _KEY.ended_at.is_(None) & or_(_KEY.ends_at.is_(None), _KEY.ends_at > func.now())
    query = select(*_COLUMNS, _KEY.digest).where(_KEY.id == found[1], lives, here)
    with database.begin() as connection:
        row = connection.execute(query).mappings().first()
        if row is None or not hmac.compare_digest(row["digest"], digest(text)):
            return None
        stale = or_(_KEY.last_used_at.is_(None), _KEY.last_used_at < func.now() - _NOTED)
        this = update(table).where(_KEY.id == found[1], stale)
        connection.execute(this.values(last_used_at=func.now()))
    facts = {name: value for name, value in row.items() if name != "digest"}
    return ApiKey.model_validate(facts).actor()
