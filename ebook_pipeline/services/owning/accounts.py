"""Accounts and what they own: their folder in the landing store, and their books."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.owning.accounts import Account, is_account_id
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.database import Database, account_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, lock_book_row

_TABLE = account_tables.account
_ACCOUNT = _TABLE.c
_BOOK = tables.book.c
_COLUMNS = tuple(_ACCOUNT[name] for name in Account.model_fields)
_LIMITS = ("name", "texts_per_day", "price_fall")


class AccountSummary(Record):
    """An account with what it owns."""

    account: Account
    books: int
    imprints: tuple[str, ...] = ()


def add(
    database: Database,
    account: str,
    *,
    actor: str,
    name: str = "",
    limits: Mapping[str, Any] | None = None,
) -> Account:
    """Make an account. ServiceError where its id is taken, or can't be a folder.

    What was submitted from a folder of that name before stays the house's until it is given.
    """
    if not is_account_id(account):
        raise ServiceError(
            f"{account[:80]!r} can't be an account: use small letters, digits and single hyphens"
        )
    row = {"id": account, "name": name.strip() or account, "actor": actor, **(limits or {})}
    statement = insert(_TABLE).values(row).on_conflict_do_nothing().returning(*_COLUMNS)
    with database.begin() as connection:
        made = connection.execute(statement).mappings().first()
        if made is None:
            raise ServiceError(f"there is an account {account!r} already")
        audit(connection, actor, "account.add", "", {"account": account})
        return Account.model_validate(dict(made))


def change(database: Database, account: str, changes: Mapping[str, Any], *, actor: str) -> Account:
    """Give an account another name or other limits; None is the settings' limit again."""
    values = {name: value for name, value in changes.items() if name in _LIMITS}
    statement = update(_TABLE).where(_ACCOUNT.id == account).values(values).returning(*_COLUMNS)
    with database.begin() as connection:
        changed = connection.execute(statement).mappings().first()
        if changed is None:
            raise _unknown(account)
        detail = {"account": account, "changed": sorted(values)}
        audit(connection, actor, "account.change", "", detail)
        return Account.model_validate(dict(changed))


def give(database: Database, book: str, account: str, *, actor: str) -> None:
    """Let `book` belong to another account from now on; it has no imprint until one is assigned.

    Raises `NotFound` where there is no such book or account.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        known(connection, account)
        before = owner(connection, book)
        if before != account:
            this = update(tables.book).where(_BOOK.id == book)
            connection.execute(this.values(account=account, imprint=None))
        audit(connection, actor, "account.give", book, {"from": before, "to": account})


def summaries(database: Database) -> tuple[AccountSummary, ...]:
    """Every account with what it owns, in order of id."""
    imprint = account_tables.imprint.c
    names = select(func.array_agg(imprint.name)).where(imprint.account == _ACCOUNT.id)
    books = select(func.count()).where(_BOOK.account == _ACCOUNT.id)
    query = select(
        *_COLUMNS,
        books.scalar_subquery().label("books"),
        names.scalar_subquery().label("imprints"),
    )
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_ACCOUNT.id)).mappings().all()
    return tuple(
        AccountSummary(
            account=Account.model_validate({name: row[name] for name in Account.model_fields}),
            books=row["books"],
            imprints=tuple(sorted(row["imprints"] or ())),
        )
        for row in rows
    )


def ids(database: Database) -> frozenset[str]:
    """Every account by id."""
    with database.ask() as connection:
        return known_ids(connection)


def known_ids(connection: Connection) -> frozenset[str]:
    """Every account by id, within a transaction."""
    return frozenset(connection.execute(select(_ACCOUNT.id)).scalars())


def known(connection: Connection, account: str) -> Account:
    """The account. Raises `NotFound` where there is none."""
    query = select(*_COLUMNS).where(_ACCOUNT.id == account)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise _unknown(account)
    return Account.model_validate(dict(row))


def owner(connection: Connection, book: str) -> str | None:
    """The account that the book belongs to; None where there is no such book."""
    query = select(_BOOK.account).where(_BOOK.id == book)
    account: str | None = connection.execute(query).scalar_one_or_none()
    return account


def _unknown(account: str) -> NotFound:
    return NotFound(f"no account is called {account[:80]!r} (`ebooks accounts list`)")
