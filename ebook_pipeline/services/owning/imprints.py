"""Imprints: each is one account's, and the policies of a book are those of its imprint."""

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.owning.accounts import HOUSE, Imprint, imprint_key
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.resources.database import Database, account_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, lock_book_row
from ebook_pipeline.services.owning import accounts

_TABLE = account_tables.imprint
_IMPRINT = _TABLE.c
_BOOK = tables.book.c
_COLUMNS = tuple(_IMPRINT[name] for name in Imprint.model_fields)


def add(database: Database, name: str, account: str, *, actor: str) -> Imprint:
    """Let `account` publish as `name`. ServiceError where somebody does so already."""
    key = imprint_key(name)
    if not key:
        raise ServiceError("an imprint has a name")
    row = {"key": key, "name": " ".join(name.split()), "account": account, "actor": actor}
    with database.begin() as connection:
        accounts.known(connection, account)
        statement = insert(_TABLE).values(row).on_conflict_do_nothing().returning(*_COLUMNS)
        made = connection.execute(statement).mappings().first()
        if made is None:
            raise ServiceError(f"{name!r} is an imprint of {_known(connection, name).account}'s")
        audit(connection, actor, "imprint.add", "", {"imprint": name, "account": account})
        return Imprint.model_validate(dict(made))


def assign(database: Database, book: str, name: str, *, actor: str) -> Imprint:
    """Publish `book` under an imprint of its own account.

    Raises `NotFound` for an unknown book or imprint, `Denied` where it is another account's.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        imprint = _known(connection, name)
        if imprint.account != accounts.owner(connection, book):
            raise Denied(f"{imprint.name!r} is an imprint of {imprint.account}'s, {book!r} is not")
        connection.execute(update(tables.book).where(_BOOK.id == book).values(imprint=imprint.key))
        audit(connection, actor, "imprint.assign", book, {"imprint": imprint.name})
        return imprint


def list_imprints(database: Database) -> tuple[Imprint, ...]:
    """Every imprint, by account, the oldest first."""
    query = select(*_COLUMNS).order_by(_IMPRINT.account, _IMPRINT.at, _IMPRINT.key)
    with database.begin() as connection:
        rows = connection.execute(query).mappings()
        return tuple(Imprint.model_validate(dict(row)) for row in rows)


def imprint_of(database: Database, book: str) -> str | None:
    """The name of the book's imprint; None where it has none, and the general policies hold."""
    with database.begin() as connection:
        return imprint_within(connection, book)


def imprint_within(connection: Connection, book: str) -> str | None:
    """The same, within a transaction."""
    query = select(_IMPRINT.name).join(tables.book, _IMPRINT.key == _BOOK.imprint)
    name: str | None = connection.execute(query.where(_BOOK.id == book)).scalar_one_or_none()
    return name


def imprint_for(connection: Connection, account: str, publisher: str | None) -> str | None:
    """The key of a new book's imprint: the account's own that was named, else its first.

    The house has no first one: what is dropped without a word gets the general policies.
    """
    named = claimed(connection, publisher)
    if named is not None and named.account == account:
        return named.key
    return None if account == HOUSE else first_of(connection, account)


def first_of(connection: Connection, account: str) -> str | None:
    """The key of the imprint that the account has had longest."""
    query = select(_IMPRINT.key).where(_IMPRINT.account == account)
    first = query.order_by(_IMPRINT.at, _IMPRINT.key).limit(1)
    key: str | None = connection.execute(first).scalar_one_or_none()
    return key


def claimed(connection: Connection, publisher: str | None) -> Imprint | None:
    """The imprint that a submitter's word for the publisher is the name of, whosever it is."""
    key = imprint_key(publisher or "")
    row = connection.execute(select(*_COLUMNS).where(_IMPRINT.key == key)).mappings().first()
    return Imprint.model_validate(dict(row)) if row else None


def _known(connection: Connection, name: str) -> Imprint:
    imprint = claimed(connection, name)
    if imprint is None:
        raise NotFound(f"no imprint is called {name[:80]!r} (`ebooks imprints list`)")
    return imprint
