"""Stage results as JSON in the object store: immutable, with a pointer to the current one.

``records/<stage>/<book>/<edition>/<digest>.json`` holds a record,
``records/<stage>/<book>/<edition>/current.json`` says which one is current and what it was made of.
"""

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from ebook_pipeline.books.records import BlobRef, Record, canonical_json
from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.resources.object_store import ObjectStore

R = TypeVar("R", bound=Record)
_DRAWN = 32
"""Blobs of one question. Of a store without a tenth of its blobs they show it 29 times in 30. A
HEAD takes 2.3 CPU ms of ours (moto, two cores), the thirteen blobs of a book 30."""


@dataclass(frozen=True)
class Stored:
    """A record as it was kept, with the fingerprint of what it was made of."""

    record: Record
    data_version: str
    fingerprint: str


class RecordStore:
    """Records by stage, book and edition, on any object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keep(self, stage: str, book: str, edition: int, record: Record, fingerprint: str) -> Stored:
        """Write `record` and make it the current one; a kill between the two changes nothing."""
        document = {
            "schema_version": record.schema_version,
            "record": record.model_dump(mode="json"),
        }
        body = canonical_json(document)
        digest = hashlib.sha256(body).hexdigest()
        self._store.write(_key(stage, book, edition, digest), body)
        pointer = {
            "digest": digest,
            "data_version": record.data_version,
            "fingerprint": fingerprint,
        }
        self._store.write(_key(stage, book, edition, "current"), canonical_json(pointer))
        return Stored(record, record.data_version, fingerprint)

    def current(self, stage: str, book: str, edition: int, kind: type[Record]) -> Stored | None:
        """The current record of `stage`, or None where there is none yet.

        Raises `Damaged` where the document is not the one that the pointer names.
        """
        try:
            pointer = json.loads(self._store.read(_key(stage, book, edition, "current")))
        except NotFound:
            return None
        document = self._document(_key(stage, book, edition, pointer["digest"]), pointer["digest"])
        record = kind.upgrade(document["record"], document["schema_version"])
        return Stored(record, pointer["data_version"], pointer["fingerprint"])

    def read(self, stage: str, book: str, edition: int, kind: type[R]) -> R | None:
        """The current record alone, typed."""
        stored = self.current(stage, book, edition, kind)
        if stored is None:
            return None
        assert isinstance(stored.record, kind)
        return stored.record

    def is_whole(self, stored: Stored) -> bool:
        """Whether every blob that the record points to is in the store."""
        return self.holds(stored.record.blobs())

    def holds(self, blobs: Iterable[BlobRef]) -> bool:
        """Whether all of these are in the store."""
        return all(map(self._store.exists, blobs))

    def whole(self, items: Mapping[str, Sequence[BlobRef]], pool: Executor) -> list[str]:
        """Those of `items` whose blobs are all in the store, asked for by the threads of `pool`.

        Where that goes over a network, some are drawn, which shows a store that has lost many; only
        where one of those is missing all are asked for.
        """
        blobs = [blob for each in items.values() for blob in each]
        if self._store.far and len(blobs) > _DRAWN:
            drawn = random.sample(blobs, _DRAWN)
            if all(pool.map(self._store.exists, drawn)):
                return list(items)
        held = pool.map(self.holds, items.values())
        return [key for key, is_whole in zip(items, held, strict=True) if is_whole]

    def _document(self, key: str, digest: str) -> dict[str, Any]:
        body = self._store.read(key)
        if hashlib.sha256(body).hexdigest() != digest:
            raise Damaged(f"{key} is not the document that was written")
        document: dict[str, Any] = json.loads(body)
        return document


def _key(stage: str, book: str, edition: int, name: str) -> str:
    return f"records/{stage}/{book}/{edition}/{name}.json"
