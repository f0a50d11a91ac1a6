"""The ZIP containers that we write: whole or not at all, and the same bytes each time."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from ebook_pipeline.foundation.errors import Damaged

UNREADABLE = (BadZipFile, zlib.error, EOFError)
_NO_DATE = (1980, 1, 1, 0, 0, 0)


@contextmanager
def create_container(target: Path) -> Iterator[ZipFile]:
    """A new container, at `target` only when it is whole."""
    partial = target.with_name(f"{target.name}.part")
    try:
        with ZipFile(partial, "w") as out:
            yield out
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def open_own_container(path: Path) -> Iterator[ZipFile]:
    """Our own container: what can't be read there is our fault, or the store's (`Damaged`)."""
    try:
        with ZipFile(path) as archive:
            yield archive
    except UNREADABLE as error:
        raise Damaged(f"the protected publication can't be read: {error}") from error


def write_entry(out: ZipFile, path: str, body: bytes) -> None:
    """One small entry, deflated."""
    with out.open(entry_info(path, ZIP_DEFLATED, len(body)), "w") as stream:
        stream.write(body)


def entry_info(path: str, compression: int, length: int) -> ZipInfo:
    """An entry without a date, a user or an operating system in it: reruns give the same bytes."""
    made = ZipInfo(path, _NO_DATE)
    made.compress_type = compression
    made.file_size = length
    made.create_system = 3
    made.external_attr = 0o644 << 16
    return made
