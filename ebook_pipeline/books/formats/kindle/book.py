"""A Kindle book opened: its Mobipocket part, its KF8 part, the text and the resources of each.

A hybrid file holds the same book twice: first for old readers, behind a boundary for new ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ebook_pipeline.books.formats.kindle import compression, exth, header, palm_database
from ebook_pipeline.books.formats.kindle.encodings import (
    TextEncoding,
    stated_encoding,
    text_encoding,
)
from ebook_pipeline.books.formats.kindle.exth import Exth, ExthRecords
from ebook_pipeline.books.formats.kindle.header import ABSENT, MobiHeader
from ebook_pipeline.books.formats.kindle.index import Index, read_index
from ebook_pipeline.books.formats.kindle.palm_database import PalmDatabase, damaged
from ebook_pipeline.books.formats.kindle.resources import Resource, read_resources
from ebook_pipeline.foundation.errors import BookError, LimitExceeded

LARGEST_TEXT = 64 << 20
"""Bytes of a book's markup."""
LARGEST_BOOK = 2 << 30
"""Bytes of a book's resources together."""
BOOK_TYPES = (b"BOOKMOBI", b"TEXtREAd")
_UNLOCK = "Submit the book without copy protection: we protect it ourselves when it is released."
_SCHEMES = {1: "old Mobipocket", 2: "Kindle (Mobipocket)"}


@dataclass(frozen=True)
class KindleBook:
    """One book of a file: its records begin at `base`."""

    database: PalmDatabase
    base: int
    header: MobiHeader
    statements: ExthRecords

    @property
    def title(self) -> str:
        """As last updated, else as in the header, else the database's name."""
        full = self.encoding.line(self.header.title)
        return self.exth.first("updated_title") or full or self.database.name

    @cached_property
    def exth(self) -> Exth:
        """What the book says of itself."""
        return self.statements.decoded(self.encoding)

    @cached_property
    def encoding(self) -> TextEncoding:
        """How text and statements are read; where the text is locked, as the header says."""
        languages = [*self._stated_languages(), self.header.language]
        try:
            return text_encoding(self.text(), self.header.codepage, languages)
        except BookError:
            return stated_encoding(self.header.codepage, languages)

    def _stated_languages(self) -> Iterator[str]:
        """Tags are ASCII: they need no encoding, and may tell it."""
        for name, raw in self.statements.texts:
            if name == "language":
                yield raw.decode("ascii", "replace").strip()

    def record(self, number: int) -> bytes:
        """A record by the number that the book's own header uses."""
        return self.database.record(self.base + number)

    def text(self) -> bytes:
        """The whole markup, in the book's encoding.

        Raises BookError (``mobi.damaged``, ``mobi.compression``, ``protection.kindle``) and
        LimitExceeded (``mobi.bomb``, ``mobi.text-size``).
        """
        return self._text

    @cached_property
    def _text(self) -> bytes:
        refuse_protected(self.header)
        unpack = self._unpacker()
        parts, total = [], 0
        for number in range(1, self.header.text_records + 1):
            record = compression.without_trailers(self.record(number), self.header.trailers)
            parts.append(unpack(record))
            total += len(parts[-1])
            if total > LARGEST_TEXT:
                raise LimitExceeded("mobi.text-size", "The book's text is larger than 64 MiB.")
        return b"".join(parts)

    def index(self, number: int) -> Index:
        """The index that begins with this record, an empty one where the header names none."""
        return Index() if number == ABSENT else read_index(self.database, self.base + number)

    def _unpacker(self) -> compression.Unpack:
        kind = header.COMPRESSIONS.get(self.header.compression)
        if kind == "none":
            return compression.uncompressed
        if kind == "palmdoc":
            return compression.unpack_palmdoc
        if kind == "huffcdic":
            first, count = self.header.huff_record, self.header.huff_count
            if first == ABSENT or count > len(self.database):
                raise damaged("its dictionary is not where the header says")
            tables = (self.record(number) for number in range(first + 1, first + count))
            return compression.HuffCdic(self.record(first), tables).unpack
        raise BookError(
            "mobi.compression",
            f"The book's text is packed in a way ({self.header.compression}) that nobody knows.",
            remedy=palm_database.CUT_OFF,
        )


