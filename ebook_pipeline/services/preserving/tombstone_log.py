"""Tombstones as documents of the object store, which a backup keeps and a restored home replays.

The database forgets what came after its backup; these say it again: ``tombstones/books/<digest>``
and ``tombstones/persons/<digest>``, each without a name of what it stands for.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import AwareDatetime

from ebook_pipeline.books.records import Record, canonical_json
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.owning.tombstones import Tombstone

LOG_FOLDER = "tombstones"


class ErasureStone(Record):
    """A person who was erased; `digest` is keyed, and `pseudonym` what stands for them."""

    digest: str
    pseudonym: str
    actor: str
    at: AwareDatetime
    ended_at: AwareDatetime | None = None


def log_book(store: ObjectStore, stone: Tombstone) -> None:
    """Keep a book's tombstone beside the database."""
    _log(store, "books", stone.digest, stone)


def forget_book(store: ObjectStore, digest: str) -> None:
    """Take back the tombstone of a book that was not purged after all."""
    store.remove(f"{LOG_FOLDER}/books/{digest}.json")


def log_person(store: ObjectStore, stone: ErasureStone) -> None:
    """Keep a person's beside the database."""
    _log(store, "persons", stone.digest, stone)


def books(documents: Iterator[Any]) -> dict[str, Tombstone]:
    """Those of books, by digest."""
    stones = (Tombstone.model_validate(one) for one in documents if "contents" in one)
    return {stone.digest: stone for stone in stones}


def persons(documents: Iterator[Any]) -> dict[str, ErasureStone]:
    """Those of persons, by digest."""
    stones = (ErasureStone.model_validate(one) for one in documents if "pseudonym" in one)
    return {stone.digest: stone for stone in stones}


def logged(store: ObjectStore) -> Iterator[Any]:
    """Every document of the log."""
    for key in store.keys(f"{LOG_FOLDER}/"):
        yield json.loads(store.read(key))


def _log(store: ObjectStore, kind: str, digest: str, stone: Record) -> None:
    key = f"{LOG_FOLDER}/{kind}/{digest}.json"
    store.write(key, canonical_json(stone.model_dump(mode="json")))
