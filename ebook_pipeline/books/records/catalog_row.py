"""A book as the shop lists it."""

from datetime import date

from ebook_pipeline.foundation.record import Record


class CatalogEntry(Record):
    """catalog_row: the book as the shop lists it; the row says which release is live."""

    book: str
    edition: int
    release: str
    title: str
    authors: tuple[str, ...] = ()
    language: str = ""
    isbn13: str | None = None
    preview: str | None = None
    cover: str | None = None
    published: date | None = None