@dataclass(frozen=True)
class KindleFile:
    """An open file with a Mobipocket (or PalmDOC) part, a KF8 part, or both."""

    database: PalmDatabase
    mobipocket: KindleBook | None
    kf8: KindleBook | None

    @property
    def best(self) -> KindleBook:
        """The part that a conversion starts from: KF8 keeps the author's styles."""
        book = self.kf8 or self.mobipocket
        assert book is not None
        return book

    @property
    def is_hybrid(self) -> bool:
        return self.mobipocket is not None and self.kf8 is not None

    def resources(self) -> tuple[Resource, ...]:
        """What the text shows, numbered as it names them: a hybrid's parts share one numbering."""
        records: list[bytes] = []
        total = 0
        for start, end in self._ranges():
            for number in range(start, end):
                records.append(self.database.record(number))
                total += len(records[-1])
                if total > LARGEST_BOOK:
                    raise LimitExceeded("mobi.size", "The book is larger than 2 GiB.")
        return read_resources(records)

    def _ranges(self) -> Iterator[tuple[int, int]]:
        """The records of resources: each part's, up to the boundary between them or the end."""
        whole = len(self.database)
        for book in (self.mobipocket, self.kf8):
            if book is None or book.header.first_resource == ABSENT:
                continue
            before_kf8 = self.kf8 is not None and book is not self.kf8
            end = self.kf8.base - 1 if self.kf8 is not None and before_kf8 else whole
            yield min(book.base + book.header.first_resource, end), end


@contextmanager
def opened(path: Path) -> Iterator[KindleFile]:
    """The book file at `path`.

    Raises BookError: ``mobi.damaged``, ``mobi.topaz``, ``mobi.kfx``.
    """
    _refuse_relatives(path)
    with palm_database.opened(path) as database:
        if database.type not in BOOK_TYPES:
            raise damaged("it is a Palm database, but no book")
        mobi = database.type == BOOK_TYPES[0]
        first = _book(database, 0, mobi=mobi)
        if first.header.is_kf8:
            yield KindleFile(database, None, first)
            return
        boundary = dict(first.statements.numbers).get("kf8_boundary", 0)
        kf8 = _kf8(database, boundary)
        yield KindleFile(database, first, kf8)


def refuse_protected(mobi_header: MobiHeader) -> None:
    """Raises BookError (``protection.kindle``) where the text is encrypted."""
    if mobi_header.encryption:
        scheme = _SCHEMES.get(mobi_header.encryption, "unknown Kindle")
        raise BookError(
            "protection.kindle", f"The book is protected with {scheme} DRM.", remedy=_UNLOCK
        )


def _book(database: PalmDatabase, base: int, *, mobi: bool) -> KindleBook:
    record = database.record(base)
    mobi_header = header.read_header(record, mobi=mobi)
    has_exth = mobi_header.has_exth
    statements = exth.parse_exth(record, mobi_header.length) if has_exth else ExthRecords()
    return KindleBook(database, base, mobi_header, statements)


def _kf8(database: PalmDatabase, boundary: int) -> KindleBook | None:
    """The KF8 part behind the boundary; None where there is none, whatever the file says."""
    if not 0 < boundary < len(database) or database.record(boundary - 1)[:8] != b"BOUNDARY":
        return None
    book = _book(database, boundary, mobi=True)
    return book if book.header.is_kf8 else None


def _refuse_relatives(path: Path) -> None:
    """Kindle formats that are no Palm database, refused by name."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"TPZ"):
        raise BookError(
            "mobi.topaz",
            "The book is in Amazon's old Topaz format, which only Kindles can read.",
            remedy="Submit the EPUB or the manuscript from which it was made.",
        )
    if head.startswith((b"\xeaDRMION", b"CONT\1\0", b"CONT\2\0")):
        protected = head.startswith(b"\xea")
        raise BookError(
            "protection.kindle" if protected else "mobi.kfx",
            "The book is in Amazon's KFX format" + (" and protected." if protected else "."),
            remedy="Submit the EPUB or the manuscript from which it was made.",
        )
