"""A price that falls too far is a flag on its edition: a person lets it through, or doesn't."""

from collections.abc import Iterator

from sqlalchemy import Connection, insert, text

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.price_fall import price_fall
from ebook_pipeline.resources.database import Database, notice_tables
from ebook_pipeline.services.owning import accounts

_PIPELINE = "pipeline"
# What it was sold for in the last month, so that many small steps are one; an approval is a new
# beginning.
_SOLD_FOR = text(
    """
    SELECT release.product -> 'price' AS price FROM catalog
        JOIN release ON release.id = catalog.release WHERE catalog.book = :book
    UNION
    SELECT detail -> 'price' FROM audit
    WHERE book = :book AND action = 'go_live' AND at > greatest(now() - interval '30 days', (
        SELECT max(settled_at) FROM review_flag
        WHERE book = :book AND actor = 'pipeline' AND reason LIKE 'the price %'))
    """
)
_ASKED = text(
    """
    SELECT id FROM review_flag AS flag
    WHERE book = :book AND edition = :edition AND reason = :reason AND actor = 'pipeline'
    AND NOT EXISTS (SELECT FROM audit WHERE audit.book = :book AND audit.action = 'go_live'
        AND audit.at > flag.settled_at)
    """
)


def flag_price_fall(
    database: Database, book: str, edition: int, price: Price | None, usual: float
) -> None:
    """Flag the edition where its price falls by more than its account's share, or `usual`, once."""
    with database.begin() as connection:
        account = accounts.known(connection, accounts.owner(connection, book) or "")
        share = usual if account.price_fall is None else account.price_fall
        reason = price_fall(_sold_for(connection, book), price, share)
        if reason and not _was_flagged(connection, book, edition, reason):
            row = {"book": book, "edition": edition, "reason": reason, "actor": _PIPELINE}
            connection.execute(insert(notice_tables.review_flag), row)


def _sold_for(connection: Connection, book: str) -> Iterator[Price]:
    for document in connection.execute(_SOLD_FOR, {"book": book}).scalars():
        if document:
            yield Price.model_validate(document)


def _was_flagged(connection: Connection, book: str, edition: int, reason: str) -> bool:
    """Whether a person was asked about this fall, and nothing of the book went on sale since."""
    asked = {"book": book, "edition": edition, "reason": reason}
    return connection.execute(_ASKED, asked).first() is not None
