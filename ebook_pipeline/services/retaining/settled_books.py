"""Books that nothing has happened to for longest: those that Dagster need not list any more."""

from collections.abc import Sequence

from sqlalchemy import text

from ebook_pipeline.resources.database import Database

_LONGEST_SETTLED = text(
    """
    SELECT book_progress.book FROM unnest(CAST(:keys AS text[])) AS listed (book)
    JOIN book_progress ON book_progress.book = listed.book
    WHERE book_progress.state IN ('released', 'withdrawn', 'rejected')
    ORDER BY book_progress.changed, book_progress.book LIMIT :most
    """
)


def longest_settled(database: Database, keys: Sequence[str], most: int) -> list[str]:
    """At most `most` of these books that wait for nobody, the longest unchanged first."""
    asked = {"keys": list(keys), "most": most}
    with database.begin() as connection:
        return list(connection.execute(_LONGEST_SETTLED, asked).scalars())
