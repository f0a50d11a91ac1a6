"""Paintings kept by what they were made of: a book that is tried again pays for none twice."""

import hashlib

from ebook_pipeline.books.picture_books.painting import PagePainter
from ebook_pipeline.foundation.record import BlobRef, Record, canonical_json
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore

_STAGE = "painted_page"


class PaintedPage(Record):
    """A picture that a painter gave for a prompt."""

    picture: BlobRef


class KeptPaintings:
    """A painter whose pictures are asked for once."""

    def __init__(self, painter: PagePainter, records: RecordStore, store: ObjectStore) -> None:
        self._painter, self._records, self._store = painter, records, store

    @property
    def version(self) -> str:
        return self._painter.version

    @property
    def model(self) -> str:
        return self._painter.model

    def paint(self, prompt: str, size: tuple[int, int], seed: int) -> bytes | None:
        """As the painter does, or what it has painted before."""
        if not self._painter.model:
            return None
        facts = [self.version, prompt, list(size), seed]
        key = hashlib.sha256(canonical_json(facts)).hexdigest()
        kept = self._records.read(_STAGE, key, 1, PaintedPage)
        if kept is not None and self._store.exists(kept.picture):
            with self._store.open(kept.picture) as stream:
                return stream.read()
        painted = self._painter.paint(prompt, size, seed)
        if painted is not None:
            picture = self._store.put(painted, "application/octet-stream")
            self._records.keep(_STAGE, key, 1, PaintedPage(picture=picture), "")
        return painted
