"""Putting right at the edge what verification found: the very bytes that were released, or none."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ebook_pipeline.books.records import ReleaseFile
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.releasing import pointer
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.verifying.edge_check import POINTER, REPAIRABLE, EdgeFault


@dataclass(frozen=True)
class EdgeRepairer:
    """Mends from the object store and the catalogue what can be mended; it removes nothing.

    `scratch` has room for the largest file.
    """

    database: Database
    cdn: Cdn
    object_store: ObjectStore
    scratch: Path

    def repair(self, live: BookRelease, faults: Iterable[EdgeFault]) -> tuple[str, ...]:
        """What was done, and what could not be done: a sentence each. Then look again.

        A missing object is put back from the object store, which checks its bytes; one that the
        origin has is published again, which changes nothing where its bytes are right. In both
        cases caches forget what they have.
        """
        asked = {fault.asked for fault in faults if fault.rule in REPAIRABLE}
        return tuple(self._done(live, asked))

    def _done(self, live: BookRelease, asked: set[str]) -> Iterator[str]:
        if POINTER in asked:
            rewrite = partial(pointer.rewrite, self.database, self.cdn, live.book)
            yield _said("pointer rewritten", rewrite)
        for file in live.distribution.files:
            if file.rel in asked:
                yield _said(f"{file.rel} put back", partial(self._put_back, file))

    def _put_back(self, file: ReleaseFile) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="repair-") as folder:
            source = self.object_store.fetch(file.blob, Path(folder) / file.blob.sha256)
            self.cdn.publish(file.path, source, file.blob.media_type)
        self.cdn.refresh(file.path)


def _said(done: str, act: Callable[[], None]) -> str:
    try:
        act()
    except ServiceError as error:
        return f"not {done}: {error}"
    return done
