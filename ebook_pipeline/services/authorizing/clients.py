"""OAuth clients: programs that get tokens, in their own name or in that of people who let them.

https://www.rfc-editor.org/rfc/rfc6749#section-2
"""

import hmac
import secrets
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, insert, select, update

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.resources.database.token_tables import oauth_client as table
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.authorizing.programs import Program, ProgramRights, check_rights
from ebook_pipeline.services.signing_in.tokens import digest, new_token

KIND = "client"
_CLIENT = table.c
_PERSON = account_tables.person.c
_COLUMNS = [column for column in table.c if column.name != "secret"]
_LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})
_MOST_URIS = 10
_LONGEST_URI = 1_000
_ID_BYTES = 8


class Client(Program):
    """An OAuth client. `is_public`: it runs on people's own machines and can keep no secret."""

    redirect_uris: tuple[str, ...] = ()
    is_public: bool = False


class NewClient(Record):
    """A client and its secret, which is told this once; a public one has none."""

    client: Client
    secret: str | None


def add(
    database: Database,
    wanted: ProgramRights,
    *,
    maker: Actor,
    redirect_uris: Sequence[str] = (),
    public: bool = False,
) -> NewClient:
    """Make a client. ServiceError, `NotFound` and `Denied` as `check_rights` says.

    With `redirect_uris` people may sign in with it; without a secret (`public`) that is all.
    """
    _check_uris(redirect_uris, public=public)
    secret = None if public else f"ebs_{new_token()}"
    row = {
        "id": f"c{secrets.token_hex(_ID_BYTES)}",
        **wanted.model_dump(mode="json"),
        "name": wanted.name.strip(),
        "person": maker.login,
        "redirect_uris": list(redirect_uris),
        "secret": digest(secret) if secret else None,
    }
    with database.begin() as connection:
        check_rights(connection, wanted, maker, KIND)
        connection.execute(insert(table).values(row))
        said = {name: row[name] for name in ("id", "name", "account", "role", "scopes")}
        audit(connection, maker.name, "client.add", "", said)
        made = known(connection, str(row["id"]))
    return NewClient(client=made, secret=secret)


def end(database: Database, client: str, *, actor: str) -> Client:
    """End a client with all tokens that it was given. Raises `NotFound` where there is none."""
    mine = (_CLIENT.id == client) & _CLIENT.ended_at.is_(None)
    with database.begin() as connection:
        connection.execute(update(table).where(mine).values(ended_at=func.now()))
        gone = known(connection, client)
        audit(connection, actor, "client.end", "", {"id": client, "name": gone.name})
    return gone


def list_clients(database: Database, accounts: Collection[str] | None = None) -> tuple[Client, ...]:
    """Every client, or those of some accounts, the newest first."""
    query = select(*_COLUMNS, _CLIENT.secret.is_(None).label("is_public"))
    if accounts is not None:
        query = query.where(_CLIENT.account.in_(accounts))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_CLIENT.at.desc(), _CLIENT.id)).mappings()
        return tuple(Client.model_validate(dict(row)) for row in rows)


def known(connection: Connection, client: str) -> Client:
    """The client, one that has ended too. Raises `NotFound` where there is none."""
    query = select(*_COLUMNS, _CLIENT.secret.is_(None).label("is_public"))
    row = connection.execute(query.where(_CLIENT.id == client)).mappings().first()
    if row is None:
        raise NotFound(f"no client is called {client[:80]!r} (`ebooks clients list`)")
    return Client.model_validate(dict(row))


def active(connection: Connection, client: str) -> Client | None:
    """The client; None where there is none, it has ended, or who made it has left."""
    here = _PERSON.left_at.is_(None) & (_PERSON.login == _CLIENT.person)
    query = select(*_COLUMNS, _CLIENT.secret.is_(None).label("is_public")).where(
        _CLIENT.id == client, _CLIENT.ended_at.is_(None), here
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else Client.model_validate(dict(row))


def authenticated(database: Database, client: str, secret: str | None) -> Client | None:
    """The client that proves itself by `secret`, or a public one, which has none to give."""
    with database.begin() as connection:
        found = active(connection, client)
        query = select(_CLIENT.secret).where(_CLIENT.id == client)
        stored: str | None = connection.execute(query).scalar_one_or_none()
    if found is None:
        return None
    if stored is None:
        return found if secret is None else None
    return found if hmac.compare_digest(stored, digest(secret or "")) else None


def accepts_redirect(client: Client, uri: str) -> bool:
    """Whether codes may go to `uri`: letter by letter one of the client's own.

    A program on somebody's machine listens at whichever port was free (RFC 8252 §7.3).
    """
    if uri in client.redirect_uris:
        return True
    return _without_loopback_port(uri) in map(_without_loopback_port, client.redirect_uris)


def _without_loopback_port(uri: str) -> object:
    """The URI as its parts, where its host is this machine by number; else something unique."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return object()
    host = "127.0.0.1" if parts.hostname == "127.0.0.1" else "[::1]"
    expected = host if port is None else f"{host}:{port}"
    if parts.scheme != "http" or parts.netloc != expected or parts.fragment:
        return object()
    return host, parts.path, parts.query


def _check_uris(uris: Sequence[str], *, public: bool) -> None:
    if public and not uris:
        raise ServiceError("a public client needs an address to which people come back")
    if len(uris) > _MOST_URIS:
        raise ServiceError(f"a client has at most {_MOST_URIS} addresses")
    for uri in uris:
        if not _is_redirect(uri):
            raise ServiceError(
                f"{uri[:200]!r} is no address for a client: https://…, or http:// on this machine,"
                " without a fragment"
            )


def _is_redirect(uri: str) -> bool:
    """HTTPS, or HTTP to the very machine; nothing that a browser reads otherwise than we do."""
    if len(uri) > _LONGEST_URI or not uri.isascii() or not uri.isprintable():
        return False
    if any(letter in uri for letter in " \"'<>\\^`{|}#"):
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    bracketed = f"[{host}]" if ":" in host else host
    return parts.scheme == "https" or (parts.scheme == "http" and bracketed in _LOOPBACK)
