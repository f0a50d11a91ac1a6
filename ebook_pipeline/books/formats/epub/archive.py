"""Reading entries of the OCF container, bounded; judging the container is `ocf`'s."""

import functools
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebook_pipeline.books.formats.zip_faults import zip_faults
from ebook_pipeline.foundation.errors import BookError, LimitExceeded

LARGEST_ENTRY = 256 << 20
"""Bytes of one file of a book that are read into memory."""


class Archive:
    """An open container. Names are those of the central directory; the first of two wins.

    What is asked for may compose its letters otherwise than the directory does (``é`` of one
    character or two), as names do that one operating system wrote and another packed: they are
    the same, URL Standard and Unicode UAX 15.
    """

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in file.infolist():
            self._entries.setdefault(entry.filename, entry)

    @property
    def names(self) -> tuple[str, ...]:
        """Every entry's name, folders left out."""
        return tuple(name for name in self._entries if not name.endswith("/"))

    @functools.cached_property
    def folded(self) -> dict[str, str]:
        """Names by their spelling without case, for formats that do not tell cases apart."""
        return {name.casefold(): name for name in reversed(self._entries)}

    @functools.cached_property
    def _composed(self) -> dict[str, str]:
        """Names by their composed form."""
        names = reversed(self._entries)
        return {unicodedata.normalize("NFC", name): name for name in names if not name.isascii()}

    def spelling(self, name: str) -> str:
        """`name` as the directory spells it; unchanged where there is no such entry."""
        if name in self._entries or name.isascii():
            return name
        return self._composed.get(unicodedata.normalize("NFC", name), name)

    def __contains__(self, name: str) -> bool:
        return self.spelling(name) in self._entries

    def read(self, name: str, limit: int = LARGEST_ENTRY) -> bytes:
        """The bytes of entry `name`, at most `limit`.

        Raises BookError (``container.missing``, ``container.crc``) and LimitExceeded
        (``container.entry-size``).
        """
        data = self.head(name, limit + 1)
        if len(data) > limit:
            raise LimitExceeded(
                "container.entry-size", f"The file is larger than {limit >> 20} MiB.", place=name
            )
        return data

    def head(self, name: str, length: int) -> bytes:
        """The first `length` bytes of entry `name`; errors as `read`."""
        entry = self._entries.get(self.spelling(name))
        if entry is None:
            raise BookError("container.missing", f"The book has no file {name}.", place=name)
        try:
            with zip_faults(), self._file.open(entry) as stream:
                return stream.read(length)
        except zipfile.BadZipFile as error:
            raise BookError("container.crc", f"The file is damaged: {error}", place=name) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The container at `path`; raises BookError (``container.unreadable``) where it is no ZIP."""
    try:
        with zip_faults():
            file = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BookError(
            "container.unreadable",
            f"The file is no readable ZIP container: {error}",
            remedy="Export the book again: the file may have been cut off on its way.",
        ) from error
    with file:
        yield Archive(file)
