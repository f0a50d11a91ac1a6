"""To ask that a book be tried again. Launching is the caller's: this says who asked."""

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.ledger import audit, emit, lock_book_row


def retry(database: Database, book: str, *, actor: str) -> None:
    """Note the wish. Raises `NotFound` for an unknown book."""
    with database.begin() as connection:
        lock_book_row(connection, book)
        audit(connection, actor, "retry", book, {})
        emit(connection, "book.retried", book, {"actor": actor})
