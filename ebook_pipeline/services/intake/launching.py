"""Which books go into which run, by ranges of keys, and that somebody asked for a book again."""

from collections.abc import Iterator, Sequence

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row


class KeyRange(Record):
    """Neighbouring keys, both ends included, in the order in which keys were added."""

    first: str
    last: str


def ranges(keys: Sequence[str], wanted: set[str], most: int) -> Iterator[KeyRange]:
    """The `wanted` ones among all `keys` as few ranges of at most `most` neighbours."""
    row: list[str] = []
    for key in keys:
        if row and (key not in wanted or len(row) == most):
            yield KeyRange(first=row[0], last=row[-1])
            row = []
        if key in wanted:
            row.append(key)
    if row:
        yield KeyRange(first=row[0], last=row[-1])


def retry(database: Database, book: str, *, actor: str, after: str | None = None) -> None:
    """Note that somebody wants `book` tried again; launching the run is the caller's.

    `after` is the run that died with it, if one did. Raises `NotFound` for an unknown book.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        audit(connection, actor, "retry", book, {"run": after} if after else {})
        emit(connection, "book.retried", book, {"actor": actor}, correlation=after)
