"""One content key per edition: made once, kept only as the vault wrapped it.

The house's own secrets that protecting needs stand beside them, each by its name.
"""

import uuid
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.house_keys import house_secret
from ebook_pipeline.resources.key_vault import KeyVault

_KEY = tables.content_key.c

MARKING = "marking"
"""The secret that the marks of buyers' copies are made with."""


def named_secret(database: Database, vault: KeyVault, name: str) -> Secret:
    """The secret called `name`, 32 bytes, made when there is none; racers all get the same."""
    return house_secret(database.begin, vault, name)


@dataclass(frozen=True)
class ContentKey:
    """The key that encrypts an edition's resources; `id` is what records may say of it."""

    id: str
    key: Secret


class _Stored(NamedTuple):
    id: str
    wrapped: bytes
    wrapped_for: int


class ContentKeys:
    """Content keys by edition. The vault binds each to its book and edition (the context).

    With `keep` an edition that has no key yet takes the one of the edition before, so that the
    licences of that one open it too: a corrected book, not another one.
    """

    def __init__(self, database: Database, vault: KeyVault, *, keep: bool = False) -> None:
        self._database = database
        self._vault = vault
        self._keep = keep

    def for_edition(self, book: str, edition: int) -> ContentKey:
        """The edition's key, made when there is none; racers all get the same.

        Raises what the vault raises when it refuses or does not answer.
        """
        stored = self._stored(book, edition) or self._make(book, edition)
        context = content_key_context(book, stored.wrapped_for)
        return ContentKey(id=stored.id, key=self._vault.unwrap(stored.wrapped, context))

    def _stored(self, book: str, edition: int) -> _Stored | None:
        query = select(_KEY.id, _KEY.wrapped, _KEY.wrapped_for).where(
            _KEY.book == book, _KEY.edition == edition
        )
        with self._database.begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return _Stored(row.id, bytes(row.wrapped), row.wrapped_for or edition)

    def _make(self, book: str, edition: int) -> _Stored:
        """Offer a key and take whichever came first, ours or a racer's."""
        row = {"id": str(uuid.uuid4()), "book": book, "edition": edition}
        before = self._stored(book, edition - 1) if self._keep else None
        if before is None:
            row["wrapped"] = self._vault.new_data_key(content_key_context(book, edition)).wrapped
        else:
            row |= {"wrapped": before.wrapped, "wrapped_for": before.wrapped_for}
        statement = insert(tables.content_key).values(row).on_conflict_do_nothing()
        with self._database.begin() as connection:
            connection.execute(statement)
        stored = self._stored(book, edition)
        if stored is None:
            raise NotFound(f"the content key of {book!r}, edition {edition}, was removed")
        return stored


def content_key_context(book: str, edition: int) -> dict[str, str]:
    """What binds a wrapped content key to the edition that it was made for."""
    return {"book": book, "edition": str(edition)}
