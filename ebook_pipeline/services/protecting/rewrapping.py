"""After a new master key: every wrapped key under it, and no file touched."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row, Table, select, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database, license_tables, tables, token_tables
from ebook_pipeline.resources.database.house_keys import house_key_context as of_house
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.protecting.content_keys import content_key_context as of_edition
from ebook_pipeline.services.protecting.license_records import license_context as of_license
from ebook_pipeline.services.protecting.sealing import reseal
from ebook_pipeline.services.protecting.signing_keys import signing_key_context as of_signer

Context = Mapping[str, str]


class Rewrapped(Record):
    """How many were wrapped anew, of each kind."""

    content_keys: int
    user_keys: int
    house_keys: int
    signing_keys: int


def rewrap(database: Database, vault: KeyVault, *, actor: str) -> Rewrapped:
    """Wrap every key under the vault's current master key; again does no harm.

    Row by row, each in its transaction: what a fault leaves opens with the master key before.
    """
    work = _Work(database)
    house = license_tables.house_key
    licenses, signers = license_tables.license, token_tables.signing_key

    def sealed(value: bytes, context: Context) -> bytes:
        return reseal(vault, context, value)

    done = Rewrapped(
        content_keys=work.on(tables.content_key, "wrapped", _edition_context, vault.rewrap),
        user_keys=work.on(licenses, "user_key", lambda row: of_license(row.id), sealed),
        house_keys=work.on(house, "wrapped", lambda row: of_house(row.name), vault.rewrap),
        signing_keys=work.on(signers, "sealed", lambda row: of_signer(row.kid), sealed),
    )
    with database.begin() as connection:
        audit(connection, actor, "rewrap", "", done.model_dump())
    return done


def rotate(database: Database, vault: KeyVault, *, actor: str) -> str:
    """Make a new master key; its id. What is wrapped already waits for `rewrap`.

    Raises Denied where the vault makes none, or the actor is nobody.
    """
    with database.begin() as connection:
        audit(connection, actor, "rotate", "", {})
        return vault.rotate()


def _edition_context(row: Row[Any]) -> Context:
    return of_edition(row.book, row.wrapped_for or row.edition)


class _Work:
    """The rows of a table, one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on(
        self,
        table: Table,
        column: str,
        context: Callable[[Row[Any]], Context],
        again: Callable[[bytes, Context], bytes],
    ) -> int:
        """Rows whose `column` was wrapped `again`; one that changed meanwhile is left to others."""
        (key,) = table.primary_key
        with self._database.begin() as connection:
            rows = connection.execute(select(table)).all()
        for row in rows:
            before = bytes(getattr(row, column))
            now = again(before, context(row))
            same = (key == getattr(row, key.name)) & (table.c[column] == before)
            with self._database.begin() as connection:
                connection.execute(update(table).where(same).values({column: now}))
        return len(rows)
