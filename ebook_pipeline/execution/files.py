"""One book's files on this machine while a batch works on it: read once, removed with the book.

A file lies under its SHA-256 alone, whatever it is said to be: the same bytes are fetched once.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebook_pipeline.foundation.record import BlobRef
from ebook_pipeline.resources.object_store import ObjectStore

_LONGEST_NAME = 60
"""Letters; a file system takes 255 bytes."""


class Files:
    """Blobs as local files, for tools that want paths, and scratch folders for what they write."""

    def __init__(self, store: ObjectStore, root: Path) -> None:
        self._store, self._root = store, root

    def path(self, ref: BlobRef) -> Path:
        """The blob as a read-only file without a suffix, verified when it was fetched.

        Raises `NotFound` and `Damaged` as the object store does.
        """
        path = self._place(ref)
        if not path.exists():
            self._store.fetch(ref, path)
        return path

    def named(self, ref: BlobRef, source: str) -> Path:
        """The blob under the last name in `source`, a path or URI: some files have no other title.

        The file is alone in its folder.
        """
        name = re.split(r"[/\\\0]", source)[-1][-_LONGEST_NAME:]
        path = self.folder() / (name.strip(". ") or "file")
        path.symlink_to(self.path(ref))
        return path

    def keep(self, source: Path | bytes, media_type: str) -> BlobRef:
        """Store what a stage made; a file stays at hand for the stages that follow."""
        ref = self._store.put(source, media_type)
        place = self._place(ref)
        if isinstance(source, Path) and not place.exists():
            _link(source, place)
        return ref

    def folder(self) -> Path:
        """A fresh, empty folder."""
        return Path(tempfile.mkdtemp(dir=self._root))

    def _place(self, ref: BlobRef) -> Path:
        return self._root / ref.sha256


@contextmanager
def files_of(store: ObjectStore, scratch: Path) -> Iterator[Files]:
    """The files of one book under `scratch`, removed at the end whatever happens."""
    root = Path(tempfile.mkdtemp(prefix="book-", dir=scratch))
    try:
        yield Files(store, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _link(source: Path, place: Path) -> None:
    """A second name costs nothing; where the file system has none to give, a copy will do."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)
