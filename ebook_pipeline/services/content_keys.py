"""One content key per edition: made once, kept only as the vault wrapped it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.errors import NotFound
from ebook_pipeline.books.keys import Secret
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.key_vault import KeyVault

_KEY = tables.content_key.c


@dataclass(frozen=True)
class ContentKey:
    """The key that encrypts an edition's resources; `id` is what records may say of it."""

    id: str
    key: Secret


class _Stored(NamedTuple):
    id: str
    wrapped: bytes


class ContentKeys:
    """Content keys by edition. The vault binds each to its book and edition (the context)."""

    def __init__(self, database: Database, vault: KeyVault) -> None:
        self._database = database
        self._vault = vault

    def for_edition(self, book: str, edition: int) -> ContentKey:
        """The edition's key, made when there is none; racers all get the same.

        Raises what the vault raises when it refuses or does not answer.
        """
        context = {"book": book, "edition": str(edition)}
        stored = self._stored(book, edition) or self._make(book, edition, context)
        return ContentKey(id=stored.id, key=self._vault.unwrap(stored.wrapped, context))

    def _stored(self, book: str, edition: int) -> _Stored | None:
        query = select(_KEY.id, _KEY.wrapped).where(_KEY.book == book, _KEY.edition == edition)
        with self._database.begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else _Stored(row.id, bytes(row.wrapped))

    def _make(self, book: str, edition: int, context: Mapping[str, str]) -> _Stored:
        """Offer a new key and take whichever came first, ours or a racer's."""
        wrapped = self._vault.new_data_key(context).wrapped
        row = {"id": str(uuid.uuid4()), "book": book, "edition": edition, "wrapped": wrapped}
        statement = insert(tables.content_key).values(row).on_conflict_do_nothing()
        with self._database.begin() as connection:
            connection.execute(statement)
        stored = self._stored(book, edition)
        if stored is None:
            raise NotFound(f"the content key of {book!r}, edition {edition}, was removed")
        return stored
